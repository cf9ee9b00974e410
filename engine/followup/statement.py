"""A customer's account as it is shown on paper: what the rules say, in people's words.

What is owed is asked of the rules, from the planner's facts
(:mod:`...rules.account`): the total is what is left of it. Nothing is written.
"""

import hashlib
from typing import NamedTuple

from markupsafe import Markup

from ...rules import Whole, totals
from ...rules.account import accounts, accounts_of
from ...rules.left import what_is_left
from ..fees.late import late as late_fees
from ..fees.late import plan_terms
from ..paying.accounts import Accounts
from . import letter
from .byhand import foreign_lines
from .facts import past_of
from .language import language
from .lines import is_unnamed
from .looked import look_at
from .statement_rows import PaidTo, Row, paid_to, rows, under_way


class Block(NamedTuple):
    """What is open in one currency; amounts are in it."""

    currency: object  #: ``res.currency``
    rows: list[Row]  #: what is owed, oldest first
    credits: list[Row]  #: credits and payments not allocated yet; negative
    under_way: list[Row]  #: money that is on its way; negative
    ages: tuple[float, ...]  #: see :meth:`...rules.account.Account.ageing`
    total: float  #: what is left; negative: it is in the customer's favour
    interest: float = 0.0  #: late-payment interest and fees, if it is mentioned
    paid_to: tuple[PaidTo, ...] = ()  #: the accounts to pay to, as the emails name them


class Statement(NamedTuple):
    """One document for one customer."""

    doc: object  #: the record that it was asked of: a customer, or a follow-up
    company: object  #: ``res.company``, whose letterhead it has
    customer: object  #: ``res.partner``
    address: object  #: ``res.partner``, to whom it goes by post
    lang: str
    today: object
    blocks: list[Block]
    rate: float = 0.0  #: the yearly interest in per cent
    title: str = ""  #: of a letter
    before: Markup = Markup("")  #: a letter's words before the table,
    after: Markup = Markup("")  #: and after it

    @property
    def key(self):
        """The same for the same content: whether a PDF of it is still true."""
        return hashlib.sha256(repr(self).encode()).hexdigest()


def made_before(data):
    """The statements that whoever makes a PDF has at hand (the values of its report).

    A request of a user's never has any: JSON knows no :class:`Statement`.
    """
    found = (data or {}).get("statements") or []
    return [each for each in found if isinstance(each, Statement)]


def of_customers(env, partners, company, reader=None):
    """The accounts of *partners* with *company*, and the branches that it serves.

    :param env: with the right to see everything; so are the records in the answer.
    :param reader: the environment of whoever reads it: what belongs to companies that
        are closed to them is left out. None: nothing is.
    :return: list of :class:`Statement`, one for each of *partners*.
    :raises UserError: if the company is archived.
    """
    partners, company = partners.with_env(env), company.with_env(env)
    looked = look_at(partners, company)
    foreign = _foreign(looked, reader)
    return [
        _account(partner, looked.unit, _of(partner, looked), foreign)
        for partner in partners
    ]


def of_followups(followups, reader=None):
    """The accounts of those to whom *followups* go, each with the follow-up's company.

    One who hears about some of a customer's invoices only is shown these.

    :param followups: with the right to see everything.
    :param reader: as of :func:`of_customers`.
    :return: list of :class:`Statement`, one for each of *followups*.
    :raises UserError: if a company is archived.
    """
    found = {}
    for company, its in followups.grouped("company_id").items():
        looked = look_at(its.partner_id, company)
        foreign = _foreign(looked, reader)
        found |= {each: of_followup(each, looked, foreign) for each in its}
    return [found[each] for each in followups]


def of_followup(followup, looked, foreign=frozenset()):
    """The same of one, as it was *looked* at (:class:`.looked.Looked`).

    :param foreign: the line ids of what is not shown.
    """
    whole = _of(followup.partner_id, looked)
    share = whole and _share(followup, whole)
    made = _account(followup.partner_id, looked.unit, share, foreign)
    return _to(followup, made)


def _foreign(looked, reader):
    """The line ids of what *reader* may not see."""
    return foreign_lines(reader, [*looked.decided.values()]) if reader else frozenset()


def _of(partner, looked):
    """What was decided about *partner*; None if nothing is open."""
    return looked.decided.get(partner.commercial_partner_id.id)


def of_letter(followup, looked=None):
    """The letter of *followup*: what it asked for and is still open, with its words.

    Without any block if nothing is left.

    :param followup: with the right to see everything.
    :param looked: its customer, as it was looked at (:class:`.looked.Looked`) just now.
    :raises UserError: if the company is archived.
    """
    looked = looked or look_at(followup.partner_id, followup.company_id)
    decided = _of(followup.partner_id, looked)
    made = _account(followup.partner_id, looked.unit, None, frozenset())
    made = _to(followup, made)
    if not decided:
        return made
    decided = _share(followup, decided)
    # A person prints it: a promise, say, takes nothing out of it any more.
    left = what_is_left(past_of(followup)._replace(by_hand=True), decided.case)
    open_accounts = accounts(left.items, left.credits)
    mentions = followup.step_id.show_interest
    late = [item for each in open_accounts for item in each.left()] if mentions else []
    made = _filled(made, decided, open_accounts, late)
    if not made.blocks:
        return made
    title, before, after = letter.words(followup)
    return made._replace(title=title, before=before, after=after)


def _to(followup, made):
    """*made* as it goes with *followup*; a contact with a street has its own post."""
    addressee = followup.addressee_id
    address = addressee if addressee.street else made.address
    return made._replace(doc=followup, lang=followup.lang, address=address)


def _share(followup, decided):
    """*decided*, of what its addressee hears about: as the look before sending."""
    whole = Whole(decided.customer)
    addressee = whole.addressee_of(past_of(followup))
    share = whole.share(addressee)
    alone = addressee is None and share.items == decided.customer.items
    return decided if alone else decided._replace(customer=share)


def _account(partner, unit, decided, foreign):
    """The :class:`Statement` of one customer, without blocks if nothing is open."""
    company = partner.env["res.company"].browse(unit.company_id)
    customer = partner.commercial_partner_id
    made = Statement(
        doc=partner,
        company=company,
        customer=customer,
        address=letter.address_of(customer),
        lang=language(company, partner, customer),
        today=decided.today if decided else unit.plan._today(unit.tz),
        blocks=[],
    )
    if not decided:
        return made
    case = _seen(decided, foreign)
    mentions = any(decided.plan.step_ids.mapped("show_interest"))
    late = case.net.left() if mentions else []
    return _filled(made, decided, accounts_of(case), late)


def _seen(decided, foreign):
    """The case without the *foreign* items (their line ids)."""
    if not foreign:
        return decided.case
    customer = decided.customer
    whole = customer.whole.customer if customer.whole else customer
    items = [item for item in whole.items if item.line_id not in foreign]
    seen = whole._replace(items=items)
    if customer.whole:
        seen = Whole(seen).share(customer.addressee)
    return decided._replace(customer=seen).case


def _filled(made, decided, open_accounts, late):
    """*made* with a block for each of these accounts.

    :param late: the items that cost interest if they are late.
    """
    plan = decided.plan
    interest = _interest(late, plan, decided.today)
    blocks = [_block(made.company, account, decided) for account in open_accounts]
    return made._replace(
        today=decided.today,
        blocks=_with_interest(blocks, interest),
        rate=plan.interest_rate if interest else 0.0,
    )


def _block(company, account, decided):
    """The :class:`Block` of an :class:`...rules.account.Account`."""
    env = company.env
    unnamed = _unnamed(decided.customer, account.credits)
    currency = env["res.currency"].browse(account.currency_id)
    return Block(
        currency,
        rows(env, account.items, decided.today),
        rows(env, account.credits, decided.today, unnamed),
        under_way(env, account.under_way),
        account.ageing(decided.today),
        account.total,
        paid_to=paid_to(Accounts(company, currency), account.left()),
    )


def _unnamed(customer, credits):
    """The line ids of other contacts' credits, in the share of one."""
    if not customer.whole:
        return frozenset()
    found = [each for each in credits if is_unnamed(each, customer.addressee)]
    return frozenset(each.line_id for each in found)


def _with_interest(blocks, interest):
    """*blocks* with what is due to be late; a fee may be in a currency of its own.

    :param interest: {currency record: amount}.
    """
    told = [
        block._replace(interest=interest.get(block.currency, 0.0)) for block in blocks
    ]
    own = [currency for currency in interest if currency not in _currencies(blocks)]
    return told + [
        Block(currency, [], [], [], (), 0.0, interest[currency]) for currency in own
    ]


def _currencies(blocks):
    return {block.currency for block in blocks}


def _interest(late, plan, today):
    """Interest and fees by currency, as the emails mention them."""
    found = totals(late_fees(plan.env, late, plan_terms(plan, today)))
    return {
        plan.env["res.currency"].browse(currency_id): float(total)
        for currency_id, total in found.items()
    }
