"""Where the providers send browsers back to."""

from pathlib import Path

from docutils.core import publish_parts
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request

from ..models.account_email_connector_oauth import NOTICE_KEY
from ..models.account_email_oauth_app import ROUTE
from ..providers.microsoft import signin as microsoft_signin
from ..providers.outcomes import Outcome
from ..providers.reasons import Reason
from ..texts import reason_text

GUIDES = {"microsoft": "MICROSOFT.rst", "google": "GOOGLE.rst"}


class OAuthController(http.Controller):
    """The callbacks; nothing of what they bring along is believed."""

    @http.route(
        f"{ROUTE}/<any(microsoft, google):provider>/callback",
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
        notice = end.connector._notice(provider, end.problem, end.address)
        request.session[NOTICE_KEY] = notice
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
        connector = request.env["account.email.connector"]._by_approval_state(state)
        title, text, declined = "", "", False
        try:
            # An empty state is refused as well, whatever else has come.
            microsoft_signin.read_admin_consent(connector and state or "", params)
        except Outcome as outcome:
            title, text = reason_text(request.env, outcome.reason)
            declined = outcome.reason == Reason.SIGN_IN_CANCELLED
        else:
            connector._note_approval()
        return request.render(
            "account_email_connector.admin_consent",
            {
                "connector": connector,
                "declined": declined,
                "failure_title": title,
                "failure_text": text,
            },
            headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"},
        )

    @http.route(
        f"{ROUTE}/guide/<any(microsoft, google):provider>",
        type="http",
        auth="user",
        methods=["GET"],
        sitemap=False,
    )
    def guide(self, provider):
        """How to register an app, as a page: ``readme/`` has the text."""
        readme = Path(__file__).parents[1] / "readme" / GUIDES[provider]
        parts = publish_parts(
            readme.read_text(),
            writer_name="html",
            settings_overrides={
                "file_insertion_enabled": False,
                "raw_enabled": False,
                "report_level": 5,
                "initial_header_level": 2,
            },
        )
        body = Markup(parts["body"])  # nosec B704 # docutils' HTML of a file of ours
        return request.render(
            "account_email_connector.oauth_guide",
            {"title": parts["title"], "body": body},
        )
