"""What has to be true when a seed has come to its quiet end.

Each check gives sentences, one for each fault it has found.
"""

from collections import Counter
from datetime import timedelta

import psycopg2

from odoo.exceptions import UserError

from odoo.addons.account_email_connector.providers.outcomes import Outcome

#: A look at a customer is as good as the batch that it belongs to.
A_LOOK_LASTS = timedelta(seconds=75)
FOLLOWUPS = """
    SELECT followup.id, followup.state, followup.reason, followup.channel,
           followup.step_position, followup.skip, followup.partner_id,
           followup.message_id_header, followup.retry_at, followup.planned_date,
           delivery.state, delivery.sent_copy
      FROM account_email_followup followup
 LEFT JOIN account_email_delivery delivery ON delivery.id = followup.delivery_id
  ORDER BY followup.id
"""
COLUMNS = (
    *("id", "state", "reason", "channel", "position", "skip", "partner"),
    *("message_id", "retry_at", "planned_date", "delivery", "copy"),
)


class Ledger:
    """What there is in the end."""

    def __init__(self, story):
        rows = story.world.monitor.ask(FOLLOWUPS)
        self.rows = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
        self.story = story
        self.attempts = story.provider.attempts
        self.taken = [each for each in self.attempts if each.taken_at is not None]
        self.said_sent = _said(story, "action_was_sent")
        self.said_unsent = _said(story, "action_was_not_sent")

    def faults(self):
        """All sentences."""
        checks = (
            *(once, nothing_lost, sent_is_sent, uncertain_is_uncertain),
            *(in_order, left_alone, nothing_after_disconnecting, no_error),
        )
        return [f"{check.__name__}: {text}" for check in checks for text in check(self)]


def _said(story, what):
    return Counter(id_ for id_, button in story.people.words if button == what)


def once(ledger):
    """Each email at most once; each follow-up too, but if a person wants it again."""
    emails = Counter(each.message_id for each in ledger.taken)
    for message_id, times in emails.items():
        if times > 1:
            yield f"{message_id} was accepted {times} times"
    followups = Counter(each.followup for each in ledger.taken if each.followup)
    for id_, times in followups.items():
        if times > 1 + ledger.said_unsent[id_]:
            yield f"follow-up {id_} was accepted {times} times"


def nothing_lost(ledger):
    """Each has come to an end, or waits with a reason or a time."""
    now = ledger.story.clock.now
    for row in ledger.rows:
        if row["state"] == "sending":
            yield f"follow-up {row['id']} is sending still"
        if row["state"] in ("skipped", "failed") and not row["reason"]:
            yield f"follow-up {row['id']} is {row['state']}, and nobody knows why"
        waits = (row["retry_at"] and row["retry_at"] > now) or row[
            "planned_date"
        ] > now.date()
        if row["state"] == "planned" and not waits:
            yield f"follow-up {row['id']} waits for nothing ({row['reason']})"
        if row["copy"] == "owed" and row["state"] == "sent":
            yield f"the copy of follow-up {row['id']} was never filed"


def sent_is_sent(ledger):
    """The ledger says "sent" of what the provider has accepted, and of nothing else."""
    states = {row["message_id"]: row for row in ledger.rows}
    taken = {each.message_id for each in ledger.taken}
    for row in ledger.rows:
        is_sent = row["state"] == "sent" and row["channel"] == "email"
        if is_sent and not (row["message_id"] in taken or ledger.said_sent[row["id"]]):
            yield f"follow-up {row['id']} is sent, and was never accepted"
        if is_sent and row["delivery"] != "accepted":
            yield f"follow-up {row['id']} is sent, its delivery {row['delivery']}"
    for each in ledger.taken:
        row = states.get(each.message_id)
        if each.followup is None and "accounting@" not in each.recipients[0]:
            yield f"{each.message_id} belongs to no follow-up"
        if each.followup and row is None and not ledger.said_unsent[each.followup]:
            yield f"follow-up {each.followup} was accepted, and does not know it"
        if row and row["state"] not in ("sent", "unknown"):
            yield f"follow-up {row['id']} was accepted, and is {row['state']}"


def uncertain_is_uncertain(ledger):
    """Whom a person is asked about has really been cut off when it might leave."""
    for row in ledger.rows:
        if row["state"] != "unknown":
            continue
        attempts = ledger.story.provider.of(row["message_id"])
        if not any(_may_have_left(each) for each in attempts):
            stages = [each.stage for each in attempts]
            yield f"follow-up {row['id']} is uncertain for nothing: {stages}"


def _may_have_left(attempt):
    if attempt.stage == "answered":
        return attempt.process.struck > attempt.struck or attempt.process.dead
    return attempt.stage in ("leaving", "left")


def in_order(ledger):
    """A step is taken after the one before, which was accepted or passed over."""
    rows = {row["id"]: row for row in ledger.rows}
    taken = {}
    for row in ledger.rows:
        passed = row["skip"] == "step" or ledger.said_sent[row["id"]]
        if passed:
            taken.setdefault(row["partner"], set()).add(row["position"])
    for each in ledger.taken:
        if each.followup in rows:
            done = taken.setdefault(rows[each.followup]["partner"], set())
            if each.position and not {each.position, each.position - 1} & done:
                yield f"follow-up {each.followup} takes step {each.position} too early"
            done.add(each.position)


def left_alone(ledger):
    """Nobody is written to who had paid, or was excluded, before it was looked at."""
    for each in ledger.taken:
        for address in each.recipients:
            moment, time = ledger.story.people.left_alone.get(address, (None, None))
            if moment is None or moment >= each.taken_at:
                continue
            if moment < each.process.began or time < each.at - A_LOOK_LASTS:
                yield f"{address} was to be left alone since {time}"


def nothing_after_disconnecting(ledger):
    """No email is begun after the mailbox was disconnected."""
    for each in ledger.taken:
        if each.disconnected is not None and each.disconnected < each.since:
            yield f"follow-up {each.followup} left when nothing was connected"


def no_error(ledger):
    """Nothing failed but what the faults explain."""
    for process in ledger.story.ended:
        error = process.end
        told = isinstance(error, (UserError, Outcome, psycopg2.Error))
        if not (told or isinstance(error, str)):
            yield f"{process.name} raised {error!r}"
    yield from ledger.story.errors
