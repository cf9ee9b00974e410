"""People of the house: who gets a copy of a follow-up, and who signs it."""

from odoo import Command
from odoo.modules.migration import load_script
from odoo.tests import new_test_user, tagged

from ..engine.followup import colleagues
from .common import ConnectorCommon
from .test_upgrade import SCRIPTS


class ColleaguesCommon(ConnectorCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.step = cls.env.ref("account_email_connector.step_friendly").sudo()
        cls.anna, cls.bob, cls.chris = map(cls.colleague, ("Anna", "Bob", "Chris"))
        cls.anna.partner_id.write({"function": "Sales", "phone": "+32 2 123 45 67"})

    @classmethod
    def colleague(cls, name, groups="base.group_user", **values):
        values = {"name": name, "email": f"{name.lower()}@acme.example", **values}
        return new_test_user(
            cls.env,
            f"colleague_{name.lower()}",
            groups,
            company_id=cls.company.id,
            **values,
        )

    def email(self):
        """The one that leaves now."""
        self.mailbox.accepted.clear()
        self.plan()
        self.run_action()
        (email,) = self.mailbox.accepted
        return email

    def cc(self):
        found = self.email().message["Cc"]
        return [each.addr_spec for each in found.addresses] if found else []

    def preview(self):
        return self.env["account.email.followup.preview"].create(
            {"step_id": self.step.id, "partner_id": self.customer.id}
        )

    def composer(self):
        action = self.customer.action_email_followup_compose()
        return self.env[action["res_model"]].browse(action["res_id"])


@tagged("post_install", "-at_install")
class TestCopies(ColleaguesCommon):
    def test_nobody_by_default(self):
        self.invoice(5, invoice_user_id=self.anna.id)
        self.assertEqual(self.cc(), [])

    def test_the_salespeople_of_the_invoices(self):
        self.step.copy_salesperson = True
        for overdue, user in ((9, self.bob), (7, self.anna), (5, self.bob)):
            self.invoice(overdue, invoice_user_id=user.id)
        self.invoice(-20, invoice_user_id=self.chris.id)  # not in this email
        email = self.email()
        self.assertEqual(
            str(email.message["Cc"]), "Bob <bob@acme.example>, Anna <anna@acme.example>"
        )
        self.assertCountEqual(
            email.recipients,
            ["pay@bluelake.example", "bob@acme.example", "anna@acme.example"],
        )

    def test_the_customers_where_an_entry_has_none(self):
        self.step.copy_salesperson = True
        self.customer.user_id = self.chris
        move = self.invoice(5)
        move.invoice_user_id = False
        self.assertEqual(self.cc(), ["chris@acme.example"])

    def test_the_responsible(self):
        self.step.copy_responsible = True
        self.step.plan_id.responsible_id = self.anna
        self.customer.user_id = self.chris
        self.connector.connected_by_id = self.bob
        self.invoice(5)
        followup = self.plan()
        for field, now in (
            (None, "anna"),
            ((self.step.plan_id, "responsible_id"), "chris"),
            ((self.customer, "user_id"), "bob"),
        ):
            if field:
                record, name = field
                record[name] = False
            self.env.invalidate_all()
            with self.subTest(now=now):
                self.assertIn(f"{now}@acme.example", followup.copies_to)

    def test_a_responsible_who_has_left_has_a_substitute(self):
        self.step.copy_responsible = True
        self.step.plan_id.responsible_id = self.anna
        self.customer.user_id = self.chris
        self.anna.active = False
        self.invoice(5)
        self.assertEqual(self.cc(), ["chris@acme.example"])

    def test_nobody_gets_it_twice(self):
        self.step.write(
            {
                "cc": "Sales <anna@acme.example>, PAY@bluelake.example, x@acme.example",
                "copy_salesperson": True,
                "copy_responsible": True,
            }
        )
        self.step.plan_id.responsible_id = self.bob
        self.invoice(9, invoice_user_id=self.anna.id)
        self.invoice(5, invoice_user_id=self.bob.id)
        self.assertEqual(
            self.cc(), ["anna@acme.example", "x@acme.example", "bob@acme.example"]
        )

    def test_who_gets_none_and_why(self):
        self.step.copy_salesperson = True
        other = self._create_company(name="Other")
        portal = self.colleague("Paul", "base.group_portal")
        invoice = self.invoice(5, invoice_user_id=self.anna.id)
        for user, values, words in (
            (self.anna, {"active": False}, "Anna gets no copy: this user is archived."),
            (self.bob, {"email": False}, "no email address"),
            (self.bob, {"email": "bob@-acme-.example"}, "no email address"),
            (
                self.chris,
                {"company_id": other.id, "company_ids": [Command.set(other.ids)]},
                "Chris gets no copy: this user has no access to the company.",
            ),
            (portal, {}, "Paul gets no copy: this is not an internal user."),
        ):
            user.write(values)
            invoice.invoice_user_id = user
            self.env.invalidate_all()
            with self.subTest(words=words):
                for shown in (self.preview(), self.composer(), self.plan()):
                    self.assertIn(words, shown.copies_left_out)
                    self.assertNotIn("acme", shown.goes_to)
                followup = self.env["account.email.followup"].search(
                    [("partner_id", "=", self.customer.id)]
                )
                self.assertEqual(followup.goes_to, "pay@bluelake.example")
                self.assertFalse(followup.copies_to)
                followup.sudo().unlink()

    def test_a_robot_is_nobody(self):
        self.step.copy_salesperson = True
        self.invoice(5, invoice_user_id=self.env.ref("base.user_root").id)
        self.assertFalse(self.preview().copies_left_out)
        self.assertEqual(self.cc(), [])

    def test_one_without_the_company_of_another_invoice(self):
        """The email shows amounts of both."""
        branch = self._create_company(name="Branch", parent_id=self.company.id)
        self.bob.company_ids |= branch
        self.step.copy_salesperson = True
        self.invoice(9, invoice_user_id=self.bob.id)
        move = self.invoice(5, company=branch, invoice_user_id=self.anna.id)
        self.assertEqual(move.company_id, branch)
        followup = self.plan()
        self.assertEqual(len(followup._chased_lines()), 2)
        self.assertIn("Anna gets no copy", followup.copies_left_out)
        self.assertEqual(followup.copies_to, '"Bob" <bob@acme.example>')

    def test_the_composer_shows_them_and_they_can_be_changed(self):
        self.step.copy_salesperson = True
        self.invoice(5, invoice_user_id=self.anna.id)
        composer = self.composer()
        self.assertEqual(composer.cc, '"Anna" <anna@acme.example>')
        self.assertEqual(composer.goes_to, "pay@bluelake.example")
        composer.cc = "boss@acme.example"
        composer.action_send()
        self.assertEqual(self.cc(), ["boss@acme.example"])
        followup = self.env["account.email.followup"].search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertIn("boss@acme.example", followup.sent_to)

    def test_odd_names_can_be_edited_too(self):
        self.step.copy_salesperson = True
        self.anna.name = 'Anna\u200f "x" (Sales),\xa0Meyer'
        self.invoice(5, invoice_user_id=self.anna.id)
        composer = self.composer()
        composer.body = "<p>Please pay.</p>"
        composer.action_send()
        self.assertEqual(self.cc(), ["anna@acme.example"])

    def test_what_nobody_has_touched_goes_as_the_step_says(self):
        self.step.copy_salesperson = True
        self.invoice(5, invoice_user_id=self.anna.id)
        self.composer().action_send()
        followup = self.env["account.email.followup"].search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertFalse(followup.body)
        self.assertEqual(self.cc(), ["anna@acme.example"])

    def test_nobody_is_copied_where_a_person_has_said_so(self):
        self.step.copy_salesperson = True
        self.invoice(5, invoice_user_id=self.anna.id)
        composer = self.composer()
        composer.cc = False
        composer.action_send()
        self.assertEqual(self.cc(), [])


@tagged("post_install", "-at_install")
class TestSignature(ColleaguesCommon):
    def texts(self, email):
        """Its HTML without line breaks, and its plain text."""
        html, plain = (
            email.message.get_body((kind,)).get_content() for kind in ("html", "plain")
        )
        return " ".join(html.split()), plain

    def test_the_mailbox_signs_by_default(self):
        self.connector.sender_name = "Acme & Sons"
        self.invoice(5, invoice_user_id=self.anna.id)
        html, plain = self.texts(self.email())
        self.assertIn("Acme &amp; Sons", html)
        self.assertIn("Acme & Sons", plain)
        self.assertNotIn("Anna", html)

    def test_the_salesperson(self):
        self.step.signed_by = "salesperson"
        self.invoice(5, invoice_user_id=self.anna.id)
        email = self.email()
        html, plain = self.texts(email)
        self.assertIn("Anna<br", html)
        tail = [line.strip() for line in plain.split("Kind regards,")[1].splitlines()]
        self.assertEqual(
            list(filter(None, tail))[:4],
            ["Anna", "Sales", "Acme", "+32 2 123 45 67 · anna@acme.example"],
        )

    def test_answers_land_in_the_mailbox(self):
        self.step.signed_by = "salesperson"
        self.invoice(5, invoice_user_id=self.anna.id)
        message = self.email().message
        for header in ("From", "Reply-To"):
            (person,) = message[header].addresses
            self.assertEqual(person.addr_spec, self.connector.email)

    def test_of_several_the_one_of_the_oldest_invoice(self):
        self.step.signed_by = "salesperson"
        for overdue, user in ((4, self.anna), (9, self.bob), (7, self.chris)):
            self.invoice(overdue, 1000 / overdue, invoice_user_id=user.id)
        followup = self.plan()
        self.assertEqual(colleagues.signer(followup.sudo()), self.bob)
        self.bob.active = False
        self.assertEqual(colleagues.signer(followup.sudo()), self.chris)
        (self.chris | self.anna).active = False
        self.assertFalse(colleagues.signer(followup.sudo()))
        self.env.invalidate_all()
        self.assertEqual(followup.signature_html, "Acme")

    def test_the_responsible(self):
        self.step.signed_by = "responsible"
        self.step.plan_id.responsible_id = self.anna
        self.invoice(5, invoice_user_id=self.bob.id)
        html, _plain = self.texts(self.email())
        self.assertIn("anna@acme.example", html)
        self.assertNotIn("bob@", html)

    def test_what_is_not_known_leaves_no_gap(self):
        self.step.signed_by = "salesperson"
        self.bob.email = False
        self.invoice(5, invoice_user_id=self.bob.id)
        self.assertEqual(self.plan().signature_html, "Bob<br/>Acme")

    def test_names_are_no_markup(self):
        self.step.signed_by = "salesperson"
        self.anna.write({"name": "<b>Anna</b> & Co"})
        self.invoice(5, invoice_user_id=self.anna.id)
        html, plain = self.texts(self.email())
        self.assertIn("&lt;b&gt;Anna&lt;/b&gt; &amp; Co", html)
        self.assertIn("<b>Anna</b> & Co", plain)

    def test_previews_show_it(self):
        self.step.signed_by = "salesperson"
        self.invoice(5, invoice_user_id=self.anna.id)
        for shown in (self.preview().body, self.composer().body):
            self.assertIn("+32 2 123 45 67", shown)
        self.assertIn("+32 2 123 45 67", self.plan().email_html)

    def test_in_every_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env["ir.module.module"]._load_module_terms(
            ["account_email_connector"], ["fr_FR"]
        )
        self.step.signed_by = "salesperson"
        self.customer.lang = "fr_FR"
        self.invoice(5, invoice_user_id=self.anna.id)
        html, plain = self.texts(self.email())
        self.assertEqual(html.count("+32 2 123 45 67"), 1)
        self.assertIn("+32 2 123 45 67 · anna@acme.example", plain)

    def test_a_template_of_ones_own_gets_it_at_its_end(self):
        self.step.template_id.body_html = "<p>Please pay.</p>"
        self.invoice(5, invoice_user_id=self.anna.id)
        self.assertNotIn("Acme", self.preview().body)
        self.step.signed_by = "salesperson"
        self.env.invalidate_all()
        html, plain = self.texts(self.email())
        self.assertRegex(html, r"Please pay\.</p>\s*<p>Anna<br")
        self.assertTrue(plain.strip().endswith("anna@acme.example"))

    def test_a_template_of_before_is_signed_once(self):
        template = self.step.template_id
        template.with_context(lang="en_US").body_html = (
            "<p>From <t t-out='object.connector_id.sender_name or "
            "object.company_id.name'/></p><p>Best,<br/>\n  <t t-out=\"object."
            'connector_id.sender_name or object.company_id.name">Your</t></p>'
        )
        self.env.flush_all()
        path = str(SCRIPTS / "19.0.1.5.0/post-signature.py")
        load_script(path, "upgrade_signature").migrate(self.env.cr, "19.0.1.4.0")
        self.env.invalidate_all()
        self.assertEqual(template.body_html.count("signature_html"), 1)
        self.assertEqual(template.body_html.count("sender_name"), 1)
        self.step.signed_by = "salesperson"
        self.invoice(5, invoice_user_id=self.anna.id)
        _html, plain = self.texts(self.email())
        self.assertEqual(plain.split("Best,")[1].split()[0], "Anna")
        self.assertIn("From Acme", plain)

    def test_a_person_writes_what_they_like(self):
        self.step.signed_by = "salesperson"
        self.invoice(5, invoice_user_id=self.anna.id)
        composer = self.composer()
        composer.body = "<p>Dear friend, pay.</p>"
        composer.action_send()
        self.assertNotIn("Anna", self.texts(self.email())[1])
