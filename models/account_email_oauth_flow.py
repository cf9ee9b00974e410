import hashlib
import logging
import secrets
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.http import request
from odoo.service.model import retrying
from odoo.tools import SQL

from ..engine.incoming import reading
from ..engine.mailbox import approving, connecting, revocation
from ..engine.secrets import sealed, signing_in
from ..providers import registry
from ..providers.outcomes import Outcome, SignInRequired
from ..providers.reasons import Reason
from ..rules import IN_SERVICE
from ..tools import vault
from ..tools.apart import apart

_logger = logging.getLogger(__name__)

LIFE = timedelta(minutes=10)
SESSION_KEY = "account_email_connector_browser"


class End(NamedTuple):
    """What a sign-in came to.

    :param connector: the mailbox; empty if nobody can tell which.
    :param problem: what stood in the way: an ``Outcome`` or an Odoo error.
    :param address: from which follow-ups leave now.
    """

    connector: models.BaseModel
    problem: Exception | None = None
    address: str = ""


class AccountEmailOauthFlow(models.Model):
    """A sign-in that has begun, until the browser comes back. Nobody has access.

    It is bound to the browser's session, the user, the company, the mailbox and the
    app, lives ten minutes, and is deleted by its first use.
    """

    _name = "account.email.oauth.flow"
    _description = "Sign-in at Microsoft or Google"

    state_hash = fields.Char(required=True, index=True)
    session_hash = fields.Char(required=True)
    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    connector_id = fields.Many2one(
        "account.email.connector", required=True, ondelete="cascade"
    )
    app_id = fields.Many2one(
        "account.email.oauth.app", required=True, ondelete="cascade"
    )
    provider = fields.Char(required=True)
    # What the provider's module needs again; it holds the PKCE verifier.
    sealed = fields.Text(required=True, groups=fields.NO_ACCESS)
    send_as = fields.Char()
    sent_items = fields.Char()
    expires_at = fields.Datetime(required=True)

    @api.autovacuum
    def _gc_expired(self):
        self.sudo().search([("expires_at", "<", fields.Datetime.now())]).unlink()

    def _begin(self, connector, app, send_as="", sent_items="own"):
        """Begin to sign in the mailbox of *connector* with *app*.

        :param send_as: the shared mailbox to send as, if one is wanted.
        :return: the provider's page to go to.
        :raises Outcome: if the provider cannot be reached.
        """
        if not request:
            raise UserError(self.env._("A sign-in begins in a browser."))
        hint = connector.email if connector.state in IN_SERVICE else ""
        provider = registry.provider(app.provider)
        begun = signing_in.begin(
            app,
            app.redirect_uri,
            login_hint=hint or "",
            extra_scopes=reading.scopes(connector, provider, send_as),
            shared=provider.send_as == "shared" and bool(send_as or connector.send_as),
        )
        values = {
            "state_hash": _hash(begun.state),
            "session_hash": _hash(_browser()),
            "user_id": self.env.uid,
            "company_id": connector.company_id.id,
            "connector_id": connector.id,
            "app_id": app.id,
            "provider": app.provider,
            "send_as": send_as,
            "sent_items": sent_items,
            "expires_at": fields.Datetime.now() + LIFE,
        }
        purpose = sealed.purpose_of_sign_in(self.env, values)
        self.sudo().create({**values, "sealed": vault.seal(begun.kept, purpose)})
        return begun.url

    def _finish(self, provider, params):
        """Make of a callback what it deserves. Never raises.

        The code can be redeemed only once. So the flow is used up first, and whatever
        is written after that has a transaction of its own: if Odoo replayed the
        request, it would find nothing to do.

        :param params: the callback's parameters, untrusted.
        :return: an :class:`End`.
        """
        connector = self.env["account.email.connector"]
        try:
            flow = self._take(provider, params.get("state", ""))
            if not flow:
                raise SignInRequired(Reason.CALLBACK_INVALID, code="state")
            connector = self._connector(flow)
            if flow["expired"]:
                raise SignInRequired(Reason.SIGN_IN_EXPIRED, code="late")
            return End(connector, address=self._sign_in(connector, flow, params))
        except (Outcome, UserError) as problem:
            _logger.info("Sign-in at %s: %s", provider, _in_a_log(problem))
            return End(connector, problem)
        except Exception as error:
            _logger.exception("A sign-in failed in a way that it should not.")
            return End(connector, UserError(type(error).__name__))

    def _take(self, provider, state):
        """Use up the flow that began with *state*, in a transaction of its own.

        :return: its row, a dict; None if there is none for this user and browser.
        """
        if not request or not state:
            return None
        with apart(self.env) as own:
            try:
                own.cr.execute(
                    SQL(
                        """DELETE FROM account_email_oauth_flow
                            WHERE state_hash = %s AND session_hash = %s
                              AND user_id = %s AND provider = %s
                           RETURNING *,
                              expires_at < now() at time zone 'utc' AS expired""",
                        _hash(str(state)),
                        _hash(request.session.get(SESSION_KEY, "")),
                        self.env.uid,
                        provider,
                    ),
                    log_exceptions=False,
                )
            except OperationalError:  # the same callback, at the same moment
                return None
            return own.cr.dictfetchone()

    def _connector(self, flow):
        """The mailbox that *flow* was begun for, if the user may still connect it.

        :raises UserError: the mailbox is gone, or the right.
        """
        company = self.env["res.company"].browse(flow["company_id"])
        connector = (
            self.env["account.email.connector"]
            .browse(flow["connector_id"])
            .with_context(allowed_company_ids=company.ids)
        )
        try:
            if not connector.exists() or connector.company_id != company:
                raise SignInRequired(Reason.CALLBACK_INVALID, code="connector")
            connector.check_access("write")
        except AccessError:
            raise UserError(
                self.env._(
                    "You may not connect this mailbox any more. Nothing was changed: "
                    "ask an accounting administrator of the company."
                )
            ) from None
        return connector

    def _sign_in(self, connector, flow, params):
        """Redeem the code, and write down what came of it.

        :return: the address from which follow-ups leave now.
        :raises Outcome: it was not granted, or does not mend what is broken.
        :raises UserError: it was granted for another account.
        """
        app = self.env["account.email.oauth.app"].browse(flow["app_id"]).exists()
        new = connector.state not in IN_SERVICE
        with revocation.none_of(app):
            grant, address = self._get_grant(connector, app, flow, params)
        if flow["send_as"]:
            address = flow["send_as"]
            self._write(connector, connecting.use_send_as, *_other_address(flow))
        elif trouble := self._write(connector, connecting.prove, grant, new):
            raise trouble
        return address

    def _get_grant(self, connector, app, flow, params):
        """Redeem the code; see :meth:`_sign_in`.

        :return: the grant, and the address.
        """
        allowed = app._for_company(connector.company_id, app.sudo().provider)
        if not app or app not in allowed | connector.sudo().oauth_app_id:
            raise SignInRequired(Reason.CALLBACK_INVALID, code="app")
        try:
            grant = signing_in.redeem(app, flow, params)
        except Outcome as outcome:
            other = _other_address(flow)
            self._write(connector, approving.note_refused, app, outcome, *other)
            raise
        return grant, self._write(connector, connecting.take_grant, app, grant)

    def _write(self, connector, step, *arguments):
        """Take a *step* of *connector*, with all rights, in a transaction of its own.

        Whether the user may connect it, :meth:`_connector` has asked.
        """
        with apart(connector.env(su=True)) as own:
            arguments = [
                argument.with_env(own)
                if isinstance(argument, models.BaseModel)
                else argument
                for argument in arguments
            ]
            there = connector.with_env(own)
            return retrying(partial(step, there, *arguments), own)


def _other_address(flow):
    """The address to send as, and where the copies go: what this sign-in is for."""
    return flow["send_as"] or "", flow["sent_items"] or "own"


def _browser():
    """A random name for the browser's session, which the session keeps.

    The session's own id changes now and then, and is too precious to be passed around.
    """
    return request.session.setdefault(SESSION_KEY, secrets.token_urlsafe(32))


def _hash(text):
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def _in_a_log(problem):
    """One line; what an ``Outcome`` says is without secrets by itself."""
    return " ".join(str(problem).split())
