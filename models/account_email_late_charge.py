from odoo import fields, models


class AccountEmailLateCharge(models.Model):
    """What one line of an invoice for being late is about: interest on an item for some
    days, or the fixed fee of an invoice. Neither is charged twice.

    It goes with that invoice: deleting a draft undoes it. The late invoice may be
    deleted before, so it is known by number, as in ``account.email.followup.line``.
    """

    _name = "account.email.late.charge"
    _description = "Late Fee"
    _order = "id"

    followup_id = fields.Many2one(
        "account.email.followup",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    fee_move_id = fields.Many2one(
        "account.move", "Invoice", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="fee_move_id.company_id", store=True)
    currency_id = fields.Many2one(related="fee_move_id.currency_id")
    move_ref = fields.Integer(
        "Number of the late invoice", required=True, readonly=True, index=True
    )
    move_line_ref = fields.Integer(
        "Number of its journal item", required=True, readonly=True
    )
    since = fields.Date(
        readonly=True,
        help="Interest from the day after this one. Empty: the fixed fee.",
    )
    until = fields.Date(readonly=True, help="Interest to this day.")
    amount = fields.Monetary(readonly=True)

    _by_invoice = models.Index("(fee_move_id)")
    _interest_once = models.UniqueIndex(
        "(move_line_ref, since) WHERE since IS NOT NULL",
        "Somebody has just charged this interest. Reload the page and look.",
    )
    _fee_once = models.UniqueIndex(
        "(move_ref) WHERE since IS NULL",
        "Somebody has just charged this fee. Reload the page and look.",
    )
