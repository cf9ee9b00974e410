"""An incident is told by email where Odoo has no mail server of its own."""

from contextlib import contextmanager
from unittest.mock import patch

from odoo import SUPERUSER_ID
from odoo.tests import tagged

from odoo.addons.base.models.ir_mail_server import IrMail_Server

from ..engine.mailbox.incident import ACTIVITY
from ..providers.outcomes import Rejected, Throttled
from ..providers.reasons import Reason
from .test_banner import BannerCommon

UNTOLD = "could not be told by email"


@tagged("post_install", "-at_install")
class TestElsewhere(BannerCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["mail.mail"].sudo().search([]).unlink()
        cls.bystanders.sudo().email = False
        cls.colleague.email = False
        cls.other = cls.connect(cls.other_company, "billing@borealis.example")
        cls.other.sender_name = "Borealis"

    @contextmanager
    def no_server(self):
        """Odoo has no mail server; the mailboxes are at work."""
        gone = OSError("Connection refused")
        with (
            self.mail_leaves(),
            self.enter_registry_test_mode(),
            patch.object(IrMail_Server, "_connect__", side_effect=gone),
        ):
            yield

    def tell(self):
        """The mailbox breaks; the queue goes twice over the emails about that."""
        self.lose_mailbox()
        mails = self.env["mail.mail"].search([("subject", "like", "are not sent")])
        with self.no_server(), self.registry.cursor() as cr:  # as the queue
            queued = mails.with_env(self.env(cr=cr, user=SUPERUSER_ID))
            for _turn in range(2):
                waiting = queued.exists().filtered(lambda m: m.state == "outgoing")
                waiting.send(auto_commit=True)
        self.env.invalidate_all()
        return mails.exists()

    def todo(self):
        return self.connector.activity_ids.filtered(
            lambda each: each.activity_type_id == self.env.ref(ACTIVITY)
        )

    def test_who_is_in_charge_of_both_hears_from_the_other_mailbox(self):
        self.manager.company_ids |= self.other_company
        self.tell()
        (email,) = self.mailbox.accepted
        self.assertEqual(list(email.recipients), [self.manager.email])
        self.assertIn("billing@borealis.example", email.message["From"])
        self.assertNotIn(UNTOLD, self.todo().note)

    def test_nobody_else_does(self):
        mail = self.tell()
        self.assertFalse(self.mailbox.accepted)
        self.assertEqual(mail.state, "exception")
        self.assertIn(f"Anna {UNTOLD}", self.todo().note)

    def test_a_broken_mailbox_tells_nobody(self):
        self.manager.company_ids |= self.other_company
        self.lose_mailbox(self.other)
        self.env["mail.mail"].sudo().search([]).unlink()
        self.tell()
        self.assertFalse(self.mailbox.accepted)
        self.assertIn(UNTOLD, self.todo().note)

    def test_a_mailbox_that_refuses_it_is_said(self):
        self.manager.company_ids |= self.other_company
        self.mailbox.refusals[:] = [Rejected(Reason.RECIPIENT_REFUSED)]
        self.tell()
        self.assertEqual(self.todo().note.count(UNTOLD), 1)

    def test_a_mailbox_that_puts_it_off_is_waited_for(self):
        self.manager.company_ids |= self.other_company
        self.mailbox.refusals[:] = [Throttled(Reason.TOO_FAST, retry_after=60)]
        mail = self.tell()
        self.assertEqual(mail.state, "outgoing")
        self.assertNotIn(UNTOLD, self.todo().note)

    def test_odoos_own_server_comes_first(self):
        self.manager.company_ids |= self.other_company
        self.lose_mailbox()
        mails = self.env["mail.mail"].search([("subject", "like", "are not sent")])
        self.assertFalse(any(mails.sudo()._owners().values()))
