"""Interest and fees that a customer has paid as asked, and that nobody has invoiced.

The responsible is told, or the next email gives the money back as a credit.
"""

from odoo import fields
from odoo.tools.translate import LazyTranslate

from ..followup import todo
from .invoices import amounts, left_to_charge

_lt = LazyTranslate(__name__)

ACTIVITY = "account_email_connector.activity_type_late_fees_paid"
SUMMARY = _lt("Interest and fees were paid: invoice them")

#: Follow-ups that mentioned interest or a fee, of which nothing is invoiced and whose
#: invoices are settled, and what was paid since and is open: in one statement. If an
#: invoice was asked for several times, the last one counts: its interest is all of it.
PAID = """
    SELECT followup.id, line.company_id, line.currency_id,
           -SUM(line.amount_residual_currency)::float8
      FROM account_move_line line
      JOIN account_account account ON account.id = line.account_id
      JOIN account_move move ON move.id = line.move_id
      JOIN res_partner payer ON payer.id = line.partner_id
      JOIN res_partner customer
           ON customer.commercial_partner_id = payer.commercial_partner_id
      JOIN account_email_followup followup
           ON followup.partner_id = customer.id AND followup.done_on <= line.date
     WHERE line.reconciled IS NOT TRUE AND line.parent_state = 'posted'
       AND account.account_type = 'asset_receivable'
       AND line.amount_residual_currency < 0
       AND (move.origin_payment_id IS NOT NULL OR move.statement_line_id IS NOT NULL)
       AND followup.state = 'sent'
       AND ((followup.interest_terms ->> 'rate')::float8 > 0
            OR (followup.interest_terms ->> 'fee')::float8 > 0)
       AND NOT EXISTS (
           SELECT FROM account_email_late_charge charge
            WHERE charge.followup_id = followup.id)
       AND NOT EXISTS (
           SELECT FROM account_email_followup_line listed
             JOIN account_move_line item ON item.id = listed.move_line_ref
            WHERE listed.followup_id = followup.id AND listed.state = 'chased'
              AND item.reconciled IS NOT TRUE)
       AND NOT EXISTS (
           SELECT FROM account_email_followup_line listed
             JOIN account_email_followup_line again
                  ON again.move_line_ref = listed.move_line_ref
                  AND again.state = 'chased' AND again.followup_id > listed.followup_id
             JOIN account_email_followup later ON later.id = again.followup_id
            WHERE listed.followup_id = followup.id AND listed.state = 'chased'
              AND later.state = 'sent')
  GROUP BY followup.id, line.company_id, line.currency_id
  ORDER BY followup.id
"""
#: Each takes a few statements to work out: so many have their turn in an hour, the next
#: ones in the next. What is said of the others stays as it was.
AT_MOST = 100
HOUR = 3600


def tell(env):
    """Give the responsible a to-do for each follow-up whose interest and fees were paid
    and are not invoiced; take back those that are not about such a one any more.

    :param env: with the right to see everything, and to give to-dos.
    """
    kind = env.ref(ACTIVITY, raise_if_not_found=False)
    if not kind:  # somebody wants no such to-dos
        return
    credits, notes = _credits(env), {}
    looked_at = _in_turn(list(credits))
    for followup in looked_at:
        asked = amounts(followup.env, left_to_charge(followup)[0])
        if told := list(_covered(asked, credits[followup])):
            notes[followup] = _note(followup, told)
    others = [followup for followup in credits if followup not in looked_at]
    todo.keep_about(kind, SUMMARY, notes, others)


def _in_turn(followups):
    """The hundred of a list whose hour it is."""
    hours = int(fields.Datetime.now().timestamp() // HOUR)
    first = hours * AT_MOST % len(followups) if len(followups) > AT_MOST else 0
    return (followups[first:] + followups[:first])[:AT_MOST]


def _credits(env):
    """{follow-up: {(company id, currency id): what was paid since}}, in their order."""
    env.flush_all()
    env.cr.execute(PAID)
    rows = env.cr.fetchall()
    credits = {}
    followups = env["account.email.followup"].browse(dict.fromkeys(r[0] for r in rows))
    by_id = {followup.id: followup for followup in followups}
    for followup_id, *whose, credit in rows:
        credits.setdefault(by_id[followup_id], {})[tuple(whose)] = credit
    return credits


def _covered(asked, credit):
    """Yield (currency, what was paid, what was asked for) where the money is enough."""
    for (company, currency), amount in asked.items():
        paid = credit.get((company.id, currency.id), 0)
        if currency.compare_amounts(paid, amount) >= 0:
            yield currency, paid, amount


def _note(followup, told):
    """In the language of the responsible."""
    user = todo.responsible(followup)
    env = followup.with_context(lang=user.lang).env
    sentences = [
        env._(
            "%(paid)s more than the invoiced amount was paid, and this follow-up had "
            "asked for %(interest)s of interest and fees: invoice them. Otherwise the "
            "next email shows the money as the customer's credit.",
            paid=currency.with_env(env).format(paid),
            interest=currency.with_env(env).format(interest),
        )
        for currency, paid, interest in told
    ]
    return " ".join(sentences)
