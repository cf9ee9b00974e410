from odoo import models

from ..engine.followup import statement
from ..engine.rights import check_reader


class AccountEmailStatementFollowup(models.AbstractModel):
    """The statement of account of a follow-up's customer, with its company."""

    _name = "report.account_email_connector.report_statement_followup"
    _description = "Statement of Account of a Follow-up"

    def _get_report_values(self, docids, data=None):
        """What the template shows; of companies closed to the user nothing."""
        followups = self.env["account.email.followup"].browse(docids)
        check_reader(self.env)
        followups.check_access("read")
        statements = statement.made_before(data) or statement.of_followups(
            followups.sudo(), self.env
        )
        return {"statements": statements, "docs": followups}
