"""A plan tried on the past: who may, what becomes of it, and what the page says."""

from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from lxml import html

from odoo import Command, api, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from ..engine.replay import asking, job, rows
from ..engine.replay import walk as walking
from .test_books import BooksCommon

REPLAY = "account.email.followup.replay"


class ReplayCommon(BooksCommon):
    """A plan of Acme's, and customers who have paid sooner or later."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = cls.someone("accountant", "account.group_account_invoice")
        cls.manager = cls.someone("manager", "account.group_account_manager")
        cls.auditor = cls.someone("auditor", "account.group_account_readonly")
        cls.ladder = cls.env.ref("account_email_connector.plan_default").copy(
            {"name": "Ours", "company_id": cls.company.id}
        )
        cls.company.email_followup_plan_id = cls.ladder
        cls.first_step = cls.ladder.step_ids[0]

    @classmethod
    def someone(cls, name, groups, companies=None):
        companies = companies or cls.company
        return new_test_user(
            cls.env,
            f"replay_{name}",
            groups,
            lang="en_US",
            company_id=companies[0].id,
            company_ids=[Command.set(companies.ids)],
        )

    def as_user(self, records, user):
        self.env.flush_all()
        self.env.invalidate_all()
        context = {"allowed_company_ids": user.company_ids.ids}
        return records.with_user(user).with_context(**context)

    def asked(self, user=None, plan=None, values=None):
        """The wizard, as the plan's button opens it."""
        plan = self.as_user(self.ladder if plan is None else plan, user or self.manager)
        action = plan.try_on_the_past(values or {})
        return plan.env[action["res_model"]].browse(action["res_id"])

    def begun(self, user=None, **asked):
        """What is tried, before it has begun."""
        return self.start(self.asked(user, **asked))

    def start(self, wizard):
        """Press its button; the newest is what was begun."""
        wizard.action_start()
        return self.env[REPLAY].sudo().search([], limit=1).sudo(False)

    @contextmanager
    def elsewhere(self, replay):
        """The same in another transaction, of whoever asked for it."""
        user = replay.user_id
        with self.registry.cursor() as cr:
            yield replay.with_env(api.Environment(cr, user.id, {}))
        self.env.invalidate_all(flush=False)

    def run_it(self):
        """As the scheduled action does, in transactions of its own."""
        cron = self.env.ref("account_email_connector.ir_cron_replays")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def tried(self, user=None, **asked):
        """What was tried, as *user* sees it."""
        replay = self.begun(user, **asked)
        self.run_it()
        return self.as_user(replay, user or self.manager)

    def said(self, replay):
        """The words of the page."""
        found = html.fromstring(f"<div>{replay.page}</div>")
        return " ".join(found.text_content().split())

    def owe(self, name, due, paid=None, amount=100, **values):
        """A customer whose invoice was due, and paid, so many days ago."""
        values = {"email": "a@customer.example", **values}
        partner = self.env["res.partner"].create({"name": name, **values})
        invoice = self.issue(due + 30, amount, partner)
        if paid is not None:
            self.receive(paid, amount, partner, invoice)
        return partner


@tagged("post_install", "-at_install")
class TestReplayPage(ReplayCommon):
    def setUp(self):
        super().setUp()
        step = self.first_step.days
        self.soon = self.owe("Soon", 100, 100 - step - 2)
        self.late = self.owe("Late", 200, 100, 300)
        self.never = self.owe("Never", 40)

    def test_it_shows_what_the_plan_would_have_sent(self):
        replay = self.tried()
        self.assertEqual(replay.state, "done", replay.problem)
        lines = replay.line_ids.filtered(lambda line: line.kind == "would")
        self.assertEqual(lines.partner_id, self.soon + self.late + self.never)
        first = lines.filtered(lambda line: line.partner_id == self.soon)
        self.assertEqual(first.day, self.ago(100 - self.first_step.days))
        self.assertEqual(first.step, self.first_step.display_name)
        self.assertEqual((first.days, first.soon), (2, True))
        self.assertEqual(replay.emails, len(lines))
        text = self.said(replay)
        self.assertIn("Customers: 3", text)
        self.assertIn("Invoices that they ask for: $ 500.00", text)
        self.assertIn("Paid within three days anyway 1", text)
        self.assertIn("Customers' behaviour stays as it was", text)
        self.assertIn("As it was saved", text)

    def test_nothing_is_written_but_its_own_rows(self):
        cases, followups = (
            self.env[name].sudo().search_count([])
            for name in ("account.email.followup.case", "account.email.followup")
        )
        self.tried()
        for name, before in (
            ("account.email.followup.case", cases),
            ("account.email.followup", followups),
        ):
            self.assertEqual(self.env[name].sudo().search_count([]), before)

    def test_what_nobody_was_reminded_of(self):
        self.ladder.step_ids = [
            Command.delete(step.id) for step in self.ladder.step_ids[1:]
        ]
        self.first_step.days = 110
        replay = self.tried()
        missed = replay.line_ids.filtered(lambda line: line.kind == "unreminded")
        self.assertEqual(missed.partner_id, self.late)
        self.assertEqual((missed.days, missed.amount), (100, 300))
        self.assertEqual(missed.move_id.partner_id, self.late)
        self.assertIn("paid more than 30 days late 1", self.said(replay))

    def test_beside_what_was_really_sent(self):
        followup = self.plan().filtered(lambda one: one.partner_id == self.never)
        followup.sudo().write({"state": "sent", "done_on": self.ago(10)})
        replay = self.tried()
        self.assertIn("Emails that were really sent 1 Customers: 1", self.said(replay))
        action = replay.action_rows("sent")
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found, followup)

    def test_each_number_opens_its_rows(self):
        replay = self.tried()
        lines = replay.line_ids
        day = lines[0].day.isoformat()
        for which, value, wanted in (
            ("emails", None, lines.filtered(lambda line: line.channel == "email")),
            ("soon", None, lines.filtered("soon")),
            ("day", day, lines.filtered(lambda line: line.day.isoformat() == day)),
            ("todos", None, lines.filtered(lambda line: line.channel == "todo")),
            ("review", None, lines.filtered("review")),
            ("unreminded", None, lines.browse()),
        ):
            action = replay.action_rows(which, value)
            found = lines.search(action["domain"])
            self.assertEqual(found, wanted, which)

    def test_each_number_of_a_page_is_that_of_its_rows(self):
        """Also of a step that is an email to some, and a to-do for others."""
        self.owe("No address", 60, email=False)
        self.ladder.step_ids[1].name = self.first_step.name
        replay = self.tried()
        self.assertGreater(len({*replay.line_ids.mapped("channel")}), 1)
        buttons = html.fromstring(f"<div>{replay.page}</div>").xpath("//*[@data-rows]")
        steps = 0
        for button in buttons:
            rows_of, value = button.get("data-rows"), button.get("data-value")
            action = replay.action_rows(rows_of, value)
            found = replay.env[action["res_model"]].search_count(action["domain"])
            self.assertEqual(button.text, str(found), f"{rows_of} {value}")
            steps += rows_of == "step"
        self.assertGreater(steps, len(self.ladder.step_ids))

    def test_only_what_the_emails_ask_for_is_said_of_them(self):
        self.owe("No address", 60, amount=7000, email=False)
        replay = self.tried()
        self.assertTrue(replay.line_ids.filtered(lambda line: line.channel == "todo"))
        self.assertIn("Invoices that they ask for: $ 500.00", self.said(replay))

    def test_what_was_credited_was_not_paid_anyway(self):
        partner = self.owe("Credited", 100)
        (invoice,) = self.env["account.move"].search([("partner_id", "=", partner.id)])
        days = 100 - self.first_step.days - 2
        self.settle(invoice, self.credit(days, 100, partner))
        replay = self.tried()
        line = replay.line_ids.filtered(lambda line: line.partner_id == partner)
        self.assertEqual((line.paid_on, line.soon), (self.ago(days), False))
        self.assertIn("Paid within three days anyway 1", self.said(replay))

    def test_what_is_left_alone_is_not_missed(self):
        self.ladder.start_date = self.ago(150)
        replay = self.tried()
        self.assertNotIn(self.late, replay.line_ids.partner_id)
        text = self.said(replay)
        self.assertIn("paid more than 30 days late 0", text)
        self.assertIn("is left alone. Of that, paid more than 30 days late: 1.", text)
        self.ladder.start_date = self.ago(300)
        self.assertRegex(self.said(self.tried()), r"What was due .* is left alone\. ")

    def test_what_a_branch_sent_by_itself_was_really_sent(self):
        branch = self._create_company(name="Branch", parent_id=self.company.id)
        both = self.someone(
            "both", "account.group_account_manager", self.company + branch
        )
        followup = self.plan().filtered(lambda one: one.partner_id == self.never)
        followup.sudo().write(
            {"company_id": branch.id, "state": "sent", "done_on": self.ago(10)}
        )
        replay = self.tried(both)
        self.assertIn("Emails that were really sent 1 Customers: 1", self.said(replay))
        action = replay.action_rows("sent")
        found = replay.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found, followup.with_env(replay.env))

    def test_what_nobody_has_saved_goes_along(self):
        changed = {"step_ids": [Command.update(self.first_step.id, {"days": 9})]}
        replay = self.tried(values={"name": "Softer", **changed})
        self.assertEqual((replay.basis, replay.plan_name), ("changed", "Softer"))
        self.assertNotIn(self.soon, replay.line_ids.partner_id)
        self.assertIn("(9 days)", replay.line_ids[0].step)
        self.assertIn("With changes that were not saved", self.said(replay))
        self.assertNotEqual(self.first_step.days, 9)

    def test_a_form_that_is_not_saved_is_not_left(self):
        """Odoo would save it."""
        for values, kind in (({}, "act_window"), ({"minimum_gap": 9}, "act_url")):
            wizard = self.asked(values=values)
            for action in (wizard.action_earlier(), wizard.action_start()):
                self.assertEqual(action["type"], f"ir.actions.{kind}")
            self.run_it()
        self.assertEqual(action["target"], "new")

    def test_a_new_plan(self):
        new = {
            "name": "Once",
            "company_id": self.company.id,
            "step_ids": [
                Command.create(
                    {
                        "name": "Please",
                        "days": 1,
                        "template_id": self.first_step.template_id.id,
                    }
                )
            ],
        }
        nothing = self.ladder.browse()
        replay = self.tried(plan=nothing, values=new)
        self.assertEqual(replay.state, "done", replay.problem)
        self.assertEqual((replay.basis, replay.plan_name), ("new", "Once"))
        self.assertEqual({*replay.line_ids.mapped("step")}, {"Please (1 day)"})
        self.assertFalse(replay.plan_id)
        again = replay.action_again()
        wizard = replay.env[again["res_model"]].browse(again["res_id"])
        self.assertEqual(wizard.sudo().form_values["name"], "Once")

    def test_the_busiest_day_beside_what_the_mailbox_takes(self):
        replay = self.tried()
        self.assertIn("What the mailbox takes in a day is not known", self.said(replay))
        for limit, words in (
            (1, "The mailbox takes 1 in a day"),
            (500, "The mailbox takes 500 in a day."),
        ):
            replay.sudo().day_limit = limit
            self.assertIn(words, self.said(self.as_user(replay, self.manager)))
        for name in ("One", "Two"):
            self.owe(name, 100, 50)
        replay = self.tried()
        replay.sudo().day_limit = 2
        text = self.said(self.as_user(replay, self.manager))
        self.assertIn("takes 2 in a day: that would have taken 2 days", text)

    def test_a_branch_with_a_mailbox_of_its_own_is_tried_along(self):
        """Its emails are no burden of the other mailbox."""
        branch = self._create_company(name="Branch", parent_id=self.company.id)
        self.connect(branch, "billing@branch.example")
        self.invoice(60, company=branch)
        self.owe("The same day", 60)
        alone = self.tried()
        self.assertEqual(alone.line_ids.company_id, self.company)
        companies = self.company + branch
        both = self.someone("both", "account.group_account_manager", companies)
        replay = self.tried(both)
        self.assertEqual(replay.state, "done", replay.problem)
        self.assertEqual(replay.line_ids.company_id.ids, companies.ids)
        self.assertGreater(replay.emails, alone.emails)
        text = self.said(replay)
        self.assertIn("Branch", text)
        self.assertIn("Emails on the busiest day 1 ", text)
        action = replay.action_rows("day", self.ago(60 - self.first_step.days))
        found = replay.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found.company_id, self.company)
        self.assertFalse(
            self.as_user(replay, self.manager).search([("id", "=", replay.id)])
        )

    def test_the_limit_of_a_provider(self):
        self.connector.write({"provider": "google"})
        self.assertTrue(rows._day_limit(self.connector))

    # -- why nothing would have gone -------------------------------------------------

    def test_why_nothing_would_have_gone(self):
        for values, words in (
            ({"step_ids": [Command.clear()]}, "the plan has no steps"),
            ({"start_date": self.today}, "only what is due after these days"),
            (
                {"step_ids": self._only(step_days=900)},
                "customers had paid before a step was due",
            ),
        ):
            with self.subTest(words):
                replay = self.tried(values=values)
                self.assertIn(words, self.said(replay))
                self.assertFalse(replay.emails)

    def _only(self, step_days):
        first, *others = self.ladder.step_ids.ids
        return [
            Command.update(first, {"days": step_days}),
            *map(Command.delete, others),
        ]

    def test_days_before_there_were_any_entries(self):
        wizard = self.asked()
        wizard.write({"period": "days", "first": self.ago(600), "last": self.ago(400)})
        replay = self.start(wizard)
        self.run_it()
        replay = self.as_user(replay, self.manager)
        self.assertIn("nothing was invoiced before the end of these", self.said(replay))
        known = self.tried()
        self.assertIn("nothing is known of the days before", self.said(known))
        drawn = html.fromstring(known.page).xpath("//details//tbody/tr")
        weeks = (known.last - known.books_since).days / 7
        self.assertLess(len(drawn), weeks + 2, "its weeks begin with the first entry")

    def test_nobody_has_the_plan(self):
        other = self.ladder.copy({"name": "Nobody's"})
        self.assertIn("nobody who has this plan", self.said(self.tried(plan=other)))

    # -- saved meanwhile ---------------------------------------------------------------

    def saved_since(self, replay):
        """In a test all is one moment, for Odoo."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_email_followup_replay SET create_date = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(hours=1), replay.id],
        )
        self.env.invalidate_all()

    def one_more_step(self):
        template = self.first_step.template_id.id
        step = {"name": "One more", "days": 90, "template_id": template}
        return {"step_ids": [Command.create(step)]}

    def test_a_changed_plan_that_was_saved_meanwhile(self):
        """Its changes are not made twice."""
        values = self.one_more_step()
        replay = self.begun(values=values)
        self.ladder.write(values)
        self.saved_since(replay)
        self.run_it()
        self.assertEqual(replay.state, "failed")
        self.assertEqual(
            replay.problem, "The plan was saved meanwhile: try it from its form."
        )
        self.again_as_saved(replay)

    def again_as_saved(self, replay):
        """*Try other days* takes the plan as it is saved by now."""
        mine = self.as_user(replay, self.manager)
        action = mine.action_again()
        wizard = mine.env[action["res_model"]].browse(action["res_id"])
        self.assertFalse(wizard.sudo().form_values)
        again = self.start(wizard)
        self.run_it()
        self.assertEqual((again.basis, again.state), ("saved", "done"))

    def test_a_changed_plan_that_was_saved_afterwards(self):
        values = self.one_more_step()
        replay = self.tried(values=values)
        self.assertEqual(replay.state, "done", replay.problem)
        self.ladder.write(values)
        self.saved_since(replay)
        self.again_as_saved(replay)

    def test_a_changed_plan_one_of_whose_steps_was_saved(self):
        replay = self.tried(values={"minimum_amount": 5})
        self.env.cr.execute(
            """UPDATE account_email_followup_plan SET write_date = '2020-01-01'
                WHERE id = %s""",
            [self.ladder.id],
        )
        self.saved_since(replay)
        self.again_as_saved(replay)

    # -- what a form has ---------------------------------------------------------------

    def test_what_no_form_has_is_not_kept(self):
        wizard = self.asked(values={"minimum_amount": 5, "nonsense": "x", "id": 7})
        self.assertEqual(wizard.sudo().form_values, {"minimum_amount": 5})

    def test_what_cannot_be_kept_is_refused(self):
        for values in (
            {"name": "a\0b"},
            {"name": "x" * asking.LONGEST_FORM},
            ["minimum_amount"],
        ):
            with self.assertRaises(UserError) as raised:
                self.asked(values=values)
            self.assertIn("could not be read", str(raised.exception))
        wizard = self.asked(values={"name": r"C:\u0000"})
        self.assertEqual(wizard.sudo().form_values, {"name": r"C:\u0000"})

    # -- days ------------------------------------------------------------------------

    def test_which_days(self):
        wizard = Form(self.asked())
        self.assertEqual(wizard.last, str(self.ago(1)))
        firsts = [wizard.first]
        for wizard.period in ("3", "24"):
            firsts.append(wizard.first)
        firsts = [str(first) for first in firsts]
        self.assertEqual(sorted(firsts), [firsts[2], firsts[0], firsts[1]])
        wizard.period = "days"
        self.assertTrue(wizard.first, "what was there can be changed")

    def test_days_that_cannot_be(self):
        for first, last, words in (
            (self.ago(1), self.ago(9), "The first day is after the last one."),
            (self.ago(9), self.today, "yesterday is the last one"),
            (self.ago(800), self.ago(1), "24 months at most"),
            (False, self.ago(1), "Choose the first and the last day"),
        ):
            wizard = self.asked()
            wizard.write({"period": "days", "first": first, "last": last})
            with self.assertRaises(UserError) as raised:
                wizard.action_start()
            self.assertIn(words, str(raised.exception))

    def test_24_months_are_not_too_long(self):
        wizard = Form(self.asked())
        wizard.period = "24"
        wizard.save().action_start()

    # -- in the background -----------------------------------------------------------

    def test_it_begins_at_once(self):
        cron = self.env.ref("account_email_connector.ir_cron_replays")
        before = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        replay = self.begun()
        self.assertEqual(replay.state, "waiting")
        after = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        self.assertEqual(after, before + 1)

    def test_a_server_without_scheduled_actions_says_so(self):
        self.env.ref("account_email_connector.ir_cron_replays").active = False
        with self.assertRaises(UserError) as raised:
            self.begun()
        self.assertIn("Scheduled actions are switched off", str(raised.exception))

    def test_one_at_a_time(self):
        self.begun()
        with self.assertRaises(UserError) as raised:
            self.begun()
        self.assertIn("A plan is being tried for you already", str(raised.exception))
        other = self.begun(self.accountant)
        self.run_it()
        self.assertEqual(other.state, "done", "another person's is tried as well")

    def test_pages_hear_how_far_it_is(self):
        heard = []
        with patch.object(
            job.bus, "send", lambda company, kind, said: heard.append((company, said))
        ):
            replay = self.tried()
        states = [said["state"] for _company, said in heard]
        self.assertEqual((states[0], states[-1]), ("running", "done"))
        self.assertTrue([said for _company, said in heard if said["percent"]])
        self.assertEqual({*heard[0][1]}, {"id", "state", "percent"}, "and no numbers")
        self.assertEqual({company for company, _said in heard}, {self.company})
        self.assertEqual({said["id"] for _company, said in heard}, {replay.id})

    def test_it_can_be_stopped_in_the_middle(self):
        replay = self.begun()

        def stops(*args, heard, **more):
            heard(1, 100)
            with self.elsewhere(replay) as mine:
                mine.action_stop()
            heard(50, 100)
            self.fail("It went on")

        with patch.object(job, "walk", stops):
            self.run_it()
        self.assertEqual(replay.state, "stopped")
        self.assertFalse(replay.line_ids)

    def test_who_stops_it(self):
        replay = self.begun()
        for user in (self.accountant, self.auditor):
            with self.assertRaises(AccessError):
                self.as_user(replay, user).action_stop()
        self.as_user(replay, self.manager).action_stop()
        self.assertEqual(replay.state, "stopped")
        self.run_it()
        self.assertEqual(replay.state, "stopped")

    def test_it_can_be_deleted_in_the_middle(self):
        replay = self.begun()

        def deletes(*args, heard, **more):
            with self.elsewhere(replay) as mine:
                mine.unlink()
            heard(50, 100)
            self.fail("It went on")

        with patch.object(job, "walk", deletes):
            self.run_it()
        self.assertFalse(replay.exists())

    def test_who_deletes_it(self):
        replay = self.tried()
        for user in (self.accountant, self.auditor):
            with self.assertRaises(AccessError):
                self.as_user(replay, user).unlink()
        replay.unlink()
        self.assertFalse(replay.exists())

    def test_after_a_restart_it_begins_anew(self):
        replay = self.begun()
        replay.sudo().write({"state": "running", "attempts": 1, "done": 7, "total": 9})
        self.run_it()
        self.assertEqual(replay.state, "done")

    def test_what_is_interrupted_again_and_again_says_so(self):
        replay = self.begun()
        replay.sudo().write({"state": "running", "attempts": job.ATTEMPTS})
        self.run_it()
        self.assertEqual(replay.state, "failed")
        self.assertIn("It was interrupted again and again", replay.problem)

    def test_an_error_says_so_and_the_others_are_tried(self):
        replay = self.begun()
        with (
            patch.object(job, "walk", side_effect=ZeroDivisionError),
            self.assertLogs(job.__name__, "ERROR"),
        ):
            self.run_it()
        self.assertEqual(replay.state, "failed")
        self.assertIn("the server's log says more", replay.problem)
        self.assertEqual(self.tried().state, "done")

    def test_who_was_merged_meanwhile(self):
        """What is said of those who are gone goes with them; the others are tried."""
        contact = self.env["res.partner"].create(
            {
                "name": "Gone",
                "email": "gone@customer.example",
                "parent_id": self.soon.id,
            }
        )
        found = [
            self.would(partner_id=self.soon.id, contact_id=contact.id),
            self.would(partner_id=contact.id),
            self.would(partner_id=self.never.id),
        ]
        contact.unlink()
        late = walking.Unreminded(
            *(self.company.id, self.late.id, 0, 2**31 - 1),
            *(self.ago(90), self.ago(50), 30.0),
        )
        replay = self.begun()
        with patch.object(
            job, "walk", lambda *args, **kw: self.replayed(found, [late])
        ):
            self.run_it()
        self.assertEqual(replay.state, "done", replay.problem)
        lines = replay.line_ids
        self.assertEqual(
            lines.partner_id, self.soon + self.never + self.late, "the rest is there"
        )
        self.assertFalse(lines.contact_id - self.never or lines.move_id)

    def test_a_result_that_cannot_be_written_is_its_own_problem(self):
        replay, other = self.begun(), self.begun(self.accountant)
        unknown = self.would(contact_id=2**31 - 1)
        with (
            patch.object(job, "walk", lambda *args, **kw: self.replayed([unknown])),
            patch.object(rows, "_still_there", lambda env, lines: [*lines]),
            mute_logger("odoo.sql_db"),
            self.assertLogs(job.__name__, "ERROR"),
        ):
            self.run_it()
        for each in replay + other:
            self.assertEqual(each.state, "failed")
            self.assertIn("the server's log says more", each.problem)

    def would(self, **values):
        """A follow-up as the walk tells of one."""
        told = walking.Would(
            *(self.ago(5), self.company.id, self.never.id, self.never.id),
            *(self.first_step, "email", 100.0, (), False, None, False),
        )
        return told._replace(**values)

    def replayed(self, would, unreminded=()):
        return walking.Replayed(would, list(unreminded), None, 0, 1, None, None)

    def test_a_plan_that_was_deleted_meanwhile(self):
        self.company.email_followup_plan_id = False
        replay = self.begun()
        self.ladder.unlink()
        self.run_it()
        self.assertEqual(replay.state, "failed")
        self.assertEqual(replay.problem, "The plan was deleted meanwhile.")
        with self.assertRaises(UserError):
            self.as_user(replay, self.manager).action_again()

    def test_a_step_that_was_deleted_meanwhile(self):
        changed = {"step_ids": [Command.update(self.first_step.id, {"days": 9})]}
        replay = self.begun(values=changed)
        self.first_step.unlink()
        self.run_it()
        self.assertEqual(replay.state, "failed")
        self.assertTrue(replay.problem)

    def test_a_company_that_was_archived_meanwhile(self):
        other = self._create_company(name="Gone")
        both = self.company + other
        user = self.someone("gone", "account.group_account_manager", both)
        shared = self.env.ref("account_email_connector.plan_default")
        wizard = self.asked(user, plan=shared)
        wizard.company_id = other
        replay = self.start(wizard)
        other.with_context(no_notification=True).active = False
        self.run_it()
        self.assertEqual(replay.state, "failed")
        self.assertIn("Gone is archived", replay.problem)

    def test_what_is_wrong_is_said_as_whoever_has_asked_speaks(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        other = self._create_company(name="Gone")
        both = self.company + other
        user = self.someone("gone", "account.group_account_manager", both)
        shared = self.env.ref("account_email_connector.plan_default")
        wizard = self.asked(user, plan=shared)
        wizard.company_id = other
        replay = self.start(wizard)
        user.lang = "fr_FR"
        other.active = False
        self.run_it()
        self.assertIn("Gone est archivée", replay.problem)

    def test_it_is_kept_for_thirty_days(self):
        old, new = self.tried(), self.tried()
        self.env.cr.execute(
            "UPDATE account_email_followup_replay SET create_date = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(days=31), old.id],
        )
        self.env.invalidate_all()
        lines = old.line_ids
        self.assertTrue(lines)
        self.env[REPLAY]._gc_old()
        self.assertFalse(old.exists() or lines.exists())
        self.assertTrue(new.exists())

    def test_statements_do_not_grow_with_the_rows(self):
        lines = [self.would(day=self.ago(number % 300 + 1)) for number in range(1000)]
        counts = []
        for number in (1, 1, 1000):
            found = self.replayed(lines[:number])
            with patch.object(job, "walk", lambda *args, found=found, **kw: found):
                replay = self.begun()
                before = self.env.cr.sql_log_count
                self.run_it()
                counts.append(self.env.cr.sql_log_count - before)
            replay = self.as_user(replay, self.manager)
            before = self.env.cr.sql_log_count
            self.assertTrue(replay.page)
            counts[-1] = counts[-1], self.env.cr.sql_log_count - before
            self.assertEqual(replay.emails, number)
        self.assertEqual(counts[1], counts[2], "the first one fills Odoo's caches")

    # -- who -------------------------------------------------------------------------

    def test_who_may_try(self):
        self.begun(self.accountant)
        for groups in ("account.group_account_readonly", "base.group_user"):
            user = self.someone(groups[-8:], groups)
            with self.assertRaises(AccessError):
                self.begun(user)

    def test_who_may_not_change_a_plan_tries_no_change(self):
        with self.assertRaises(AccessError):
            self.begun(self.accountant, values={"minimum_amount": 5})

    def test_colleagues_and_auditors_read_it(self):
        replay = self.tried()
        for user in (self.accountant, self.auditor):
            mine = self.as_user(replay, user)
            self.assertIn("Customers: 3", self.said(mine))
            self.assertEqual(len(mine.line_ids), len(replay.line_ids))

    def test_other_companies_do_not(self):
        replay = self.tried()
        other = self._create_company(name="Other")
        stranger = self.someone("stranger", "account.group_account_manager", other)
        mine = self.as_user(replay, stranger)
        for records in (mine, mine.sudo().line_ids.with_env(mine.env)):
            self.assertFalse(records.search([]))
            with self.assertRaises(AccessError):
                records.read(["company_id"])
        with self.assertRaises(AccessError):
            mine.action_rows("emails")

    def test_of_a_branch_only_for_who_has_both(self):
        branch = self._create_company(name="Branch", parent_id=self.company.id)
        with self.assertRaises(AccessError) as raised:
            self.begun()
        self.assertIn("Select Branch in the company menu", str(raised.exception))
        both = self.someone(
            "both", "account.group_account_manager", self.company + branch
        )
        replay = self.tried(both)
        self.assertEqual(replay.state, "done")
        self.assertTrue(replay.line_ids)
        mine = self.as_user(replay, self.accountant)
        self.assertFalse(mine.search([]))
        self.assertFalse(mine.env["account.email.followup.replay.line"].search([]))

    def test_customers_whom_one_does_not_see_are_left_out(self):
        self.env["ir.rule"].create(
            {
                "name": "Not all",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {self.late.id})]",
            }
        )
        self.assertNotIn(self.late, self.tried().sudo().line_ids.partner_id)

    def test_in_french(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        replay = self.tried().with_context(lang="fr_FR")
        self.assertTrue(replay.page)

    def test_the_days_of_the_wizard_are_those_of_the_months(self):
        first, last = asking.days_of(fields.Date.to_date("2026-12-01"), 12)
        self.assertEqual(str(first), "2025-12-01")
        self.assertEqual(str(last), "2026-11-30")

    def test_the_last_months_are_never_too_many(self):
        """Also on the 29th of February."""
        for number in range(4 * 366):
            today = fields.Date.to_date("2027-01-01") + timedelta(days=number)
            for months in (3, 6, 12, 24):
                asking.check_days(self.env, *asking.days_of(today, months), today)
