from datetime import timedelta

from odoo.tests import freeze_time, new_test_user, tagged

from .common import ConnectorCommon

SATURDAY_NIGHT = "2026-06-27 22:00:00"
MONDAY_MORNING = "2026-06-29 09:00:00"


class ReviewCommon(ConnectorCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ladder = cls.env.ref("account_email_connector.plan_default")
        cls.step = cls.env.ref("account_email_connector.step_friendly")
        cls.step.review = True
        cls.billing = new_test_user(
            cls.env,
            "review_billing",
            "account.group_account_invoice",
            company_id=cls.company.id,
        )


@tagged("post_install", "-at_install")
@freeze_time(SATURDAY_NIGHT)
class TestApprove(ReviewCommon):
    """Approving says that the words are right; "send now" says when."""

    def reviewed(self):
        office_hours = {"from_hour": 8, "until_hour": 18, "tz": "UTC"}
        self.invoice(5)
        followup = self.plan()
        self.assertEqual(followup.state, "to_review")
        self.ladder.write({**office_hours, "on_saturday": False, "on_sunday": False})
        return followup.with_user(self.billing)

    def test_approved_on_saturday_night_it_goes_on_monday(self):
        followup = self.reviewed()
        followup.action_approve()
        self.run_action()
        self.assertEqual(followup.state, "planned")
        with freeze_time("2026-06-28 12:00:00"):  # the right hour, but a Sunday
            self.run_action()
            self.assertFalse(self.mailbox.accepted)
            self.assertEqual(followup.reason, "not_a_sending_day")
        with freeze_time(MONDAY_MORNING):
            self.run_action()
        self.assertEqual(followup.state, "sent")

    def test_sent_now_it_goes_on_saturday_night(self):
        followup = self.reviewed()
        followup.action_send_now()
        self.run_action()
        self.assertEqual(followup.state, "sent")

    def test_approved_late_it_still_goes(self):
        self.ladder.catch_up_days = 3
        self.invoice(5)
        followup = self.plan()
        with freeze_time(MONDAY_MORNING) as clock:
            clock.tick(timedelta(days=10))
            followup.with_user(self.billing).action_approve()
            self.run_action()
        self.assertEqual(followup.state, "sent")

    def test_paid_after_it_was_approved(self):
        followup = self.reviewed()
        followup.action_approve()
        self.pay(followup.line_ids.move_id)
        with freeze_time(MONDAY_MORNING):
            self.run_action()
        self.assertEqual(followup.state, "skipped")
        self.assertFalse(self.mailbox.accepted)
