"""The pace of one mailbox, in simulated time."""

from datetime import datetime, timedelta
from email.message import EmailMessage

from odoo import fields
from odoo.tests import freeze_time, tagged

from ..engine.mailbox import condition
from ..engine.sending import schedule
from ..providers.base import OutgoingEmail
from ..providers.outcomes import Throttled
from ..providers.reasons import Reason
from .common import ConnectorCommon, MemoryMailbox

A_MINUTE = 30  # what Microsoft lets one mailbox send
MINUTES = 15
CALL = timedelta(milliseconds=300)


class StrictMailbox(MemoryMailbox):
    """Refuses what is one too many within any sixty seconds. A call takes its time."""

    def __init__(self, clock):
        super().__init__()
        self.clock = clock
        self.times = []

    def send(self, email):
        self.clock.tick(CALL)
        now = datetime.now()
        if sum(each > now - timedelta(minutes=1) for each in self.times) >= A_MINUTE:
            raise Throttled(Reason.TOO_FAST)
        receipt = super().send(email)
        self.times.append(now)
        return receipt


@tagged("post_install", "-at_install")
class TestPace(ConnectorCommon):
    def email(self, number):
        message = EmailMessage()
        message["From"], message["To"] = self.connector.email, "many@many.example"
        message["Message-ID"] = f"<{number}@pace.example>"
        message.set_content("Please pay")
        return OutgoingEmail(message, self.connector.email, ("many@many.example",))

    def test_a_mailbox_sends_what_it_is_allowed_to_and_no_more(self):
        self.connector.smtp_host = "smtp.office365.com"
        journal = self.env["account.email.delivery"]
        begin = fields.Datetime.now()
        with freeze_time(begin) as clock, self.enter_registry_test_mode():
            mailbox = StrictMailbox(clock)
            while datetime.now() < begin + timedelta(minutes=MINUTES):
                if not self.connector._usable():  # the action wakes again for this
                    clock.move_to(self.connector.wait_until)
                email = self.email(len(mailbox.accepted))
                journal._deliver(self.connector, mailbox, email)
                condition.note_success(self.connector)
        self.assertGreaterEqual(len(mailbox.times), 0.98 * A_MINUTE * MINUTES)

    def test_the_one_that_has_sent_nothing_for_the_longest_comes_first(self):
        other = self.connect(self._create_company(name="Beta"), "pay@beta.example")
        for connector in (self.connector, other):
            self.invoice(5, company=connector.company_id)
        self.env["account.email.followup"]._plan()
        connectors = self.env["account.email.connector"].sudo()
        ids = [self.connector.ids, other.ids]
        for first, second in (ids, ids[::-1]):
            self.env["account.email.delivery"].sudo().search([]).unlink()
            self.sent_from(connectors.browse(second), minutes_ago=1)
            self.assertEqual(schedule.with_work(connectors), [first, second])
            self.sent_from(connectors.browse(first), minutes_ago=2)
            self.assertEqual(schedule.with_work(connectors), [first, second])

    def sent_from(self, connector, minutes_ago):
        self.env["account.email.delivery"].sudo().create(
            {
                "connector_id": connector.id,
                "company_id": connector.company_id.id,
                "sender": connector.email,
                "message_id": f"<{connector.id}@{minutes_ago}.example>",
                "envelope_key": "key",
                "state": "accepted",
                "accepted_at": fields.Datetime.now() - timedelta(minutes=minutes_ago),
            }
        )
