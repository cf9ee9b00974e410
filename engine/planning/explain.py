"""Why an invoice is, or is not, chased: the rules' own answer, for people."""

from collections import defaultdict
from typing import NamedTuple

from ...rules import Reason, comes_next
from ...rules.credits import PAYABLE
from ...rules.facts import CONNECTED
from ...texts import standing_text
from ...texts.plan_rules import plan_text
from ...texts.standings import Comes, unsent_text, waits_text
from ..followup.ledger_reasons import LedgerReason
from .decisions import decisions
from .sent import why_unsent

#: Only a person goes on with these.
FOR_A_PERSON = (Reason.PROBABLY_PAID, Reason.OTHER_CURRENCY)


class Explanation(NamedTuple):
    """What is said of one invoice, or of one customer."""

    reason: str  #: the value of a :class:`...rules.Reason`, or of the ledger's
    text: str  #: the reason in the user's language
    date: object = None  #: the next follow-up's date, None if there is none by itself
    step: object = None  #: ``account.email.followup.step``, perhaps empty
    plan: str = ""  #: of a customer: its plan, and why it has that one
    waits: bool = False  #: of an invoice: for a person, who can do something now


def explain(env, moves, on_date=None):
    """Return ``{move id: Explanation}`` for *moves* (``account.move``).

    :param env: with the right to see everything. What is told is in *moves*' own.
    """
    standings, whose, unsent = _standings(env, moves, on_date)
    steps = moves.env["account.email.followup.step"]
    explanations = {}
    for move in moves:
        found = standings.get(move.id)
        reason = found.reason.value if found else _why_unknown(move)
        step = steps.browse(found.step.id) if found and found.step else steps
        date = found.date if found else None
        remarks = remarks_of(found) if found else ()
        comes = what_comes(date, found.step, move.invoice_date_due) if found else None
        day = found and whose[found.line_id].day_of(found.reason, found.line_id)
        text = standing_text(moves.env, reason, remarks, day, comes)
        waits = reason in FOR_A_PERSON
        text = (found and _waits(moves.env, whose[found.line_id], reason)) or text
        if reason == Reason.NEVER_SENT:
            text = unsent_text(moves.env, why_unsent(move.with_env(env)))
            waits = move.id in unsent
        explanations[move.id] = Explanation(reason, text, date, step, waits=waits)
    return explanations


def what_comes(date, step, due):
    """The next step, if it comes by itself: :class:`...texts.standings.Comes`."""
    return Comes(date, step.days, due or None) if date and step else None


def remarks_of(standing):
    """What else is said of one item."""
    said = {Reason.PROMISE_BROKEN: standing.broken, Reason.UNSENT: standing.unsent}
    return [reason for reason, is_true in said.items() if is_true]


def explain_customers(env, partners, on_date=None):
    """Return ``{partner id: Explanation}`` for commercial *partners*, and for those of
    their contacts that hear about their own invoices.

    For the companies that the user has switched on; of several, and of several contacts
    of a customer, the one that acts first.

    :param env: with the right to see everything. What is told is in *partners*' own.
    """
    told, heard = {}, defaultdict(set)
    for decided in decisions(env, partners.env.companies, partners, on_date):
        customer = decided.customer
        heard[customer.id].add(customer.addressee)
        comes = decided.comes
        for who in {customer.id, customer.contact}:
            if who not in told or _is_before(comes, told[who][1]):
                told[who] = decided, comes
    return {
        who: _told(env, partners, *found, len(heard[who]) > 1)
        for who, found in told.items()
    }


def _told(env, partners, decided, comes, by_name):
    """What is said of a customer.

    :param comes: what goes next by itself, if anything.
    :param by_name: say of which of its contacts.
    """
    customer, here = decided.customer, partners.env
    step = here["account.email.followup.step"].browse(comes and comes.step_id or ())
    text = _waits(here, decided, decided.decision.reason)
    text = text or verdict(here, decided, comes, step)
    if by_name:
        name = env["res.partner"].browse(customer.contact).name
        text = here._("%(contact)s: %(text)s", contact=name, text=text)
    rule = env["account.email.followup.plan.rule"].browse(customer.plan_rule or ())
    plan = plan_text(here, decided.plan, customer.own_plan, rule)
    day = comes and comes.day
    return Explanation(decided.decision.reason.value, text, day, step, plan)


def _waits(env, decided, reason):
    """What a follow-up waits for that is written, in words; "" if it does not."""
    if reason != Reason.FOLLOWUP_OPEN:
        return ""
    works = decided.facts.mailbox == CONNECTED
    return waits_text(env, str(decided.todo), reason, works)


def verdict(env, decided, comes, step):
    """What is said of a customer, with what comes next, in the language of *env*.

    :param decided: :class:`.decisions.Decided`, or :class:`.twice.Said`.
    :param comes: what it says that goes next by itself, if anything.
    :param step: the step of that, perhaps one that nobody has saved.
    """
    decision = decided.decision
    oldest = min((item.due for item in comes.items), default=None) if comes else None
    next_step = what_comes(comes and comes.day, step, oldest)
    about = decided.day_of(decision.reason)
    reason, remarks = decision.reason.value, decision.remarks
    return standing_text(env, reason, remarks, about, next_step)


def _is_before(comes, other):
    """Whether *comes* is something, and earlier than *other*."""
    return bool(comes) and (not other or comes.day < other.day)


def _why_unknown(move):
    """Why no customer has it: nothing of it is open, it has none (a receipt), or its
    company is archived."""
    if move.payment_state not in PAYABLE:
        return Reason.SETTLED.value
    if not move.company_id.active:
        return LedgerReason.COMPANY_ARCHIVED.value
    return (Reason.SETTLED if move.partner_id else LedgerReason.NO_CUSTOMER).value


def customers_of(moves):
    """The customers who owe *moves*: as the planner has it, those of their items.

    A contact may have become a company of its own since, with other customers.
    """
    receivable = moves.line_ids.filtered(
        lambda line: line.account_type == "asset_receivable"
    )
    partners = receivable.partner_id or moves.partner_id
    return partners.commercial_partner_id


def _standings(env, moves, on_date):
    """The standing on each of *moves*: that of the instalment that comes next;
    {line id: :class:`.decisions.Decided`}; and the ids of those that are overdue and
    were never sent."""
    standings, whose, unsent = defaultdict(list), {}, set()
    if not moves:
        return standings, whose, unsent
    partners = customers_of(moves)
    for decided in decisions(env, moves.company_id, partners, on_date):
        items = {item.line_id: item for item in decided.customer.items}
        for standing in decided.decision.standings:  # oldest first
            item = items[standing.line_id]
            standings[item.move_id].append(standing)
            whose[standing.line_id] = decided
            if standing.reason is Reason.NEVER_SENT and item.due < decided.today:
                unsent.add(item.move_id)
    said = {id_: comes_next(found) for id_, found in standings.items()}
    return said, whose, unsent
