"""What became of every follow-up: what the ledger says, beside what was accepted."""

from collections import Counter

FOLLOWUPS = """
    SELECT partner.email, followup.id, followup.state, followup.reason,
           followup.step_position, followup.retry_at, delivery.handed_at
      FROM account_email_followup followup
      JOIN res_partner partner ON partner.id = followup.partner_id
 LEFT JOIN account_email_delivery delivery ON delivery.id = followup.delivery_id
"""
#: What there must be none of.
FAULTS = ("duplicates", "lost", "certain", "escalated", "waiting", "missing")


class Verdict:
    """Of one lane.

    :param rows: of :data:`FOLLOWUPS`.
    :param accepted: the recipients of each email that the provider has accepted.
    :param customers: how many there are, each with one follow-up.
    :ivar missing: how many of these are not told of.
    :ivar waiting: follow-ups that have not come to an end.
    :ivar duplicates: customers who got more than one.
    :ivar lost: follow-ups that did not leave, and nobody is told why; and those that
        are said to be sent and are not, or the other way round.
    :ivar uncertain: follow-ups that a person is asked about.
    :ivar certain: those of them that had provably not left.
    :ivar escalated: steps that were taken before the first one.
    """

    def __init__(self, rows, accepted, customers):
        self.missing = customers - len({row[0] for row in rows})
        self.waiting = [(row[0], row[3]) for row in rows if row[2] == "planned"]
        self.copies = Counter(address for each in accepted for address in each)
        self.accepted = sum(self.copies[row[0]] for row in rows)
        self.states = Counter(row[2] for row in rows)
        self.followups = len(rows)
        got = {row[0]: self.copies[row[0]] for row in rows}
        self.duplicates = [address for address, times in got.items() if times > 1]
        self.lost = [(row[0], row[2]) for row in rows if _is_lost(row, got[row[0]])]
        self.uncertain = [row for row in rows if row[2] == "unknown"]
        self.certain = [row[0] for row in self.uncertain if not row[6]]
        self.escalated = [row[0] for row in rows if row[4]]

    @property
    def is_good(self):
        """Whether nothing went wrong."""
        return not any(getattr(self, fault) for fault in FAULTS)

    def __str__(self):
        taken = sum(self.copies[row[0]] > 0 for row in self.uncertain)
        return (
            f"{self.accepted:,} accepted, {len(self.duplicates)} duplicates, "
            f"{len(self.lost)} lost, {len(self.uncertain)} uncertain ({taken} of them "
            f"accepted, {len(self.certain)} certainly not), {len(self.escalated)} "
            f"wrongly escalated; "
            + ", ".join(f"{n:,} {state}" for state, n in sorted(self.states.items()))
        )


def _is_lost(row, copies):
    _address, _id, state, reason, _position, retry_at, _handed_at = row
    if state == "sent":
        return copies == 0
    if state in ("skipped", "failed"):
        return copies > 0 or not reason
    if state == "planned":
        return copies > 0 or not (reason or retry_at)
    return state == "sending" or (state == "to_review" and copies > 0)
