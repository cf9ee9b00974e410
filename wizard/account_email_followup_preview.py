from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine.followup.byhand import ledger_values, offers
from ..engine.followup.preview import in_memory, preview
from ..engine.planning.decisions import decisions
from ..tools.actions import window

ADDRESSED = ("goes_to", "copies_to", "copies_left_out")
SHOWN = (*ADDRESSED, "standing", "subject", "body")


class AccountEmailFollowupPreview(models.TransientModel):
    """See a step's email as a real customer would get it."""

    _name = "account.email.followup.preview"
    _description = "Preview of a Follow-up"

    step_id = fields.Many2one("account.email.followup.step", required=True)
    partner_id = fields.Many2one(
        "res.partner",
        "Example customer",
        required=True,
        default=lambda self: self._default_partner(),
    )
    company_id = fields.Many2one("res.company")
    lang = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(),
        "Language",
        help="Empty: the customer's.",
    )
    goes_to = fields.Char("To", compute="_compute_email")
    copies_to = fields.Char("In copy", compute="_compute_email")
    copies_left_out = fields.Char(compute="_compute_email")
    standing = fields.Char(compute="_compute_email", help="Whether it goes, and when.")
    subject = fields.Char(compute="_compute_email")
    body = fields.Html(compute="_compute_email", sanitize=False)

    @api.model
    def _open(self, step, partner=None, company=None):
        """Open it for *step*.

        :param partner: for whom; None: for one who owes something.
        :param company: from whom; None: from whichever that customer owes.
        """
        defaults = {"default_step_id": step.id}
        if partner:
            defaults["default_partner_id"] = partner.id
        if company:
            defaults["default_company_id"] = company.id
        return window(self.env._("Preview"), self._name, **defaults)

    @api.model
    def _default_partner(self):
        """A customer who owes something."""
        line = self.env["account.move.line"].search(
            [
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("move_id.move_type", "=", "out_invoice"),
                ("move_id.payment_state", "in", ("not_paid", "partial")),
            ],
            order="date_maturity",
            limit=1,
        )
        return line.partner_id.commercial_partner_id

    @api.model_create_multi
    def create(self, vals_list):
        previews = super().create(vals_list)
        previews._check_chosen()
        return previews

    def write(self, vals):
        res = super().write(vals)
        self._check_chosen()
        return res

    def _check_chosen(self):
        """What is chosen is shown by its name: to those only who may read it. (Odoo
        checks constraints as superuser.)"""
        for chosen in (self.partner_id, self.step_id, self.company_id):
            chosen.check_access("read")

    @api.depends("step_id", "partner_id", "lang")
    def _compute_email(self):
        for wizard in self:
            wizard.update(dict.fromkeys(SHOWN, False) | wizard._email())

    def _email(self):
        """What is shown, by the names of the fields: or why there is none."""
        for chosen in (self.partner_id, self.step_id, self.company_id):
            chosen._origin.check_access("read")
        if not self.partner_id or not self.step_id.template_id:
            return {}
        companies = self.company_id & self.env.companies or self.env.companies
        customer = self.partner_id.commercial_partner_id
        found = offers(self.env, decisions(self.sudo().env, companies, customer))
        found = [offered for offered in found if offered.offer.items]
        found.sort(key=lambda each: each.decided.customer.contact != self.partner_id.id)
        if not found or not found[0].decided.unit.connector:
            words = self.env._(
                "Choose a customer with open invoices, of a company with a mailbox."
            )
            return {"body": words}
        values = ledger_values(found[0], self.step_id)
        try:
            subject, _body, whole = preview(self.sudo().env, values, self.lang)
        except UserError as error:  # the template has a mistake
            return {"body": str(error)}
        followup = in_memory(self.sudo().env, values)
        addressed = {name: followup[name] for name in ADDRESSED}
        return {
            "standing": self._standing(),
            "subject": subject,
            "body": whole,
            **addressed,
        }

    def _standing(self):
        """What is said of the customer by the company whose account is looked at; False
        of an example, which is no announcement."""
        if not self.company_id:
            return False
        here = {"allowed_company_ids": self.company_id.ids}
        return self.partner_id._origin.with_context(**here).email_followup_text
