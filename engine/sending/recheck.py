"""Between planning and sending money arrives: look again, just before sending."""

from odoo import Command

from ...rules import (
    EMAIL,
    REVIEW,
    SEND,
    SKIP,
    TODO,
    WAIT,
    Case,
    Customer,
    Reason,
    Whole,
    recheck,
)
from .. import compose
from ..followup import ledger
from ..followup.facts import addressee_of, instruction_of, past_of
from ..followup.ledger_reasons import LedgerReason
from ..followup.lines import drop, line_values
from ..followup.looked import look_at
from . import documents


def look_again(followups):
    """Drop from *followups* what is not to be chased any more.

    The caller holds the follow-ups' locks. The invoices' lines are locked too: one
    that is being paid right now cannot be read reliably, so we wait for it.

    An email that a person wrote is not sent with amounts that are no longer true: it
    goes back to review, as it was written. So does one that waited for long, or that
    the customer has answered since.

    :param followups: with the right to see everything.
    :return: {follow-up: what was found (:class:`..followup.looked.Looked`)} of those
        that may go now. The others have been skipped, or wait; their reasons say why.
    """
    at_rest = _at_rest(followups)
    looks = _looks(at_rest)
    going = at_rest.filtered(lambda followup: _may_go(followup, looks[followup]))
    going -= _without_files(going)
    return {followup: looks[followup] for followup in going}


def _at_rest(followups):
    """Those whose company is still there, and whose invoices nobody else is at."""
    gone = followups.filtered(lambda followup: not followup.company_id.active)
    ledger.skip(gone, LedgerReason.COMPANY_ARCHIVED)
    here = followups - gone
    locked = here.line_ids.move_line_id.try_lock_for_update()
    busy = here.filtered(lambda followup: followup.line_ids.move_line_id - locked)
    for followup in busy:
        ledger.wait(followup, LedgerReason.BEING_CHANGED)
    return here - busy


def _looks(followups):
    """{follow-up: its customer (:class:`..followup.looked.Looked`)}, with one look at
    all customers of a company."""
    return {
        followup: looked
        for company, some in followups.grouped("company_id").items()
        for looked in [look_at(some.partner_id, company)]
        for followup in some
    }


def _may_go(followup, looked):
    """Do what the rules say; whether it may go now."""
    again = _ask(followup, looked)
    changed = drop(
        followup,
        {
            each.line_id: (each.reason, _day_of(followup, looked, each, each.line_id))
            for each in again.dropped
        },
    )
    day = _day_of(followup, looked, again)
    if again.action == SKIP:
        ledger.skip(followup, again.reason, detail=day and str(day))
        return False
    if again.action == WAIT:
        _wait(followup, again, day)
        return False
    return _is_as_read(followup, again, changed, day)


def foresee(followup):
    """What would become of *followup* if it were looked at now. Writes nothing.

    :param followup: the same; its company is not archived.
    :return: (action, reason, the day that the reason is about, if any), as the rules
        have them; the ledger has reasons too.
    """
    looked = look_at(followup.partner_id, followup.company_id)
    again = _ask(followup, looked)
    if again.action == SEND and _would_be_new(followup, again):
        return REVIEW, LedgerReason.CHANGED, None
    return again.action, again.reason, _day_of(followup, looked, again)


def _day_of(followup, looked, said, line_id=None):
    """The day that the reason of what the rules have *said* is about, of the customer
    or of one of its items; None if there is none."""
    decided = _decided(followup, looked)
    return said.came_on or (decided and decided.day_of(said.reason, line_id))


def _decided(followup, looked):
    return looked.decided.get(followup.partner_id.commercial_partner_id.id)


def _would_be_new(followup, again):
    """Whether a person has not read, or has written, the email for other amounts."""
    if _is_unread(followup, again):
        return True
    return followup.body and (again.dropped or _is_another(followup, again))


def _ask(followup, looked):
    """The rules' answer; what is too late is for a person, who is told so."""
    again = ask_the_rules(followup, looked)
    late = again.reason == Reason.MISSED
    return again._replace(action=REVIEW) if late else again


def _is_as_read(followup, again, changed, day):
    """Bring *followup* up to date, and let a person read what they do not know."""
    unread = _is_unread(followup, again)
    changed = _refresh(followup, again) or changed
    if again.action == REVIEW:
        ledger.ask_review(followup, again.reason, detail=day and str(day))
        return False
    if not unread and _is_of_the_first(followup, again):
        ledger.ask_review(followup, LedgerReason.READ_FIRST)
        return False
    if unread or (changed and followup.body):
        ledger.ask_review(followup, LedgerReason.CHANGED)
        return False
    return True


def _without_files(followups):
    """Those for which a file is missing that goes with them: they wait.

    For PDFs until they were tried, see :mod:`.documents`.
    """
    emails = followups.filtered(lambda followup: followup.channel == EMAIL)
    waiting = documents.coming(emails)
    for followup in waiting:
        ledger.wait(followup, LedgerReason.FILE_COMING)
    for followup in emails - waiting:
        if empty := _empty_file(followup):
            ledger.wait(followup, LedgerReason.FILE_MISSING, detail=empty.name)
            waiting += followup
    return waiting


def _empty_file(followup):
    """The first file that would go with it and has nothing in it.

    Core reads as empty what is not in the filestore: it was not restored with the
    database, or lies on another server.
    """
    files = compose.attachments(followup).filtered(lambda file: file.type == "binary")
    empty = next((file for file in files if not file.raw), None)
    files.invalidate_recordset(["raw"], flush=False)  # of a whole batch, it is much
    return empty


def _is_unread(followup, again):
    """Whether a person was to read the email, and has seen a to-do only."""
    becomes_email = followup.channel == TODO and again.channel == EMAIL
    return becomes_email and followup.step_id.review and not followup.by_hand


def _is_of_the_first(followup, again):
    """Whether it was planned before the company said that the first ones are read."""
    until = followup.connector_id.read_first_until
    today = followup.plan_id._today(followup.company_id._email_followup_tz())
    if not until or until < today or again.channel != EMAIL:
        return False
    return not (followup.approved or followup.at_once or followup.by_hand)


def _wait(followup, again, day):
    """Leave it planned; ask again when its plan's hours begin on that day, or soon."""
    tz = followup.company_id._email_followup_tz()
    opening = again.date and followup.plan_id._opening(again.date, tz)
    ledger.wait(followup, again.reason, opening, day and str(day))


def ask_the_rules(followup, looked):
    """The rules' answer (:class:`...rules.Recheck`).

    :param looked: the follow-up's customer (:class:`..followup.looked.Looked`).
    """
    units, unit = looked.units, looked.unit
    decided = _decided(followup, looked)
    plan = decided.plan if decided else unit.plan
    nothing = Customer(followup.partner_id.id, unit.company_id, [])
    past, whole = past_of(followup), Whole(decided.customer if decided else nothing)
    share = whole.share(whole.addressee_of(past))
    case = Case(
        share._replace(elsewhere=_elsewhere(followup, unit)),
        units.rules_for(unit, plan),
        units.facts_for(unit, plan),
        units.today(unit, plan),
    )
    return recheck(past, case, instruction_of(followup))


def _elsewhere(followup, unit):
    """What it was to ask for, and what a branch asks for from its own mailbox now."""
    items = followup._chased_lines().move_line_id
    return frozenset(
        item.id
        for item in items
        if item.company_id.id not in unit.company_ids and not item.reconciled
    )


def _refresh(followup, again):
    """Take over the residuals, credits and addressee of this moment.

    :return: whether an amount or the addressee has changed.
    """
    chased = {line.move_line_ref: line for line in followup._chased_lines()}
    changed = _is_another(followup, again)
    for item in again.items:
        line = chased.get(item.line_id)
        if line and line.amount != item.residual:
            line.amount = item.residual
    followup.line_ids.filtered(lambda line: line.state == "credit").unlink()
    credits = [line_values(item, "credit", again.addressee) for item in again.credits]
    followup.write(
        {
            "amount": again.total_company,
            "channel": again.channel,
            "addressee_id": again.addressee,
            "line_ids": list(map(Command.create, credits)),
        }
    )
    return changed


def _is_another(followup, again):
    """Whether it asks for another amount by now, or goes to another contact."""
    now = again.total_company
    amount = followup.currency_id.compare_amounts(followup.amount, now) != 0
    return amount or addressee_of(followup) != again.addressee
