"""What has happened with a customer, as a timeline: the latest first."""

import datetime as dt
from typing import NamedTuple

from odoo import api
from odoo.tools import format_date

from ..rights import for_reader

#: More than anybody reads on a page.
AT_MOST = 60
TEMPLATE = "account_email_connector.case_story"


class Event(NamedTuple):
    """One line of it."""

    on: dt.date
    icon: str  #: of Font Awesome
    text: str
    more: str = ""
    url: str = ""
    day: str = ""  #: as people write it


@api.depends_context("lang")
def story(cases):
    """Tell it, of the whole group of companies as far as the user has them."""
    for case, known in zip(cases, for_reader(cases), strict=True):
        found = sorted(_events(case.env, known), key=lambda each: each.on, reverse=True)
        events = [
            each._replace(day=format_date(case.env, each.on))
            for each in found[:AT_MOST]
        ]
        case.story = case.env["ir.qweb"]._render(TEMPLATE, {"events": events})


def _events(env, case):
    """Yield the :class:`Event`s.

    :param env: the user's.
    :param case: with the right to see everything.
    """
    customer = ("partner_id.commercial_partner_id", "=", case.partner_id.id)
    here = [customer, ("company_id", "in", env.companies.ids)]
    newest = {"order": "id desc", "limit": AT_MOST}
    followups = case.env["account.email.followup"].search(
        [*here, ("state", "in", ("sent", "unknown", "failed"))], **newest
    )
    yield from (_followup(env, each) for each in followups)
    came = case.env["account.email.incoming"].search(
        [("followup_id", "in", followups.ids), ("kind", "!=", "automatic")], **newest
    )
    yield from (_incoming(env, each) for each in came)
    promises = case.env["account.email.promise"].with_context(active_test=False)
    yield from (_promise(env, each) for each in promises.search(here, **newest))
    paid = [("payment_type", "=", "inbound"), ("state", "in", ("in_process", "paid"))]
    payments = case.env["account.payment"].search([*here, *paid], **newest)
    yield from (_payment(env, each) for each in payments)
    for move in case.with_env(env).move_ids.filtered("email_followup_dispute_since"):
        yield _dispute(env, move)


def _followup(env, followup):
    states = dict(followup._fields["state"]._description_selection(env))
    name = followup.step_id.name or env._("By hand")
    return Event(
        followup.done_on or followup.planned_date,
        "fa-phone" if followup.channel == "todo" else "fa-paper-plane",
        f"{name} · {states[followup.state]}",
        followup.documents_text or "",
        f"/odoo/email-followups/{followup.id}",
    )


def _incoming(env, incoming):
    if incoming.kind == "bounce":
        icon, text = "fa-exclamation-triangle", env._("The email came back.")
    else:
        icon, text = "fa-reply", env._("The customer has answered.")
    url = f"/odoo/email-followups/{incoming.followup_id.id}"
    return Event(incoming.create_date.date(), icon, text, url=url)


def _promise(env, promise):
    amount = promise.currency_id.format(promise.promised)
    day = format_date(env, promise.until)
    text = env._("Promised %(amount)s until %(day)s", amount=amount, day=day)
    return Event(promise.made_on, "fa-handshake-o", text, promise.note or "")


def _payment(env, payment):
    amount = payment.currency_id.format(payment.amount)
    return Event(payment.date, "fa-money", env._("Paid %s", amount), payment.memo or "")


def _dispute(env, move):
    text = env._("%s is in dispute", move.name)
    on, why = move.email_followup_dispute_since, move.email_followup_dispute_reason
    return Event(on, "fa-gavel", text, why or "")
