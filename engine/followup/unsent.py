"""Who is told that customers owe for invoices that they were never sent.

There may be thousands: there is one to-do for all of a mailbox that a person is
responsible for, which says how many there are and leads to their list, where they can
be sent. Who has done with it is asked again when another one falls due.
"""

from collections import defaultdict

from markupsafe import Markup

from odoo import fields
from odoo.tools.translate import LazyTranslate

from ...rules import Reason
from ..planning.decisions import decisions
from . import todo
from .reviewers import reviewer

_lt = LazyTranslate(__name__)

ACTIVITY = "account_email_connector.activity_type_unsent"
LIST = "/odoo/action-account_email_connector.action_unsent_invoices"
SUMMARY = _lt("Customers owe for invoices that they were never sent")
LINK = _lt("Send & Print")


def tell(env):
    """Give a to-do to those who can send what is overdue; take the others' back.

    :param env: with the right to see everything, and to give to-dos.
    """
    kind = env.ref(ACTIVITY, raise_if_not_found=False)
    if not kind:  # somebody wants no such to-dos
        return
    unsent = _unsent(env)
    notes = {
        (connector, user): _note(connector, user, len(due))
        for (connector, user), due in unsent.items()
    }

    def had_enough(connector, user):
        return _had_enough(connector, user, kind, max(unsent[connector, user].values()))

    todo.keep(kind, SUMMARY, notes, had_enough)


def _unsent(env):
    """Return {(mailbox, user): {invoice id: the day it was due}}, of what is overdue
    and not chased for that."""
    found, today = defaultdict(dict), fields.Date.today()
    open_moves = env["account.move"].search(
        [("email_followup_unsent", "=", True), ("invoice_date_due", "<", today)]
    )
    partners, companies = open_moves.commercial_partner_id, open_moves.company_id
    for decided in decisions(env, companies, partners) if open_moves else ():
        if not decided.unit.has_begun:
            continue
        due, mailbox = _due(decided), decided.unit.connector
        if due and (user := reviewer(mailbox, decided.plan)):
            found[mailbox, user].update(due)
    return found


def _due(decided):
    """{invoice id: the day it was due} of one customer."""
    items = {item.line_id: item for item in decided.customer.items}
    never = [
        items[standing.line_id]
        for standing in decided.decision.standings
        if standing.reason is Reason.NEVER_SENT
    ]
    return {item.move_id: item.due for item in never if item.due < decided.today}


def _had_enough(connector, user, kind, last_due):
    """Whether this person was asked, and has done with it, since the last fell due."""
    done = connector.env["mail.activity"].search(
        [
            ("activity_type_id", "=", kind.id),
            ("res_id", "=", connector.id),
            ("user_id", "=", user.id),
            ("active", "=", False),
            ("date_done", ">", last_due),
        ],
        limit=1,
    )
    return bool(done)


def _note(record, user, count):
    env = record.with_context(lang=user.lang).env
    words = env._(
        "Overdue, and not chased because of it: %s. Send them, or say in their list "
        "that they were sent otherwise. If your invoices never go through Odoo, switch "
        "“Only invoices that were sent” off in the plan.",
        count,
    )
    note = Markup('<p>%s</p><p><a href="%s">%s</a></p>')
    return note % (words, LIST, env._(LINK))
