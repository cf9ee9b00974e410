"""People of the house: who gets a copy of a follow-up, and who signs it.

Only internal users who are still there and have the companies of all its invoices: the
email shows amounts.
"""

from datetime import date
from typing import NamedTuple

from odoo.tools import formataddr
from odoo.tools.mail import email_split_and_normalize
from odoo.tools.translate import LazyTranslate

from ...providers.addresses import cleaned, with_ascii_domain
from .addresses import addresses

_lt = LazyTranslate(__name__)

#: Why somebody gets no copy.
ARCHIVED = _lt("%s gets no copy: this user is archived.")
EXTERNAL = _lt("%s gets no copy: this is not an internal user.")
FOREIGN = _lt("%s gets no copy: this user has no access to the company.")
NO_ADDRESS = _lt("%s gets no copy: this user has no email address.")


class Copies(NamedTuple):
    """Who gets a copy."""

    cc: str  #: one header value
    left_out: str  #: who does not, and why


def copies(followup):
    """Return the :class:`Copies` of *followup*: to the step's addresses, and to whom
    else it names. Nobody who gets it already is in copy too."""
    people = email_split_and_normalize(followup.step_id.cc or "")
    left_out = []
    for user in _named(followup):
        known = addresses(user.partner_id)
        objection = _objection(user, followup) or (not known and NO_ADDRESS)
        if objection:
            words = followup.env._(objection)
            left_out.append(words % user.name)
        else:
            name = " ".join(cleaned(user.name).split())
            people += [(name, address) for address in known]
    return Copies(", ".join(_once(people, followup)), " ".join(left_out))


def signer(followup):
    """Who signs (``res.users``); nobody: the mailbox.

    Of several salespeople the one of the oldest invoice: it decides the step as well.
    """
    users = followup.env["res.users"]
    if followup.step_id.signed_by == "salesperson":
        users = salespeople(followup)
    elif followup.step_id.signed_by == "responsible":
        users = responsible(followup)
    return next((each for each in users if not _objection(each, followup)), users[:0])


def salespeople(followup):
    """The salespeople of its invoices, the oldest first; the customer's, where an entry
    has none. A robot is nobody."""
    lines = followup._chased_lines().sorted(lambda line: line.due_date or date.max)
    users = followup.env["res.users"]
    for move in lines.move_id:
        customer = move.partner_id
        users |= (
            move.invoice_user_id
            or customer.user_id
            or customer.commercial_partner_id.user_id
        )
    return users.filtered(lambda user: not user._is_superuser())


def responsible(followup):
    """The plan's responsible, else the customer's salesperson, else who connected the
    mailbox: the first who is still there."""
    users = (
        followup.plan_id.responsible_id
        | followup.partner_id.user_id
        | followup.connector_id.connected_by_id
    )
    users = users.filtered(lambda user: not user._is_superuser())
    return users.filtered(lambda user: not _objection(user, followup))[:1] or users[:1]


def _named(followup):
    step, users = followup.step_id, followup.env["res.users"]
    if step.copy_salesperson:
        users |= salespeople(followup)
    return users | responsible(followup) if step.copy_responsible else users


def _objection(user, followup):
    """Why the email is not for *user*; None if it is."""
    if not user.active:
        return ARCHIVED
    if user.share:
        return EXTERNAL
    companies = followup._chased_lines().move_id.company_id or followup.company_id
    return FOREIGN if companies - user.company_ids else None


def _once(people, followup):
    """Each address once, as text, and none that it is written to."""
    seen = {
        with_ascii_domain(address)
        for recipient in followup.recipient_ids
        for address in addresses(recipient)
    }
    for name, address in people:
        if with_ascii_domain(address) not in seen:
            seen.add(with_ascii_domain(address))
            yield formataddr((name, address))
