from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ..engine.sending import due
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
        shown = followup.action_send_now()
        self.assertEqual(shown["params"]["ids"], followup.ids, "the page follows it")
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


@tagged("post_install", "-at_install")
class TestReview(ReviewCommon):
    """What waits for a person is shown to that person, who is told of it."""

    def to_review(self, *customers):
        for customer in customers or (self.customer,):
            self.invoice(5, partner=customer)
        return self.plan().with_user(self.billing)

    def todos(self):
        return self.connector.activity_ids

    def test_the_email_is_shown_before_it_goes(self):
        followup = self.to_review()
        invoice = followup.line_ids.move_id
        self.assertIn("open invoices from Acme", followup.email_subject)
        self.assertIn(invoice.name, followup.email_html)
        self.assertIn("100.00", followup.email_html)
        followup.action_approve()
        shown = followup.email_subject
        self.run_action()
        message = self.mailbox.accepted[0].message
        self.assertEqual(message["Subject"], shown)
        self.assertIn(
            invoice.name, message.get_body(("plain",)).get_content(), "as it was shown"
        )

    def test_a_broken_template_is_told_and_stops_nobody(self):
        followup = self.to_review()
        self.env.cr.execute(
            """UPDATE mail_template SET body_html = '{"en_US": "<t t-out=\\"1/0\\"/>"}'
                WHERE id = %s""",
            [followup.step_id.template_id.id],
        )
        self.env.invalidate_all()
        with mute_logger("odoo.addons.mail.models.mail_render_mixin"):
            self.assertIn("render", followup.email_html)

    def test_one_todo_for_all_that_waits(self):
        one, two = self.to_review(self.customer, self.customer.copy())
        self.run_action()
        todo = self.todos()
        self.assertEqual(todo.user_id, self.connector.connected_by_id)
        self.assertIn("wait until you have read", todo.summary)
        self.assertIn("action_followup_to_review", todo.note)
        self.run_action()
        self.assertEqual(self.todos(), todo)
        one.action_approve()
        self.assertEqual(self.todos(), todo, "another one waits")
        two.action_skip()
        self.assertFalse(self.todos())

    def test_nothing_to_review_nobody_told(self):
        self.step.review = False
        self.to_review()
        self.run_action()
        self.assertFalse(self.todos())

    def test_the_responsible_is_told_who_may_approve(self):
        for group, told in (
            ("account.group_account_invoice", True),
            ("account.group_account_readonly", False),
        ):
            with self.subTest(group):
                user = new_test_user(
                    self.env, f"told_{told}", group, company_id=self.company.id
                )
                self.ladder.responsible_id = user
                self.to_review(self.customer.copy())
                self.run_action()
                self.assertEqual(self.todos().user_id == user, told)

    def test_an_edited_email_that_comes_back_is_told(self):
        self.step.review = False
        invoice = self.invoice(5, 100)
        action = invoice.with_user(self.billing).action_email_followup_compose()
        composer = self.env[action["res_model"]].browse(action["res_id"])
        composer.with_user(self.billing).body = "<p>You owe us 100</p>"
        composer.with_user(self.billing).action_send()
        self.pay(invoice, 60)
        self.run_action()
        self.assertTrue(self.todos())


@tagged("post_install", "-at_install")
class TestReviewMany(ReviewCommon):
    """Many at once, or one after the other."""

    def to_review(self, count=3):
        for number in range(count):
            customer = self.customer.copy({"email": f"n{number}@review.example"})
            self.invoice(5, partner=customer)
        return self.plan().sorted().with_user(self.billing)

    def in_form(self, followup):
        return followup.with_context(email_followup_in_review=True)

    def message(self, action):
        return action["params"]["message"]

    def test_what_can_be_approved_is_and_the_rest_is_counted(self):
        one, two, three, four = followups = self.to_review(4)
        one.action_skip()
        two.action_send_now()
        self.run_action()
        shown = followups.action_approve()
        self.assertEqual(
            self.message(shown),
            "Approved: 2. Left as they were: 1 × Skipped, 1 × Sent.",
        )
        self.assertEqual(
            followups.mapped("state"), ["skipped", "sent", "planned", "planned"]
        )
        again = (three + four).action_approve()
        self.assertIn("Approved: 0.", self.message(again))
        with self.assertRaisesRegex(UserError, "moved on"):
            three.action_approve()

    def test_what_is_being_sent_right_now_is_neither_skipped_nor_lost(self):
        one, two, three = followups = self.to_review()
        one.sudo().state = "sending"
        shown = followups.action_skip()
        self.assertIn(
            "Skipped: 2. Left as they were: 1 × Sending", shown["params"]["message"]
        )
        self.assertEqual((two + three).mapped("state"), ["skipped", "skipped"])
        self.assertEqual((two + three).mapped("skip"), ["once", "once"])
        with self.assertRaisesRegex(UserError, "being sent"):
            one.action_skip()

    def test_all_of_them_could_be(self):
        shown = self.to_review().action_approve()
        self.assertEqual(self.message(shown), "Approved: 3.")
        self.assertEqual(shown["params"]["type"], "success")

    def test_from_collections_those_that_wait_are_approved_and_the_rest_is_counted(
        self,
    ):
        one, two, three = followups = self.to_review()
        one.action_skip()
        two.sudo().state = "sending"
        rows = self.cases().with_user(self.billing)
        self.assertEqual(len(rows), 3)
        shown = rows.action_approve()
        self.assertEqual(
            self.message(shown),
            "Approved: 1. Customers of whom nothing waits for a review: 2.",
        )
        self.assertEqual(followups.mapped("state"), ["skipped", "sending", "planned"])
        self.assertNotIn("to_review", rows.mapped("todo"))
        again = rows.action_approve()
        self.assertIn("Approved: 0.", self.message(again))
        self.assertEqual(again["params"]["type"], "warning")

    def test_collections_knows_of_it_at_once(self):
        one, *_others = self.to_review()
        rows = self.cases()
        self.assertEqual(set(rows.mapped("todo")), {"to_review"})
        one.action_approve()
        row = rows.filtered(lambda case: case.partner_id == one.partner_id)
        self.assertNotEqual(row.todo, "to_review")

    def test_after_one_comes_the_next_and_at_the_end_the_list(self):
        one, two, three = self.to_review()
        shown = self.in_form(two).action_approve()
        self.assertEqual(shown["params"], {"id": three.id, "ids": (one + three).ids})
        shown = self.in_form(three).action_skip()
        self.assertEqual(shown["params"]["id"], one.id, "from the beginning")
        shown = self.in_form(one).action_skip_step()
        self.assertEqual(self.message(shown), "All reviewed.")
        self.assertFalse(shown["params"]["next"]["params"]["id"])

    def test_the_next_is_of_the_companies_that_one_has(self):
        (mine,) = self.to_review(1)
        other = self._create_company(name="Other")
        self.connect(other, "billing@other.example")
        self.invoice(5, partner=self.customer.copy(), company=other)
        foreign = self.env["account.email.followup"]._plan(other)
        self.assertEqual(foreign.state, "to_review")
        self.assertEqual(
            self.message(self.in_form(mine).action_approve()), "All reviewed."
        )

    def test_elsewhere_no_next_one_is_shown(self):
        one, _two, _three = self.to_review()
        self.assertIsNone(one.action_approve())

    def edit(self, followup, words):
        action = followup.action_edit()
        composer = self.env[action["res_model"]].browse(action["res_id"])
        composer = composer.with_user(self.billing)
        composer.body = words
        return composer

    def test_what_was_edited_waits_on_until_it_is_approved(self):
        followup, other = self.to_review(2)
        composer = self.edit(followup, "<p>As agreed!</p>")
        self.assertFalse(composer.remark, "it is the one that is on its way")
        shown = composer.action_save()
        edited = followup.browse(shown["params"]["id"])
        self.assertEqual((edited.state, edited.by_hand), ("to_review", True))
        self.assertIn("As agreed!", edited.email_html)
        self.assertEqual(followup.state, "skipped")
        self.run_action()
        self.assertFalse(self.mailbox.accepted)
        shown = self.in_form(edited).action_approve()
        self.assertEqual(shown["params"]["id"], other.id)
        self.run_action()
        (email,) = self.mailbox.accepted
        self.assertIn("As agreed!", email.message.get_body(("plain",)).get_content())

    def test_what_was_edited_and_sent_leads_to_the_next(self):
        followup, other = self.to_review(2)
        shown = self.edit(followup, "<p>As agreed!</p>").action_send()
        self.assertEqual(shown["params"]["next"]["params"]["id"], other.id)


@tagged("post_install", "-at_install")
class TestReviewOnline(ReviewCommon, HttpCase):
    def test_opening_the_form_writes_nothing(self):
        """Odoo opens forms in a read-only transaction: not even a link's token."""
        invoice = self.invoice(5)
        followup = self.plan()
        self.billing.password = "review_billing"
        self.authenticate("review_billing", "review_billing")
        (shown,) = self.make_jsonrpc_request(
            "/web/dataset/call_kw/account.email.followup/web_read",
            {
                "model": "account.email.followup",
                "method": "web_read",
                "args": [followup.ids],
                "kwargs": {"specification": {"email_html": {}}},
            },
        )
        self.assertIn(invoice.name, shown["email_html"])
        self.assertFalse(invoice.access_token)


@tagged("post_install", "-at_install")
class TestSkip(ConnectorCommon):
    """Skipping leaves this one out; the others go on."""

    def test_a_coming_one_skipped_holds_nothing_before_it(self):
        coming = self.invoice(-4)
        row = self.case()
        day = row.next_date
        row.action_skip()
        late = self.invoice(5)  # booked late
        followup = self.plan()
        self.assertEqual(followup.line_ids.move_id, late)
        followup.action_skip_step()
        again = self.plan(day + timedelta(days=1))
        self.assertNotIn(coming, again.line_ids.move_id)

    def test_of_many_coming_ones_those_are_skipped_that_still_come(self):
        customers = [self.customer, self.customer.copy({"name": "Red Hill"})]
        for customer in customers:
            self.invoice(-4, partner=customer)
        rows = self.cases()
        self.assertEqual(len(rows), 2)
        customers[1].email_followup_excluded = True
        shown = rows.action_skip()
        message = shown["params"]["message"]
        self.assertIn("Skipped: 1. Red Hill: Nothing comes", message)
        followups = self.env["account.email.followup"].search([])
        self.assertEqual(followups.partner_id, self.customer)
        self.assertEqual(followups.state, "skipped")


@tagged("post_install", "-at_install")
@freeze_time("2026-06-24 05:45:00")  # a Wednesday
class TestHours(ConnectorCommon):
    """The action runs once an hour, whatever the hours of a plan."""

    def wakes(self):
        cron = self.env.ref("account_email_connector.ir_cron_followups")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        return sorted(str(at) for at in triggers.mapped("call_at"))

    def wait_for(self, **hours):
        self.env.ref("account_email_connector.plan_default").write(hours)
        self.env["ir.cron.trigger"].search([]).unlink()
        self.invoice(5)
        return self.plan()

    def test_half_an_hour_that_the_hourly_run_never_meets(self):
        followup = self.wait_for(from_hour=8, until_hour=8.5, tz="Europe/Paris")
        self.run_action()
        self.run_action()
        self.assertEqual(followup.state, "planned")
        self.assertEqual(self.wakes(), ["2026-06-24 06:00:00"])
        with freeze_time("2026-06-24 06:00:00"):
            self.run_action()
        self.assertEqual(followup.state, "sent")

    def test_too_late_for_today_it_wakes_tomorrow(self):
        self.wait_for(from_hour=6, until_hour=6 + 1 / 3, tz="Europe/Paris")
        self.run_action()
        self.assertEqual(self.wakes(), ["2026-06-25 04:00:00"])

    def test_after_the_weekend_it_goes_when_the_hours_begin(self):
        """Midnight in UTC is nine in the morning in Tokyo: after the hours."""
        hours = {"from_hour": 8, "until_hour": 8.5, "tz": "Asia/Tokyo"}
        followup = self.wait_for(**hours)
        followup.plan_id.on_saturday = followup.plan_id.on_sunday = False
        with freeze_time("2026-06-26 23:00:00"):  # Saturday, 8:00 over there
            self.run_action()
        self.assertEqual(followup.reason, "not_a_sending_day")
        with freeze_time("2026-06-28 23:00:00"):  # Monday, 8:00
            self.run_action()
        self.assertEqual(followup.state, "sent")

    def test_two_companies_far_apart_on_one_address(self):
        """What is closed in Tokyo is not counted as left, and London's is not held."""
        tokyo = self._create_company(name="Tokyo")
        self.connect(tokyo, "accounting@acme.example")
        self.company.partner_id.tz, tokyo.partner_id.tz = "Europe/London", "Asia/Tokyo"
        london = self.wait_for(from_hour=5, until_hour=12)  # 6:00; 14:00 over there
        self.invoice(5, partner=self.customer.copy(), company=tokyo)
        far = self.env["account.email.followup"]._plan(tokyo)
        connectors = london.connector_id | far.connector_id
        self.assertEqual(due.followups(connectors), london)
        self.run_action()
        self.assertEqual((london.state, far.state), ("sent", "planned"))
        with freeze_time("2026-06-23 21:00:00"):  # 6:00 in Tokyo, 22:00 in London
            self.assertEqual(due.followups(connectors), far)

    def test_always_open_needs_no_waking(self):
        self.wait_for()
        self.run_action()
        self.assertFalse(self.wakes())
