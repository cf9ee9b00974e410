from odoo import models
from odoo.exceptions import UserError

from ..engine.followup import ledger
from ..engine.followup.ledger_reasons import LedgerReason
from ..engine.planning import cases
from ..rules import OPEN_STATES


class BasePartnerMerge(models.TransientModel):
    """Customers who are merged have one follow-up on its way, and one row a company in
    the worklist, as anybody has.

    Odoo lets records follow the customer, but heeds constraints only, and no unique
    index (``_has_check_or_unique_constraint``): it would fail on ours.
    """

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        self._merge_open_followups(partner_ids)
        cases.forget(self.sudo().env, partner_ids)
        return super()._merge(partner_ids, dst_partner, extra_checks)

    def _merge_open_followups(self, partner_ids):
        """Of several that are on their way, leave the one that is most advanced.

        :raises UserError: if two are being sent at this moment.
        """
        open_ones = (
            self.env["account.email.followup"]
            .sudo()
            .search(
                [
                    ("state", "in", list(OPEN_STATES)),
                    "|",
                    ("partner_id", "in", partner_ids),
                    ("addressee_id", "in", partner_ids),
                ],
                order="id",
            )
        )

        def whose(followup):
            """Its company and customer, and whom it goes to, as they will be."""
            who = followup.partner_id.id, followup.addressee_id.id
            merged = [id_ in partner_ids or id_ for id_ in who]
            return followup.company_id.id, *merged

        for followups in open_ones.grouped(whose).values():
            sending = followups.filtered(lambda each: each.state == "sending")
            if len(sending) > 1:
                raise UserError(
                    self.env._(
                        "Follow-ups to these customers are being sent right now. "
                        "Merge them in a moment."
                    )
                )
            ledger.give_way(followups - (sending or followups[0]), LedgerReason.MERGED)
