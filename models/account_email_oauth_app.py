from odoo import api, fields, models

from ..engine.app import expiry, identifiers, redirects
from ..engine.rights import without_values
from ..engine.secrets import sealed
from ..providers.registry import OAUTH


class AccountEmailOauthApp(models.Model):
    """The registration of this Odoo at Microsoft or Google.

    System administrators manage it; accounting administrators only use it.
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
    secret_warning = fields.Char(compute=expiry.warning, groups="base.group_system")
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
        "Redirect URI", compute=redirects.uris, groups="base.group_system"
    )
    approval_redirect_uri = fields.Char(
        "Second redirect URI",
        compute=redirects.uris,
        groups="base.group_system",
        help="Where Microsoft leads an administrator who has approved the app.",
    )
    redirect_warning = fields.Char(
        compute=redirects.warning, groups="base.group_system"
    )
    connector_ids = fields.One2many(
        "account.email.connector",
        "oauth_app_id",
        "Mailboxes",
        groups="base.group_system",
    )

    @api.depends("sealed_secret")
    def _compute_client_secret(self):
        for app in self:
            app.client_secret = False
            app.has_secret = bool(app.sudo().sealed_secret)

    @api.onchange("client_id", "tenant_id")
    def _onchange_identifiers(self):
        self.client_id = identifiers.tidy(self.client_id)
        self.tenant_id = identifiers.tidy(self.tenant_id)

    @api.constrains("provider", "client_id", "audience", "tenant_id")
    def _check_identifiers(self):
        for app in self:
            identifiers.check(app)

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [identifiers.tidied(vals) for vals in vals_list]
        entered = [vals.pop("client_secret", False) for vals in vals_list]
        apps = super().create(vals_list)
        for app, secret in zip(apps, entered, strict=True):
            app._keep_secret(secret)
        return apps

    def write(self, vals):
        """As before. A secret goes to the provider that it was entered for, as the
        client that it was entered for: with another one, it has to be entered again."""
        vals = identifiers.tidied(vals)
        secret = vals.pop("client_secret", False)
        if secret or vals.get("secret_expires_on"):
            expiry.forget(self)
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
        identifiers.check_secret(self, secret)
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

    @api.model
    def _warn_of_expiry(self):
        """Give an administrator a to-do for each secret that expires soon."""
        expiry.announce(self)

    def action_open_guide(self):
        """Open the guide that shows how to register an app, step by step."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"{redirects.ROUTE}/guide/{self.provider}",
            "target": "new",
        }
