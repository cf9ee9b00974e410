import csv
import io
import zipfile
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..engine.closing import tables
from ..engine.secrets import signing_in
from .common import ConnectorCommon


class ClosingCommon(ConnectorCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # As a company that nobody has kept books for: Odoo itself lets it go.
        cls.hill = cls.env["res.company"].create({"name": "Red Hill"})
        cls.env.user.company_ids += cls.hill
        cls.its_mailbox = cls.connect(cls.hill, "accounting@redhill.example")

    def send_test(self):
        with self.mail_leaves(), self.enter_registry_test_mode():
            self.its_mailbox.action_send_test()
        self.env.invalidate_all()

    def journal(self):
        return self.env["account.email.delivery"].search(
            [("company_id", "=", self.hill.id)]
        )

    def export(self, connector=None):
        connector = connector or self.its_mailbox
        connector.with_user(self.env.user).action_export_journal()
        mine = [("company_id", "=", connector.company_id.id)]
        return self.env["account.email.journal.export"].sudo().search(mine, limit=1)

    def delete(self):
        self.its_mailbox.action_disconnect()
        self.hill.unlink()

    def table(self, exported, name):
        """The rows of a file of the export, as dicts."""
        content = io.BytesIO(exported.attachment_id.raw)
        with zipfile.ZipFile(content) as archive:
            text = archive.read(f"{name}.csv").decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text)))


@tagged("post_install", "-at_install")
class TestCompanyDeleted(ClosingCommon):
    """What was sent is a record: it goes with its company once it was exported."""

    def test_one_that_has_sent_nothing(self):
        secrets = self.env["account.email.connector.credential"].sudo()
        mine = [("connector_id", "=", self.its_mailbox.id)]
        self.assertTrue(secrets.search_count(mine))
        self.delete()
        self.assertFalse(self.its_mailbox.exists())
        self.assertFalse(secrets.search_count(mine))

    def test_while_its_mailbox_is_connected(self):
        """Odoo may refuse the rest: what a provider has taken back, nobody brings."""
        self.its_mailbox.write({"provider": "google", "oauth_account_id": "1"})
        with (
            patch.object(signing_in, "revoke", side_effect=AssertionError),
            self.assertRaisesRegex(UserError, "its mailbox is still connected"),
        ):
            self.hill.unlink()
        self.assertEqual(self.its_mailbox.state, "connected")

    def test_one_that_is_archived_says_what_comes_first(self):
        self.send_test()
        self.hill.active = False
        with self.assertRaisesRegex(UserError, "Unarchive the company first"):
            self.hill.unlink()

    def test_one_test_email(self):
        self.send_test()
        self.assertTrue(self.journal())
        self.assertFalse(self.its_mailbox.journal_exported)
        with self.assertRaisesRegex(
            UserError, "Red Hill cannot be deleted yet.*emails: 1,"
        ):
            self.hill.unlink()
        exported = self.export()
        self.assertEqual((exported.emails, exported.followups), (1, 0))
        self.its_mailbox.invalidate_recordset(["journal_exported"])
        self.assertIn("emails: 1, follow-ups: 0", self.its_mailbox.journal_exported)
        self.assertEqual(exported.last_email, self.journal().id)
        (row,) = self.table(exported, "emails")
        self.assertEqual(row["message_id"], self.journal().message_id)
        self.assertEqual(row["state"], "accepted")
        self.delete()
        self.assertFalse(self.hill.exists())
        self.assertFalse(self.its_mailbox.exists())
        self.assertFalse(exported.company_id or exported.attachment_id)
        self.assertEqual(exported.company_name, "Red Hill")
        self.assertEqual(exported.exported_by, self.env.user.name)

    def test_what_was_sent_since_is_exported_too(self):
        self.send_test()
        exported = self.export()
        self.send_test()
        with self.assertRaisesRegex(UserError, "something has changed"):
            self.hill.unlink()
        self.assertTrue(self.its_mailbox.exists())
        self.assertEqual(self.export().emails, exported.emails + 1)
        self.delete()

    def test_a_row_that_changed_since(self):
        self.send_test()
        self.export()
        self.journal().sudo().detail = "Confirmed by Anna."
        with self.assertRaisesRegex(UserError, "something has changed"):
            self.hill.unlink()

    def test_its_promises_go_in_the_file(self):
        values = {
            "company_id": self.hill.id,
            "partner_id": self.customer.id,
            "until": self.today,
            "note": "=1+1",
        }
        promise = self.env["account.email.promise"].create(values)
        with self.assertRaises(UserError):
            self.hill.unlink()
        (row,) = self.table(self.export(), "promises")
        self.assertEqual(row["partner_id_name"], "Blue Lake")
        self.assertEqual(row["note"], "'=1+1", "no formula")
        self.delete()
        self.assertFalse(promise.exists())

    def test_its_follow_ups_with_what_they_asked_for(self):
        self.invoice(5)
        followup = self.plan()
        exported = self.export(self.connector)
        (row,) = self.table(exported, "followups")
        self.assertEqual(row["id"], str(followup.id))
        self.assertEqual(row["partner_id_name"], "Blue Lake")
        items = self.table(exported, "followup_items")
        self.assertEqual(items[0]["followup_id"], str(followup.id))

    def test_the_words_that_were_sent_go_in_the_file(self):
        invoice = self.invoice(5)
        followup = self.plan()
        self.run_action()
        promises = self.env["account.email.promise"]
        promise = promises.create(
            {
                "company_id": self.company.id,
                "partner_id": self.customer.id,
                "until": self.today,
                "move_ids": [Command.set(invoice.ids)],
            }
        )
        exported = self.export(self.connector)
        sent = [
            row
            for row in self.table(exported, "messages")
            if row["id"] == str(followup.mail_message_id.id)
        ]
        self.assertEqual([row["res_id"] for row in sent], [str(followup.id)])
        self.assertIn("Hello", sent[0]["body"])
        self.assertEqual(sent[0]["subject"], followup.email_subject)
        (row,) = self.table(exported, "promises_move_ids")
        self.assertIn(str(promise.id), row.values())
        self.assertIn(invoice.name, row.popitem()[1])
        followup.message_post(body="He called.")
        extent = tables.extent(self.env(su=True), self.company)
        self.assertNotEqual(extent.digest, exported.digest)

    def test_only_the_last_file_is_kept(self):
        self.send_test()
        first = self.export()
        file = first.attachment_id
        second = self.export()
        self.assertFalse(file.exists())
        self.assertTrue(second.attachment_id.raw)
        self.assertEqual(first.digest, second.digest)

    def test_names_are_looked_up_together(self):
        env = self.env(su=True)

        def queries():
            env.invalidate_all()
            before = self.cr.sql_log_count
            tables.pack(env, self.hill)
            return self.cr.sql_log_count - before

        def promise(number):
            partners = env["res.partner"].create(
                [{"name": f"Customer {each}"} for each in range(number)]
            )
            env["account.email.promise"].create(
                [
                    {
                        "company_id": self.hill.id,
                        "partner_id": partner.id,
                        "until": self.today,
                    }
                    for partner in partners
                ]
            )

        promise(1)
        few = queries()
        promise(30)
        self.assertLessEqual(queries(), few)

    def test_what_was_its_own_is_nobody_elses_afterwards(self):
        """A plan, a rule or an app without a company is every company's."""
        plans = self.env["account.email.followup.plan"].sudo()
        plan = plans.create({"name": "Strict", "company_id": self.hill.id})
        self.hill.email_followup_plan_id = plan
        rule = self.env["account.email.followup.plan.rule"].sudo()
        rule = rule.create(
            {"company_id": self.hill.id, "plan_id": plan.id, "amount_overdue": 1}
        )
        app = self.env["account.email.oauth.app"].create(
            {
                "name": "Red Hill's",
                "provider": "microsoft",
                "client_id": "00000000-0000-4000-8000-000000000001",
                "audience": "common",
                "client_secret": "a secret of some length",
                "company_ids": self.hill.ids,
            }
        )
        self.delete()
        self.env.invalidate_all()
        self.assertFalse(plan.exists())
        self.assertFalse(rule.exists())
        self.assertFalse(app.active)
        self.assertFalse(app._for_company(self.company, "microsoft"))

    def test_who_may_export(self):
        self.send_test()
        for login, groups in (
            ("closing_b", "account.group_account_invoice"),
            ("closing_r", "account.group_account_readonly"),
            ("closing_s", "base.group_system"),
        ):
            user = new_test_user(self.env, login, groups)
            user.company_ids += self.hill
            with self.assertRaises(AccessError):
                self.its_mailbox.with_user(user).action_export_journal()
        other = new_test_user(self.env, "closing_m", "account.group_account_manager")
        with self.assertRaises(AccessError):
            self.its_mailbox.with_user(other).action_export_journal()
        exported = self.export()
        with self.assertRaises(AccessError):
            exported.with_user(other).action_save()
        with self.assertRaises(AccessError):
            exported.attachment_id.with_user(other).read(["raw"])

    def test_nobody_deletes_what_is_written_down_of_it(self):
        self.send_test()
        exported = self.export()
        with self.assertRaises(AccessError):
            exported.with_user(self.env.user).sudo(False).unlink()


@tagged("post_install", "-at_install")
class TestCompanyArchived(ClosingCommon):
    def archive(self):
        self.hill.write({"active": 0})
        with self.mail_leaves(), self.enter_registry_test_mode():
            self.health.method_direct_trigger()
        self.env.invalidate_all()

    @property
    def health(self):
        return self.env.ref("account_email_connector.ir_cron_health")

    def test_its_mailbox_is_let_go_once_that_is_written_down(self):
        """A provider cannot be told that it was not meant."""
        self.its_mailbox.write({"provider": "google", "oauth_account_id": "1"})
        triggers = self.env["ir.cron.trigger"].search_count(
            [("cron_id", "=", self.health.id)]
        )
        with patch.object(signing_in, "revoke", side_effect=AssertionError):
            self.hill.active = False
        self.assertEqual(self.its_mailbox.state, "connected")
        self.assertEqual(self.its_mailbox.health, "archived")
        later = self.env["ir.cron.trigger"].search_count(
            [("cron_id", "=", self.health.id)]
        )
        self.assertEqual(later, triggers + 1)
        with patch.object(signing_in, "revoke", return_value=False):
            self.archive()
        self.assertEqual(self.its_mailbox.state, "disconnected")
        self.assertEqual(self.its_mailbox.health, "disconnected")
        words = self.its_mailbox.message_ids.mapped("body")
        self.assertTrue(any("Google could not be told" in body for body in words))

    def test_its_mailbox_is_let_go(self):
        self.archive()
        self.assertEqual(self.its_mailbox.state, "disconnected")
        secrets = self.env["account.email.connector.credential"].sudo()
        mine = [("connector_id", "=", self.its_mailbox.id)]
        self.assertFalse(secrets.search_count(mine))
        words = self.its_mailbox.message_ids.mapped("body")
        self.assertTrue(any("archived" in body for body in words))

    def test_what_waits_for_a_branch_is_called_off_at_once(self):
        branch = self._create_company(name="Branch", parent_id=self.company.id)
        self.invoice(5, company=branch)
        self.plan()
        followup = self.env["account.email.followup"].search(
            [("company_id", "=", branch.id)]
        )
        followup |= self.env["account.email.followup"]._plan(branch)
        branch.active = False
        self.assertEqual(self.connector.state, "connected", "it is its parent's")
        self.run_action()
        self.assertFalse(self.mailbox.accepted)
        for each in followup:
            self.assertNotIn(each.state, ("planned", "to_review", "sent"))

    def test_no_scheduled_action_trips_over_it(self):
        self.hill.active = False
        crons = self.env["ir.model.data"].search(
            [("module", "=", "account_email_connector"), ("model", "=", "ir.cron")]
        )
        with self.mail_leaves(), self.enter_registry_test_mode():
            for cron in self.env["ir.cron"].browse(crons.mapped("res_id")):
                cron.method_direct_trigger()

    def test_it_may_be_connected_again(self):
        self.archive()
        self.hill.active = True
        self.connect(self.hill, "accounting@redhill.example")
        self.assertEqual(self.its_mailbox.state, "connected")


@tagged("post_install", "-at_install")
class TestRenamed(ClosingCommon):
    def test_customers_see_the_new_name(self):
        self.connector.sender_name = False
        self.company.name = "Acme & Daughters"
        self.invoice(5)
        self.plan()
        self.run_action()
        (email,) = self.mailbox.accepted
        self.assertIn("Acme & Daughters", email.message["From"])

    def test_the_journal_keeps_what_was_exported(self):
        self.send_test()
        exported = self.export()
        self.hill.name = "Green Hill"
        self.assertEqual(exported.company_name, "Red Hill")


@tagged("post_install", "-at_install")
class TestUserGone(ClosingCommon):
    """Who has connected, approved, noted or is responsible leaves the house."""

    def setUp(self):
        super().setUp()
        self.anna = new_test_user(
            self.env,
            "anna_leaves",
            "account.group_account_manager,base.group_partner_manager",
            name="Anna Gone",
        )
        self.connector.connected_by_id = self.anna
        plan = self.env.ref("account_email_connector.plan_default")
        plan.responsible_id = self.anna
        self.invoice(5)
        self.followup = self.plan()
        self.followup.state = "to_review"
        self.followup.with_user(self.anna).action_approve()
        self.customer.with_user(self.anna).message_post(body="Called them.")
        promises = self.env["account.email.promise"].with_user(self.anna)
        promised = promises.create(
            {"partner_id": self.customer.id, "until": self.today}
        )
        self.promised = promised.with_env(self.env)

    def look(self):
        """Read what a colleague reads, and let everything run."""
        self.promised.sudo().active = False  # it pauses the customer
        self.run_action()
        self.assertEqual(self.followup.state, "sent")
        for record in (self.followup, self.connector, self.promised):
            record.read()
        authors = self.customer.message_ids.author_id.with_context(active_test=False)
        self.assertIn("Anna Gone", authors.mapped("name"))
        self.cases()

    def test_archived(self):
        self.anna.active = False
        self.look()
        self.assertEqual(self.promised.user_id.name, "Anna Gone")
        self.assertEqual(self.connector.connected_by_id.name, "Anna Gone")

    def test_deleted(self):
        self.anna.unlink()
        self.env.invalidate_all()
        self.look()
        self.assertFalse(self.connector.connected_by_id)
