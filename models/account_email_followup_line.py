from odoo import api, fields, models

from ..rules import Item
from ..texts import verdict_text


class AccountEmailFollowupLine(models.Model):
    """One open item (an installment, a credit, a payment) in a follow-up."""

    _name = "account.email.followup.line"
    _description = "Follow-up Line"
    _order = "due_date, id"
    _log_access = False  # the follow-up says who and when

    followup_id = fields.Many2one(
        "account.email.followup", required=True, ondelete="cascade", index=True
    )
    move_line_id = fields.Many2one(
        "account.move.line",
        "Journal Item",
        required=True,
        ondelete="cascade",
        index=True,
    )
    # Not stored: the planner writes tens of thousands of lines at once, and checking
    # another two foreign keys of each would take as long as all the rest.
    move_id = fields.Many2one(related="move_line_id.move_id", string="Invoice")
    due_date = fields.Date()
    currency_id = fields.Many2one(related="move_line_id.currency_id")
    amount = fields.Monetary(
        "Open", help="The residual in the invoice's currency; negative for credits."
    )
    state = fields.Selection(
        [("chased", "Chased"), ("credit", "Credit"), ("dropped", "Dropped")],
        required=True,
        default="chased",
    )
    reason = fields.Char(
        "Reason code", help="Why it was dropped between planning and sending."
    )
    reason_text = fields.Char("Why", compute="_compute_reason_text")
    label = fields.Char(compute="_compute_label")
    portal_url = fields.Char(compute="_compute_portal_url")

    @api.depends("reason")
    @api.depends_context("lang")
    def _compute_reason_text(self):
        for line in self:
            line.reason_text = verdict_text(self.env, line.reason)

    @api.depends("move_id", "move_line_id")
    def _compute_label(self):
        """The document's number, as the customer knows it."""
        for line in self:
            line.label = line.move_id.name or line.move_line_id.name

    def _compute_portal_url(self):
        """Where the customer can see, and pay, the invoice without an account."""
        for line in self:
            invoice = line.move_id.is_sale_document()
            line.portal_url = invoice and line.move_id.get_base_url() + line._path()

    def _path(self):
        """A page that only reads makes no token: its link is for those who sign in."""
        move = self.move_id
        if self.env.cr.readonly and not move.access_token:
            return move.access_url
        return move.get_portal_url()

    def _as_item(self):
        """This line as the rules know it, with the residual of its email."""
        return Item(
            self.move_line_id.id,
            self.move_id.id,
            self.due_date,
            self.amount,
            0.0,
            self.currency_id.id,
        )
