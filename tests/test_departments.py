from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..engine.followup.thread import conversations
from .common import ConnectorCommon


class DepartmentsCommon(ConnectorCommon):
    """A customer with two departments."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hall = cls.customer
        cls.roads = cls.contact("Roads", type="invoice")
        cls.school = cls.contact("School", type="invoice")

    @classmethod
    def contact(cls, name, **values):
        email = values.pop("email", f"{name.lower()}@bluelake.example")
        return cls.env["res.partner"].create(
            {"name": name, "parent_id": cls.customer.id, "email": email, **values}
        )

    def both(self):
        """An invoice to School and one to Roads, and the follow-ups about them."""
        self.of_school = self.invoice(20, 300, self.school)
        self.of_roads = self.invoice(10, 200, self.roads)
        return self.plan()

    def of(self, who, followups):
        return followups.filtered(
            lambda each: (each.addressee_id or each.partner_id) == who
        )

    def followups(self):
        return self.env["account.email.followup"].search(
            [("company_id", "=", self.company.id)]
        )

    def sent(self):
        """What went out: address → text of the email."""
        self.mailbox.accepted.clear()
        self.run_action()
        return {
            email.recipients: email.message.get_body(("html",)).get_content()
            for email in self.mailbox.accepted
        }

    def composer(self, action):
        return self.env[action["res_model"]].browse(action["res_id"])


@tagged("post_install", "-at_install")
class TestDepartments(DepartmentsCommon):
    """Of one customer, each contact hears about the invoices addressed to it."""

    # -- planning and sending ------------------------------

    def test_each_hears_about_its_own(self):
        followups = self.both()
        self.assertEqual(followups.addressee_id, self.school + self.roads)
        self.assertEqual(followups.partner_id, self.hall)
        emails = self.sent()
        self.assertEqual(
            set(emails), {("school@bluelake.example",), ("roads@bluelake.example",)}
        )
        to_school = emails["school@bluelake.example",]
        self.assertIn(self.of_school.name, to_school)
        self.assertNotIn(self.of_roads.name, to_school)
        self.assertNotIn("Roads", to_school)
        self.assertNotIn("200", to_school)

    def test_planning_again_changes_nothing(self):
        self.assertEqual(len(self.both()), 2)
        self.assertFalse(self.plan())

    def test_the_company_itself(self):
        """Of two departments neither is the company."""
        self.invoice(20, 100)
        self.assertEqual(self.plan().recipient_ids, self.hall)

    def test_the_only_contact_for_invoices_hears_about_the_company(self):
        self.roads.active = False
        self.invoice(20, 100)
        self.invoice(20, 100, self.school)
        followup = self.plan()
        self.assertEqual(followup.recipient_ids, self.school)
        self.assertEqual(len(followup.line_ids), 2)

    def test_the_contact_for_followups_hears_about_all(self):
        chief = self.contact("Chief", type="email_followup")
        followup = self.both()
        self.assertEqual(len(followup), 1)
        self.assertEqual(followup.recipient_ids, chief)
        self.assertEqual(len(followup.line_ids), 2)

    def test_one_that_cannot_be_written_to(self):
        self.school.email_followup_bounced = "school@bluelake.example"
        followups = self.both()
        self.assertEqual(len(followups), 2)
        own = self.of(self.hall, followups)
        self.assertEqual(own.line_ids.move_id, self.of_school)
        self.assertEqual(own.recipient_ids, self.hall)

    def test_two_with_one_address_get_one_email(self):
        self.roads.email = "School@bluelake.example"
        followup = self.both()
        self.assertEqual(len(followup), 1)
        self.assertEqual(set(self.sent()), {("school@bluelake.example",)})

    def test_a_payment_on_account_is_for_the_oldest_of_all(self):
        self.credit_note(350)
        followups = self.both()
        self.assertEqual(followups.addressee_id, self.roads)
        self.assertEqual(followups.amount, 150)

    def test_a_credit_note_is_for_its_own(self):
        self.credit_note(250, self.roads)
        followups = self.both()
        # Roads has 50 more than it owes: they are subtracted, but not named.
        self.assertEqual(followups.addressee_id, self.school)
        self.assertEqual(followups.amount, 250)
        (email,) = self.sent().values()
        self.assertNotIn("RINV", email)
        self.assertIn("On your account", email)
        self.assertIn("250.00", email)

    def test_the_steps_are_each_ones(self):
        self.invoice(20, 300, self.school)
        first = self.plan()
        self.sent()
        self.invoice(10, 200, self.roads)
        second = self.plan()
        self.assertEqual(second.addressee_id, self.roads, "no gap between the two")
        self.assertEqual(second.step_id, first.step_id)
        self.sent()
        later = self.plan(self.today + timedelta(days=15))
        self.assertEqual(later.addressee_id, self.school + self.roads)
        self.assertEqual(set(later.mapped("step_id.name")), {"Firm reminder"})

    def test_a_later_one_answers_the_earlier_one_of_the_same(self):
        first = self.both()
        self.sent()
        roots = {each.addressee_id: each.thread_root for each in first}
        self.assertEqual(len(set(roots.values())), 2)
        later = self.plan(self.today + timedelta(days=30))
        self.assertEqual(len(later), 2)
        threads = conversations(later)
        self.assertEqual({one.addressee_id: threads[one].root for one in later}, roots)

    # -- the look before sending ------------------------------

    def test_an_address_that_came_meanwhile(self):
        self.school.email = False
        followups = self.both()
        self.school.email = "school@bluelake.example"
        self.assertIn(("school@bluelake.example",), self.sent())
        self.assertEqual(set(followups.mapped("state")), {"sent"})

    def test_an_address_that_bounced_meanwhile(self):
        followups = self.both()
        self.school.email_followup_bounced = "school@bluelake.example"
        self.assertEqual(
            set(self.sent()),
            {("pay@bluelake.example",), ("roads@bluelake.example",)},
        )
        self.assertEqual(set(followups.mapped("state")), {"sent"})

    def test_one_of_before_goes_on(self):
        """It was written down when there was one email for all of a customer."""
        self.invoice(20, 300, self.school)
        followup = self.plan()
        followup.addressee_id = False
        self.assertFalse(self.plan(), "it is on its way")
        self.assertEqual(set(self.sent()), {("school@bluelake.example",)})
        self.assertEqual(followup.state, "sent")

    def test_one_of_before_about_two_makes_way(self):
        self.contact("Chief", type="email_followup", email="chief@bluelake.example")
        followup = self.both()
        self.env["res.partner"].search([("name", "=", "Chief")]).active = False
        self.assertFalse(self.plan(), "it is on its way")
        self.assertFalse(self.sent())
        self.assertIn("Another contact", followup.reason_text)
        self.assertEqual(self.plan().addressee_id, self.school + self.roads)

    def test_what_a_person_wrote_is_read_again(self):
        followups = self.both()
        own = self.of(self.school, followups)
        own.write({"subject": "Dear School", "body": "<p>Pay</p>", "by_hand": True})
        self.school.email_followup_bounced = "school@bluelake.example"
        self.sent()
        self.assertEqual((own.state, own.reason), ("to_review", "changed"))

    # -- what people see ------------------------------

    def test_the_names_tell_them_apart(self):
        followups = self.both()
        self.assertEqual(
            sorted(followups.mapped("display_name")),
            ["Blue Lake, Roads", "Blue Lake, School"],
        )

    def test_the_customer_says_of_whom(self):
        self.both()
        self.env.invalidate_all()
        self.assertRegex(self.hall.email_followup_text, "^(School|Roads): ")
        self.assertNotIn(":", self.school.email_followup_text)

    def test_the_first_that_comes_is_shown_and_skipped(self):
        self.invoice(-20, 300, self.school)
        self.invoice(-10, 200, self.roads)
        row = self.case(self.hall)
        shown = row.action_preview()["context"]
        preview = self.env["account.email.followup.preview"].with_context(**shown)
        self.assertIn("200.00", preview.create({}).body)
        self.assertNotIn("300.00", preview.create({}).body)
        day = row.next_date
        row.action_skip()
        skipped = self.followups()
        self.assertEqual((skipped.addressee_id, skipped.done_on), (self.roads, day))
        self.assertGreater(row.next_date, day)

    def test_the_composer_writes_to_each(self):
        self.invoice(20, 300, self.school)
        self.invoice(10, 200, self.roads)
        composer = self.composer(self.hall.action_email_followup_compose())
        self.assertFalse(composer.single)
        self.assertEqual(composer.line_ids.addressee_id, self.school + self.roads)
        composer.action_send()
        self.assertEqual(len(self.sent()), 2)

    def test_the_composer_of_one_invoice(self):
        of_school = self.invoice(20, 300, self.school)
        self.invoice(10, 200, self.roads)
        composer = self.composer(of_school.action_email_followup_compose())
        self.assertEqual(composer.recipient_ids, self.school)
        self.assertNotIn("200", composer.body)
        composer.action_send()
        self.assertEqual(self.followups().addressee_id, self.school)
        self.assertNotIn("200", self.sent()["school@bluelake.example",])

    def test_by_hand_takes_the_place_of_its_own(self):
        followups = self.both()
        composer = self.composer(self.of_school.action_email_followup_compose())
        composer.action_send()
        self.assertEqual(self.of(self.school, followups).state, "skipped")
        self.assertEqual(self.of(self.roads, followups).state, "planned")

    def test_who_may_not_read_follow_ups(self):
        followups = self.both()
        user = new_test_user(self.env, "seller", groups="base.group_user")
        with self.assertRaises(AccessError):
            followups.with_user(user).mapped("addressee_id")

    # -- contacts are merged ------------------------------

    def test_contacts_are_merged(self):
        followups = self.both()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        both = self.school + self.roads
        wizard._merge(both.ids, self.school, extra_checks=False)
        self.env.invalidate_all()
        self.assertEqual(sorted(followups.mapped("state")), ["planned", "skipped"])
        self.assertEqual(followups.addressee_id, self.school)
