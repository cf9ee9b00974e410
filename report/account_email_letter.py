from odoo import models
from odoo.exceptions import UserError

from ..engine.followup import statement
from ..engine.rights import check_reader


class AccountEmailLetter(models.AbstractModel):
    """The letters of follow-ups whose step is one."""

    _name = "report.account_email_connector.report_letter"
    _description = "Follow-up Letter"

    def _get_report_values(self, docids, data=None):
        """What the template shows: what is paid since is not asked for any more.

        :raises UserError: if nothing is left to ask for in any of them.
        """
        followups = self.env["account.email.followup"].browse(docids)
        check_reader(self.env)
        followups.check_access("read")
        written = statement.made_before(data)
        written = written or list(map(statement.of_letter, followups.sudo()))
        letters = [letter for letter in written if letter.blocks]
        if not letters and self.env.su:  # the post's action: the others are not held up
            letters = written
        if not letters:
            raise UserError(
                self.env._("Nothing is open any more: there is no letter to print.")
            )
        return {"statements": letters, "docs": followups}
