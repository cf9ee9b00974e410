"""What the worklist and a customer's page tell, besides what is written down."""

from operator import attrgetter

from odoo import api
from odoo.fields import Domain
from odoo.tools import SQL

from ...rules import IN_SERVICE
from ...rules.credits import PAYABLE
from ...rules.promises import OPEN
from ...texts import standing_text
from ...texts.habits import habit_text
from ...texts.standings import Comes, waits_text
from ..planning.promises import states
from ..rights import for_reader

OPEN_ITEMS = [
    ("account_type", "=", "asset_receivable"),
    ("parent_state", "=", "posted"),
    ("reconciled", "=", False),
]
SALES = ("out_invoice", "out_refund", "out_receipt")
#: The newest of each contact and company, the newest of all first.
LAST = """
    SELECT id FROM (
        SELECT DISTINCT ON (partner_id, company_id) id, done_on
          FROM account_email_followup WHERE id IN %s
      ORDER BY partner_id, company_id, done_on DESC NULLS LAST, id DESC) AS newest
  ORDER BY done_on DESC NULLS LAST, id DESC
"""


@api.depends(
    *("todo", "reason", "remarks", "reason_day", "step_id", "next_date", "counts_from"),
    *("next_channel", "company_id.email_connector_ids.state"),
)
@api.depends_context("lang")
def reason(cases):
    """Say why it is so, in a sentence for each thing."""
    for case in cases:
        case.reason_text = _sentences(case)


def _sentences(case):
    by_bank = case.todo == "held" and _waits_for_bank(for_reader(case))
    if waits := waits_text(case.env, case.todo, case.reason, by_bank):
        return waits
    remarks = case.remarks.split(",") if case.remarks else ()
    day, step, due = case.next_date, case.step_id, case.counts_from
    comes = day and step and due and Comes(day, step.days, due)
    text = standing_text(case.env, case.reason, remarks, case.reason_day, comes or None)
    if case.todo != "yours" or case.next_channel != "email":
        return text
    read = case.env._("You read it first.")
    return f"{text} {read}"


def _waits_for_bank(case):
    """Whether it is the bank that holds it, not the mailbox: its plan asks for that."""
    return _works(case.company_id) and case.plan_id.bank_days


def _works(company):
    """Whether the mailbox by which *company* chases takes emails: its own, or its
    nearest parent's; one that was stopped stays its own."""
    for each in reversed(company.parent_ids):
        mailbox = each.email_connector_id
        if mailbox.state in IN_SERVICE or mailbox.chasing == "off":
            return mailbox.state == "connected"
    return False


@api.depends("usual_delay", "paid_invoices")
@api.depends_context("lang")
def pays(cases):
    """Say how late they usually pay, if enough is known."""
    for case in cases:
        case.pays_text = habit_text(case.env, case.usual_delay, case.paid_invoices)


def last(cases):
    """The last follow-up that left for them, from the group's companies that the user
    has: a branch's customers are written to by its parent, too."""
    sent = [
        ("partner_id.commercial_partner_id", "in", cases.partner_id.ids),
        ("company_id", "child_of", list({_root(case).id for case in cases})),
        ("state", "=", "sent"),
    ]
    followups = cases.env["account.email.followup"]
    query = followups._search(sent)
    rows = cases.env.execute_query(SQL(LAST, query.subselect()))
    found = _by_customer(followups.browse(id_ for (id_,) in rows), _root)
    for case in cases:
        followup = found.get((_root(case), case.partner_id), followups)[:1]
        case.last_on = followup.done_on
        case.last_text = followup.step_id.name


def _root(record):
    return for_reader(record).company_id.root_id


def _by_customer(records, company=attrgetter("company_id")):
    """{(company, customer): those of *records*, in their order}."""
    return records.grouped(
        lambda each: (company(each), each.partner_id.commercial_partner_id)
    )


def promises(cases):
    """Until when they have promised to pay, and are left alone for it."""
    known = for_reader(cases)
    made = known.env["account.email.promise"].search(
        [
            ("partner_id.commercial_partner_id", "in", cases.partner_id.ids),
            ("company_id", "in", cases.company_id.ids),
        ]
    )
    said = states(made) if made else {}
    hold = _by_customer(made.filtered(lambda each: said.get(each.id) == OPEN))
    for case, its in zip(cases, known, strict=True):
        found = hold.get((its.company_id, its.partner_id), made.browse())
        case.promised_until = max(found.mapped("until"), default=False)


def items(cases):
    """What is open, as far as the user may see it, the oldest first."""
    open_items = cases.env["account.move.line"].search(
        [
            ("partner_id.commercial_partner_id", "in", cases.partner_id.ids),
            ("company_id", "in", cases.company_id.ids),
            *OPEN_ITEMS,
        ],
        order="date_maturity, id",
    )
    found = _by_customer(open_items)
    for case in cases:
        key = case.company_id, case.partner_id
        case.item_ids = found.get(key, open_items.browse())
        names = dict.fromkeys(case.item_ids.mapped("move_name"))
        case.numbers = ", ".join(filter(None, names))


def answered(case):
    """The follow-up of *case* that was answered last; perhaps empty."""
    customer = ("partner_id.commercial_partner_id", "=", case.partner_id.id)
    followups = case.env["account.email.followup"]
    incoming = for_reader(case).env["account.email.incoming"]
    theirs = ("followup_id", "in", followups._search([customer]))
    came = incoming.search([("kind", "=", "reply"), theirs], limit=1)
    return followups.browse(came.followup_id.id)


def todo(moves):
    """What there is to do about the customers of open *moves* (``account.move``)."""
    known = for_reader(moves)
    rows = known.env["account.email.followup.case"].search_fetch(
        [
            ("partner_id", "in", known.commercial_partner_id.ids),
            ("company_id", "in", known.company_id.ids),
        ],
        ["partner_id", "company_id", "todo"],
    )
    found = _by_customer(rows)
    for move, its in zip(moves, known, strict=True):
        is_open = its.state == "posted" and its.payment_state in PAYABLE
        row = is_open and found.get((its.company_id, its.commercial_partner_id))
        move.email_followup_todo = row and row.todo


def search_todo(moves, operator, value):
    """The open sales documents of customers about whom this is to be done: a domain."""
    rows = moves.env["account.email.followup.case"].search([("todo", operator, value)])
    return (
        Domain("state", "=", "posted")
        & Domain("move_type", "in", SALES)
        & Domain("payment_state", "in", list(PAYABLE))
        & Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain("commercial_partner_id", "in", its.partner_id.ids)
            for company, its in rows.grouped("company_id").items()
        )
    )


def search_numbers(env, operator, value):
    """Customers by the number of an invoice that is open: the domain of their rows."""
    if operator == "!=" or operator.startswith("not "):
        return NotImplemented
    invoice = [
        ("name", operator, value),
        ("move_type", "in", SALES),
        ("state", "=", "posted"),
        ("payment_state", "in", list(PAYABLE)),
    ]
    found = []
    for company in env.companies:
        here = [("company_id", "=", company.id)]
        moves = env["account.move"]._search([*invoice, *here])
        theirs = moves.subselect(SQL.identifier(moves.table, "commercial_partner_id"))
        found.append(Domain(here) & Domain("partner_id", "in", theirs))
    return Domain.OR(found)
