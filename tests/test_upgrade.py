import json
from pathlib import Path

from odoo.modules.migration import load_script
from odoo.tests import TransactionCase, tagged
from odoo.tools import convert_file

from ..engine.secrets import mailboxes, sealed
from ..providers.outcomes import SignInRequired
from ..tools import vault
from .common import ConnectorCommon

SCRIPTS = Path(__file__).parents[1] / "migrations"


@tagged("post_install", "-at_install")
class TestUpgrade(ConnectorCommon):
    """From 19.0.1.1.0: emails move to their follow-ups, secrets get a purpose."""

    def upgrade(self):
        self.env.flush_all()
        for stage in ("pre", "post"):
            path = str(SCRIPTS / f"19.0.1.2.0/{stage}-migration.py")
            load_script(path, f"upgrade_{stage}").migrate(self.env.cr, "19.0.1.1.0")
        self.env.invalidate_all()

    def seal_as_before(self, table, column, content, id_):
        self.env.flush_all()
        text = vault._keys(make=True)[0].encrypt(content.encode()).decode()
        self.env.cr.execute(
            f"UPDATE {table} SET {column} = %s WHERE id = %s", [text, id_]
        )
        self.env.invalidate_all()

    def credential(self):
        credentials = self.env["account.email.connector.credential"].sudo()
        return credentials.search([("connector_id", "=", self.connector.id)])

    def test_a_mail_server_on_this_machine_is_told(self):
        """It is not asked any more, unless an option says so."""
        names = ("localhost", "LocalHost.", "127.0.1.1", "::1", "mail.acme.example")
        for name in names:
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE account_email_connector SET smtp_host = %s WHERE id = %s",
                [name, self.connector.id],
            )
            if name == "mail.acme.example":
                with self.assertNoLogs("upgrade_post", "WARNING"):
                    self.upgrade()
                continue
            with self.assertLogs("upgrade_post", "WARNING") as logs:
                self.upgrade()
            self.assertIn(self.connector.email, logs.output[0])
            self.assertIn("account_email_connector_allow_loopback", logs.output[0])

    def test_a_mailbox_stays_connected(self):
        for database in ({}, {"database": sealed.database(self.env)}):
            secret = json.dumps({"password": "old", **database})
            table = "account_email_connector_credential"
            self.seal_as_before(table, "sealed", secret, self.credential().id)
            with self.assertRaises(SignInRequired):
                mailboxes.open_mailbox(self.connector)
            self.upgrade()
            self.assertEqual(sealed.load(self.connector), {"password": "old"})

    def test_a_copys_does_not(self):
        secret = json.dumps({"password": "old", "database": "of the original"})
        table = "account_email_connector_credential"
        self.seal_as_before(table, "sealed", secret, self.credential().id)
        self.upgrade()
        with self.assertRaises(SignInRequired):
            mailboxes.open_mailbox(self.connector)

    def test_an_apps_secret(self):
        app = (
            self.env["account.email.oauth.app"]
            .sudo()
            .create(
                {
                    "name": "Microsoft",
                    "client_id": "11111111-2222-4333-8444-555555555555",
                    "audience": "common",
                    "client_secret": "new",
                }
            )
        )
        table = "account_email_oauth_app"
        self.seal_as_before(table, "sealed_secret", "old secret", app.id)
        self.upgrade()
        self.assertEqual(mailboxes.oauth_app(app).client_secret, "old secret")

    def test_without_the_key_nothing_breaks(self):
        self.env.cr.execute("UPDATE account_email_connector_credential SET sealed='x'")
        self.upgrade()
        with self.assertRaises(SignInRequired):
            mailboxes.open_mailbox(self.connector)

    def test_emails_leave_the_customers_chatter(self):
        self.invoice(5)
        followup = self.plan()
        self.run_action()
        email = followup.sudo().mail_message_id
        answer, by_gateway, other = (
            self.customer.sudo().message_post(body="x", message_type="email")
            for _ in range(3)
        )
        email.write({"model": "res.partner", "res_id": self.customer.id})
        by_gateway.parent_id = email
        said_of_it = self.customer.sudo().message_post(
            body="100.00 it is", message_type="comment", parent_id=email.id
        )
        self.env["account.email.incoming"].sudo().create(
            {
                "connector_id": self.connector.id,
                "followup_id": followup.id,
                "message_id": answer.message_id,
                "kind": "reply",
            }
        )
        file = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": "contract.txt",
                    "raw": b"x",
                    "res_model": "res.partner",
                    "res_id": self.customer.id,
                }
            )
        )
        followup.sudo().attachment_ids = file
        self.upgrade()
        for record in (email, answer, by_gateway, said_of_it):
            self.assertEqual(record.model, "account.email.followup")
            self.assertEqual(record.res_id, followup.id)
        self.assertEqual(file.res_model, "account.email.followup")
        self.assertEqual(other.model, "res.partner", "that is none of ours")

    def test_the_rules_of_this_version_apply(self):
        rule = self.env.ref("account_email_connector.rule_plan_company")
        data = self.env["ir.model.data"].search(
            [("module", "=", "account_email_connector"), ("res_id", "=", rule.id)]
            + [("model", "=", "ir.rule")]
        )
        data.sudo().noupdate = True
        self.upgrade()
        self.assertFalse(data.noupdate)


@tagged("post_install", "-at_install")
class TestUpgradeOfActions(TransactionCase):
    """From 19.0.1.2.0: an update leaves the scheduled actions to the administrator."""

    def test_an_update_leaves_the_administrators_interval(self):
        action = self.env.ref("account_email_connector.ir_cron_incoming")
        data = self.env["ir.model.data"].search(
            [("model", "=", "ir.cron"), ("res_id", "=", action.id)]
        )
        data.noupdate = False  # as the versions before have it
        action.interval_number = 60
        self.env.flush_all()
        path = str(SCRIPTS / "19.0.1.3.0/pre-incoming.py")
        load_script(path, "upgrade_incoming").migrate(self.env.cr, "19.0.1.2.0")
        self.env.invalidate_all()
        self.assertTrue(data.noupdate)
        convert_file(
            self.env, "account_email_connector", "data/ir_cron.xml", {}, "update"
        )
        self.assertEqual(action.interval_number, 60)

    def test_no_action_is_put_back(self):
        actions = self.env["ir.model.data"].search(
            [("module", "=", "account_email_connector"), ("model", "=", "ir.cron")]
        )
        self.assertEqual(len(actions), 6)
        self.assertTrue(all(actions.mapped("noupdate")))


@tagged("post_install", "-at_install")
class TestUpgradeOfApprovals(ConnectorCommon):
    """From 19.0.1.2.0: what is waited for becomes a record of its own."""

    def test_a_mailbox_waits_on(self):
        other = self.connect(self._create_company(name="Other"), "other@acme.example")
        self.env.flush_all()
        self.env.cr.execute(
            """ALTER TABLE account_email_connector
                   ADD approval_asked_at timestamp, ADD approved_at timestamp,
                   ADD approval_asked_by_id int, ADD approval_send_as varchar,
                   ADD approval_sent_items varchar"""
        )
        self.env.cr.execute(
            """UPDATE account_email_connector
                  SET approval_asked_at = '2026-11-01', approved_at = '2026-11-02',
                      approval_asked_by_id = %s, approval_send_as = 'b@acme.example',
                      approval_sent_items = 'shared'
                WHERE id = %s""",
            [self.env.uid, self.connector.id],
        )
        path = str(SCRIPTS / "19.0.1.3.0/post-approval.py")
        load_script(path, "upgrade_approval").migrate(self.env.cr, "19.0.1.2.0")
        self.env.invalidate_all()
        approval = self.connector.approval_ids
        self.assertEqual(str(approval.asked_at), "2026-11-01 00:00:00")
        self.assertEqual(str(approval.approved_at), "2026-11-02 00:00:00")
        self.assertEqual(approval.asked_by_id, self.env.user)
        self.assertEqual(approval.send_as, "b@acme.example")
        self.assertEqual(approval.sent_items, "shared")
        self.assertFalse(other.approval_ids)
        self.env.cr.execute(
            """SELECT 1 FROM information_schema.columns
                WHERE table_name = 'account_email_connector'
                  AND column_name LIKE 'approv%'"""
        )
        self.assertFalse(self.env.cr.fetchall())


@tagged("post_install", "-at_install")
class TestUpgradeOfSenders(ConnectorCommon):
    """From 19.0.1.9.0: whose name is the company's has none of their own."""

    def test_only_what_is_the_companys_name(self):
        for before, after in (("Acme", False), ("Acme Accounts", "Acme Accounts")):
            self.connector.sender_name = before
            self.env.flush_all()
            path = str(SCRIPTS / "19.0.1.10.0/post-sender.py")
            load_script(path, "upgrade_sender").migrate(self.env.cr, "19.0.1.9.0")
            self.env.invalidate_all()
            self.assertEqual(self.connector.sender_name, after)


@tagged("post_install", "-at_install")
class TestUpgradeOfWindows(ConnectorCommon):
    """From 19.0.1.9.0: what a removed window has left behind."""

    def test_its_table_goes(self):
        table = "account_email_followup_upcoming"
        self.env.cr.execute(f"CREATE TABLE {table} (id serial)")
        path = str(SCRIPTS / "19.0.1.10.0/post-upcoming.py")
        for _twice in range(2):
            load_script(path, "upgrade_upcoming").migrate(self.env.cr, "19.0.1.9.0")
        self.env.cr.execute("SELECT to_regclass(%s)", [table])
        self.assertEqual(self.env.cr.fetchone(), (None,))


@tagged("post_install", "-at_install")
class TestUpgradeOfPlans(ConnectorCommon):
    """From 19.0.1.4.0: each company keeps exactly the plan that it has."""

    def test_the_first_that_belongs_to_a_company_is_chosen(self):
        default = self.env.ref("account_email_connector.plan_default")
        branch, chosen, shared = (
            self._create_company(name=name, parent_id=self.company.id)
            for name in ("Branch", "Chosen", "Shared")
        )

        def plan(company, sequence, **values):
            return default.copy(
                {"company_id": company.id, "sequence": sequence, **values}
            )

        plan(self.company, 30)
        first = plan(self.company, 20)
        plan(self.company, 20)
        plan(self.company, 1, active=False)
        its_own, other = plan(branch, 50), plan(chosen, 5)
        chosen.email_followup_plan_id = default
        for _twice in range(2):
            self.env.flush_all()
            path = str(SCRIPTS / "19.0.1.5.0/post-plan.py")
            load_script(path, "upgrade_plan").migrate(self.env.cr, "19.0.1.4.0")
            self.env.invalidate_all()
            found = (self.company + branch + chosen + shared).mapped(
                lambda company: company.email_followup_plan_id.id
            )
            self.assertEqual(found, [first.id, its_own.id, default.id, False])
            other.sequence = 0
