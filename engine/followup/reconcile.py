"""Money that a person is to look at: to-dos on its customers, and their answer."""

from collections import defaultdict

from markupsafe import Markup, escape

from odoo.tools.translate import LazyTranslate

from ...rules import Reason
from ...rules.credits import other_money
from ...texts import standing_text
from ..planning.decisions import decisions
from ..planning.explain import customers_of
from . import todo

_lt = LazyTranslate(__name__)

TODO = _lt("Reconcile this customer's money: what is asked for depends on it.")

#: Of these customers nothing is chased: whatever money they have holds back nothing.
NOBODY = (Reason.EXCLUDED, Reason.NO_PLAN)


def ask(decided):
    """Give the responsible one to-do for each customer with money to be looked at.

    Once for the same money, however often it is planned, and whatever became of the
    to-do.

    :param decided: list of :class:`..planning.decisions.Decided`, with the right to
        write on customers.
    """
    about = {}
    for each in decided:  # several are shares of one customer: there is one to-do
        whose = each.unit.company_id, each.customer.id
        if found := to_look_at(each):
            about.setdefault(whose, (each, {}))[1].update(found)
    for each, found in about.values():
        partner = each.plan.env["res.partner"].browse(each.customer.id)
        _ask_once(partner.with_company(each.unit.company_id), each, found)


def to_look_at(decided):
    """{number of the money: its standing or reason}, of what is overdue."""
    decision, found = decided.decision, {}
    if decision.reason in NOBODY or not decided.unit.has_begun:
        return found
    for standing in decision.standings:
        if standing.reason is Reason.MONEY_BACK:
            found[standing.line_id] = standing
        elif standing.came_by and _is_overdue(standing, decided):
            found[standing.came_by] = standing
    if decision.reason is Reason.OTHER_CURRENCY:
        found.update(dict.fromkeys(_in_other_currencies(decided), decision))
    return found


def _is_overdue(standing, decided):
    """Whether somebody would be asked for it: else money comes, as it does daily."""
    items = decided.customer.items
    return any(i.line_id == standing.line_id and i.due < decided.today for i in items)


def _in_other_currencies(decided):
    """The numbers of the customer's credits in currencies in which nothing is owed."""
    credits = other_money(decided.case.unused, decided.decision.items)
    return [credit.line_id for credit in credits]


def _ask_once(partner, decided, found):
    known = set((partner.email_followup_asked or "").split())
    numbers = {str(number) for number in found}
    if numbers <= known:
        return
    partner.email_followup_asked = " ".join(sorted(numbers))
    company = partner.env["res.company"].browse(decided.unit.company_id)
    user = todo.somebody(decided.unit.connector, company, decided.plan.responsible_id)
    here = partner.with_context(lang=user.lang)
    said = dict.fromkeys(
        standing_text(here.env, each.reason.value, day=each.came_on)
        for each in found.values()
    )
    note = Markup("").join(Markup("<p>%s</p>") % escape(text) for text in said)
    summary = todo.say(partner, user, TODO)
    if asked := todo.mine(partner, user, summary).filtered("active")[:1]:
        asked.note = note  # news go into it
    else:
        todo.give(partner.env, [todo.values(partner, user, summary, note)])


def held(env, companies, partners):
    """Return {invoice id: numbers of the money for which it waits}.

    :param env: with the right to see everything.
    :param companies: the ``res.company`` that chase, and *partners* the customers.
    """
    numbers = defaultdict(set)
    for decided in decisions(env, companies, partners):
        move_of = {item.line_id: item.move_id for item in decided.customer.items}
        for standing in decided.decision.standings:
            numbers[move_of[standing.line_id]].update(_waits_for(standing, decided))
    return {move_id: found for move_id, found in numbers.items() if found}


def _waits_for(standing, decided):
    if standing.reason is Reason.PROBABLY_PAID:
        return [standing.came_by]
    if standing.reason is Reason.OTHER_CURRENCY:
        return _in_other_currencies(decided)
    return []


def insist(env, moves):
    """A person wants *moves* chased in spite of the money that keeps them waiting.

    It is remembered of that money only: other money lets them wait again.

    :param env: with the right to see everything, and to write on invoices.
    :return: those of which something was noted.
    """
    numbers = held(env, moves.company_id, customers_of(moves))
    noted = moves.filtered(lambda move: move.id in numbers)
    for move in noted:
        despite = numbers[move.id].union(move.email_followup_despite or ())
        move.email_followup_despite = sorted(despite)
    return noted
