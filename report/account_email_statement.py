from odoo import models

from ..engine.followup import statement
from ..engine.rights import check_reader


class AccountEmailStatement(models.AbstractModel):
    """The statement of account of customers, with the company in use."""

    _name = "report.account_email_connector.report_statement"
    _description = "Statement of Account"

    def _get_report_values(self, docids, data=None):
        """What the template shows; of companies closed to the user nothing."""
        partners = self.env["res.partner"].browse(docids)
        check_reader(self.env)
        (partners | partners.commercial_partner_id).check_access("read")
        # What is owed is asked with more rights, as for every reader.
        statements = statement.of_customers(
            self.sudo().env, partners, self.env.company, self.env
        )
        return {"statements": statements, "docs": partners}
