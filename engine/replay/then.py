"""Why a customer was, or was not, chased on a day in the past: a page of it."""

from typing import NamedTuple

from odoo.exceptions import UserError
from odoo.tools import format_date

from ...rules import Reason, comes_next
from ...rules.asof import Moment
from ...texts import standing_text
from ...texts.days import in_words
from ...texts.plan_rules import plan_text
from ...texts.then import AS_TODAY, BY_DATE, LEFT_OUT
from ..planning.explain import remarks_of, verdict, what_comes
from ..planning.units import Unit, Units
from . import happened
from .books import Books

TEMPLATE = "account_email_connector.followup_then"


class Asked(NamedTuple):
    """What is asked, and by whom."""

    env: object  #: the user's: in whose words, and what may be told
    partner: object  #: the customer, with the right to see everything
    company: object  #: ``res.company``, with that right
    move: object  #: the invoice that is meant, with that right; empty: all
    day: object  #: a date


class Found(NamedTuple):
    """What the rules say of the day, as :class:`..planning.decisions.Decided`."""

    unit: Unit
    writers: list  #: the ids of the companies that may have written to the customer
    is_past: bool  #: the day is over
    morning: list  #: before anything was booked or sent
    booked: list  #: with what was booked on it


def page(asked):
    """The answer as HTML, for who may read the customer's account.

    :param asked: :class:`Asked`.
    :raises UserError: if the company is archived: nobody is chased for it.
    """
    found = _decided(asked)
    env = asked.env
    values = {
        "heading": env._("What the plan says of %s", in_words(env, asked.day)),
        "said": [*_of_move(asked, found), *_of_customer(asked, found)],
        "changed": _changed(asked, found),
        "items": _items(asked, found),
        "left_out": [env._(text) for text in LEFT_OUT.values()],
        "as_today": [env._(text) for text in AS_TODAY.values()],
        "by_date": [env._(text) for text in BY_DATE.values()],
        **happened.told(asked, found),
    }
    return env["ir.qweb"]._render(TEMPLATE, values)


def _decided(asked):
    units = Units(asked.partner.env, asked.company)
    if asked.company.id not in units.unit_of:
        raise UserError(
            asked.env._(
                "%s is archived: unarchive it to see its customers' accounts.",
                asked.company.name,
            )
        )
    unit, day = units.unit_for(asked.company.id), asked.day
    books = Books(units, asked.partner, day)
    if day >= units.today(unit, unit.plan):
        now = books.decided(Moment.now(day))
        return Found(unit, units.kin_ids(), False, now, now)
    morning, booked = Moment.morning(day), Moment.booked(day)
    return Found(
        unit, units.kin_ids(), True, books.decided(morning), books.decided(booked)
    )


# -- what the rules say ----------------------------------------------------------------


def _of_move(asked, found):
    """Of the one invoice that is meant: what is said of the instalment that is next."""
    if not asked.move:
        return
    said = {}
    for decided in found.morning:
        ours = {
            item.line_id: item
            for item in decided.customer.items
            if item.move_id == asked.move.id
        }
        for standing in decided.decision.standings:
            if standing.line_id in ours:
                said[standing] = decided, ours[standing.line_id].due
    text = asked.env._("Nothing of it was open.")
    if said:
        standing = comes_next(said)
        text = _of_item(asked.env, standing, *said[standing])
    yield {"who": asked.move.name, "text": text, "plan": ""}


def _of_item(env, standing, decided, due):
    if standing.reason is Reason.DUE:
        return env._("It was due for a follow-up.")
    reason, remarks = standing.reason.value, remarks_of(standing)
    comes = what_comes(standing.date, standing.step, due)
    about = decided.day_of(standing.reason, standing.line_id)
    return standing_text(env, reason, remarks, about, comes)


def _of_customer(asked, found):
    """Of the customer, or of each contact that hears by itself."""
    if not found.morning:
        text = asked.env._("Nothing was open.")
        yield {"who": asked.move and asked.partner.name, "text": text, "plan": ""}
    known = asked.partner.env
    for decided in found.morning:
        customer = decided.customer
        several = asked.move or found.morning[1:]
        rule = known["account.email.followup.plan.rule"].browse(
            customer.plan_rule or ()
        )
        yield {
            "who": several and known["res.partner"].browse(customer.contact).name,
            "text": _verdict(asked, decided),
            "plan": plan_text(asked.env, decided.plan, customer.own_plan, rule),
        }


def _verdict(asked, decided):
    if decided.decision.reason is Reason.DUE:
        return _due(asked, decided)
    comes = decided.comes
    steps = asked.partner.env["account.email.followup.step"]
    step = steps.browse(comes and comes.step_id or ())
    return verdict(asked.env, decided, comes, step)


def _due(asked, decided):
    """Which step was due; of how much, to who has all companies that it is of."""
    env, decision = asked.env, decided.decision
    step = asked.partner.env["account.email.followup.step"].browse(decision.step.id)
    name = step.with_context(lang=env.lang).name
    if _sees_all_of(asked, decided.unit):
        currency = asked.company.currency_id.with_env(env)
        amount = currency.format(decision.total_company)
        text = env._(
            "A follow-up was due: %(step)s, about %(amount)s.", step=name, amount=amount
        )
    else:
        text = env._("A follow-up was due: %s.", name)
    remarks = [standing_text(env, str(each)) for each in decision.remarks]
    return " ".join([text, *remarks])


def _sees_all_of(asked, unit):
    """Whether the user has all companies that it serves."""
    return set(unit.company_ids) <= set(asked.env.companies.ids)


def _changed(asked, found):
    """What the bookings of the day made of it; "" if nothing."""
    before, after = (
        [(each.key, each.decision.reason) for each in those]
        for those in (found.morning, found.booked)
    )
    if before == after:
        return ""
    if not found.booked:
        return asked.env._("With what is dated that day, nothing was open any more.")
    said = " ".join(_verdict(asked, each) for each in found.booked)
    return asked.env._("With what is dated that day: %s", said)


# -- what was open ---------------------------------------------------------------------


def _items(asked, found):
    """The items as they stood, as far as the user may see them: rows of a table.

    Nothing says of which company a payment without an entry is.
    """
    rows = [
        (item, standing, decided)
        for decided in found.morning
        for standing in decided.decision.standings
        for item in decided.customer.items
        if item.line_id == standing.line_id
    ]
    ids = list({item.move_id for item, *_said in rows if item.move_id})
    moves = asked.env["account.move"].search([("id", "in", ids)])
    seen = {move.id: move for move in moves}
    sees_all = _sees_all_of(asked, found.unit)
    rows.sort(key=lambda row: (row[0].due, row[0].line_id))
    return [
        _row(asked, item, standing, decided, seen.get(item.move_id))
        for item, standing, decided in rows
        if item.move_id in seen or (sees_all and not item.move_id)
    ]


def _row(asked, item, standing, decided, move):
    """One item; a payment without an entry has no document."""
    env = asked.env
    currency = env["res.currency"].browse(item.currency_id)
    late = (asked.day - item.due).days
    return {
        "name": move.name if move else env._("Payment"),
        "url": f"/odoo/account.move/{move.id}" if move else "",
        "is_meant": bool(asked.move) and item.move_id == asked.move.id,
        "due": format_date(env, item.due),
        "late": env._("%s days late", late) if late > 0 else "",
        "open": currency.format(item.residual),
        "text": _of_item(env, standing, decided, item.due),
    }
