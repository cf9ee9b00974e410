"""Money that no receivable item shows yet, and what is promised: one SQL statement.

Online payments that are pending or authorized, payments without a journal entry, and
bank transactions that nobody has matched: :mod:`...rules.underway` says what they mean.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta
from typing import NamedTuple

from odoo import fields
from odoo.tools import SQL

from ...rules import Promise
from ...rules.underway import BANK, ONLINE, PAYMENT, Money, count
from .unmatched import UNMATCHED

#: The types of journals through which customers pay.
OF_MONEY = ("bank", "cash", "credit")
#: With the days (as Python's ordinals) and amounts of the bank entries that are
#: reconciled with its invoices since, or stand on the customer's account: the same
#: money, perhaps.
PAYMENTS = """
    SELECT %(kind)s AS kind, payment.id,
           CASE payment.payment_type WHEN 'outbound' THEN -payment.amount
                ELSE payment.amount END::float8,
           payment.amount_company_currency_signed::float8,
           payment.currency_id, payment.date, named.moves,
           ARRAY(
               SELECT ARRAY[entry.date - DATE '0001-01-01' + 1,
                            SUM(CASE mine.id WHEN part.debit_move_id
                                THEN part.debit_amount_currency
                                ELSE part.credit_amount_currency END)]::float8[]
                 FROM account_move_line mine
                 JOIN account_partial_reconcile part
                      ON mine.id IN (part.debit_move_id, part.credit_move_id)
                 JOIN account_move_line other
                      ON other.id = part.debit_move_id + part.credit_move_id - mine.id
                 JOIN account_move entry ON entry.id = other.move_id
                WHERE mine.move_id = ANY(named.moves)
                  AND entry.statement_line_id IS NOT NULL
                  AND part.create_date >= payment.create_date
             GROUP BY entry.id
            UNION ALL
               SELECT ARRAY[entry.date - DATE '0001-01-01' + 1,
                            ABS(booked.amount_currency)]::float8[]
                 FROM account_move_line booked
                 JOIN account_account account ON account.id = booked.account_id
                 JOIN account_move entry ON entry.id = booked.move_id
                WHERE named.moves = '{}' AND payment.state = 'paid'
                  AND booked.partner_id = payment.partner_id
                  AND booked.currency_id = payment.currency_id
                  AND booked.create_date >= payment.create_date
                  AND entry.statement_line_id IS NOT NULL
                  AND account.account_type = 'asset_receivable'),
           payment.state = 'paid', FALSE,
           partner.commercial_partner_id AS customer_id, payment.company_id, NULL::date
      FROM account_payment payment
      JOIN res_partner partner ON partner.id = payment.partner_id
CROSS JOIN LATERAL (
           SELECT ARRAY(SELECT link.invoice_id
                          FROM account_move__account_payment link
                         WHERE link.payment_id = payment.id
                      ORDER BY link.invoice_id) AS moves) named
     WHERE payment.move_id IS NULL
       AND payment.partner_type = 'customer' AND payment.amount > 0
       AND payment.company_id = ANY(%(companies)s)
       AND %(mine)s
       AND (payment.state = 'in_process'
            OR payment.state = 'paid'
               AND (payment.id NOT IN (SELECT payment_id
                                         FROM account_move__account_payment)
                    OR payment.id IN (
                        SELECT link.payment_id
                          FROM account_move__account_payment link
                          JOIN account_move_line line ON line.move_id = link.invoice_id
                         WHERE %(open)s
                           AND line.display_type = 'payment_term')))
"""
#: As ``_has_to_be_paid`` of account_payment has it; and those that are done, until
#: their payment is made, which takes minutes. Of one that is captured in parts, the
#: parts are transactions, too. What a customer says to transfer is nothing yet.
TRANSACTIONS = """
    SELECT %(kind)s, tx.id,
           (tx.amount - COALESCE(
               (SELECT SUM(part.amount)
                  FROM payment_transaction part
                 WHERE part.source_transaction_id = tx.id
                   AND part.state IN ('done', 'cancel')), 0))::float8,
           NULL, tx.currency_id, COALESCE(tx.last_state_change, tx.create_date)::date,
           ARRAY(SELECT link.invoice_id
                   FROM account_invoice_transaction_rel link
                  WHERE link.transaction_id = tx.id),
           ARRAY[]::float8[], FALSE, FALSE,
           partner.commercial_partner_id, tx.company_id, NULL
      FROM payment_transaction tx
      JOIN payment_provider provider ON provider.id = tx.provider_id
      JOIN res_partner partner ON partner.id = tx.partner_id
     WHERE tx.company_id = ANY(%(companies)s)
       AND tx.amount > 0 AND tx.payment_id IS NULL
       AND (tx.state IN ('pending', 'authorized')
            AND provider.code NOT IN ('none', 'custom')
            OR tx.state = 'done' AND tx.is_post_processed IS NOT TRUE
            AND tx.last_state_change > %(lately)s)
       AND EXISTS (SELECT 1
                     FROM account_invoice_transaction_rel link
                    WHERE link.transaction_id = tx.id)
"""
#: In the same columns: what is promised, and what was owed of it when that was made.
PROMISED = "promised"
PROMISES = """
    SELECT %(kind)s, promise.id, NULLIF(promise.amount, 0)::float8,
           COALESCE(promise.owed, 0)::float8, NULL, promise.until,
           ARRAY(SELECT line.id
                   FROM account_email_promise_account_move_rel listed
                   JOIN account_move_line line
                        ON line.move_id = listed.account_move_id
                       AND line.display_type = 'payment_term'
                  WHERE listed.account_email_promise_id = promise.id),
           ARRAY[]::float8[], FALSE, FALSE, partner.commercial_partner_id,
           promise.company_id, promise.made_on
      FROM account_email_promise promise
      JOIN res_partner partner ON partner.id = promise.partner_id
     WHERE promise.active AND promise.company_id = ANY(%(companies)s) AND %(mine)s
"""


class Once(NamedTuple):
    """Days in the past that money is asked about."""

    day: date  #: the first of them
    lines: Collection  #: ids of the items that were open on one of them


class Underway:
    """Money that no item shows, and what is promised, of all customers or of some.

    :param units: :class:`.units.Units`.
    :param partners: only these customers (``res.partner``); all if None.
    :param once: :class:`Once`, to find also what mattered some time ago.
    :ivar promises: {(unit id, customer id): list of :class:`...rules.Promise`}.
    """

    def __init__(self, units, partners=None, once=None):
        self.promises, self._found = defaultdict(list), []
        for key, made_on, money in _found(units, partners, once):
            if money.kind == PROMISED:
                amount, lines, owed = money.amount, money.move_ids, money.amount_company
                promise = Promise(money.on, made_on, amount, lines, owed)
                self.promises[key].append(promise)
            else:
                self._found.append((key, money))
        self._keys = {key for key, _money in self._found}
        self.move_ids = {id_ for _key, each in self._found for id_ in each.move_ids}

    @property
    def partner_ids(self):
        """Whose money it is."""
        return {partner_id for _unit_id, partner_id in self._keys}

    def concerns(self, key, items):
        """Whether it is for these items of a customer, or of that customer."""
        if key in self._keys:
            return True
        named = self.move_ids
        return bool(named) and any(item.move_id in named for item in items)

    def count(self, items):
        """Set the money against *items*, which are replaced in place.

        One payment may be for several customers: all that it concerns, at once.

        :param items: {(unit id, customer id): list of :class:`...rules.Item`}.
        """
        count(items, self._found)

    def all(self):
        """All that was found, with whose it is."""
        return list(self._found)


def _found(units, partners, once):
    """Yield (unit id, customer id), when it was promised, and the money
    (:class:`...rules.underway.Money`)."""
    env = units.env
    env.cr.execute(SQL(" UNION ALL ").join(_parts(units, partners, once)))
    for *money, customer_id, company_id, made_on in env.cr.fetchall():
        entered, entries = zip(*money[7], strict=True) if money[7] else ((), ())
        found = Money(*money)._replace(
            move_ids=tuple(money[6]),
            entries=entries,
            entered=tuple(date.fromordinal(int(each)) for each in entered),
        )
        yield (units.unit_of[company_id], customer_id), made_on, found


def is_paid_online(env):
    """Whether transactions of payments online are about invoices. While all is being
    installed at once, ``payment`` may be there and ``account_payment`` not yet."""
    return "invoice_ids" in getattr(env.get("payment.transaction"), "_fields", ())


def _parts(units, partners, once):
    """The SELECTs for what is installed, and asked for by a plan."""
    companies = units.company_ids()
    mine = SQL("TRUE")
    if partners is not None:
        mine = SQL("partner.commercial_partner_id = ANY(%s)", partners.ids)
    of_open = (
        SQL("line.reconciled IS NOT TRUE")
        if once is None
        else SQL("line.id = ANY(%s)", list(once.lines))
    )
    yield SQL(PAYMENTS, kind=PAYMENT, companies=companies, mine=mine, open=of_open)
    yield SQL(PROMISES, kind=PROMISED, companies=companies, mine=mine)
    if is_paid_online(units.env):
        lately = fields.Datetime.now() - timedelta(days=4)
        yield SQL(TRANSACTIONS, kind=ONLINE, companies=companies, lately=lately)
    if since := _since(units, once and once.day):
        pairs = [(id_, units.unit_of[id_]) for id_ in companies]
        yield SQL(
            UNMATCHED,
            kind=BANK,
            companies=companies,
            units=[unit_id for _id, unit_id in pairs],
            since=since,
            **_only(partners),
        )


def _since(units, day):
    """The day from which on bank transactions matter; None if there are none to be
    matched, or they matter to no plan: that part is the costliest, even of nothing.

    Some days more than a plan waits for one: how late a step is counts from then on.
    """
    days = [plan.bank_line_days for plan in units.plans.active]
    if not any(days) or not units.unmatched():
        return None
    late = [plan.catch_up_days for plan in units.plans.active]
    ago = min(max(days) + max(late) + 1, 3653)
    return (day or units.on_date or fields.Date.today()) - timedelta(days=ago)


def _only(partners):
    """Conditions of UNMATCHED for some customers: it looks at theirs only, but for who
    else owes the same amount."""
    if partners is None:
        return {
            "owners": SQL("TRUE"),
            "texts": SQL("TRUE"),
            "amounts": SQL("TRUE"),
            "whose": SQL("whose.customer_id IS NOT NULL"),
        }
    ids = partners.ids
    return {
        # Before each email: only a text with one of their references is taken apart.
        "owners": SQL("owed.customer_id = ANY(%s)", ids),
        "texts": SQL(
            "EXISTS (SELECT 1 FROM said"
            " WHERE POSITION(said.text IN ARRAY_TO_STRING(line.words, '')) > 0)"
        ),
        "amounts": SQL(
            "nobody.amount IN (SELECT amount FROM owed WHERE customer_id = ANY(%s))",
            ids,
        ),
        "whose": SQL("whose.customer_id = ANY(%s)", ids),
    }
