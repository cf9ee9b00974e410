from odoo import api, fields, models


class AccountEmailConnector(models.Model):
    """Where the company's follow-up plan is chosen: beside its mailbox.

    The plan is the company's, with or without a mailbox of its own. Accounting managers
    choose it, and they may not change companies.
    """

    _inherit = "account.email.connector"

    followup_plan_id = fields.Many2one(
        "account.email.followup.plan",
        "Plan",
        compute="_compute_followup_plan_id",
        inverse="_inverse_followup_plan_id",
        check_company=True,
        groups="account.group_account_invoice,account.group_account_readonly",
        help="Who is chased, when, and with which words; customers may have their own. "
        "Empty: the parent company's, else one that belongs to the company, else the "
        "first shared one.",
    )

    @api.depends("company_id.email_followup_plan_id")
    def _compute_followup_plan_id(self):
        for connector in self:
            company = connector.sudo().company_id
            connector.followup_plan_id = company.email_followup_plan_id.sudo(False)

    def _inverse_followup_plan_id(self):
        self._check_company(["followup_plan_id"])
        for connector in self:
            company = connector.sudo().company_id
            company.email_followup_plan_id = connector.followup_plan_id
