from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import ConnectorCommon


@tagged("post_install", "-at_install")
class TestAccess(ConnectorCommon):
    USERS = {
        "portal": "base.group_portal",
        "internal": "base.group_user",
        "reader": "account.group_account_readonly",
        "billing": "account.group_account_invoice",
        "manager": "account.group_account_manager",
        "system": "base.group_system",
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            name: new_test_user(
                cls.env, f"connector_{name}", group, company_id=cls.company.id
            )
            for name, group in cls.USERS.items()
        }
        cls.users["public"] = cls.env.ref("base.public_user")
        cls.other_company = cls._create_company(name="Other")
        cls.other = cls.connect(cls.other_company, "billing@other.example")

    def test_another_company_sees_nothing(self):
        self.invoice(5, company=self.other_company)
        self.env["account.email.followup"]._plan(self.other_company)
        for name in ("billing", "manager", "system"):
            env = self.env(user=self.users[name])
            connectors = env["account.email.connector"].search([])
            self.assertNotIn(self.other, connectors)
            with self.assertRaises(AccessError):
                self.other.with_env(env).read(["email"])
        env = self.env(user=self.users["manager"])
        self.assertNotIn(
            self.other_company, env["account.email.followup"].search([]).company_id
        )
        for action in ("action_disconnect", "action_send_test", "action_connect_smtp"):
            with self.assertRaises(AccessError):
                getattr(self.other.with_env(env), action)()

    @mute_logger("odoo.models")
    def test_who_may_not_connect(self):
        for name in ("portal", "internal", "reader", "billing", "system"):
            connector = self.connector.with_user(self.users[name])
            for action in ("action_disconnect", "action_send_test"):
                with self.assertRaises(AccessError):
                    getattr(connector, action)()
            with self.assertRaises(AccessError):
                connector._connect("accounting@acme.example", {}, {})

    def test_nobody_reads_a_secret(self):
        for user in [*self.users.values(), self.env.ref("base.user_admin")]:
            credentials = self.env["account.email.connector.credential"].with_user(user)
            with self.assertRaises(AccessError):
                credentials.search_read([], ["sealed"])

    def test_billing_decides_on_followups(self):
        self.invoice(5)
        followup = self.plan()
        with self.assertRaises(AccessError):
            followup.with_user(self.users["internal"]).action_skip()
        with self.assertRaises(AccessError):
            followup.with_user(self.users["billing"]).write({"state": "sent"})
        followup.with_user(self.users["billing"]).action_skip()
        self.assertEqual(followup.state, "skipped")

    def test_a_reader_sees_no_button_that_is_not_for_readers(self):
        """An auditor looks at everything, and is offered nothing to decide."""
        self.invoice(5)
        followup = self.plan().with_user(self.users["reader"])
        billing = followup.with_user(self.users["billing"])
        for kind in ("list", "form"):
            with self.subTest(kind):
                self.assertIn("action_skip", self.buttons(billing, kind))
                looks_only = {
                    *("action_open_in_mailbox", "action_open_invoice"),
                    *("action_print_statement", "action_print_letter"),
                    "action_late_fees",
                }
                self.assertLessEqual(self.buttons(followup, kind), looks_only)
        followup.web_read({"email_html": {}, "sent_to": {}})
        opened = followup.line_ids.action_open_invoice()
        self.env[opened["res_model"]].with_user(self.users["reader"]).browse(
            opened["res_id"]
        ).check_access("read")
        plans = self.env["account.email.followup.plan"]
        self.assertFalse(self.buttons(plans.with_user(self.users["reader"]), "form"))
        for records in (self.customer, followup.line_ids.move_id):
            shown = self.buttons(records.with_user(self.users["reader"]), "form")
            mine = {name for name in shown if name.startswith("action_email_followup")}
            looks_only = {
                *("action_email_followups", "action_email_followup_case"),
                "action_email_followup_then",
            }
            self.assertLessEqual(mine, looks_only)

    def test_who_sees_an_invoice_for_another_reason(self):
        """Salespeople, buyers, customers: nothing in it is theirs, or in their way."""
        invoice = self.invoice(5)
        invoice._email_followup_dispute("They always say so")
        ours = {name for name in invoice._fields if name.startswith("email_followup_")}
        sales = self.env["res.groups"].create({"name": "Sales"})
        self.env["ir.model.access"].create(
            {
                "name": "as of the module sale",
                "model_id": self.env["ir.model"]._get_id("account.move"),
                "group_id": sales.id,
                "perm_read": True,
            }
        )
        seller = new_test_user(self.env, "seller", "base.group_user")
        seller.group_ids |= sales
        for user in (seller, self.users["portal"]):
            seen = self.env["account.move"].with_user(user).fields_get()
            self.assertFalse(ours & seen.keys())
        for kind in ("form", "search"):
            view = invoice.with_user(seller).get_view(view_type=kind)["arch"]
            self.assertNotIn("email_followup", view)
        view = invoice.with_user(self.users["reader"]).get_view(view_type="form")
        self.assertIn("email_followup_text", view["arch"])

    def buttons(self, records, kind):
        """The names of the object buttons in this view of *records*."""
        arch = etree.fromstring(records.get_view(view_type=kind)["arch"])
        return {
            button.get("name")
            for button in arch.iter("button")
            if button.get("type") == "object"
        }
