import re
from datetime import timedelta
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.translate import LazyTranslate

from ..engine.rights import without_values
from ..engine.secrets import sealed
from ..providers.registry import GUID, OAUTH, provider

_lt = LazyTranslate(__name__)

ROUTE = "/account_email_connector"
WARN_BEFORE = timedelta(days=30)
#: What to say to a client ID that is none.
WRONG_CLIENT_ID = {
    "google": _lt(
        "A client ID of Google ends with .apps.googleusercontent.com. You find it in "
        "the Google Cloud console, under APIs & Services, Credentials."
    ),
    "microsoft": _lt(
        "A client ID of Microsoft looks like 00000000-0000-0000-0000-000000000000. You "
        "find it on the app's overview page in Entra, as Application (client) ID. The "
        "ID of a secret is another one."
    ),
}


class AccountEmailOauthApp(models.Model):
    """The registration of this Odoo at Microsoft or Google.

    System administrators manage it; accounting managers only use it.
    """

    _name = "account.email.oauth.app"
    _description = "OAuth App"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "provider, sequence, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    provider = fields.Selection(
        [("microsoft", "Microsoft"), ("google", "Google")],
        required=True,
        default=OAUTH[0],
    )
    client_id = fields.Char("Client ID", required=True, groups="base.group_system")
    # Never stored as it is, never sent back to the browser: see create and write.
    client_secret = fields.Char(
        compute="_compute_client_secret", readonly=False, groups="base.group_system"
    )
    sealed_secret = fields.Text(groups=fields.NO_ACCESS, copy=False)
    has_secret = fields.Boolean(
        compute="_compute_client_secret", groups="base.group_system"
    )
    secret_expires_on = fields.Date(
        "Secret expires on",
        groups="base.group_system",
        copy=False,
        help="Microsoft lets a secret expire after two years at most. The "
        "administrator is reminded 30 days before.",
    )
    secret_warning = fields.Char(
        compute="_compute_secret_warning", groups="base.group_system"
    )
    audience = fields.Selection(
        [
            ("common", "Any organization, and personal accounts"),
            ("organizations", "Any organization"),
            ("tenant", "One organization only"),
        ],
        "Accounts",
        default="common",
        required=True,
        groups="base.group_system",
        help="As chosen under Supported account types when the app was registered.",
    )
    tenant_id = fields.Char(
        "Tenant ID",
        groups="base.group_system",
        help="Directory (tenant) ID on the app's overview page in Entra, or a domain "
        "of the organization.",
    )
    cloud = fields.Selection(
        [
            ("global", "Worldwide"),
            ("us_gov", "US Government"),
            ("china", "China (21Vianet)"),
        ],
        "Microsoft cloud",
        default="global",
        required=True,
        groups="base.group_system",
    )
    company_ids = fields.Many2many(
        "res.company", string="Companies", help="Empty: every company may use it."
    )
    redirect_uri = fields.Char(
        "Redirect URI", compute="_compute_redirect_uris", groups="base.group_system"
    )
    approval_redirect_uri = fields.Char(
        "Second redirect URI",
        compute="_compute_redirect_uris",
        groups="base.group_system",
        help="Where Microsoft leads an administrator who has approved the app.",
    )
    redirect_warning = fields.Char(
        compute="_compute_redirect_warning", groups="base.group_system"
    )
    connector_ids = fields.One2many(
        "account.email.connector",
        "oauth_app_id",
        "Mailboxes",
        groups="base.group_system",
    )

    @api.depends("provider")
    @api.depends_context("lang")
    def _compute_redirect_uris(self):
        for app in self:
            name = app.provider or OAUTH[0]
            base = f"{app.get_base_url()}{ROUTE}/{name}"
            app.redirect_uri = f"{base}/callback"
            asks = provider(name).asks_administrator
            app.approval_redirect_uri = f"{base}/admin_consent" if asks else False

    @api.depends("redirect_uri")
    @api.depends_context("lang")
    def _compute_redirect_warning(self):
        for app in self:
            app.redirect_warning = not _takes_redirects(app.redirect_uri) and (
                self.env._(
                    "Microsoft and Google take no redirect URI with plain http, except "
                    "for localhost: nobody could sign in. Let Odoo be reached by "
                    "https, then have that address in the system parameter "
                    "web.base.url: an administrator who signs in to Odoo under it sets "
                    "it, unless web.base.url.freeze is set."
                )
            )

    @api.depends("sealed_secret")
    def _compute_client_secret(self):
        for app in self:
            app.client_secret = False
            app.has_secret = bool(app.sudo().sealed_secret)

    @api.depends("secret_expires_on")
    def _compute_secret_warning(self):
        today = fields.Date.today()
        for app in self:
            app.secret_warning = False
            if not app.secret_expires_on:
                continue
            days = (app.secret_expires_on - today).days
            if days < 0:
                app.secret_warning = self.env._(
                    "The client secret has expired: no mailbox can send with this app. "
                    "Create a new secret at the provider, and enter it here."
                )
            elif days <= WARN_BEFORE.days:
                app.secret_warning = self.env._(
                    "The client secret expires in %s days. Create a new one at the "
                    "provider and enter it here; mailboxes stay connected.",
                    days,
                )

    @api.onchange("client_id", "tenant_id")
    def _onchange_identifiers(self):
        self.client_id = _tidy(self.client_id)
        self.tenant_id = _tidy(self.tenant_id)

    @api.constrains("provider", "client_id", "audience", "tenant_id")
    def _check_identifiers(self):
        for app in self:
            form = provider(app.provider).app
            if not form.client_id.fullmatch(app.client_id):
                raise ValidationError(self.env._(WRONG_CLIENT_ID[app.provider]))
            if not form.has_tenants or app.audience != "tenant":
                continue
            if not _is_tenant(app.tenant_id or ""):
                raise ValidationError(
                    self.env._(
                        "Enter the Directory (tenant) ID from the app's overview page "
                        "in Entra: it looks like "
                        "00000000-0000-0000-0000-000000000000."
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [_tidied(vals) for vals in vals_list]
        entered = [vals.pop("client_secret", False) for vals in vals_list]
        apps = super().create(vals_list)
        for app, secret in zip(apps, entered, strict=True):
            app._keep_secret(secret)
        return apps

    def write(self, vals):
        """As before. A secret goes to the provider that it was entered for, as the
        client that it was entered for: with another one, it has to be entered again."""
        vals = _tidied(vals)
        secret = vals.pop("client_secret", False)
        if secret or vals.get("secret_expires_on"):
            self._forget_warning()
        before = {app: sealed.purpose_of_app(app) for app in self}
        res = super().write(vals)
        for app in self:
            if before[app] != sealed.purpose_of_app(app):
                app.sudo().sealed_secret = False
            app._keep_secret(secret)
        return res

    def onchange(self, values, field_names, fields_spec):
        """As before; a secret that is being typed is nobody's business."""
        values, changed = without_values({"client_secret"}, values, field_names)
        return {} if changed is None else super().onchange(values, changed, fields_spec)

    def _keep_secret(self, secret):
        """Seal the *secret* that an administrator has entered, if there is one.

        :raises ValidationError: if it is the secret's ID.
        """
        secret = (secret or "").strip()
        secret_id = provider(self.provider).app.secret_id
        if secret_id and secret_id.fullmatch(secret):
            raise ValidationError(
                self.env._(
                    "This is the secret's ID. Enter its Value: Entra shows it only "
                    "once, right after you created the secret."
                )
            )
        if secret:
            purpose = sealed.purpose_of_app(self)
            sealed_secret = sealed.seal_input(self.env, secret, purpose)
            self.sudo().sealed_secret = sealed_secret

    @api.model
    def _for_company(self, company, provider):
        """The app with which *company* signs in at *provider*: its own, else a shared.

        A branch may use what its parents may.

        :return: at most one, as superuser.
        """
        apps = self.sudo().search(
            [
                ("provider", "=", provider),
                ("sealed_secret", "!=", False),
                "|",
                ("company_ids", "=", False),
                ("company_ids", "in", company.sudo().parent_ids.ids),
            ]
        )
        return apps.sorted(lambda app: not app.company_ids)[:1]

    def _grants_lock(self):
        """The name of the lock on what accounts have granted to this client.

        Whoever gets a grant shares it; whoever takes one back has it alone. Several of
        our records may be the same client at the provider.
        """
        return f"grants to {self.sudo().client_id}"

    # -- before a secret expires ---------------------------------------------------

    @api.model
    def _warn_of_expiry(self):
        """Give an administrator a to-do for each secret that expires soon."""
        soon = fields.Date.today() + WARN_BEFORE
        for app in self.search([("secret_expires_on", "<=", soon)]):
            if not app.activity_search(["mail.mail_activity_data_warning"]):
                app.activity_schedule(
                    "mail.mail_activity_data_warning",
                    date_deadline=app.secret_expires_on,
                    summary=self.env._("The client secret expires"),
                    note=app.secret_warning,
                    user_id=app._administrator().id,
                )

    def _administrator(self):
        system = self.env.ref("base.group_system")
        if self.create_uid.active and system in self.create_uid.all_group_ids:
            return self.create_uid
        return system.all_user_ids.filtered("active").sorted("id")[:1]

    def _forget_warning(self):
        self.activity_unlink(["mail.mail_activity_data_warning"])

    def action_open_guide(self):
        """Open the guide that shows how to register an app, step by step."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"{ROUTE}/guide/{self.provider}",
            "target": "new",
        }


def _takes_redirects(uri):
    """Whether the providers lead browsers to *uri*.

    https://learn.microsoft.com/entra/identity-platform/reply-url
    https://developers.google.com/identity/protocols/oauth2/web-server#uri-validation
    """
    parts = urlsplit(uri)
    return parts.scheme == "https" or parts.hostname in ("localhost", "127.0.0.1")


def _is_tenant(text):
    """A tenant's id, or one of its domains."""
    return bool(GUID.fullmatch(text) or re.fullmatch(r"[\w-]+(\.[\w-]+)+", text))


def _tidied(vals):
    names = vals.keys() & {"client_id", "tenant_id"}
    return vals | {name: _tidy(vals[name]) for name in names}


def _tidy(identifier):
    """*identifier* without the spaces of a copy; a GUID as Microsoft writes it.

    Microsoft takes capital letters as well, but its tokens then name another client.
    """
    identifier = (identifier or "").strip()
    return identifier.lower() if GUID.fullmatch(identifier) else identifier
