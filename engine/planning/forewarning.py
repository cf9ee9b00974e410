"""Tell the people in charge the day before what is going to be sent."""

from collections import defaultdict
from datetime import timedelta
from itertools import product
from typing import NamedTuple

from odoo import Command
from odoo.tools import format_date

from ...rules import ERROR, TODO, Calendar, Reason, decide
from ..rights import may_read
from . import cases
from .decisions import decide_all
from .units import Units

ONE_DAY = timedelta(days=1)
MONDAY_TO_FRIDAY = frozenset(range(5))
#: More than anybody reads in an email; the worklist has them all.
AT_MOST = 200
UPCOMING = "/odoo/action-account_email_connector.action_open_upcoming"


class Told(NamedTuple):
    """A follow-up that goes out on a coming day, as far as it is known today."""

    day: object  #: date
    decided: object  #: :class:`.decisions.Decided`, of today
    decision: object  #: :class:`...rules.Decision`, of that day


def forewarn(env):
    """Queue one email for each person in charge, about the next sending day.

    For the plans that want it, once a day. Nothing is due: no email.

    :param env: with the right to see everything, and to write emails.
    :return: the emails (``mail.mail``), for the normal mail server.
    """
    plans = env["account.email.followup.plan"].search([("forewarn", "=", True)])
    mails, told = env["mail.mail"], {}
    for user, coming in by_reader(env, plans).items():
        mails |= _mail(user, coming)
        told.update({each.decided.plan.id: each.decided.today for each in coming})
    _note(env, told)
    if mails:
        env.ref("mail.ir_cron_mail_scheduler_action")._trigger()
    return mails


def _note(env, told):
    """Note when each plan has told. It is no change of the plan: by when that was
    written, the worklist knows whether all customers are to be decided about again.

    :param told: {plan id: its today}.
    """
    query = """
        UPDATE account_email_followup_plan plan SET forewarned_on = told.on_day
          FROM unnest(%s::int[], %s::date[]) AS told(id, on_day)
         WHERE plan.id = told.id
    """
    env.flush_all()
    env.cr.execute(query, [list(told), list(told.values())])
    env["account.email.followup.plan"].invalidate_model(["forewarned_on"])


def told_today(calendar, today):
    """The sending day that people are told of on *today*; None: on another day.

    It is the next one. If that comes after a weekend or after holidays, people are
    told on their last working day before them.
    """
    tomorrow = today + ONE_DAY
    day = calendar.next(tomorrow)
    working = Calendar(calendar.weekdays | MONDAY_TO_FRIDAY, calendar.holidays)
    if working.allows(today) and working.next(tomorrow) == day:
        return day
    return None


def by_reader(env, plans):
    """Return {user: list of :class:`Told`}, by day, company and customer.

    What is due today already is no news: it is being sent.
    """
    units, found = Units(env), defaultdict(list)
    days = _days_told(units, plans)
    for decided in _decided(units, max(days.values())) if days else ():
        day = days.get((decided.unit.company_id, decided.plan))
        reader = day and decided.decision.reason is not Reason.DUE and _reader(decided)
        if not reader:
            continue
        decision = decide(decided.case.on(day))
        if decision.reason is Reason.DUE:
            found[reader].append(Told(day, decided, decision))
    for coming in found.values():
        coming.sort(key=lambda each: each.day)
    return found


def _days_told(units, plans):
    """{(company id, plan): the day that is told of now}, of those of *plans* that tell.

    Each tells once a day.
    """
    days = {}
    for unit, plan in product(units.units.values(), plans):
        today = units.today(unit, plan)
        day = told_today(units.rules_for(unit, plan).calendar, today)
        if day and unit.connector and plan.forewarned_on != today:
            days[unit.company_id, plan] = day
    return days


def _decided(units, until):
    """What is decided today of all to whom something may go up to a day: who they are
    is read from the worklist."""
    return decide_all(units, cases.may_hear(units, until), brief=True)


def _reader(decided):
    """The plan's responsible, if of that company; else who connected the mailbox.

    It names customers and amounts: whoever may not read follow-ups gets none. A company
    without a mailbox sends nothing, and tells nobody.
    """
    unit, responsible = decided.unit, decided.plan.responsible_id
    users = (responsible, unit.connector.connected_by_id) if unit.connector else ()
    for user in users:
        there = user.active and unit.company_id in user.company_ids.ids
        if there and user.email and may_read(user):
            return user
    return None


def _mail(user, coming):
    """It belongs to no record, so that no connector claims it."""
    env = user.with_context(lang=user.lang).env
    company = env["res.company"].browse(coming[0].decided.unit.company_id)
    values = {
        "days": _days(env, coming[:AT_MOST]),
        "more": len(coming[AT_MOST:]),
        "url": company.get_base_url() + UPCOMING,
    }
    subject = env._(
        "Follow-ups on %(day)s: %(count)s",
        day=format_date(env, coming[0].day),
        count=len(coming),
    )
    return env["mail.mail"].create(
        {
            "subject": subject,
            "body_html": env["ir.qweb"]._render(
                "account_email_connector.forewarn_email", values
            ),
            "email_from": company.email_formatted or user.email_formatted,
            "recipient_ids": [Command.link(user.partner_id.id)],
            "auto_delete": True,
        }
    )


def _days(env, coming):
    """What the email shows: day as text → its rows."""
    days = defaultdict(list)
    for each in coming:
        days[format_date(env, each.day, date_format="full")].append(_row(env, each))
    return days


def _row(env, coming):
    decided, decision = coming.decided, coming.decision
    company = env["res.company"].browse(decided.unit.company_id)
    return {
        "customer": env["res.partner"].browse(decided.customer.contact).display_name,
        "step": env["account.email.followup.step"].browse(decision.step.id).name,
        "amount": company.currency_id.format(decision.total_company),
        "company": company.name,
        "remark": _remark(env, decided, decision),
    }


def _remark(env, decided, decision):
    """What stands between this follow-up and its customer, if anything."""
    if decision.step.review:
        return env._("You review it first")
    if decision.channel == TODO:
        return env._("A to-do, not an email")
    if decided.unit.facts.mailbox == ERROR:
        return env._("Waits until the mailbox is connected again")
    return ""
