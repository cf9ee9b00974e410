"""What happened with single customers, besides what they owe: for the worklist.

Each function is one that `people.Customer.happened` may name, and takes the customer
and the invoices that are open. They do what a person does, but for the days: what
happened a week ago is dated back.
"""

from datetime import datetime, time, timedelta

from odoo import fields

from . import history

IMPORTANT = "Important customers: read before it is sent"


def read_before_sent(partner, moves):
    """The customer has a plan whose emails somebody reads before they go."""
    env, company = partner.env, moves.company_id
    plan = env["account.email.followup.plan"].search([("name", "=", IMPORTANT)])
    if not plan:
        default = env.ref("account_email_connector.plan_default")
        own = {"name": IMPORTANT, "company_id": company.id}
        plan = default.copy(own)
        plan.step_ids.review = True
    partner.with_company(company).email_followup_plan_id = plan


def promised(partner, moves):
    """The customer said yesterday to pay within a week."""
    promise = _promise(partner, moves, 7)
    promise.sudo().made_on = _today(-1)


def promise_broken(partner, moves):
    """The customer said so, and the day is over, with the days for the bank."""
    promise = _promise(partner, moves, 7)
    promise.sudo().write({"made_on": _today(-8), "until": _today(-4)})


def disputed(_partner, moves):
    """The customer says that the invoice is wrong."""
    moves._email_followup_dispute("Two of the lamps came broken.")


def money_came(partner, moves):
    """The bank has a payment that nobody has matched yet."""
    env = partner.env
    bank = env["account.journal"].search(
        [("type", "=", "bank"), ("company_id", "=", moves.company_id.id)], limit=1
    )
    env["account.bank.statement.line"].create(
        {
            "journal_id": bank.id,
            "date": _today(-1),
            "partner_id": partner.id,
            "payment_ref": moves.name,
            "amount": moves.amount_total,
        }
    )


def perhaps_sent(partner, moves):
    """The server took an email, and the connection ended before it could say so."""
    env, company = partner.env, moves.company_id
    step = env.ref("account_email_connector.plan_default").step_ids[0]
    tried_on = _today(-1)
    listed = [(history.receivable_of(moves), moves.amount_residual)]
    followup = history.sent(company, partner, step, 0, tried_on, listed)
    at = datetime.combine(tried_on, time(hour=9))
    connector = followup.connector_id
    delivery = (
        env["account.email.delivery"]
        .sudo()
        .create(
            {
                "connector_id": connector.id,
                "company_id": company.id,
                "sender": company.email,
                "recipients": partner.email,
                "subject": f"{company.name}: {step.name}",
                "message_id": f"<perhaps-{followup.id}@{company.email.split('@')[1]}>",
                "envelope_key": f"perhaps-{followup.id}",
                "state": "unknown",
                "started_at": at,
                "handed_at": at,
            }
        )
    )
    followup.write(
        {
            "state": "unknown",
            "done_on": False,
            "sent_at": False,
            "delivery_id": delivery.id,
        }
    )


def answers(_partner, _moves):
    """The customer answers what the action sends: see `replies`."""


def _promise(partner, moves, days):
    return partner.env["account.email.promise"].create(
        {
            "company_id": moves.company_id.id,
            "partner_id": partner.id,
            "until": _today(days),
        }
    )


def _today(days):
    return fields.Date.today() + timedelta(days=days)
