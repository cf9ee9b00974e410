from odoo import api, models

from ..engine.planning import sent


class AccountMoveSend(models.AbstractModel):
    _inherit = "account.move.send"

    @api.model
    def _generate_and_send_invoices(self, moves, *args, **kwargs):
        """As before; the day on which an invoice is sent at last is noted."""
        moves = moves.with_context(**{sent.SENDING: True})
        return super()._generate_and_send_invoices(moves, *args, **kwargs)

    @api.model
    def _hook_if_success(self, moves_data, *args, **kwargs):
        """As before; and what was sent counts as sent, also with a PDF that was made
        before. Core marks only what it makes a PDF of."""
        result = super()._hook_if_success(moves_data, *args, **kwargs)
        for move in moves_data:
            if sent.is_fresh(move.sudo()):
                move.is_move_sent = True
        return result
