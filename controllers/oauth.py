"""Where the providers send browsers back to."""

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request

from ..engine.app.redirects import ROUTE
from ..engine.mailbox import approving, sign_in_notice
from ..providers.microsoft import signin as microsoft_signin
from ..providers.outcomes import Outcome
from ..providers.reasons import Reason
from ..providers.registry import OAUTH
from ..texts import reason_text

#: The providers whose own page one signs in on.
PROVIDER = f"any({', '.join(OAUTH)})"


class OAuthController(http.Controller):
    """The callbacks; nothing of what they bring along is believed."""

    @http.route(
        f"{ROUTE}/<{PROVIDER}:provider>/callback",
        type="http",
        auth="user",
        methods=["GET"],
        sitemap=False,
    )
    def callback(self, provider, **params):
        """A user comes back from the provider, with a code or an error.

        It always ends at the form of the mailbox, which shows what came of it.
        """
        flow = request.env["account.email.oauth.flow"]
        end = flow._finish(provider, params)
        sign_in_notice.remember(end.connector, provider, end.problem, end.address)
        return request.redirect(self._form_url(end.connector))

    def _form_url(self, connector):
        connectors = request.env["account.email.connector"]
        if not connector and connectors.has_access("read"):
            domain = [("company_id", "=", request.env.company.id)]
            connector = connectors.search(domain, limit=1)
        return f"/odoo/email-connector/{connector.id or ''}".rstrip("/")

    @http.route(
        f"{ROUTE}/microsoft/admin_consent",
        type="http",
        auth="public",
        methods=["GET"],
        sitemap=False,
    )
    def admin_consent(self, **params):
        """An administrator of the tenant comes back: perhaps nobody Odoo knows.

        The page says what happened. At most it leaves a note at the mailbox.
        """
        if "account.email.connector" not in request.env:
            raise NotFound()  # the addon is loaded, but not installed here
        state = params.get("state", "")
        approvals = request.env["account.email.approval"].sudo()
        approval = approving.of_link(approvals, state)
        title, text, declined = "", "", False
        try:
            # An empty state is refused as well, whatever else has come.
            microsoft_signin.read_admin_consent(approval and state or "", params)
        except Outcome as outcome:
            title, text = reason_text(request.env, outcome.reason)
            declined = outcome.reason == Reason.SIGN_IN_CANCELLED
        else:
            approving.note_approved(approval)
        return request.render(
            "account_email_connector.admin_consent",
            {
                "connector": approval.connector_id,
                "declined": declined,
                "failure_title": title,
                "failure_text": text,
            },
            headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"},
        )

    @http.route(
        f"{ROUTE}/guide/<{PROVIDER}:provider>",
        type="http",
        auth="user",
        methods=["GET"],
        sitemap=False,
    )
    def guide(self, provider):
        """How to register an app, step by step: the URIs are those of this Odoo."""
        app = request.env["account.email.oauth.app"].new({"provider": provider})
        return request.render(f"account_email_connector.guide_{provider}", {"app": app})
