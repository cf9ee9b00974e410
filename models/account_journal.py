from odoo import models

from ..engine.followup import dashboard


class AccountJournal(models.Model):
    """On the accounting dashboard: what there is to do about overdue invoices."""

    _inherit = "account.journal"

    def _fill_sale_purchase_dashboard_data(self, dashboard_data):
        """As before; and the figures of the worklist."""
        done = super()._fill_sale_purchase_dashboard_data(dashboard_data)
        for journal, told in dashboard.cards(self).items():
            dashboard_data[journal.id]["email_followup"] = told
        return done

    def action_email_followup_cases(self):
        """Open the worklist of the card's companies; ``email_followup_todo`` in the
        context says which filter."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["account.email.followup.case"].action_open()
        wanted = self.env.context.get("email_followup_todo")
        chosen = wanted if wanted in dashboard.COUNTED else "overdue"
        action["context"] = {f"search_default_{chosen}": 1}
        action["domain"] = [("company_id", "in", dashboard.companies_of(self).ids)]
        return action
