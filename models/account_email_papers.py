from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine.followup import post
from ..engine.rights import check_accountant
from ..rules import TODO


class AccountEmailPapers(models.AbstractModel):
    """The paper of a follow-up: the statement of account that goes with its email, or
    the letter of a to-do."""

    _name = "account.email.papers"
    _description = "Statement and Letter of a Follow-up"

    paper_id = fields.Many2one(
        "ir.attachment",
        "Statement or letter",
        readonly=True,
        bypass_search_access=True,
        index="btree_not_null",
        help="The PDF that goes with it, as it was last made.",
    )
    paper_key = fields.Char(readonly=True, help="What the PDF was made of.")
    paper_tries = fields.Integer(
        readonly=True, help="How often it could not be made since."
    )
    is_letter = fields.Boolean(compute="_compute_is_letter")
    can_post = fields.Boolean(compute="_compute_is_letter")

    @api.depends("step_id")
    def _compute_is_letter(self):
        for followup in self:
            step = followup.step_id
            followup.is_letter = step.channel == TODO and step.letter
            followup.can_post = followup.is_letter and post.is_installed(self.env)

    def action_print_statement(self):
        """Print the statements of account of these customers."""
        self.check_access("read")
        report = "account_email_connector.action_report_statement_followup"
        return self.env.ref(report).report_action(self)

    def action_print_letter(self):
        """Print these letters, as they are true now."""
        self.check_access("read")
        report = "account_email_connector.action_report_letter"
        return self.env.ref(report).report_action(self._letters())

    def action_send_by_post(self):
        """Have these letters printed and posted by Odoo's service, for its credits."""
        self.check_access("read")
        check_accountant(self.env)
        return post.send(self._letters().sudo())

    def _letters(self):
        """Those whose step is a letter.

        :raises UserError: if none is.
        """
        letters = self.filtered("is_letter")
        if not letters:
            raise UserError(self.env._("The step of this follow-up is no letter."))
        return letters
