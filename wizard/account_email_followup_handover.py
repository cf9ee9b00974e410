from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine.handover import papers, readme, rest
from ..engine.handover.bundle import safe_name
from ..engine.rights import check_accountant, check_company
from ..tools.actions import window


class AccountEmailFollowupHandover(models.TransientModel):
    """Hand a customer over to somebody who collects the money: a lawyer, an agency.

    It makes one file with all that they need; the customer rests from then on.
    """

    _name = "account.email.followup.handover"
    _description = "Hand a Customer over"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
        help="Other companies go on as before.",
    )
    to = fields.Char(
        compute="_compute_to",
        store=True,
        readonly=False,
        help="Who collects the money from now on.",
    )
    is_handed_over = fields.Boolean(compute="_compute_is_handed_over")
    contents = fields.Text("In the file", compute="_compute_contents")
    attachment_id = fields.Many2one("ir.attachment", readonly=True)
    missing = fields.Text(readonly=True)

    @api.depends("partner_id", "company_id")
    def _compute_to(self):
        for wizard in self:
            here = wizard.partner_id.with_company(wizard.company_id)
            wizard.to = here.email_followup_handed_over_to

    @api.depends("partner_id", "company_id")
    def _compute_is_handed_over(self):
        for wizard in self:
            here = wizard.partner_id.with_company(wizard.company_id)
            wizard.is_handed_over = bool(here.email_followup_handed_over_on)

    @api.depends("partner_id", "company_id")
    @api.depends_context("lang")
    def _compute_contents(self):
        for wizard in self:
            found = wizard.partner_id and wizard._papers()
            wizard.contents = found and self.env._(
                "Unpaid invoices: %(invoices)s. Emails as they were sent: %(emails)s. "
                "A list of what is open, and the mail server's receipts.",
                invoices=len(found.moves),
                emails=len(found.followups),
            )

    def action_confirm(self):
        """Make the file, and let the customer rest. Pressed twice, it is one act."""
        self.ensure_one()
        self.check_access("write")
        found = self._papers()
        if not (self.to or "").strip():
            raise UserError(self.env._("Enter to whom you hand the customer over."))
        if not self.attachment_id:
            content, left_out = found.pack(self.to)
            self.attachment_id = self._attach(content)
            self.missing = readme.missing(self.env, left_out) if left_out else False
        if not self.is_handed_over:
            rest.hand_over(
                self._customer().sudo(), self.company_id, self.to, self.env.user
            )
            self.invalidate_recordset(["is_handed_over"])
        return window(self.env._("Hand over"), self._name, self.id)

    def action_download(self):
        """Save the file."""
        self.ensure_one()
        self.check_access("read")
        if not self.attachment_id:
            raise UserError(self.env._("Make the file first."))
        url = f"/web/content/{self.attachment_id.id}?download=true"
        return {"type": "ir.actions.act_url", "url": url, "target": "download"}

    def _customer(self):
        return self.partner_id.commercial_partner_id

    def _papers(self):
        """What there is about the customer, as far as the user may see it."""
        check_accountant(self.env)
        check_company(self.env, self.company_id)
        self.partner_id.check_access("read")
        env = self.env
        return papers.Papers(env, self.sudo().env, self._customer(), self.company_id)

    def _attach(self, content):
        """Keep the file with this form: nobody else reads it, and it goes with it."""
        name = safe_name(f"{self._customer().name} {fields.Date.today()}.zip")
        return self.env["ir.attachment"].create(
            {
                "name": name,
                "raw": content,
                "mimetype": "application/zip",
                "res_model": self._name,
                "res_id": self.id,
            }
        )
