"""What the demo does inside Odoo: run by `odoo shell`, after a line `request = {…}`.

It signs in to the mail server's mailboxes through the addon's wizard, runs the
scheduled action as Odoo's scheduler does, lets a customer answer, and prints what the
ledger and the worklist say, as one line of JSON. It is no module: `env` and `request`
are there.
"""
# ruff: noqa: F821

import json
import sys

sys.path.append(request["dev"])
from samples import mailboxes, people, replies
from samples.begin import begin

from odoo import fields

from odoo.addons.account_email_connector.engine.sending.settle import (
    deliveries_of,
)
from odoo.addons.account_email_connector.texts import choices


def connect_all():
    mail = request["mail"]
    for company, address in people.MAILBOXES.items():
        connector = mailboxes.connect(
            env,
            company,
            email=address,
            password=mail["accounts"][address],
            host=mail["host"],
            encryption="ssl",
            port=mail["submissions"],
            imap_host=mail["host"],
            imap_port=mail["imaps"],
        )
        connector.reads_replies = True
    env.cr.commit()


def begin_all():
    """Start the follow-ups of those that have signed in by a browser, too."""
    mailboxes_in_use = [("state", "!=", "disconnected"), ("chasing", "=", "new")]
    for connector in env["account.email.connector"].search(mailboxes_in_use):
        begin(connector)
    env.cr.commit()


def run(name):
    """Run a scheduled action as Odoo's scheduler does."""
    cron = env.ref(f"account_email_connector.{name}")
    result = cron.method_direct_trigger()
    if result is not True:
        raise SystemExit(result["params"]["data"]["debug"])
    env.cr.commit()
    env.invalidate_all()


def planned_today():
    today = fields.Date.today()
    Followup = env["account.email.followup"]
    return Followup.search([("planned_date", "=", today)], order="id")


def followups():
    return [
        {
            "company": followup.company_id.name,
            "customer": followup.partner_id.name,
            "mailbox": followup.connector_id.email,
            "step": followup.step_id.name,
            "rank": followup.step_position,
            "state": followup.state,
            "channel": followup.channel,
            "reason": " ".join(
                filter(None, [followup.reason_text, followup.reason_detail])
            ),
            "amount": followup.currency_id.format(followup.amount),
            "message_id": followup.message_id_header or "",
            "journal": [
                delivery.message_id for delivery in deliveries_of(followup).values()
            ],
            "subject": subject_in(followup.step_id.template_id, followup),
        }
        for followup in planned_today()
    ]


def subject_in(template, followup):
    """The template's subject in the customer's language, and in English."""
    subjects = [
        template.with_context(lang=lang)._render_field("subject", followup.ids)
        for lang in (followup.lang, "en_US")
    ]
    return [subject[followup.id] for subject in subjects]


def open_items():
    """The residual of every open item, read from Odoo's books."""
    lines = env["account.move.line"].search(
        [
            ("account_id.account_type", "=", "asset_receivable"),
            ("parent_state", "=", "posted"),
            ("reconciled", "=", False),
        ]
    )
    return [
        {
            "customer": line.partner_id.name,
            "number": line.move_id.name,
            "residual": line.amount_residual_currency,
            "currency": line.currency_id.name,
            "pdf": line.move_id.invoice_pdf_report_id.name or "",
        }
        for line in lines
    ]


def left_alone():
    """Why the other customers' invoices are not chased, in the addon's own words."""
    chased = planned_today().filtered(lambda each: each.state == "sent").partner_id
    moves = env["account.move"].search(
        [
            ("move_type", "=", "out_invoice"),
            ("state", "=", "posted"),
            ("amount_residual", ">", 0),
            ("partner_id", "not in", chased.ids),
        ]
    )
    told = env["account.email.followup"]._explain(moves)
    return [
        {"customer": move.partner_id.name, "why": told[move.id].text} for move in moves
    ]


def to_dos():
    activities = env["mail.activity"].search([("res_model", "=", "res.partner")])
    return [
        {"customer": activity.res_name, "summary": activity.summary}
        for activity in activities
    ]


def worklist():
    """Under what each customer is shown: {name: to-do}."""
    here = env["res.company"].search([]).ids
    Case = env["account.email.followup.case"].with_context(allowed_company_ids=here)
    Case.action_open()
    return {case.partner_id.name: case.todo for case in Case.search([])}


def figures():
    """What Reporting → Collections says, by company."""
    measures = ["sent:sum", "recovered:sum", "days:avg"]
    Report = env["account.email.followup.report"]
    return {
        company.name: values
        for company, *values in Report._read_group([], ["company_id"], measures)
    }


def broken():
    """What the mailboxes that broke say of themselves: {company: text}."""
    found = env["account.email.connector"].search([("state", "=", "error")])
    return {each.company_id.name: each.notice_text for each in found}


env = env(context=dict(env.context, lang="en_US"))
connect_all()
begin_all()
run("ir_cron_followups")
if replies.arrive(env, request["mail"]):
    run("ir_cron_incoming")
run("ir_cron_cases")  # as every hour: the dashboard shows what was written down
print(
    json.dumps(
        {
            "followups": followups(),
            "open_items": open_items(),
            "left_alone": left_alone(),
            "to_dos": to_dos(),
            "worklist": worklist(),
            # Nobody has "not started" before a reader has connected one.
            "kinds": [kind for kind, _name in choices.TODOS if kind != "not_started"],
            "figures": figures(),
            "broken": broken(),
        }
    )
)
