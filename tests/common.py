"""A company with a mailbox and customers who owe it money.

The mailbox is a Mailbox in memory, put in place of the real one at the edge: tests
with real mail servers are in ``tests/pure`` and ``tests/process``.
"""

from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from unittest.mock import patch

from odoo import Command, fields
from odoo.tests import freeze_time

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.base.models.ir_mail_server import IrMail_Server

from ..dev.samples.begin import at_any_hour
from ..engine.secrets import mailboxes
from ..engine.sending import side_by_side
from ..providers.base import Mailbox, Receipt, SentCopy


class MemoryMailbox(Mailbox):
    """Accepts every email, unless :attr:`refusals` has an outcome for it."""

    def __init__(self):
        self.accepted = []
        self.filed = []
        self.refusals = []  # outcomes, one for each coming attempt; None accepts
        self.lies_in_sent = set()
        self.refused = {}  # recipients, of emails that are accepted for others

    def check(self):
        pass

    def send(self, email):
        email.leaving()
        outcome = self.refusals.pop(0) if self.refusals else None
        if outcome:
            raise outcome
        self.accepted.append(email)
        refused = {a: why for a, why in self.refused.items() if a in email.recipients}
        return Receipt(
            datetime.now(timezone.utc), email.message_id, refused=refused or None
        )

    def file_copy(self, email):
        self.filed.append(email.message_id)
        return SentCopy("filed")

    def find_sent(self, message_id):
        return message_id in self.lies_in_sent or None


def _send_now(mails):
    """In place of ``_send_after_commit``: here nothing is ever committed."""
    for connector, its_mails in mails._group_by_connector():
        its_mails._send_each(connector)


class ConnectorCommon(AccountTestInvoicingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.freeze_time:
            # One day for all tests of a class, also if midnight comes meanwhile. Not
            # before the transaction of the class, which PostgreSQL's now() tells.
            now = fields.Datetime.now() + timedelta(seconds=1)
            cls.startClassPatcher(freeze_time(now))
        cls.today = fields.Date.today()
        # All transactions of a test share one connection: one mailbox at a time.
        cls.startClassPatcher(patch.object(side_by_side, "MAILBOXES_AT_ONCE", 1))
        cls.company = cls.env.company
        cls.company.name = "Acme"
        at_any_hour(cls.env)  # each test says its own hours
        cls.connector = cls.connect(cls.company, "accounting@acme.example")
        cls.customer = cls.env["res.partner"].create(
            {"name": "Blue Lake", "email": "pay@bluelake.example", "lang": "en_US"}
        )
        cls.mailbox = MemoryMailbox()
        mails = cls.registry["mail.mail"]
        cls.startClassPatcher(patch.object(mails, "_send_after_commit", _send_now))

    def setUp(self):
        super().setUp()
        for name in ("accepted", "filed", "refusals"):
            getattr(self.mailbox, name).clear()
        self.mailbox.lies_in_sent.clear()
        self.mailbox.refused.clear()

    @classmethod
    def connect(cls, company, address):
        connector = cls.env["account.email.connector"].search(
            [("company_id", "=", company.id)]
        ) or cls.env["account.email.connector"].create({"company_id": company.id})
        settings = {
            "provider": "smtp",
            "smtp_host": "smtp.acme.example",
            "smtp_port": 465,
            "smtp_encryption": "ssl",
            "smtp_user": address,
        }
        connector._connect(address, {"password": "planted-secret"}, settings)
        connector.sudo().chasing = "on"  # how it begins: test_start
        return connector.sudo()

    @classmethod
    def invoice(cls, days_overdue, amount=100.0, partner=None, **values):
        """Post an invoice that was due *days_overdue* days ago, and was sent."""
        due = cls.today - timedelta(days=days_overdue)
        move = cls._post("out_invoice", due, amount, partner, **values)
        move.is_move_sent = True
        return move

    @classmethod
    def never_sent(cls, days_overdue, amount=100.0, partner=None, **values):
        """Post an invoice, and do not send it."""
        due = cls.today - timedelta(days=days_overdue)
        return cls._post("out_invoice", due, amount, partner, **values)

    @classmethod
    def credit_note(cls, amount, partner=None, **values):
        return cls._post("out_refund", cls.today, amount, partner, **values)

    @classmethod
    def _post(cls, move_type, due, amount, partner, company=None, **values):
        company = company or cls.company
        move = (
            cls.env["account.move"]
            .with_company(company)
            .create(
                {
                    "move_type": move_type,
                    "partner_id": (partner or cls.customer).id,
                    "invoice_date": due - timedelta(days=30),
                    "invoice_date_due": due,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "Work",
                                "price_unit": amount,
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                    **values,
                }
            )
        )
        move.action_post()
        return move

    @classmethod
    def pay(cls, invoice, amount=None):
        """Register a payment of *invoice*, all of it unless an *amount* is given."""
        wizard = (
            cls.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({})
        )
        if amount:
            wizard.amount = amount
        return wizard._create_payments()

    def cases(self):
        """The rows of the worklist, as they are now."""
        rows = self.env["account.email.followup.case"]
        rows.action_open()
        return rows.search([("company_id", "=", self.company.id)])

    def case(self, partner=None):
        """The row of one customer."""
        who = partner or self.customer
        return self.cases().filtered(lambda row: row.partner_id == who)

    @classmethod
    def plan(cls, on_date=None):
        return cls.env["account.email.followup"]._plan(cls.company, on_date)

    @contextmanager
    def mail_leaves(self):
        """Let emails really go out, into the mailbox in memory."""
        with (
            patch.object(IrMail_Server, "_disable_send", lambda *a: False),
            patch.object(mailboxes, "open_mailbox", lambda *args: self.mailbox),
        ):
            yield

    def reconnect(self):
        """Sign in again: where that shows too little, an email leaves."""
        with self.mail_leaves(), self.enter_registry_test_mode():
            self.connect(self.company, self.connector.email)
        self.env.invalidate_all()

    def run_action(self):
        """Run the scheduled action as Odoo does, in transactions of its own."""
        cron = self.env.ref("account_email_connector.ir_cron_followups")
        with self.mail_leaves(), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()

    @contextmanager
    def later(self, **passed):
        """After so much time (as ``timedelta`` takes it)."""
        with freeze_time(fields.Datetime.now() + timedelta(**passed)):
            yield

    def run_queue(self):
        """Let Odoo go through the queue of its emails, as its scheduled action does."""
        with self.mail_leaves(), self.enter_registry_test_mode():
            self.env["mail.mail"].sudo().process_email_queue()
        self.env.invalidate_all()

    def retry_now(self):
        """Let the time pass after which a postponed follow-up may go."""
        followups = self.env["account.email.followup"].sudo()
        followups.search([("retry_at", "!=", False)]).retry_at = False
        self.connector.wait_until = False
