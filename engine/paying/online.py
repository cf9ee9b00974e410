"""Where what an email asks for is paid online: one page for all that it lists.

Odoo's page of overdue invoices is for those who sign in, and asks for the invoices'
whole amounts, without credits and payments in part; a link to an invoice pays one. So
the link leads to a page of ours, around Odoo's form, which asks for the email's total,
less what has been paid since.

``account_payment`` may not be installed: it is looked for at run time.
"""

from typing import NamedTuple

from odoo.tools import consteq, str2bool
from odoo.tools.misc import hmac

from ...rules import totals
from ...rules.credits import NOISE, add
from .asked import mentioned

PATH = "/account_email_connector/pay"
SCOPE = "account_email_connector-pay"
#: Outlook and old browsers take links of so many characters: some 250 invoices.
LONGEST = 2000
#: Odoo's kinds of providers that only show how to transfer the money.
NOT_ONLINE = ("none", "custom")


class Due(NamedTuple):
    """What a link asks for at this moment.

    :param lines: what the email listed (``account.move.line``).
    :param amount: what is left of its total, in *currency*.
    :param under_way: a payment has begun, and is not booked yet.
    """

    lines: object
    currency: object
    amount: float
    under_way: bool

    @property
    def moves(self):
        """The invoices; a payment of credits alone there is not."""
        documents = self.lines.filtered(_is_debt).move_id
        return documents.filtered(lambda move: move.is_invoice(include_receipts=True))

    @property
    def named(self):
        """What the page names: the invoices, and the credits of whoever pays; another
        contact's are nobody else's business."""
        known = self.moves.partner_id | self.partner.commercial_partner_id
        return self.lines.move_id.filtered(lambda move: move.partner_id in known)

    @property
    def company(self):
        """Who is paid: the branch itself, if the invoices are a branch's."""
        return self.lines.company_id

    @property
    def partner(self):
        """Who pays: the one to whom all invoices are addressed, else their customer."""
        addressed = self.moves.partner_id
        return addressed if len(addressed) == 1 else addressed.commercial_partner_id


def is_installed(env):
    """Whether transactions pay invoices: ``payment`` may be there without."""
    return "transaction_ids" in env["account.move"]._fields


def link(asked):
    """The address at which the customer pays what is *asked*; False if there is none.

    :param asked: an :class:`.asked.Asked` with the right to see how a company is paid.
    """
    lines = asked.lines.move_line_id
    due = Due(lines, asked.currency, asked.total, _under_way(lines))
    if due.under_way or not _is_set_up(due):
        return False
    source = asked.lines.followup_id._origin.id or 0
    token = _token(due, asked.interest, len(lines) == len(asked.lines), source)
    address = f"{due.moves[:1].get_base_url()}{PATH}?access_token={token}"
    return token and len(address) <= LONGEST and address


def due_by(env, token):
    """What the link with this *token* asks for now, as a :class:`Due`.

    :param env: with the right to all; who holds the token has it from an email.
    :return: None if it is no token of ours.
    """
    told, _mark, seal = str(token or "").rpartition("_")
    if not seal.isascii() or not consteq(seal, hmac(env, SCOPE, told)):
        return None
    ids, amount, was_open, interest, *source = told.split("_")
    lines = env["account.move.line"].browse(map(int, ids.split("-"))).exists()
    currency = lines.currency_id[:1] or env.company.currency_id
    lines = lines.filtered(lambda line: line.parent_state == "posted")
    charged = _charged(env, currency, float(interest), *map(int, source))
    paid = max(0.0, add((float(was_open), -_open(lines))))
    paid += min(
        _paid_above(lines, *map(int, source)), max(0.0, float(interest) - charged)
    )
    # Of a credit that is subtracted in part, another part may have paid these, too.
    owed = add((_open(lines.filtered(_is_debt)), float(interest), -charged))
    left = currency.round(max(0.0, min(add((float(amount), -paid, -charged)), owed)))
    return Due(lines, currency, left, _under_way(lines))


def providers(due):
    """The published ``payment.provider`` that *due* can be paid by."""
    found = due.company.env["payment.provider"]._get_compatible_providers(
        due.company.id, due.partner.id, due.amount, currency_id=due.currency.id
    )
    return found.filtered("is_published")


def methods(due, found):
    """The ``payment.method`` of these providers that *due* can be paid by."""
    return due.currency.env["payment.method"]._get_compatible_payment_methods(
        found.ids, due.partner.id, currency_id=due.currency.id
    )


def _is_set_up(due):
    """Whether one customer can pay all of it online, to one company."""
    env, partner, company = due.currency.env, due.partner, due.company
    one = len(partner) == len(company) == 1 and due.amount > NOISE
    if not one or not is_installed(env):
        return False
    switch = env["ir.config_parameter"].get_param(
        "account_payment.enable_portal_payment"
    )
    if not str2bool(switch) or partner.company_id not in (company, company.browse()):
        return False
    found = providers(due)
    online = any(provider.code not in NOT_ONLINE for provider in found)
    return online and bool(methods(due, found))


def _is_debt(line):
    return line.balance > 0


def _charged(env, currency, interest, source=0):
    """What was invoiced, or waived, since the email of the *interest* in its total: an
    invoice of it has a link of its own.

    :param source: the follow-up's id; 0: of an email that does not say it.
    """
    followup = env["account.email.followup"].browse(source).exists()
    if not interest or not followup.interest_terms:
        return 0.0
    left = totals(mentioned(followup)).get(currency.id, 0)
    return max(0.0, add((interest, -float(left))))


def _paid_above(lines, source=0):
    """What payments of them since the email have left over: nothing is invoiced yet of
    the interest that they pay."""
    env = lines.env
    since = env["account.email.followup"].browse(source).exists().done_on
    payments = lines.matched_credit_ids.credit_move_id.filtered(
        lambda line: (
            not line.move_id.is_invoice()
            and line.currency_id in lines.currency_id
            and since
            and line.date >= since
        )
    )
    return max(0.0, -add(payments.mapped("amount_residual_currency")))


def _token(due, interest, complete, source=0):
    """The items, the email's total, what was open of them then, the interest that the
    total has in it, the follow-up, and a seal on that."""
    digits = due.currency.decimal_places
    told = "_".join(
        (
            "-".join(map(str, due.lines.ids)),
            f"{due.amount:.{digits}f}",
            f"{_open(due.lines):.{digits}f}",
            f"{interest:.{digits}f}",
            str(source),
        )
    )
    return complete and f"{told}_{hmac(due.currency.env, SCOPE, told)}"


def _open(lines):
    """What is open of them in their currency, less payments that have no entry yet."""
    payments = lines.move_id.matched_payment_ids.filtered(
        lambda payment: (
            not payment.move_id
            and payment.state in ("in_process", "paid")
            and payment.currency_id == lines.currency_id
        )
    )
    signed = [p.amount if p.payment_type == "inbound" else -p.amount for p in payments]
    return add(lines.mapped("amount_residual_currency")) - add(signed)


def _under_way(lines):
    """Whether a transaction has begun that pays one of them: as Odoo's portal waits."""
    moves = lines.move_id
    if not is_installed(lines.env):
        return False
    return any(
        transaction.state in ("pending", "authorized")
        and transaction.provider_code not in NOT_ONLINE
        or transaction.state == "done"
        and not (transaction.is_post_processed or transaction.payment_id)
        for transaction in moves.transaction_ids
    )
