from odoo import api, fields, models

from ..demo import customers
from ..engine.closing import company as closing
from ..engine.planning.units import Units
from ..engine.rights import ACCOUNTANTS


class ResCompany(models.Model):
    _inherit = "res.company"

    email_connector_ids = fields.One2many(
        "account.email.connector", "company_id", groups=ACCOUNTANTS
    )
    email_connector_id = fields.Many2one(
        "account.email.connector",
        "Mailbox",
        compute="_compute_email_connector_id",
        groups=ACCOUNTANTS,
    )
    email_followup_plan_id = fields.Many2one(
        "account.email.followup.plan",
        "Follow-up Plan",
        ondelete="restrict",
        groups=ACCOUNTANTS,
        help="Of all customers who have no other. Empty: its parent company's, else "
        "the first shared one.",
    )

    email_followup_late_fee_account_id = fields.Many2one(
        "account.account",
        "Account for late fees",
        groups=ACCOUNTANTS,
        check_company=True,
        domain="[('account_type', 'in', ('income', 'income_other'))]",
        help="For invoices of late-payment interest and fees. Empty: its parent "
        "company's, else the sales journal's.",
    )

    def write(self, vals):
        """As before; for an archived company nothing is sent any more."""
        result = super().write(vals)
        if "active" in vals and not vals["active"]:
            closing.retire(self.sudo())
        return result

    def unlink(self):
        """As before; what was sent goes with it only if it was exported."""
        self.check_access("unlink")
        for company in self.sudo():
            closing.check_exported(company)
        for company in self.sudo():
            closing.remove(company)
        return super().unlink()

    def _email_followup_late_fee_account(self):
        """The account for late fees, perhaps empty: its own, else its parents'."""
        companies = self.sudo().parent_ids.sorted("parent_path", reverse=True)
        return companies.email_followup_late_fee_account_id[:1]

    def _email_followup_demo(self):
        """What Odoo's demo data shows of it; see :mod:`..demo.customers`."""
        for company in self:
            customers.create(company.with_company(company).sudo())

    def _email_followup_peers(self):
        """These companies, and those whose customers get one email for all of them.

        What is noted on a customer for one of them holds for the others, too.
        """
        mine = self.sudo()
        return mine.browse(Units(mine.env, self).company_ids())

    def _email_followup_tz(self):
        """The time zone of plans that have none: the company's or its parents', else
        that of whoever connected the mailbox. As in :mod:`..engine.planning.units`.
        """
        companies = self.sudo().parent_ids.sorted("parent_path", reverse=True)
        for company in companies:
            person = company.email_connector_ids.connected_by_id
            tz = company.partner_id.tz or person.tz
            if tz:
                return tz
        return "UTC"

    def _email_followup_today(self):
        """The day where those plans are at home; for the user it may be another one."""
        there = self.with_context(tz=self._email_followup_tz())
        return fields.Date.context_today(there)

    @api.depends("email_connector_ids")
    def _compute_email_connector_id(self):
        for company in self:
            company.email_connector_id = company.email_connector_ids
