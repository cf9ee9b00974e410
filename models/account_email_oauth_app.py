from odoo import api, fields, models

from ..engine.app import certifying, expiry, identifiers, redirects
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
    credential = fields.Selection(
        [("secret", "A client secret"), ("certificate", "A certificate")],
        "Signs in with",
        default="secret",
        required=True,
        groups="base.group_system",
        help="Some organizations forbid client secrets. Odoo makes the certificate, "
        "and its private key never leaves Odoo.",
    )
    # The certificates are public; their keys are sealed, and never shown.
    certificate = fields.Text(groups=fields.NO_ACCESS, copy=False)
    next_certificate = fields.Text(groups=fields.NO_ACCESS, copy=False)
    next_sealed = fields.Text(groups=fields.NO_ACCESS, copy=False)
    own_certificate = fields.Binary(
        "Your own certificate",
        compute="_compute_client_secret",
        readonly=False,
        attachment=False,
        groups="base.group_system",
        help="A PEM file with the certificate and its private key, which is not "
        "encrypted. The key is kept encrypted, and never shown again.",
    )
    own_certificate_name = fields.Char(
        string="File Name",
        compute="_compute_client_secret",
        readonly=False,
        groups="base.group_system",
    )
    has_certificate = fields.Boolean(
        compute=certifying.shown, compute_sudo=True, groups="base.group_system"
    )
    certificate_waits = fields.Boolean(
        compute=certifying.shown, compute_sudo=True, groups="base.group_system"
    )
    certificate_file = fields.Binary(
        compute=certifying.shown, compute_sudo=True, groups="base.group_system"
    )
    certificate_text = fields.Char(
        "Certificate in use",
        compute=certifying.shown,
        compute_sudo=True,
        groups="base.group_system",
    )
    next_certificate_text = fields.Char(
        "New certificate",
        compute=certifying.shown,
        compute_sudo=True,
        groups="base.group_system",
    )
    secret_expires_on = fields.Date(
        "Expires on",
        groups="base.group_system",
        copy=False,
        help="As Entra shows it: 24 months from today at most, which is proposed. An "
        "administrator is reminded 30 days before.",
    )
    secret_warning = fields.Char(compute=expiry.warning, groups="base.group_system")
    audience = fields.Selection(
        [
            ("tenant", "One organization only"),
            ("organizations", "Any organization"),
            ("common", "Any organization, and personal accounts"),
        ],
        "Accounts",
        default="tenant",
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
            ("us_gov", "US Government (GCC High)"),
            ("china", "China (21Vianet)"),
        ],
        "Microsoft cloud",
        default="global",
        required=True,
        groups="base.group_system",
        help="GCC without High is Worldwide. DoD cannot be connected.",
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

    @api.depends("sealed_secret", "certificate")
    def _compute_client_secret(self):
        for app in self:
            known = app.sudo()
            app.client_secret = False
            app.own_certificate = app.own_certificate_name = False
            app.has_secret = bool(known.sealed_secret and not known.certificate)

    @api.onchange("client_id", "tenant_id")
    def _onchange_identifiers(self):
        self.client_id = identifiers.tidy(self.client_id)
        self.tenant_id = identifiers.tidy(self.tenant_id)

    @api.onchange("provider")
    def _onchange_provider(self):
        self.secret_expires_on = expiry.proposed(self)

    @api.constrains("provider", "client_id", "audience", "tenant_id")
    def _check_identifiers(self):
        for app in self:
            identifiers.check(app)

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [identifiers.tidied(vals) for vals in vals_list]
        entered = [vals.pop("client_secret", False) for vals in vals_list]
        own = [_own_certificate(vals) for vals in vals_list]
        apps = super().create(vals_list)
        for app, vals, secret, file in zip(apps, vals_list, entered, own, strict=True):
            app._keep_secret(secret, "secret_expires_on" in vals)
            app._bring_certificate(file)
        return apps

    def write(self, vals):
        """As before. A secret goes to the provider that it was entered for, as the
        client that it was entered for: with another one, it has to be entered again."""
        vals = identifiers.tidied(vals)
        secret = vals.pop("client_secret", False)
        file = _own_certificate(vals)
        if secret or vals.get("secret_expires_on"):
            expiry.forget(self)
        before = {app: sealed.purpose_of_app(app) for app in self}
        res = super().write(vals)
        for app in self:
            if before[app] != sealed.purpose_of_app(app):
                app.sudo().write(certifying.GONE)
            app._keep_secret(secret, "secret_expires_on" in vals)
            app._bring_certificate(file)
        return res

    def onchange(self, values, field_names, fields_spec):
        """As before; a secret that is being typed is nobody's business."""
        secret = {"client_secret", "own_certificate"}
        values, changed = without_values(secret, values, field_names)
        return {} if changed is None else super().onchange(values, changed, fields_spec)

    def _keep_secret(self, secret, has_day):
        """Seal the *secret* that an administrator has entered, if there is one.

        :param has_day: whether it was entered with the day on which it expires.
        :raises ValidationError: if it is the secret's ID.
        """
        secret = (secret or "").strip()
        identifiers.check_secret(self, secret)
        if secret:
            purpose = sealed.purpose_of_app(self)
            sealed_secret = sealed.seal_input(self.env, secret, purpose)
            self.sudo().write({**certifying.GONE, "sealed_secret": sealed_secret})
            if not has_day:
                expiry.note_new_secret(self)

    def _bring_certificate(self, file):
        """Take a certificate with its key that an administrator has entered, if one
        was: it waits until it is used."""
        if file:
            certifying.bring(self.sudo(), file)

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

    def _mine(self):
        """This app with all rights, for somebody who may change it."""
        self.ensure_one()
        self.check_access("write")
        return self.sudo()

    def action_make_certificate(self):
        """Make a certificate, which waits until it is used."""
        certifying.make(self._mine())

    def action_use_certificate(self):
        """Take the certificate that waits into use: the provider has it."""
        return certifying.use(self._mine())

    def action_download_certificate(self):
        """Download the certificate: what is public of it."""
        return certifying.download(self._mine())

    def action_open_guide(self):
        """Open the guide that shows how to register an app, step by step."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"{redirects.ROUTE}/guide/{self.provider}",
            "target": "new",
        }


def _own_certificate(vals):
    """Take the file of a certificate out of *vals*, and its name."""
    vals.pop("own_certificate_name", None)
    return vals.pop("own_certificate", False)
