"""A bounce about ourselves: the mailbox stops or waits, and its follow-ups go again.

At Graph a refusal comes as a bounce only, as 202 was answered before. It is believed as
far as the harm of a forged one is bounded, for whoever got an email of ours can make up
a bounce of it:

* A limit makes the mailbox wait, counted from when that email was accepted: nobody
  holds it longer than a day after the last email that he got. Each attempt is heeded
  once, however often it comes back.
* What breaks it has to be unambiguous (see :mod:`...providers.mail.about_us`), and to
  come from two customers within a day: of one it only waits for an hour. The incident
  tells its words, and the chatter of the follow-up who said them. It breaks what is
  connected now, not what somebody has connected since that email left.
* A follow-up goes again if it reached none of those whom the mailbox took it for, but
  for copies: three times, then a person decides. One of several can speak for the
  others, so to them it goes again once.
"""

from datetime import timedelta

import psycopg2
from markupsafe import Markup

from odoo import fields

from ...providers.addresses import with_ascii_domain
from ...providers.incoming import Cause
from ...providers.mail.about_us import outcome_of
from ...providers.outcomes import AdminActionRequired, Throttled
from ...texts import reason_text
from ...texts.bounces import GOES_AGAIN
from .. import cron
from ..followup import ledger, todo
from ..followup.addresses import split
from ..followup.person import on_its_way
from ..mailbox import condition

#: So often one follow-up goes again after bounces, and moves the mailbox by them.
AGAIN_AT_MOST = 3
#: For how long one customer alone holds the mailbox, and when another one agrees.
ALONE, TOGETHER = timedelta(hours=1), timedelta(days=1)


def heed(followup, seen, message):
    """Let the mailbox wait or stop, and open the follow-up again.

    :param seen: what is written down of the bounce (``account.email.incoming``).
    :return: whether it is open again: nobody has to care about this one.
    """
    outcome = message.about_us and outcome_of(*message.about_us)
    told = _bounces(followup).filtered(
        lambda each: Cause.US.value in (each.failed or {}).values()
    )
    earlier = told.delivery_id - seen.delivery_id
    # about this very attempt, and naming somebody that we wrote to
    is_believed = seen in told and seen.delivery_id and len(earlier) < AGAIN_AT_MOST
    if not outcome or not is_believed:
        return False
    seen.breaks = isinstance(outcome, AdminActionRequired)
    if told.filtered(lambda each: each.delivery_id == seen.delivery_id) == seen:
        _tell_mailbox(followup, outcome)
    return _open_again(followup, outcome, earlier)


def _bounces(followup):
    return followup.env["account.email.incoming"].search(
        [("followup_id", "=", followup.id), ("kind", "=", "bounce")]
    )


def _tell_mailbox(followup, outcome):
    """What an SMTP server's reply of the same words does, if it still holds."""
    connector, now = followup.connector_id, fields.Datetime.now()
    delivery = followup.delivery_id
    accepted_at = delivery.accepted_at or delivery.started_at or now
    if isinstance(outcome, Throttled):
        over = accepted_at + timedelta(seconds=outcome.retry_after)
        outcome.retry_after = int((over - now).total_seconds())
        holds = outcome.retry_after > 0
    else:
        since = connector.connected_at or accepted_at
        holds = connector.state == "connected" and accepted_at >= since
        if not _another_customer_agrees(followup, now - TOGETHER):
            hour = int(ALONE.total_seconds())
            words = {"code": outcome.code, "detail": outcome.detail}
            outcome = Throttled(outcome.reason, retry_after=hour, **words)
    if holds:
        condition.note_outcome(connector, outcome)


def _another_customer_agrees(followup, since):
    """Whether an email to somebody else came back for what is wrong with us, too."""
    mailbox = condition.same_mailbox(followup.connector_id)
    said = followup.env["account.email.incoming"].search(
        [
            ("connector_id", "in", mailbox.ids),
            ("breaks", "=", True),
            ("create_date", ">", since),
        ]
    )
    customers = said.followup_id.partner_id.commercial_partner_id
    return bool(customers - followup.partner_id.commercial_partner_id)


# -- it goes again ---------------------------------------------------------------------


def _open_again(followup, outcome, earlier):
    """Plan it again, if nobody has got it and the customer has no other on the way.

    :param earlier: its attempts that have come back before.
    """
    several = len(_taken_for(followup)) > 1
    if not _reached_nobody(followup) or (several and earlier):
        return False
    if _another_is_on_its_way(followup):
        return False
    if not followup.try_lock_for_update() or not ledger.allows(
        ledger.open_again, followup
    ):
        return False
    try:
        with followup.env.cr.savepoint():
            ledger.open_again(followup, outcome.reason, outcome.detail)
            followup.flush_recordset()
    except psycopg2.errors.UniqueViolation:  # planned at this very moment
        return False
    _tell(followup, outcome)
    if followup.connector_id._usable():
        cron.run_followups(followup.env)
    return True


def _reached_nobody(followup):
    """Whether it came back from everybody for whom the mailbox took it."""
    delivery = followup.delivery_id
    its = _bounces(followup).filtered(lambda each: each.delivery_id == delivery)
    failed = {address for each in its for address in each.failed or {}}
    taken_for = _taken_for(followup)
    return bool(taken_for) and taken_for <= failed


def _taken_for(followup):
    """For whom the mailbox took it, but for copies: those within the house arrive while
    everybody else's come back, and a second one does them no harm."""
    copies = map(with_ascii_domain, split(followup.sent_copies_to))
    return set(followup.delivery_id._reached()) - set(copies)


def _another_is_on_its_way(followup):
    who = followup.addressee_id or followup.partner_id
    return bool(on_its_way(followup.env, followup.company_id, who))


def _tell(followup, outcome):
    """Say it where it was said that it was sent: to its invoices and its customer.

    Everybody who sees the customer reads that: no amounts, no words of a server.
    """
    person = todo.responsible(followup)
    here = followup.with_context(lang=person.lang)
    why = reason_text(here.env, str(outcome.reason))[0]
    note = Markup("<p>%s</p>") % (todo.say(followup, person, GOES_AGAIN) % why)
    moves = here._chased_lines().move_id
    moves._message_log_batch(bodies=dict.fromkeys(moves.ids, note))
    for record in (here, here.partner_id):
        record._message_log(body=note)
