from odoo import api, fields, models

from ..rules import Item
from ..texts import standing_text


class AccountEmailFollowupLine(models.Model):
    """One open item (an installment, a credit, a payment) in a follow-up.

    It tells what was asked for, also when the item is gone: a draft invoice may lose
    some by other payment terms, or be deleted. So it keeps numbers without a foreign
    key, as a message of the chatter does. Checking one for each of the tens of
    thousands of lines that the planner writes at once would also lock, and write on, as
    many journal items: https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-ROWS
    """

    _name = "account.email.followup.line"
    _inherit = ["account.email.export"]
    _description = "Follow-up Line"
    _order = "due_date, id"
    _log_access = False  # the follow-up says who and when

    followup_id = fields.Many2one(
        "account.email.followup", required=True, ondelete="cascade", index=True
    )
    move_line_ref = fields.Integer(
        "Number of the journal item", required=True, index=True
    )
    move_ref = fields.Integer("Number of the invoice", required=True, index=True)
    currency_ref = fields.Integer("Number of the currency", required=True)
    move_line_id = fields.Many2one(
        "account.move.line", "Journal Item", compute="_compute_move_line_id"
    )
    move_id = fields.Many2one("account.move", "Invoice", compute="_compute_move_id")
    payment_id = fields.Many2one(
        "account.payment",
        compute="_compute_payment_id",
        help="A payment without a journal entry.",
    )
    due_date = fields.Date()
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    amount = fields.Monetary(
        "Open", help="The residual in the invoice's currency; negative for credits."
    )
    state = fields.Selection(
        [("chased", "Listed"), ("credit", "Credit"), ("dropped", "Left out")],
        required=True,
        default="chased",
    )
    told = fields.Boolean(
        help="A person was told that this item has had every step of its plan."
    )
    reason = fields.Char(
        "Reason code", help="Why it was dropped between planning and sending."
    )
    reason_day = fields.Date(help="The day that the reason is about.")
    reason_text = fields.Char("Why", compute="_compute_reason_text")
    unnamed = fields.Boolean(
        help="A credit of another contact's: it is subtracted, but not named."
    )
    label = fields.Char(compute="_compute_label", compute_sudo=True)
    portal_url = fields.Char(compute="_compute_portal_url")

    @api.depends("move_line_ref")
    def _compute_move_line_id(self):
        self._look_up("account.move.line", "move_line_ref", "move_line_id")

    @api.depends("move_ref")
    def _compute_move_id(self):
        self._look_up("account.move", "move_ref", "move_id")

    @api.depends("move_line_ref")
    def _compute_payment_id(self):
        numbers = [-line.move_line_ref for line in self if line.move_line_ref < 0]
        found = set(self.env["account.payment"].browse(numbers).exists().ids)
        for line in self:
            number = -line.move_line_ref
            line.payment_id = number in found and number

    @api.depends("currency_ref")
    def _compute_currency_id(self):
        self._look_up("res.currency", "currency_ref", "currency_id")

    def _look_up(self, model, ref, name):
        """Fill the field *name* with the record of that number, unless it is gone."""
        numbers = filter(None, self.mapped(ref))
        found = set(self.env[model].browse(numbers).exists().ids)
        for line in self:
            line[name] = line[ref] in found and line[ref]

    @api.depends("reason", "reason_day")
    @api.depends_context("lang")
    def _compute_reason_text(self):
        for line in self:
            day = line.reason_day
            line.reason_text = standing_text(self.env, line.reason, day=day)

    @api.depends("move_id", "move_line_id", "payment_id", "unnamed")
    @api.depends_context("lang")
    def _compute_label(self):
        """The document's number, as the customer knows it."""
        for line in self:
            gone = not line.move_id and line.env._("Deleted")
            name = line.move_id.name or line.move_line_id.name or line.payment_id.name
            own = line.env._("On your account") if line.unnamed else name
            line.label = own or gone

    @api.depends("label")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.label

    def _compute_portal_url(self):
        """Where the customer can see, and pay, the invoice without an account."""
        for line in self:
            invoice = line.move_id.is_sale_document() and not line.unnamed
            line.portal_url = invoice and line.move_id.get_base_url() + line._path()

    def _path(self):
        """A page that only reads makes no token: its link is for those who sign in."""
        move = self.move_id
        if self.env.cr.readonly and not move.access_token:
            return move.access_url
        return move.get_portal_url()

    def action_open_invoice(self):
        """Show the invoice, as its user may see it."""
        self.check_access("read")
        return self.move_id.get_formview_action()

    def _as_item(self):
        """This line as the rules know it, with the residual of its email."""
        return Item(
            self.move_line_ref,
            self.move_ref,
            self.due_date,
            self.amount,
            0.0,
            self.currency_ref,
        )
