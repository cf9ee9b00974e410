"""What has happened with a customer, as a timeline: the latest first."""

import datetime as dt
from typing import NamedTuple

from odoo import api, fields
from odoo.tools import format_date

from ..planning.money import OF_MONEY
from ..rights import for_reader

#: More than anybody reads on a page.
AT_MOST = 60
NEWEST = {"order": "id desc", "limit": AT_MOST}
TEMPLATE = "account_email_connector.case_story"


class Event(NamedTuple):
    """One line of it."""

    on: dt.date
    at: dt.datetime  #: in UTC: what comes first on the same day
    icon: str  #: of Font Awesome
    text: str
    more: str = ""
    url: str = ""
    day: str = ""  #: as people write it


@api.depends_context("lang", "tz", "allowed_company_ids")
def story(cases):
    """Tell it, of the companies of the group that the user has switched on."""
    for case, known in zip(cases, for_reader(cases), strict=True):
        found = sorted(_events(case.env, known), key=lambda each: each[:2])
        events = [
            each._replace(day=format_date(case.env, each.on))
            for each in found[: -AT_MOST - 1 : -1]
        ]
        case.story = case.env["ir.qweb"]._render(TEMPLATE, {"events": events})


def _events(env, case):
    """Yield the :class:`Event`s.

    :param env: the user's.
    :param case: with the right to see everything.
    """
    root = case.company_id.root_id
    group = env.companies.filtered(lambda company: company.root_id == root)
    customer = ("partner_id.commercial_partner_id", "=", case.partner_id.id)
    here = [customer, ("company_id", "in", group.ids)]
    followups = case.env["account.email.followup"].search(
        [*here, ("state", "in", ("sent", "unknown", "failed"))], **NEWEST
    )
    yield from (_followup(env, each) for each in followups)
    came = case.env["account.email.incoming"].search(
        [
            ("followup_id", "in", followups.ids),
            ("kind", "in", ("reply", "bounce")),
        ],
        **NEWEST,
    )
    yield from (_incoming(env, each) for each in came)
    promises = case.env["account.email.promise"].with_context(active_test=False)
    yield from (_promise(env, each) for each in promises.search(here, **NEWEST))
    paid = case.env["account.partial.reconcile"].search(
        [
            ("debit_move_id.partner_id.commercial_partner_id", "=", case.partner_id.id),
            ("debit_move_id.account_type", "=", "asset_receivable"),
            ("credit_move_id.journal_id.type", "in", OF_MONEY),
            ("company_id", "in", group.ids),
        ],
        **NEWEST,
    )
    yield from (_payment(env, each) for each in paid)
    moves = case.with_env(env).item_ids.move_id
    for move in moves.filtered("email_followup_dispute_since"):
        yield _dispute(env, move)


def _followup(env, followup):
    states = dict(followup._fields["state"]._description_selection(env))
    name = followup.step_id.name or env._("By hand")
    return Event(
        followup.done_on or followup.planned_date,
        followup.sent_at or followup.create_date,
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
    at, url = incoming.create_date, f"/odoo/email-followups/{incoming.followup_id.id}"
    on = fields.Datetime.context_timestamp(incoming.with_env(env), at).date()
    return Event(on, at, icon, text, url=url)


def _promise(env, promise):
    amount = promise.currency_id.format(promise.promised)
    day = format_date(env, promise.until)
    text = env._("Promised %(amount)s until %(day)s", amount=amount, day=day)
    at = promise.create_date
    return Event(promise.made_on, at, "fa-handshake-o", text, promise.note or "")


def _payment(env, partial):
    """Money that was allocated to an invoice, in the company's currency."""
    amount = partial.company_currency_id.format(partial.amount)
    text, what = env._("Paid %s", amount), partial.debit_move_id.move_name or ""
    return Event(partial.max_date, partial.create_date, "fa-money", text, what)


def _dispute(env, move):
    text = env._("%s is in dispute", move.name)
    on, why = move.email_followup_dispute_since, move.email_followup_dispute_reason
    return Event(on, dt.datetime.combine(on, dt.time.max), "fa-gavel", text, why or "")
