from odoo import fields, models

from ..engine.rights import ACCOUNTING


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    email_followup_text = fields.Char(
        "Follow-up",
        related="move_id.email_followup_text",
        groups=ACCOUNTING,
        help="Why its invoice is, or is not, chased, and when next.",
    )
