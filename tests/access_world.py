"""Acme, which has a row in every model of the addon, and everybody who may come by.

What Acme has says words (:data:`WORDS`) that nobody else has: where one of them comes
back, somebody was told of it. Each kind of user is there twice: in Acme, and in Beta,
which has customers and a mailbox of its own and nothing to do with Acme.
"""

import re
from datetime import timedelta

from odoo import Command, fields
from odoo.tests import new_test_user

from ..engine.compose import compose
from ..rules import Reason
from .common import ConnectorCommon

#: In what Acme has, and nowhere else; in small letters.
WORDS = ("planted", "471147", "471,147", "47114711-")
AMOUNT = 471147.11
CLIENT_ID = "47114711-0000-4000-8000-000000004711"
SALES = "account_email_connector.matrix_group_sales"
ROLES = {
    "nobody": "base.group_public",
    "portal": "base.group_portal",
    "internal": "base.group_user",
    "sales": f"base.group_user,{SALES}",
    "billing": "account.group_account_invoice",
    "auditor": "account.group_account_readonly",
    "manager": "account.group_account_manager",
    "editor": "base.group_user,mail.group_mail_template_editor",
    "system": "base.group_system",
}
#: Acme has a follow-up in each, to a customer of its own.
STATES = ("planned", "to_review", "sending", "sent", "unknown", "failed", "skipped")
#: What the journal says of those that were tried.
JOURNAL = {"sent": "accepted", "unknown": "unknown", "failed": "rejected"}
#: What differs in another row beside the one that is there, where two must differ.
ANOTHER = {"account.email.followup.step": {"days": 99}}
#: What a person may change in a row; of other models the first value it was made with.
CHANGES = {"account.email.connector": {"sender_name": "Another name"}}


class AccessWorld(ConnectorCommon):
    """Has :attr:`rows`, :attr:`values` and :attr:`users`."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.su = cls.env(su=True)
        # Else whoever is internal is a template editor as well.
        cls.su["ir.config_parameter"].set_param(
            "mail.restrict.template.rendering", True
        )
        cls.rows = {}
        cls.values = {}
        cls._found_companies()
        cls._found_odoos_own()
        cls._found_mailboxes()
        cls._found_customers()
        cls._found_followups()
        cls._found_incoming()
        cls._found_users()
        cls._open_wizards()
        cls.env.flush_all()

    @classmethod
    def add(cls, model, values):
        """Create a row, and keep with what values."""
        cls.values[model] = values
        row = cls.keep(cls.su[model].create(values))
        row.flush_recordset()  # what is computed as the user is so by its maker
        return row

    @classmethod
    def keep(cls, records):
        """Count *records* among those that Acme has."""
        known = cls.rows.get(records._name, records.browse())
        cls.rows[records._name] = known | records.with_env(cls.su)
        return records

    @classmethod
    def another(cls, model):
        """The values of one more row of *model*."""
        return {**cls.values[model], **ANOTHER.get(model, {})}

    @classmethod
    def change(cls, model):
        """Values that may be written on the row of *model*."""
        first = dict([next(iter(cls.values[model].items()), ("id", False))])
        return CHANGES.get(model, first)

    @classmethod
    def targets(cls, model):
        """The ids of what Acme has, for whoever makes up values."""
        return cls.rows.get(model, cls.su[model]).ids

    # -- what Acme has ---------------------------------------------------------------

    @classmethod
    def _found_companies(cls):
        """Acme, its branch with a mailbox and its shop without one; and Beta."""
        cls.branch = cls._create_company(name="Branch", parent_id=cls.company.id)
        cls.shop = cls._create_company(name="Shop", parent_id=cls.company.id)
        cls.acme = cls.company + cls.branch + cls.shop
        cls.beta = cls._create_company(name="Beta")
        cls.keep(cls.acme)

    @classmethod
    def _found_odoos_own(cls):
        """What tells of follow-ups elsewhere in Odoo."""
        cls.keep(cls.company_data["default_journal_sale"])
        digest = {"name": "Planted digest", "company_id": cls.company.id}
        cls.add("digest.digest", digest)

    @classmethod
    def _found_mailboxes(cls):
        """One of SMTP that works; one at Microsoft that waits for an approval."""
        app = cls.add(
            "account.email.oauth.app",
            {
                "name": "Planted app",
                "provider": "microsoft",
                "client_id": CLIENT_ID,
                "audience": "common",
                "client_secret": "planted-client-secret",
                "company_ids": [Command.set(cls.acme.ids)],
            },
        )
        cls.connector.write(
            {
                "email": "billing@planted.example",
                "smtp_host": "smtp.planted.example",
                "smtp_user": "planted-user",
                "imap_host": "imap.planted.example",
                "oauth_account_id": "planted-account",
                "sends_accounting_emails": True,
            }
        )
        waits = cls.connect(cls.branch, "branch@planted.example")
        waits.write(
            {
                "provider": "microsoft",
                "state": "pending_approval",
                "oauth_app_id": app.id,
                "error_reason": "approval_required",
            }
        )
        cls.add(
            "account.email.approval",
            {
                "connector_id": waits.id,
                "asked_at": fields.Datetime.now(),
                "asked_by_id": cls.env.uid,
                "send_as": "shared@planted.example",
            },
        )
        connectors = cls.keep(cls.connector + waits)
        cls.values[connectors._name] = {"company_id": cls.shop.id}
        cls._found_secrets(connectors, app)
        cls.connect(cls.beta, "accounting@beta.example")

    @classmethod
    def _found_secrets(cls, connectors, app):
        """What nobody may see of the mailboxes."""
        for model, value in (
            ("account.email.connector.credential", {"sealed": "planted"}),
            ("account.email.inbox", {"cursor": {"at": "planted"}}),
        ):
            of_ours = [("connector_id", "in", connectors.ids)]
            cls.keep(cls.su[model].search(of_ours)).write(value)
            cls.values[model] = {"connector_id": cls.connector.id, **value}
        cls.add(
            "account.email.oauth.flow",
            {
                "state_hash": "planted-state",
                "session_hash": "planted-session",
                "user_id": cls.env.uid,
                "company_id": cls.company.id,
                "connector_id": connectors[-1].id,
                "app_id": app.id,
                "provider": "microsoft",
                "sealed": "planted-flow",
                "expires_at": fields.Datetime.now(),
            },
        )

    @classmethod
    def _found_customers(cls):
        """One for each state of a follow-up: with an invoice each, of Acme only.

        Two of them, which are different enough, are tried by everybody.
        """
        default = cls.env.ref("account_email_connector.plan_default")
        plan = cls.add(
            "account.email.followup.plan",
            {"name": "Planted plan", "company_id": cls.company.id},
        )
        cls.step = cls.add(
            "account.email.followup.step",
            {
                "plan_id": plan.id,
                "name": "Planted step",
                "days": 3,
                "template_id": default.step_ids[0].template_id.id,
                "cc": "copies@planted.example",
            },
        )
        cls.company.sudo().email_followup_plan_id = plan
        cls.add(
            "account.email.followup.plan.rule",
            {
                "name": "Planted rule",
                "company_id": cls.company.id,
                "plan_id": plan.id,
                "amount_overdue": AMOUNT,
            },
        )
        first, *_others, last = [
            cls._owes(cls.company, f"Customer {number}", f"PLANTED/{number}")
            for number in range(len(STATES))
        ]
        for invoices in (first + last).with_env(cls.su):
            cls.keep(invoices)
            cls.keep(invoices.partner_id)
            cls.keep(invoices.line_ids)
        cls._owes(cls.beta, "Customer of Beta", "BETA/1")

    @classmethod
    def _owes(cls, company, name, number):
        """The invoice of a new customer of *company*."""
        customer = cls.env["res.partner"].create(
            {
                "name": name,
                "email": f"{company.id}.{number[-1]}@customer.example",
                "company_id": company.id,
            }
        )
        amount = AMOUNT if company == cls.company else 100.0
        return cls.invoice(20, amount, customer, company=company, name=number)

    @classmethod
    def _found_followups(cls):
        """One in each state, with their emails and what the journal says of them."""
        followups = cls.plan().sorted("partner_id").with_env(cls.su)
        for followup, state in zip(followups, STATES, strict=True):
            if state in JOURNAL:
                mail = cls.keep(compose(followup)[followup].mail)
                mail.state = "sent" if state == "sent" else "exception"
                cls._note_delivery(followup, mail, JOURNAL[state])
            followup.write({"state": state, "reason_detail": "Planted detail"})
        cls.keep(followups)
        cls.keep(followups.line_ids)
        model = "account.email.followup"
        cls.values[model] = followups[-1].copy_data()[0]
        cls.values[f"{model}.line"] = followups[-1].line_ids[0].copy_data()[0]
        cls._note_what_customers_say()
        cls._note_export()
        cls._note_replay(followups[-1])
        report = f"{model}.report"
        cls.keep(cls.su[report].search([("company_id", "=", cls.company.id)]))
        cls.values[report] = {"date": cls.today}

    @classmethod
    def _note_delivery(cls, followup, mail, state):
        followup.delivery_id = cls.add(
            "account.email.delivery",
            {
                "connector_id": cls.connector.id,
                "company_id": cls.company.id,
                "sender": "billing@planted.example",
                "recipients": followup.partner_id.email,
                "subject": "Planted subject",
                "message_id": mail.message_id,
                "envelope_key": "planted",
                "mail_id": mail.id,
                "state": state,
                "started_at": fields.Datetime.now(),
                "web_link": "https://webmail.planted.example/1",
            },
        )

    @classmethod
    def _note_replay(cls, followup):
        """A plan of Acme's that a person of it has tried on the past."""
        model = "account.email.followup.replay"
        replay = {
            "company_id": cls.company.id,
            "served_ids": [Command.set((cls.company + cls.shop).ids)],
            "user_id": cls.env.uid,
            "plan_name": "Planted plan",
            "basis": "new",
            "form_values": {"name": "Planted plan"},
            "first": cls.today - timedelta(days=30),
            "last": cls.today - timedelta(days=1),
            "state": "done",
        }
        line = {
            "replay_id": cls.add(model, replay).id,
            "company_id": cls.company.id,
            "kind": "would",
            "channel": "email",
            "day": cls.today - timedelta(days=9),
            "partner_id": followup.partner_id.id,
            "step": "Planted step",
            "amount": AMOUNT,
        }
        cls.add(f"{model}.line", line)

    @classmethod
    def _note_export(cls):
        """That what Acme has sent was exported: its file is in no row of ours."""
        cls.add(
            "account.email.journal.export",
            {
                "company_id": cls.company.id,
                "company_name": "Planted company",
                "exported_by": "Planted person",
                "emails": 3,
                "digest": "planted",
                "file_digest": "planted",
            },
        )

    @classmethod
    def _note_what_customers_say(cls):
        """A promise, a dispute, and an invoice's email that waits in the queue."""
        first, last = cls.rows["account.move"]
        cls.add(
            "account.email.promise",
            {
                "company_id": cls.company.id,
                "partner_id": first.partner_id.id,
                "move_ids": [Command.set(first.ids)],
                "until": cls.today + timedelta(days=3),
                "amount": AMOUNT,
                "note": "Planted note",
            },
        )
        cls.add(
            "account.email.late.charge",
            {
                "followup_id": cls.rows["account.email.followup"][-1].id,
                "fee_move_id": first.id,
                "move_ref": last.id,
                "move_line_ref": last.line_ids[0].id,
                "amount": AMOUNT,
            },
        )
        cls.add(
            "account.email.followup.case",
            {
                "company_id": cls.company.id,
                "partner_id": first.partner_id.id,
                "active": True,
                "total": AMOUNT,
                "todo": "waiting",
                "reason": "not_yet",
                "step_id": cls.step.id,
            },
        )
        last.with_env(cls.su)._email_followup_dispute("Planted reason")
        message = last.message_post(body="Planted invoice", message_type="comment")
        mail = {"mail_message_id": message.id, "email_to": "pay@customer.example"}
        cls.add("mail.mail", {**mail, "state": "outgoing"})

    @classmethod
    def _found_incoming(cls):
        cls.add(
            "account.email.incoming",
            {
                "connector_id": cls.connector.id,
                "followup_id": cls.rows["account.email.followup"][-1].id,
                "message_id": "<planted@customer.example>",
                "kind": "reply",
            },
        )

    # -- who comes by ----------------------------------------------------------------

    @classmethod
    def _found_users(cls):
        """Each role of :data:`ROLES` here and elsewhere: ``users[role, where]``."""
        cls._found_sales_group()
        cls.users = {
            (role, where): new_test_user(
                cls.env,
                f"matrix_{role}_{where}",
                groups,
                context={"no_reset_password": True},
                company_id=companies[0].id,
                company_ids=[Command.set(companies.ids)],
            )
            for where, companies in (("here", cls.acme), ("elsewhere", cls.beta))
            for role, groups in ROLES.items()
        }

    @classmethod
    def _found_sales_group(cls):
        """Reads what the salespeople of the module sale do."""
        group = cls.su["res.groups"].create({"name": "Sales"})
        module, name = SALES.split(".")
        cls.su["ir.model.data"].create(
            {"module": module, "name": name, "model": group._name, "res_id": group.id}
        )
        for model in ("account.move", "account.move.line", "res.partner"):
            cls.su["ir.model.access"].create(
                {
                    "name": f"Sales: {model}",
                    "model_id": cls.su["ir.model"]._get_id(model),
                    "group_id": group.id,
                    "perm_read": True,
                }
            )

    @classmethod
    def _open_wizards(cls):
        """Those that somebody of Acme has open: no business of anybody else."""
        for model, values in cls._wizard_values().items():
            cls.add(model, values)
        lines = cls.rows["account.email.followup.composer"].line_ids
        cls.values[lines._name] = cls.keep(lines).copy_data()[0]
        mine = cls.rows["account.email.connector.send.as"]
        mine.tested_for = f"{cls.connector.id} alias@planted.example"
        cls.rows["account.email.followup.replay.start"].plan_id = cls.step.plan_id

    @classmethod
    def _wizard_values(cls):
        return {
            **cls._mailbox_wizards(),
            **cls._followup_wizards(),
            **cls._customer_wizards(),
            "account.email.dispute": {
                "move_ids": [Command.set(cls.targets("account.move"))],
                "reason": "Planted reason",
            },
            "res.config.settings": {"company_id": cls.company.id},
        }

    @classmethod
    def _mailbox_wizards(cls):
        return {
            "account.email.connector.approval": {
                "connector_id": cls.rows["account.email.connector"][-1].id,
                "email": "admin@planted.example",
            },
            "account.email.connector.check": {
                "connector_id": cls.connector.id,
                "found": "Planted finding",
                "report": "Planted report",
            },
            "account.email.followup.start": {"connector_id": cls.connector.id},
            "account.email.connector.send.as": {
                "connector_id": cls.connector.id,
                "address": "alias@planted.example",
            },
            "account.email.connector.smtp": {
                "connector_id": cls.connector.id,
                "email": "billing@planted.example",
                "user": "planted-user",
                "password": "planted-password",
                "host": "smtp.planted.example",
                "encryption": "ssl",
                "port": 465,
                "sent_copy": "auto",
            },
        }

    @classmethod
    def _followup_wizards(cls):
        followup = cls.rows["account.email.followup"][0]
        step = {"partner_id": followup.partner_id.id, "step_id": cls.step.id}
        here = {**step, "company_id": cls.company.id}
        line = {
            **here,
            "move_line_ids": [Command.set(followup.line_ids.move_line_id.ids)],
            "amount": AMOUNT,
            "doubts": ",".join(Reason),
            "possible": True,
            "selected": True,
        }
        return {
            "account.email.followup.composer": {
                **step,
                "single": True,
                "plan_id": cls.step.plan_id.id,
                "subject": "Planted subject",
                "body": "<p>Planted body</p>",
                "line_ids": [Command.create(line)],
            },
            "account.email.followup.preview": here,
            "account.email.followup.replay.start": {"company_id": cls.company.id},
        }

    @classmethod
    def _customer_wizards(cls):
        customer = cls.rows["account.email.followup"][0].partner_id
        here = {"company_id": cls.company.id}
        several = {**here, "partner_ids": [Command.set(customer.ids)]}
        return {
            "account.email.followup.handover": {
                **here,
                "partner_id": customer.id,
                "to": "Planted lawyer",
            },
            "account.email.followup.pause": {**several, "choice": "never"},
            "account.email.followup.then": {**here, "partner_id": customer.id},
            "account.email.followup.plan.choice": {
                **several,
                "plan_id": cls.step.plan_id.id,
            },
        }

    def own(self, model, user):
        """A wizard that *user* has made, about what Acme has, in words of one's own."""
        wizard = self.env[model].with_user(user).sudo()
        wizard = wizard.create(_in_own_words(self.values[model]))
        for name, field in wizard._fields.items():
            if field.groups == fields.NO_ACCESS and field.store:
                wizard[name] = _in_own_words(self.rows[model][:1][name])
        wizard.flush_recordset()
        return wizard


def _in_own_words(value):
    """*value* without what only Acme knows; what points at its rows still does."""
    if isinstance(value, str):
        return re.sub("(?i)planted", "own", value)
    if isinstance(value, dict):
        return {key: _in_own_words(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(map(_in_own_words, value))
    return 1.0 if value == AMOUNT else value
