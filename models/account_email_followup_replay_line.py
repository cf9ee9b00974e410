from odoo import fields, models

from ..texts import choices
from ..texts import replay as texts


class AccountEmailFollowupReplayLine(models.Model):
    """A follow-up that would have left, or an item that none would have asked for."""

    _name = "account.email.followup.replay.line"
    _inherit = ["account.email.export"]
    _description = "Follow-up of a Plan Tried on the Past"
    _order = "day, id"
    _rec_name = "partner_id"

    replay_id = fields.Many2one(
        "account.email.followup.replay",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(texts.KINDS, required=True, readonly=True)
    day = fields.Date(
        required=True,
        readonly=True,
        help="On which it would have gone. Of what nobody was reminded of, its due "
        "date.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    contact_id = fields.Many2one(
        "res.partner", readonly=True, index="btree_not_null", ondelete="set null"
    )
    step = fields.Char(readonly=True)
    step_number = fields.Integer(
        "Place of the step", readonly=True, aggregator=None, help="In its plan."
    )
    channel = fields.Selection(choices.CHANNELS, readonly=True)
    review = fields.Boolean("Read first", readonly=True)
    move_id = fields.Many2one(
        "account.move",
        "Invoice",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    # No sum: several follow-ups may ask for the same invoice.
    amount = fields.Monetary(readonly=True, aggregator=None)
    paid_on = fields.Date(
        "Settled on",
        readonly=True,
        help="The day by which all of it was paid or credited. Empty: it was not.",
    )
    days = fields.Integer(
        "Days until settled", readonly=True, aggregator="avg", help="From that day on."
    )
    soon = fields.Boolean(
        "Paid within three days", readonly=True, help="Perhaps without being asked."
    )
