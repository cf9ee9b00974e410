from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    email_followup_text = fields.Char(
        "Follow-up",
        compute="_compute_email_followup",
        help="Why this invoice is, or is not, chased, and when next.",
    )
    email_followup_next_date = fields.Date(
        "Next follow-up", compute="_compute_email_followup"
    )
    email_followup_next_step_id = fields.Many2one(
        "account.email.followup.step", "Next step", compute="_compute_email_followup"
    )
    email_followup_count = fields.Integer(compute="_compute_email_followup_count")

    def _compute_email_followup(self):
        invoices = self.filtered(
            lambda move: (
                move.is_sale_document(include_receipts=True) and move.state == "posted"
            )
        )
        told = self.env["account.email.followup"]._explain(invoices)
        for move in self:
            explanation = told.get(move.id)
            move.email_followup_text = explanation and explanation.text
            move.email_followup_next_date = explanation and explanation.date
            move.email_followup_next_step_id = explanation and explanation.step

    def _compute_email_followup_count(self):
        lines = self.env["account.email.followup.line"]._read_group(
            [("move_id", "in", self.ids)],
            ["move_id"],
            ["followup_id:count_distinct"],
        )
        counts = {move.id: count for move, count in lines}
        for move in self:
            move.email_followup_count = counts.get(move.id, 0)

    def action_email_followups(self):
        """Show the follow-ups in which this invoice was listed."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Follow-ups"),
            "res_model": "account.email.followup",
            "views": [(False, "list"), (False, "form")],
            "domain": [("line_ids.move_id", "in", self.ids)],
        }
