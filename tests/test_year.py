import logging
import os
import random
from collections import Counter
from datetime import date, timedelta
from unittest.mock import patch

from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.account.models.account_move import AccountMove

from ..providers.outcomes import AdminActionRequired, SignInRequired, Unavailable
from ..providers.reasons import Reason
from .common import ConnectorCommon
from .year.auditor import Auditor
from .year.mailbox import MoodyMailbox
from .year.office import CUSTOMERS, EVENING, LANGUAGES, MORNING, NOON, Office

_logger = logging.getLogger(__name__)

START, LENGTH = date(2025, 1, 6), 365
SEED = 20250106
SENDING, LATER = 11, 15  # o'clock
STORMS = {
    "sign_in": lambda: SignInRequired(Reason.WRONG_PASSWORD, code="535 5.7.8"),
    "administrator": lambda: AdminActionRequired(Reason.SIGN_IN_DISABLED),
    "down": lambda: Unavailable(Reason.PROVIDER_DOWN, code="421"),
}
#: All is in one transaction, of which autovacuum knows nothing.
STATISTICS = """
    ANALYZE account_move, account_move_line, account_partial_reconcile,
            account_payment, account_email_followup, account_email_followup_line,
            account_email_delivery, mail_message, mail_mail, mail_notification
"""
NOISY = (
    "odoo.addons.base.models.ir_mail_server",
    "odoo.addons.base.models.ir_cron",
    "odoo.addons.account_email_connector.models.mail_mail",
    "odoo.addons.mail.models.mail_mail",
)


@tagged("post_install", "-at_install", "-standard", "connector_year")
@freeze_time(START)
class TestYear(ConnectorCommon):
    """A year, day by day: every email is explained, and the books agree."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chance = random.Random(SEED)
        cls.mailbox = MoodyMailbox(cls.chance)
        for lang in LANGUAGES:
            cls.env["res.lang"]._activate_lang(lang)
        cls.env["ir.module.module"]._load_module_terms(
            ["account_email_connector"], list(LANGUAGES)
        )
        cls._be_accountant()
        cls._set_up_plans()

    @classmethod
    def _be_accountant(cls):
        """With an accounting app, payments have no entry before the bank's word."""
        cls.inbound_payment_method_line.payment_account_id = False
        cls.startClassPatcher(
            patch.object(
                AccountMove, "_get_invoice_in_payment_state", lambda self: "in_payment"
            )
        )

    @classmethod
    def _set_up_plans(cls):
        def ref(name):
            return cls.env.ref(f"account_email_connector.{name}")

        plans = ref("plan_default") | ref("plan_by_invoice") | ref("plan_recap")
        plans.write({"on_saturday": False, "on_sunday": False, "tz": "UTC"})
        ref("plan_default").write({"not_on_holidays": True, "minimum_amount": 5})
        ref("plan_default").write({"last_every": 20, "last_times": 2})
        ref("plan_by_invoice").write({"last_every": 15, "last_times": 1})
        ref("plan_by_invoice").catch_up_days = 30
        # To render them takes hours; tests/test_documents.py does.
        plans.step_ids.attach_invoices = False
        ref("step_final").review = True
        cls.env["account.email.followup.step"].create(
            {
                "plan_id": ref("plan_default").id,
                "name": "Call them",
                "days": 45,
                "channel": "todo",
            }
        )
        cls.ladder = sorted(ref("plan_default").step_ids.mapped("days"))

    def setUp(self):
        super().setUp()
        self.office = Office(self, self.chance, START, LENGTH)
        self.auditor = self.mailbox.auditor = Auditor(self)

    @mute_logger(*NOISY)
    def test_a_year(self):
        began = os.times().elapsed
        with freeze_time(START) as clock:
            for number in range(LENGTH):
                if number in (2, 7, 14) or not number % 30:
                    self.env.cr.execute(STATISTICS)
                self._live(clock, START + timedelta(days=number))
            self._end(clock, START + timedelta(days=LENGTH))
        self._report(os.times().elapsed - began)

    def _live(self, clock, day):
        def tell_time(hour):
            clock.move_to(f"{day} {hour:02}:00:00")

        tell_time(MORNING)
        self.office.live(day, MORNING)
        self._plan()
        tell_time(NOON)
        if self.office.live(day, NOON):
            self._plan()
        tell_time(SENDING)
        self._send()
        if self._waiting():
            tell_time(LATER)
            self._plan()
            self._send()
        tell_time(EVENING)
        self.office.live(day, EVENING)
        self._tidy_up(day)

    def _end(self, clock, day):
        """Clear up what is left, as a person would before closing the books."""
        clock.move_to(f"{day} {EVENING}:00:00")
        self.mailbox.chance = random.Random(0)
        self._tidy_up(day + timedelta(days=10))
        followups = self.auditor.close_the_year()
        self.states = Counter(followups.mapped("state"))
        self.todos = len(followups.filtered(lambda f: f.channel == "todo"))
        self._ask_the_books(day - timedelta(days=1))

    def _ask_the_books(self, last):
        """They say of each day what was written on it, but for what they forget."""
        witness = self.auditor.witness
        witness.testify(START, last)
        told = witness.replay(START, last)
        _logger.info("What the books say of each day: %s.", _listed(told))
        self.assertFalse(witness.unexplained)
        self.assertGreater(told["the same"], 250)

    def _plan(self):
        self.auditor.before_planning()
        rows = self.plan()
        self.auditor.after_planning(rows)

    def _send(self):
        self.auditor.before_sending()
        self.run_action()
        for fault in self.auditor.faults:
            raise fault
        self.auditor.look_at_todos()

    def _waiting(self):
        return self.env["account.email.followup"].search_count(
            [("state", "=", "planned"), ("company_id", "=", self.company.id)]
        )

    # -- what people do in the evening ------------------------------

    def _tidy_up(self, day):
        """Look at what needs a person, a day or two after it came up."""
        followups = self.env["account.email.followup"].search(
            [
                ("company_id", "=", self.company.id),
                ("state", "in", ("to_review", "unknown")),
            ],
            order="id",
        )
        for followup in followups:
            since = followup.done_on or followup.planned_date
            if (day - since).days <= self.chance.randint(0, 2):
                continue
            if followup.state == "to_review":
                held_back = self.chance.random() < 0.15
                followup.action_skip() if held_back else followup.action_approve()
            elif followup.message_id_header in self.mailbox.received:
                followup.action_was_sent()
            else:
                followup.action_was_not_sent()

    # -- the mailbox ------------------------------

    def break_mailbox(self, storm):
        if storm == "disconnected":
            self.connector.action_disconnect()
        elif storm == "throttled":
            self.mailbox.emails_before_throttle = 1
        else:
            self.mailbox.storm = STORMS[storm]

    def mend_mailbox(self):
        self.mailbox.storm = self.mailbox.emails_before_throttle = None
        if self.connector.state != "connected":
            self.reconnect()

    def _report(self, seconds):
        told = {**self.office.counts, **self.mailbox.counts}
        told |= self.auditor.counts
        _logger.info(
            "A year of %s customers in %.0f s: %s emails to %s customers, %s to-dos. "
            "Follow-ups: %s. What happened: %s.",
            CUSTOMERS,
            seconds,
            len(self.mailbox.received),
            len(self.auditor.emails),
            self.todos,
            _listed(self.states),
            _listed(told),
        )


def _listed(counts):
    return ", ".join(f"{number} {what}" for what, number in sorted(counts.items()))
