from datetime import datetime, timedelta

from lxml import html

from odoo.exceptions import AccessError, UserError
from odoo.modules.migration import load_script
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import format_date

from ..engine.mailbox import start
from ..engine.planning import outlook
from ..engine.sending import recheck
from .common import ConnectorCommon
from .test_upgrade import SCRIPTS

TUESDAY = datetime(2026, 11, 24, 10)


@freeze_time(TUESDAY)
class StartCommon(ConnectorCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connector.chasing = "new"
        cls.manager = new_test_user(
            cls.env,
            "start_manager",
            "account.group_account_manager",
            email="manager@acme.example",
            company_id=cls.company.id,
        )
        cls.ladder = cls.env.ref("account_email_connector.plan_default")
        cls.other = cls.customer.copy({"name": "Green Hill"})

    def form(self, user=None):
        """The window that *Start follow-ups* opens."""
        connector = self.connector.with_user(user or self.manager)
        action = connector.action_start()
        model = self.env[action["res_model"]].with_user(user or self.manager)
        return Form(model.with_context(**action["context"]))

    def start(self, **values):
        form = self.form()
        for name, value in values.items():
            setattr(form, name, value)
        return form.save().action_start()

    def followups(self):
        return self.env["account.email.followup"].search(
            [("company_id", "=", self.company.id)], order="id"
        )

    def shown(self, form):
        """The table of what would go: [[day, emails, customers, amount], …]."""
        rows = html.fromstring(str(form.outlook)).xpath("//tbody/tr")
        return [[" ".join(cell.text_content().split()) for cell in row] for row in rows]

    def said(self, form):
        return " ".join(html.fromstring(str(form.outlook)).text_content().split())


@tagged("post_install", "-at_install")
class TestStart(StartCommon):
    def test_connecting_sends_nothing(self):
        invoice = self.invoice(40)
        self.never_sent(30)
        self.run_action()
        self.assertFalse(self.connector.activity_ids)
        self.assertFalse(self.followups())
        self.assertFalse(self.mailbox.accepted)
        self.assertFalse(self.customer.activity_ids, "nor is anybody given work")
        self.assertEqual(invoice.email_followup_reason, "not_started")
        case = self.env["account.email.followup.case"].with_user(self.manager)
        case.action_open()
        row = case.search([("partner_id", "=", self.customer.id)])
        self.assertEqual((row.todo, row.overdue), ("not_started", 200))
        self.assertIn("not started", row.reason_text)

    def test_by_hand_one_may_send_before(self):
        self.invoice(40)
        composer = self.env["account.email.followup.composer"].with_user(self.manager)
        action = composer._open(partners=self.customer)
        wizard = composer.browse(action["res_id"])
        wizard.action_send()
        self.run_action()
        self.assertEqual(self.followups().state, "sent")

    def test_it_shows_what_would_go(self):
        self.invoice(40, 100)
        self.invoice(20, 50, partner=self.other)
        self.invoice(0, 10, partner=self.customer.copy({"name": "Soon"}))
        self.invoice(90, 1000, partner=self.customer.copy({"name": "Old"}))
        self.invoice(-60, 7, partner=self.customer.copy({"name": "Later"}))
        form = self.form()
        self.assertEqual(form.plan_id, self.ladder)
        self.assertEqual(form.since, self.today - timedelta(days=60))
        self.assertTrue(form.read_first)
        self.assertEqual(
            self.shown(form),
            [
                ["Tue, Nov 24", "2", "Blue Lake, Green Hill", "$ 150.00"],
                ["Fri, Nov 27", "1", "Soon", "$ 10.00"],
            ],
        )
        self.assertIn(
            "Left alone, because it was due before: $ 1,000.00", self.said(form)
        )
        self.assertIn("approved", self.said(form))
        form.since = False
        self.assertIn("Old", self.shown(form)[0][2])
        self.assertNotIn("Left alone", self.said(form))
        form.read_first = False
        self.assertNotIn("approved", self.said(form))
        form.plan_id = self.env.ref("account_email_connector.plan_recap")
        self.assertNotIn("Tue, Nov 24", self.said(form), "monthly, on the first")
        self.assertFalse(self.followups(), "nothing is written by looking")

    def test_it_is_what_the_planner_does(self):
        """Day by day, with weekends, hours and a holiday, without sending any."""
        self.company.country_id = self.env.ref("base.us")
        self.ladder.write(
            {
                "on_saturday": False,
                "on_sunday": False,
                "not_on_holidays": True,
                "from_hour": 9,
                "until_hour": 17,
            }
        )
        for days in range(-14, 40):
            partner = self.customer.copy({"name": f"C{days}"})
            self.invoice(days, 100 + days, partner=partner)
        begun = start.supposed(self.connector, self.ladder, False, False)
        found = outlook.outlook(self.env, self.company, begun)
        self.connector.chasing = "on"
        planned = {}
        for ahead in range(outlook.DAYS + 1):
            day = self.today + timedelta(days=ahead)
            for followup in self.plan(day):
                planned[followup.partner_id.id] = day, followup.amount
        self.assertEqual(
            {each.customer_id: (each.day, each.amount) for each in found.all}, planned
        )
        self.assertEqual(len(found.coming), 10)
        self.assertNotIn(self.today + timedelta(days=2), found.coming, "Thanksgiving")

    def test_after_hours_it_goes_on_the_next_day(self):
        self.ladder.write({"from_hour": 9, "until_hour": 10})
        self.invoice(40)
        self.assertEqual(self.shown(self.form())[0][0], "Wed, Nov 25")
        self.ladder.write({"from_hour": 11, "until_hour": 12})
        self.assertEqual(self.shown(self.form())[0][0], "Tue, Nov 24", "still to come")

    def test_who_has_no_address_is_said(self):
        self.customer.email = False
        self.invoice(40)
        self.assertEqual(self.shown(self.form())[0][1], "0 To-dos: 1")

    def test_the_first_are_read_before_they_go(self):
        self.invoice(40)
        self.invoice(90, partner=self.other)
        self.start()
        self.run_action()
        followup = self.followups()
        self.assertEqual(followup.partner_id, self.customer, "the other is too old")
        self.assertEqual(followup.state, "to_review")
        self.assertFalse(self.mailbox.accepted)
        followup.with_user(self.manager).action_approve()
        self.run_action()
        self.assertEqual(followup.state, "sent")
        with freeze_time(TUESDAY + timedelta(days=15)):
            self.assertEqual(self.plan().state, "planned", "the next step")

    def test_the_two_weeks_begin_once(self):
        self.start()
        until = self.today + timedelta(days=14)
        self.assertEqual(self.connector.read_first_until, until)
        with freeze_time(TUESDAY + timedelta(days=3)):
            self.start(since=False)
            self.assertEqual(self.connector.read_first_until, until)
            self.start(read_first=False)
            self.assertFalse(self.connector.read_first_until)

    def test_what_is_too_old_says_so(self):
        old = self.invoice(90)
        self.start()
        self.assertEqual(old.email_followup_reason, "before_start")
        since = format_date(self.env, self.connector.chase_since, date_format="long")
        said = f"Left alone: it was due before {since}."
        self.assertEqual(old.email_followup_text, said)
        self.start(since=False)
        self.assertEqual(old.email_followup_reason, "due")

    def test_the_later_start_counts(self):
        """The plan has one for all its companies, each company its own."""
        self.ladder.start_date = self.today - timedelta(days=30)
        invoice = self.invoice(40)
        self.start(since=self.today - timedelta(days=50))
        self.assertEqual(invoice.email_followup_reason, "before_start")

    def test_another_plan_becomes_the_companys(self):
        recap = self.env.ref("account_email_connector.plan_recap")
        self.start()
        self.assertFalse(self.company.email_followup_plan_id, "as it was")
        self.start(plan_id=recap)
        self.assertEqual(self.company.email_followup_plan_id, recap)

    def test_a_plan_of_another_company_is_none_to_choose(self):
        foreign = self.ladder.copy({"company_id": self._create_company(name="B").id})
        wizard = self.form().save()
        with self.assertRaises(UserError):
            wizard.plan_id = foreign.id
            wizard.action_start()
        self.assertEqual(self.connector.chasing, "new")

    def test_stopped_they_wait(self):
        self.invoice(40)
        self.start(read_first=False)
        followup = self.plan()
        self.connector.with_user(self.manager).action_stop()
        self.assertEqual(self.connector.chasing, "off")
        self.run_action()
        self.assertEqual(followup.state, "planned")
        self.assertFalse(self.mailbox.accepted)
        self.invoice(40, partner=self.other)
        self.assertFalse(self.plan(), "nor is anything planned")
        self.start()
        self.run_action()
        self.assertEqual(followup.state, "sent")

    def test_stopped_while_one_is_about_to_leave(self):
        """Its run had begun before: it waits, and goes as soon as it is started."""
        self.invoice(40)
        self.start(read_first=False)
        followup = self.plan()
        self.connector.chasing = "off"
        looked = recheck.look_again(followup)
        self.assertFalse(looked)
        self.assertEqual((followup.state, followup.reason), ("planned", "not_started"))
        self.assertTrue(followup.retry_at)
        self.start(read_first=False)
        self.run_action()
        self.assertEqual(followup.state, "sent")

    def test_what_was_planned_before_is_read_first_too(self):
        self.invoice(40)
        self.start(read_first=False)
        followup = self.plan()
        self.start(read_first=True)
        self.run_action()
        self.assertFalse(self.mailbox.accepted)
        self.assertEqual((followup.state, followup.reason), ("to_review", "read_first"))
        followup.with_user(self.manager).action_approve()
        self.run_action()
        self.assertEqual(followup.state, "sent")

    def test_a_call_is_nothing_to_be_read(self):
        self.ladder.step_ids.channel = "todo"
        self.invoice(40)
        self.start()
        self.assertEqual(self.plan().mapped("state"), ["planned"])

    def test_it_opens_whatever_waits(self):
        """Of whom every step was sent, and who was written to by hand since."""
        invoice = self.invoice(40)
        self.ladder.step_ids[1:].unlink()
        self.start(read_first=False)
        self.run_action()
        self.assertEqual(self.followups().state, "sent")
        with freeze_time(TUESDAY + timedelta(days=20)):
            self.assertEqual(invoice.email_followup_reason, "all_steps_done")
            opened = invoice.action_email_followup_compose()
            composer = self.env[opened["res_model"]].browse(opened["res_id"])
            composer.action_save()
            self.assertIn("to_review", self.followups().mapped("state"))
            self.assertTrue(self.form().outlook)

    def test_a_stopped_branch_is_not_chased_by_its_parent(self):
        branch = self._create_company(name="Branch", parent_id=self.company.id)
        own = self.connect(branch, "branch@acme.example")
        self.start(read_first=False)
        start.stop(own)
        own._mine().action_disconnect()
        self.invoice(40, company=branch)
        self.assertFalse(self.plan())

    def test_a_branch_that_begins_with_it_is_shown(self):
        """It has a plan of its own, and sends by its parent's mailbox."""
        branch = self._create_company(name="Branch", parent_id=self.company.id)
        branch.email_followup_plan_id = self.ladder.copy({"company_id": branch.id})
        self.invoice(40, company=branch)
        self.manager.company_ids |= branch
        self.assertEqual(self.shown(self.form())[0][2], "Blue Lake")
        self.start(read_first=False)
        planned = self.env["account.email.followup"]._plan(self.company | branch)
        self.assertEqual(planned.partner_id, self.customer)

    def test_it_says_what_comes_now(self):
        def said(**values):
            params = self.start(**values)["params"]
            return params["title"], params["message"]

        self.assertEqual(said()[0], "Started")
        title, text = said(read_first=False)
        self.assertEqual(title, "Saved")
        self.assertIn("Next 14 Days", text)
        self.assertIn("To review", said(read_first=True)[1])
        self.connector.state = "error"
        self.assertIn("until the mailbox works", said(read_first=False)[1])

    def test_of_several_some_are_read(self):
        """Without reading all: those of a step that wants it."""
        self.ladder.step_ids[0].review = True
        self.invoice(5)
        self.invoice(20, partner=self.other)
        form = self.form()
        self.assertIn("None leaves before", self.said(form))
        form.read_first = False
        self.assertIn("None leaves before", self.said(form), "both begin mildly")
        self.ladder.step_ids[0].review = False
        form.since = self.today - timedelta(days=50)
        self.assertNotIn("approved", self.said(form))

    def test_without_a_plan_nothing_is_started(self):
        wizard = self.form().save()
        wizard.plan_id = False
        with self.assertRaisesRegex(UserError, "Choose a plan"):
            wizard.action_start()
        wizard = self.form().save()
        self.connector.with_user(self.manager).action_disconnect()
        with self.assertRaisesRegex(UserError, "connect a mailbox"):
            wizard.action_start()
        self.assertEqual(self.connector.chasing, "new")

    def again(self, address):
        """The mailbox is disconnected, and one is connected."""
        mailbox = self.connector.with_user(self.manager)
        mailbox.action_disconnect()
        mailbox._connect(address, {"password": "secret"}, {"provider": "smtp"})

    def test_the_same_mailbox_goes_on(self):
        self.invoice(40)
        self.start(read_first=False)
        self.again(self.connector.email.upper())
        self.assertEqual(self.connector.chasing, "on")
        self.run_action()
        self.assertEqual(self.followups().state, "sent")

    def test_from_another_mailbox_nothing_goes_before_it_is_started(self):
        self.invoice(40)
        self.start(read_first=False)
        followup = self.plan()
        self.again("other@acme.example")
        self.assertEqual(self.connector.chasing, "new")
        self.run_action()
        self.assertEqual(followup.state, "planned")
        self.assertFalse(self.mailbox.accepted)
        self.start(read_first=False)
        self.run_action()
        self.assertEqual(followup.state, "sent")

    def test_what_was_stopped_stays_so_with_another_mailbox(self):
        self.start(read_first=False)
        start.stop(self.connector)
        self.again("other@acme.example")
        self.assertEqual(self.connector.chasing, "off")

    def test_who_connects_is_told_what_goes(self):
        told = {}
        for self.connector.chasing in ("on", "off", "new"):
            text = start.in_words(self.connector, "a@acme.example")
            self.assertIn("leave from a@acme.example.", text)
            told[self.connector.chasing] = text
        self.assertIn("now", told["on"])
        self.assertIn("are stopped", told["off"])
        self.assertIn("No follow-up goes by itself yet", told["new"])

    def test_without_a_mailbox_there_is_nothing_to_start(self):
        self.connector.with_user(self.manager).action_disconnect()
        with self.assertRaisesRegex(UserError, "Connect a mailbox first"):
            self.form()

    def test_who_may_not(self):
        company = self._create_company(name="B")
        for groups, of in (
            ("account.group_account_invoice", self.company),
            ("account.group_account_readonly", self.company),
            ("account.group_account_manager", company),
        ):
            user = new_test_user(
                self.env,
                f"start_{groups}_{of.id}",
                groups,
                company_id=of.id,
                company_ids=[(6, 0, of.ids)],
            )
            with self.assertRaises(AccessError):
                self.connector.with_user(user).action_start()
            with self.assertRaises(AccessError):
                self.connector.with_user(user).action_stop()
            wizards = self.env["account.email.followup.start"].with_user(user)
            with self.assertRaises(AccessError):
                wizards.create({"connector_id": self.connector.id}).action_start()
            with self.assertRaises(AccessError):
                self.assertFalse(
                    wizards.new({"connector_id": self.connector.id}).outlook
                )
            with self.assertRaises(AccessError):
                self.connector.with_user(user).chasing = "on"
        with self.assertRaises(AccessError):
            self.connector.with_user(self.manager).chasing = "on"
        self.assertEqual(self.connector.chasing, "new")

    def test_another_company_s_plan_in_disguise_is_not_told(self):
        """As a record in memory, which is said to be of a stored one."""
        company = self._create_company(name="B")
        theirs = self.ladder.copy({"name": "Theirs", "company_id": company.id})
        self.invoice(40)
        wizards = self.env["account.email.followup.start"].with_user(self.manager)
        values = {"connector_id": self.connector.id, "plan_id": {"id": theirs.id}}
        none = {**values, "plan_id": False}
        self.assertEqual(wizards.new(values).ladder, wizards.new(none).ladder)
        self.assertEqual(wizards.new(values).outlook, wizards.new(none).outlook)

    def test_what_a_branch_owes_is_not_told(self):
        """Its parent's mailbox chases for it; this manager has the parent only."""
        branch = self._create_company(name="Branch", parent_id=self.company.id)
        self.invoice(40, company=branch)
        self.invoice(40, 60, partner=self.other)
        self.assertNotIn(branch, self.manager.company_ids)
        self.assertEqual(
            self.shown(self.form()), [["Tue, Nov 24", "1", "Green Hill", "$ 60.00"]]
        )

    def test_the_banner_asks_managers_to_start(self):
        lines = self.connector.with_user(self.manager).get_trouble()
        self.assertEqual([line["state"] for line in lines], ["connected"])
        self.start()
        self.assertFalse(self.connector.with_user(self.manager).get_trouble())
        self.connector.with_user(self.manager).action_stop()
        self.assertFalse(
            self.connector.with_user(self.manager).get_trouble(), "it was wanted"
        )

    def test_who_sends_invoices_only_is_left_in_peace(self):
        self.connector.sends_accounting_emails = True
        self.assertFalse(self.connector.with_user(self.manager).get_trouble())

    def test_an_update_changes_nothing_for_who_chases(self):
        def upgrade():
            self.env.flush_all()
            path = str(SCRIPTS / "19.0.1.9.0/post-start.py")
            load_script(path, "upgrade_start").migrate(self.env.cr, "19.0.1.8.0")
            self.env.invalidate_all()

        fresh = self.env["account.email.connector"].create(
            {"company_id": self._create_company(name="B").id}
        )
        upgrade()
        self.assertEqual((self.connector.chasing, fresh.chasing), ("on", "new"))
        self.assertFalse(self.connector.chase_since)
        self.assertFalse(self.connector.read_first_until)
        self.invoice(400)
        followup = self.plan()
        self.assertEqual(followup.state, "planned")
        self.connector.chasing = "new"
        self.connector.with_user(self.manager).action_disconnect()
        upgrade()
        self.assertEqual(self.connector.chasing, "on", "it has chased before")
