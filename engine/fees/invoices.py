"""Draft invoices of the interest and fees that an email has mentioned.

They are made as the user, who may invoice; what was charged is written down with more
rights. Nothing is posted here.
"""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tools import SQL, clean_context
from odoo.tools.misc import format_date, formatLang

from ..paying.asked import mentioned
from ..rights import check_company
from . import not_charged
from .last_word import to_charge
from .late import terms


def charge(env, followup):
    """Make draft invoices of what *followup* mentioned and nobody has charged yet.

    :param env: the user's, who may handle follow-ups.
    :param followup: with the right to see everything.
    :return: ``(invoices, told)``: the invoices (``account.move``, the user's), one for
        each company and currency; if nothing is left to charge, those that were made
        before. And sentences (str) that say what is left out, or "".
    :raises UserError: if there is nothing to charge.
    """
    _check_mentions(followup)
    _begin(followup)
    fees, left_out = left_to_charge(followup)
    late = _late_moves(followup.env, fees).union(*left_out.values())
    for company in late.company_id:
        check_company(env, company)
    told, made = not_charged.sentences(env, left_out), env["account.move"]
    for (company, currency), group in _groups(followup.env, fees).items():
        move = _invoice(env, followup, company, currency, group)
        _write_down(followup, move, group)
        made |= move
    made = made or _made_before(env, followup)
    if not made:
        raise UserError(told or _gone(env))
    return made, told


def made_of(env, followups):
    """{follow-up id: the invoices of its interest and fees that the user may see}."""
    found = env["account.email.late.charge"]._read_group(
        [("followup_id", "in", followups.ids)],
        ["followup_id"],
        ["fee_move_id:recordset"],
    )
    return {followup.id: moves for followup, moves in found}


def _check_mentions(followup):
    """
    :raises UserError: if no email with interest or fees has been sent.
    """
    env = followup.env
    if followup.state != "sent":
        raise UserError(env._("Interest and fees can be invoiced once they were sent."))
    agreed = terms(followup)
    if not agreed.rate and not agreed.fee:
        raise UserError(
            env._(
                "This follow-up mentioned no interest or fees: its step did not, or "
                "its plan had neither."
            )
        )
    if not mentioned(followup, ()):
        raise UserError(env._("Nothing in this follow-up costs interest or a fee."))


def _begin(followup):
    """Let one user after the other charge a customer.

    An update, not only a lock: of two at the same moment, Odoo lets the second begin
    again (https://www.postgresql.org/docs/current/transaction-iso.html), so that it
    sees what the first has made.
    """
    followup.flush_model()
    followup.env.cr.execute(
        SQL(
            "UPDATE account_email_followup SET write_date = write_date"
            " WHERE partner_id = %s AND state = 'sent'",
            followup.partner_id.id,
        ),
        log_exceptions=False,
    )


def left_to_charge(followup):
    """What nobody has charged yet, and the invoices that are left out of it.

    :return: ``([LateFee], {reason: account.move})``.
    """
    mentions = to_charge(followup)
    moves = _late_moves(followup.env, mentions).exists()
    lines = moves.line_ids.browse({each.item.line_id for each in mentions}).exists()
    left_out = not_charged.reasons(moves, lines)
    without = {move.id for found in left_out.values() for move in found}
    there = set(moves.ids) - without
    return [each for each in mentions if each.item.move_id in there], left_out


def amounts(env, fees):
    """{(company, currency): the sum of *fees*, as a float}."""
    groups = _groups(env, fees).items()
    return {whose: float(sum(each.amount for each in group)) for whose, group in groups}


def _late_moves(env, fees):
    """The invoices that are late, in the order of *fees*."""
    ids = dict.fromkeys(each.item.move_id for each in fees)
    return env["account.move"].browse(ids)


def _groups(env, fees):
    """{(company, currency): its fees}.

    An invoice is a branch's, say: who is owed the invoice is owed the interest on it.
    """
    groups = {}
    for each in fees:
        company = env["account.move"].browse(each.item.move_id).company_id
        currency = env["res.currency"].browse(each.currency_id)
        groups.setdefault((company, currency), []).append(each)
    return groups


def _invoice(env, followup, company, currency, fees):
    """The draft invoice of these *fees*, in the words of the customer."""
    # The context of a list, say, has defaults for other records.
    env = env(context=clean_context(env.context))
    late = _late_moves(env, fees)
    move = (
        env["account.move"]
        .with_company(company)
        .create(
            {
                "move_type": "out_invoice",
                "partner_id": _addressed_to(followup, fees).id,
                "currency_id": currency.id,
                "email_followup_late_fee": True,
                "invoice_origin": ", ".join(late.mapped("name")),
            }
        )
    )
    account = company._email_followup_late_fee_account()
    account = account or move.journal_id.default_account_id
    told = followup.with_context(lang=followup.lang)
    move.invoice_line_ids = [
        Command.create(
            {
                "name": _words(told, each),
                "quantity": 1,
                "price_unit": float(each.amount),
                "account_id": account.id,
                "tax_ids": [Command.clear()],
            }
        )
        for each in fees
    ]
    return move


def _addressed_to(followup, fees):
    """Whoever the late invoices are addressed to: they were sent there, and so is this.

    If they went to several, or their contact is gone, whom the follow-up is about.
    """
    customer = followup.partner_id.commercial_partner_id
    contact = _late_moves(followup.env, fees).partner_id
    shared = len(contact) == 1 and contact.active
    if shared and contact.commercial_partner_id == customer:
        return contact
    return followup.addressee_id or followup.partner_id


def _words(followup, fee):
    """What the customer reads on the invoice's line; *followup* has their language."""
    env = followup.env
    invoice = env["account.move"].browse(fee.item.move_id).name
    if not fee.since:
        return env._("Fixed fee for late payment of %s", invoice)
    currency = env["res.currency"].browse(fee.item.currency_id)
    told = {
        "invoice": invoice,
        "amount": currency.format(fee.item.residual),
        "days": fee.days,
        "date": format_date(env, fee.until),
        "rate": formatLang(env, fee.rate, digits=2),
    }
    if fee.days == 1:
        return env._(
            "Interest on %(invoice)s: %(amount)s, 1 day to %(date)s at %(rate)s %% a "
            "year",
            **told,
        )
    return env._(
        "Interest on %(invoice)s: %(amount)s, %(days)s days to %(date)s at %(rate)s %% "
        "a year",
        **told,
    )


def _write_down(followup, move, fees):
    """So that it is charged once."""
    followup.env["account.email.late.charge"].create(
        [
            {
                "followup_id": followup.id,
                "fee_move_id": move.id,
                "move_ref": each.item.move_id,
                "move_line_ref": each.item.line_id,
                "amount": float(each.amount),
                "since": each.since,
                "until": each.until,
            }
            for each in fees
        ]
    )


def _made_before(env, followup):
    """The invoices there are: of this follow-up, else of another with the same items;
    perhaps none."""
    own = made_of(env, followup).get(followup.id)
    if own:
        return own
    refs = followup._chased_lines().mapped("move_ref")
    charges = env["account.email.late.charge"].search([("move_ref", "in", refs)])
    return charges.fee_move_id


def _gone(env):
    return env._(
        "The invoices of this follow-up do not stand any more, or are not yours."
    )
