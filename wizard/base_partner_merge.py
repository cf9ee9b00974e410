from odoo import models
from odoo.exceptions import UserError

from ..engine.followup import ledger
from ..engine.followup.ledger_reasons import LedgerReason
from ..rules import OPEN_STATES


class BasePartnerMerge(models.TransientModel):
    """Customers who are merged have one follow-up on its way, as anybody has."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        self._merge_open_followups(partner_ids)
        return super()._merge(partner_ids, dst_partner, extra_checks)

    def _merge_open_followups(self, partner_ids):
        """Of several that are on their way, leave the one that is most advanced.

        :raises UserError: if two are being sent at this moment.
        """
        open_ones = (
            self.env["account.email.followup"]
            .sudo()
            .search(
                [("partner_id", "in", partner_ids), ("state", "in", list(OPEN_STATES))],
                order="id",
            )
        )
        for followups in open_ones.grouped("company_id").values():
            sending = followups.filtered(lambda each: each.state == "sending")
            if len(sending) > 1:
                raise UserError(
                    self.env._(
                        "Follow-ups to these customers are being sent right now. "
                        "Merge them in a moment."
                    )
                )
            ledger.give_way(followups - (sending or followups[0]), LedgerReason.MERGED)
