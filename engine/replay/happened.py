"""What really happened on a day in the past, beside what the rules say of it."""

from odoo.tools import format_date

from ...rules import Reason
from ...texts.then import AGREES, Agrees
from ..followup import ledger
from ..followup.facts import addressee_of

ICONS = {"todo": "fa-phone", "email": "fa-paper-plane"}

#: It has left, for all that is known.
LEFT = (ledger.SENT, ledger.UNKNOWN)

#: What became of one that was due, and did not leave that day.
INSTEAD = {
    ledger.SENT: Agrees.DUE_AND_LATER,
    ledger.UNKNOWN: Agrees.DUE_AND_LATER,
    ledger.SKIPPED: Agrees.DUE_AND_SKIPPED,
    ledger.FAILED: Agrees.DUE_AND_FAILED,
}


def told(asked, found):
    """The values of the page: the follow-ups of the day, and whether they are what the
    rules say. Nothing is said of today: the rules have heard of it already.

    :param asked: :class:`.then.Asked`.
    :param found: :class:`.then.Found`.
    """
    env = asked.env
    every, seen = _of_the_day(asked, found)
    unit = every.env["res.company"].browse(found.unit.company_id)
    hidden = (every.company_id | unit).filtered(lambda c: c.id not in env.companies.ids)
    elsewhere = hidden and env._(
        "Follow-ups to this customer leave from %s: select it in the company menu "
        "to see them.",
        ", ".join(hidden.mapped("name")),
    )
    agrees = ""
    if found.is_past and not hidden:
        agrees = env._(AGREES[_compared(asked.day, found, every)])
    went = [_event(asked, each) for each in seen]
    return {"elsewhere": elsewhere or "", "went": went, "agrees": agrees}


def _of_the_day(asked, found):
    """The follow-ups that left, were tried, skipped, or written on the day: all, and
    those that the user may see."""
    every = asked.partner.env["account.email.followup"].search(
        [
            ("partner_id.commercial_partner_id", "=", asked.partner.id),
            ("company_id", "in", found.writers),
            "|",
            ("done_on", "=", asked.day),
            ("planned_date", "=", asked.day),
        ],
        order="id",
    )
    mine = [("id", "in", every.ids), ("company_id", "in", asked.env.companies.ids)]
    return every, asked.env["account.email.followup"].search(mine, order="id")


def _compared(day, found, followups):
    """What left by itself beside what was due, to whom, by which step and how.

    Nobody knows the hour: it may have been decided before or after the day's bookings.
    """
    due = [_due(found.morning), _due(found.booked)]
    by_plan = followups.filtered(lambda each: not each.by_hand)
    left = {
        (addressee_of(each), each.step_id.id, each.channel)
        for each in by_plan
        if each.state in LEFT and each.done_on == day
    }
    if left:
        return _of_those_that_left(left, due)
    if not all(due):
        if by_plan:
            return Agrees.NOTHING_AND_WRITTEN
        return Agrees.BY_HAND if followups else Agrees.NOTHING_AND_NOTHING
    if by_plan:
        return INSTEAD.get(by_plan[-1].state, Agrees.DUE_AND_WAITS)
    return Agrees.DUE_AND_BY_HAND if followups else Agrees.DUE_AND_NOTHING


def _of_those_that_left(left, due):
    if left in due:
        return Agrees.DUE_AND_WENT
    if not any(due):
        return Agrees.NOTHING_AND_WENT
    is_part = any(left < each for each in due)
    return Agrees.DUE_AND_LESS if is_part else Agrees.DUE_AND_ANOTHER


def _due(decided):
    """{(contact that hears by itself, step, channel)} of what was due."""
    return {
        (each.customer.addressee, each.decision.step.id, each.decision.channel)
        for each in decided
        if each.decision.reason is Reason.DUE
    }


def _event(asked, followup):
    """One follow-up: its step, and what became of it, on which day if on another."""
    states = dict(followup._fields["state"]._description_selection(asked.env))
    name = followup.step_id.name or asked.env._("By hand")
    done = followup.done_on
    later = format_date(asked.env, done) if done and done != asked.day else ""
    return {
        "icon": ICONS[followup.channel],
        "text": f"{name} · {states[followup.state]} {later}".rstrip(),
        "more": followup.documents_text or "",
        "url": f"/odoo/email-followups/{followup.id}",
    }
