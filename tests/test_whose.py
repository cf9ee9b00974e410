from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.base.models.ir_mail_server import IrMail_Server

from ..engine.compose import compose
from .common import ConnectorCommon


@tagged("post_install", "-at_install")
class TestWhose(ConnectorCommon):
    """Nobody reads, changes or sends what is not theirs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._create_company(name="Other")
        cls.connect(cls.other, "billing@other.example")
        cls.manager = cls.new_user("manager", "account.group_account_manager")
        cls.clerk = cls.new_user("clerk", "account.group_account_invoice")
        cls.auditor = cls.new_user("auditor", "account.group_account_readonly")
        cls.internal = cls.new_user("internal", "base.group_user")
        cls.portal = cls.new_user("portal", "base.group_portal")
        cls.stranger = cls.new_user(
            "stranger", "account.group_account_manager", company=cls.other
        )
        cls.env["ir.config_parameter"].sudo().set_param("web.base.url", "https://x")

    @classmethod
    def new_user(cls, name, group, company=None):
        company = company or cls.company
        return new_test_user(
            cls.env,
            f"whose_{name}",
            group,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def sent(self):
        self.invoice(40, 4711)
        followup = self.plan()
        self.run_action()
        self.assertEqual(followup.state, "sent")
        return followup

    # -- the email -------------------------------------------------------------------

    def test_the_customers_chatter_tells_that_there_was_a_reminder(self):
        followup = self.sent()
        messages = self.env["mail.message"].with_user(self.internal)
        on_customer = [
            ("model", "=", "res.partner"),
            ("res_id", "=", self.customer.id),
        ]
        told = " ".join(messages.search(on_customer).mapped("body"))
        self.assertIn("Acme sent a payment reminder.", told)
        self.assertIn(f'data-oe-id="{followup.id}"', told, "accountants go there")
        for word in ("4,711", "4711", "access_token"):
            self.assertNotIn(word, told)

    def test_who_reads_the_email(self):
        followup = self.sent()
        email = followup.mail_message_id
        for reader in (self.clerk, self.auditor, self.manager):
            seen = email.with_user(reader)
            self.assertIn("4,711.00", seen.body)
            self.assertIn(seen, followup.with_user(reader).message_ids)
        for other in (self.internal, self.portal, self.stranger):
            self.env.invalidate_all()
            with self.assertRaises(AccessError):
                email.with_user(other).read(["body"])
            found = self.env["mail.message"].with_user(other).search([])
            self.assertNotIn(email, found)

    def test_a_file_of_ones_own_is_not_the_customers(self):
        """It goes with the email, and is read by those who read that."""
        self.invoice(5)
        composers = self.env["account.email.followup.composer"].with_user(self.clerk)
        action = composers._open(partners=self.customer)
        composer = composers.browse(action["res_id"])
        file = (
            self.env["ir.attachment"]
            .with_user(self.clerk)
            .create(
                {
                    "name": "contract.txt",
                    "raw": b"secret terms",
                    "res_model": composer._name,
                    "res_id": composer.id,
                }
            )
        )
        composer.write({"body": "<p>x</p>", "attachment_ids": [(4, file.id)]})
        composer.action_send()
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            file.with_user(self.internal).read(["raw"])
        self.assertEqual(file.with_user(self.auditor).raw, b"secret terms")

    # -- sending ---------------------------------------------------------------------

    def test_an_email_is_sent_by_those_who_may_write_it(self):
        self.invoice(5)
        followup = self.plan().sudo()
        mail = compose(followup)[followup].mail
        mail.state = "exception"
        followup.state = "failed"
        self.env.flush_all()
        for user in (self.portal, self.internal, self.stranger, self.manager):
            self.env.invalidate_all()
            with (
                self.subTest(user.login),
                patch.object(IrMail_Server, "_disable_send", lambda *a: False),
                self.assertRaises(AccessError),
            ):
                mail.with_user(user).send()
        self.assertEqual(followup.state, "failed")

    def test_the_link_to_the_mailbox(self):
        followup = self.sent()
        followup.sudo().delivery_id.web_link = "https://outlook.example/ITEM-SECRET"
        self.env.flush_all()
        for user in (self.portal, self.internal, self.stranger):
            self.env.invalidate_all()
            with self.subTest(user.login), self.assertRaises(AccessError):
                followup.with_user(user).action_open_in_mailbox()
        action = followup.with_user(self.auditor).action_open_in_mailbox()
        self.assertIn("ITEM-SECRET", action["url"])

    # -- forms -----------------------------------------------------------------------

    def test_ones_own_forms_only(self):
        invoice = self.invoice(5)
        mine = {
            "account.email.dispute": {"move_ids": invoice.ids, "reason": "secret"},
            "account.email.followup.pause": {"partner_ids": self.customer.ids},
            "account.email.followup.preview": {
                "step_id": self.env.ref("account_email_connector.step_firm").id,
                "partner_id": self.customer.id,
            },
        }
        colleague = self.new_user("colleague", "account.group_account_invoice")
        for model, values in mine.items():
            form = self.env[model].with_user(self.clerk).create(values)
            for user in (colleague, self.stranger):
                self.env.invalidate_all()
                theirs = form.with_user(user)
                self.assertFalse(theirs.search([]))
                for touch in (
                    lambda form: form.read(["display_name"]),
                    lambda form, values=values: form.write(values),
                    lambda form: form.unlink(),
                ):
                    told = self.subTest(model, user=user.login)
                    with told, self.assertRaises(AccessError):
                        touch(theirs)

    def test_an_onchange_tells_nothing_of_another_mailbox(self):
        theirs = self.connector.sudo()
        theirs.write(
            {
                "smtp_host": "smtp.planted.example",
                "smtp_user": "planted-user",
                "sender_name": "Planted Name",
                "imap_host": "imap.planted.example",
            }
        )
        for name, fields in (
            ("smtp", ("email", "host", "user", "sender_name", "imap_host", "port")),
            ("send.as", ("email", "provider", "address")),
            ("approval", ("subject", "body")),
        ):
            forms = self.env[f"account.email.connector.{name}"]
            forms = forms.with_user(self.stranger)
            forms = forms.with_context(allowed_company_ids=self.other.ids)
            spec = {field: {} for field in ("connector_id", *fields)}
            for values, changed in (
                ({"connector_id": theirs.id}, ["connector_id"]),
                ({"connector_id": theirs.id}, []),
            ):
                self.env.invalidate_all()
                with self.subTest(name), self.assertRaises(AccessError):
                    forms.onchange(values, changed, spec)
            with self.subTest(name), self.assertRaises(AccessError):
                forms.with_context(default_connector_id=theirs.id).onchange(
                    {}, [], spec
                )
        forms = self.env["account.email.connector.approval"].with_user(self.stranger)
        with self.assertRaises(AccessError):
            forms.create({"connector_id": theirs.id, "email": "x@y.example"})

    def test_a_form_that_says_it_is_signed_in_is_not_believed(self):
        mine = self.env["account.email.connector"].with_user(self.manager)
        mine = mine.search([("company_id", "=", self.company.id)])
        app = (
            self.env["account.email.oauth.app"]
            .sudo()
            .create(
                {
                    "name": "Theirs",
                    "client_id": "99999999-2222-4333-8444-555555555555",
                    "audience": "common",
                    "client_secret": "x",
                    "company_ids": self.other.ids,
                }
            )
        )
        values = {
            "oauth_app_id": app.id,
            "state": "pending_approval",
            "approval_ids": [[0, 0, {"asked_at": "2026-01-01 00:00:00"}]],
            "company_id": self.other.id,
        }
        spec = {name: {} for name in ("approval_url", "display_name", *values)}
        for connector in (mine, mine.browse()):
            told = connector.onchange(dict(values), list(values), spec)
            self.assertNotIn("99999999", str(told))
            self.assertNotIn("Other", str(told))

    def test_what_a_composer_found_is_not_changed(self):
        self.invoice(5)
        foreign = self.invoice(5, company=self.other)
        composers = self.env["account.email.followup.composer"].with_user(self.clerk)
        action = composers._open(partners=self.customer)
        composer = composers.browse(action["res_id"])
        lines = foreign.line_ids.ids
        for change in (
            lambda: composer.line_ids.write({"move_line_ids": [(6, 0, lines)]}),
            lambda: composer.write({"partner_id": self.internal.partner_id.id}),
            lambda: composer.write({"sent": False}),
            lambda: composers.create({"single": True}),
            lambda: composer.line_ids.create({"composer_id": composer.id}),
            lambda: composer.write({"line_ids": [(0, 0, {"amount": 1})]}),
            lambda: (
                self.env["account.email.followup.case"]
                .with_user(self.clerk)
                .create({"partner_id": self.customer.id})
            ),
        ):
            with self.assertRaises(AccessError):
                change()
        composer.line_ids.selected = False  # that is theirs to say

    def test_an_onchange_names_no_file_of_another_company(self):
        self.invoice(5)
        foreign = self.invoice(5, company=self.other)
        pdf = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": "planted.pdf",
                    "raw": b"%PDF-1.4",
                    "res_model": "account.move",
                    "res_id": foreign.id,
                    "res_field": "invoice_pdf_report_file",
                }
            )
        )
        foreign.sudo().invalidate_recordset()
        self.assertEqual(foreign.sudo().invoice_pdf_report_id, pdf)
        composers = self.env["account.email.followup.composer"].with_user(self.clerk)
        action = composers._open(partners=self.customer)
        composer = composers.browse(action["res_id"])
        line = composer.line_ids
        told = composer.onchange(
            {
                "step_id": composer.step_id.id,
                "line_ids": [
                    (1, line.id, {"move_line_ids": [(6, 0, foreign.line_ids.ids)]})
                ],
            },
            ["step_id", "line_ids"],
            {"attachment_ids": {"fields": {"name": {}}}, "step_id": {}, "line_ids": {}},
        )
        self.assertNotIn("planted", str(told))
        self.assertNotIn(str(pdf.id), str(told.get("value", {}).get("attachment_ids")))

    def test_what_is_noted_of_a_promise_by_itself(self):
        promises = self.env["account.email.promise"].with_user(self.clerk)
        values = {"partner_id": self.customer.id, "until": self.today}
        with self.assertRaises(AccessError):
            promises.create({**values, "user_id": self.manager.id})
        forged = promises.with_context(
            default_user_id=self.manager.id, default_owed=1000000
        )
        promise = forged.create(values)
        self.assertEqual(promise.user_id, self.clerk)
        self.assertFalse(promise.owed)
        for name, value in (("owed", 5), ("made_on", "2020-01-01")):
            with self.assertRaises(AccessError):
                promise[name] = value

    def test_disputes_are_for_accounting_users(self):
        """Buyers may write bills; invoices to customers are no business of theirs."""
        invoice = self.invoice(5)
        buyers = self.env["res.groups"].sudo().create({"name": "Buyers"})
        self.env["ir.model.access"].sudo().create(
            {
                "name": "as of the module purchase",
                "model_id": self.env["ir.model"].sudo()._get_id("account.move"),
                "group_id": buyers.id,
                "perm_read": True,
                "perm_write": True,
            }
        )
        self.internal.sudo().group_ids |= buyers
        with self.assertRaises(AccessError):
            invoice.with_user(self.internal)._email_followup_dispute("x")
        with self.assertRaises(AccessError):
            invoice.with_user(self.internal).action_email_followup_dispute_resolved()

    def test_a_dispute_is_noted_by_its_button(self):
        invoice = self.invoice(5).with_user(self.clerk)
        for values in (
            {"email_followup_dispute_user_id": self.manager.id},
            {"email_followup_dispute_since": "2020-01-01"},
            {"email_followup_dispute_reason": "x"},
        ):
            with self.assertRaises(AccessError):
                invoice.write(values)
        invoice._email_followup_dispute("They always say so")
        self.assertEqual(invoice.email_followup_dispute_user_id, self.clerk)

    def test_a_colleagues_test_is_not_confirmed(self):
        """Somebody has looked at the test email: the one who sent it."""
        forms = self.env["account.email.connector.send.as"]
        values = {"connector_id": self.connector.id, "address": "alias@acme.example"}
        form = forms.with_user(self.manager).create(values)
        form.sudo().tested_for = form._asked_for()
        colleague = self.new_user("colleague", "account.group_account_manager")
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            form.with_user(colleague).action_confirm()
        self.assertFalse(self.connector.send_as)

    def test_without_a_mailbox_there_is_nothing_to_see(self):
        empty = self._create_company(name="Empty")
        clerk = self.new_user("empty", "account.group_account_invoice", company=empty)
        connectors = self.env["account.email.connector"].with_user(clerk)
        action = connectors.action_open()
        self.assertFalse(action.get("res_id"))

    def test_nobody_sends_one_past_its_ledger(self):
        """Whoever may read a follow-up could send a template of it, to anybody."""
        self.invoice(5)
        followup = self.plan()
        template = followup.step_id.template_id
        with self.mail_leaves():
            mail_id = template.with_user(self.auditor).send_mail(
                followup.id,
                force_send=True,
                email_values={"email_to": "anybody@else.example"},
            )
        mail = self.env["mail.mail"].sudo().browse(mail_id)
        self.assertEqual(mail.state, "exception")
        self.assertIn("from its mailbox only", mail.failure_reason)
        self.assertFalse(self.mailbox.accepted)

    def test_an_auditor_changes_nothing(self):
        """Not even with the right to edit contacts."""
        auditor = self.new_user(
            "editing_auditor",
            "account.group_account_readonly,base.group_partner_manager",
        )
        for values in (
            {"email_followup_excluded": True},
            {"email_followup_paused_until": self.today},
            {"email_followup_bounced": False},
        ):
            with self.assertRaises(AccessError):
                self.customer.with_user(auditor).write(values)
        self.customer.with_user(auditor).name = "Blue Lake Ltd"
        theirs = self.env["res.partner"].with_user(auditor)
        theirs.create({"name": "New customer"})
        with self.assertRaises(AccessError):
            theirs.with_context(default_email_followup_excluded=True).create(
                {"name": "Never chased"}
            )

    def test_a_name_that_one_may_not_see(self):
        theirs = self.customer.sudo().copy(
            {"name": "Secret customer", "company_id": self.other.id}
        )
        step = self.env.ref("account_email_connector.step_firm")
        for model, values in (
            ("account.email.followup.preview", {"step_id": step.id}),
            ("account.email.promise", {"until": self.today}),
        ):
            records = self.env[model].with_user(self.clerk)
            with self.subTest(model), self.assertRaises(AccessError):
                records.create({**values, "partner_id": theirs.id})

    def test_what_a_client_puts_into_the_context(self):
        mails = self.env["mail.mail"].sudo()
        mails = mails.with_context(email_connector_attempt="x")
        mail = mails.create({"subject": "x", "email_to": "x@y.example"})
        self.assertTrue(mail._prepare_outgoing_list())
        self.env["mail.mail"].with_user(self.clerk).send()  # nothing, by anybody
