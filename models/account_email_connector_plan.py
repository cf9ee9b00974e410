from odoo import api, fields, models

from ..engine.decisions import decisions
from ..engine.rights import ACCOUNTING
from ..rules import Reason


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
        groups=ACCOUNTING,
        help="Who is chased, when, and with which words; customers may have their own. "
        "Empty: one that belongs to the company, else its parent company's, else the "
        "first shared one.",
    )

    first_run_count = fields.Integer(compute="_compute_first_run_count")

    @api.depends("state")
    def _compute_first_run_count(self):
        """How many customers the first run would write to; 0 once there was one.

        To switch it on means to remind of what fell due long ago as well: whoever
        connects the mailbox should know, and can give the plan a start date.
        """
        self.first_run_count = 0
        for connector in self:
            if connector.state == "connected" and not connector._has_followups():
                company = connector.sudo().company_id
                connector.first_run_count = sum(
                    decided.decision.reason is Reason.DUE
                    for decided in decisions(self.env, company)
                )

    def action_begin_now(self):
        """Do not wait for the scheduled action's next turn."""
        self.check_access("write")
        self.env.ref("account_email_connector.ir_cron_followups").sudo()._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The first run begins in a moment."),
            },
        }

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
