"""Open pages hear how far a mailbox has come, by Odoo's bus: once a batch.

Only readers of follow-ups hear it, each of their own companies
(``models/ir_websocket.py``). It is no part of sending: the ledger has settled the batch
before, and what becomes of the message changes nothing.
"""

import logging
from collections import Counter

from ...tools import bus
from ..followup import ledger
from .steps import commit

_logger = logging.getLogger(__name__)

BUS_TYPE = "account_email_connector/sending"


class Progress:
    """How far one mailbox has come with what is due.

    :param connector: it, on the drain's own transaction.
    :param followups: all that it is to send now.
    """

    def __init__(self, connector, followups):
        self._connector = connector
        groups = followups._read_group(
            [("id", "in", followups.ids)], ["company_id"], ["id:array_agg"]
        )
        self._company_ids = {id_: whose.id for whose, ids in groups for id_ in ids}
        self._left = Counter(self._company_ids.values())

    def tell(self, batch, goes_on):
        """Tell that *batch* is settled. Commits. Never raises.

        :param goes_on: whether what is left is sent in the next moments.
        """
        cr = self._connector.env.cr
        try:
            self._tell(batch, goes_on)
            commit(cr)
        except Exception:
            _logger.warning("Open pages were not told of progress.", exc_info=True)
            cr.rollback()

    def _tell(self, batch, goes_on):
        by_company = {}
        for id_ in batch.ids:
            by_company.setdefault(self._company_ids[id_], []).append(id_)
        for company_id, ids in by_company.items():
            self._left[company_id] -= len(ids)
        # The end concerns those too who have no email in the last batch.
        for company_id in by_company if goes_on else self._left:
            followups = batch.browse(by_company.get(company_id, []))
            self._send(company_id, followups, goes_on)

    def _send(self, company_id, followups, goes_on):
        company = self._connector.env["res.company"].browse(company_id)
        payload = {
            "connector_id": self._connector.id,
            "company_id": company_id,
            "followup_ids": followups.ids,
            "waiting_ids": followups.filtered(_waits).ids,
            "left": self._left[company_id],
            "goes_on": goes_on,
        }
        bus.send(company, BUS_TYPE, payload)


def _waits(followup):
    """Whether it was looked at, and has not left."""
    return followup.state in (ledger.PLANNED, ledger.SENDING)
