"""What it costs to be late, less what was charged before: the one place that says it,
for emails, the page to pay on, statements, letters, and the invoice of it."""

import datetime as dt

from ...rules import Before, Charged, Terms
from ...rules import late_fees as rules_late_fees

#: An invoice for being late that is owed, paid or waived: nobody is asked for it again
#: as interest. A draft is nothing that a customer knows of yet: emails go on to mention
#: what is in it, and posting it takes it out of the next one. One that was reset to
#: draft after the customer had it, or paid it, counts as posted.
SETTLED = ("posted", "cancel")
#: What is in a draft is not put into a second one.
MADE = ("draft", *SETTLED)


def late(env, items, agreed, counts=SETTLED):
    """Interest and fees on *items*: a list of :class:`...rules.LateFee`.

    :param env: with the right to see everything.
    :param items: less the credits.
    :param agreed: the :class:`...rules.Terms`.
    :param counts: the states of invoices for being late whose days are left out.
    """
    items = list(items)
    known = before(env, items, counts)
    ids = {each.currency_id for each in (*items, *known.drafts)}
    currencies = env["res.currency"].browse(
        filter(None, {*ids, agreed.fee_currency or 0})
    )
    decimals = {currency.id: currency.decimal_places for currency in currencies}
    return rules_late_fees(items, agreed, decimals, known)


def before(env, items, counts):
    """What was charged on *items* before. Nothing of it counts if no state does."""
    moves = [item.move_id for item in items]
    if not moves:
        return Before()
    env["account.email.late.charge"].flush_model()
    env["account.move"].flush_model(
        ["state", "posted_before", "is_move_sent", "email_followup_late_fee"]
    )
    env["account.partial.reconcile"].flush_model(["debit_move_id"])
    env.cr.execute(
        """
        SELECT charge.move_ref, line.id, charge.since, charge.until,
               charge.amount, fee.currency_id, fee.id,
               CASE WHEN fee.state = 'draft' AND fee.posted_before
                     AND (fee.is_move_sent OR EXISTS (
                         SELECT FROM account_move_line owed
                           JOIN account_partial_reconcile paid
                             ON paid.debit_move_id = owed.id
                          WHERE owed.move_id = fee.id))
                    THEN 'posted' ELSE fee.state END
          FROM account_email_late_charge charge
          JOIN account_move fee ON fee.id = charge.fee_move_id
          LEFT JOIN account_move_line line ON line.id = charge.move_line_ref
         WHERE charge.move_ref = ANY(%s) OR fee.id = ANY(%s)
        """,
        [moves, moves],
    )
    rows = env.cr.fetchall()
    charged = tuple(Charged(*row[:6]) for row in rows if row[7] in counts)
    drafts = tuple(Charged(*row[:6]) for row in rows if counts and row[7] not in counts)
    exempt = {row[6] for row in rows} | _copies(env, moves)
    return Before(charged, drafts, frozenset(exempt))


def _copies(env, moves):
    """Those of them that are about late fees, also by being a copy of one that is."""
    env.cr.execute(
        "SELECT id FROM account_move WHERE id = ANY(%s) AND email_followup_late_fee",
        [moves],
    )
    return {move_id for (move_id,) in env.cr.fetchall()}


def plan_terms(plan, today):
    """What *plan* says now, with interest to *today*."""
    return Terms(today, plan.interest_rate, plan.fixed_fee, plan.fee_currency_id.id)


def terms(followup):
    """What *followup* mentions: as its email said, or would say now.

    Its plan and step may say something else by now. One that was sent and kept nothing
    has mentioned nothing.
    """
    if followup.state in ("to_review", "planned"):
        return _step_terms(followup.step_id, followup.plan_id, followup._today())
    kept = followup.interest_terms
    if not kept:
        return Terms(followup.done_on or followup._today(), 0, 0, 0)
    return Terms(**{**kept, "until": dt.date.fromisoformat(kept["until"])})


def to_keep(step, plan, today):
    """The same as values of a follow-up that is written, or handed to a person."""
    kept = _step_terms(step, plan, today)._asdict() | {"until": today.isoformat()}
    return {"interest_terms": kept}


def _step_terms(step, plan, today):
    agreed = plan_terms(plan, today)
    return agreed if step.show_interest else agreed._replace(rate=0, fee=0)
