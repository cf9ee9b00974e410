from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import ConnectorCommon

MANAGER = "account.group_account_manager"


@tagged("post_install", "-at_install")
class TestSharedPlan(ConnectorCommon):
    """What several companies share is changed by those who have them all."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._create_company(name="Other")
        cls.plan_default = cls.env.ref("account_email_connector.plan_default")
        cls.step = cls.env.ref("account_email_connector.step_friendly")
        cls.mine = cls.manager("mine", cls.company)
        cls.theirs = cls.manager("theirs", cls.other)
        cls.both = cls.manager("both", cls.company + cls.other)

    @classmethod
    def manager(cls, name, companies):
        return new_test_user(
            cls.env,
            f"sharing_{name}",
            MANAGER,
            company_id=companies[0].id,
            company_ids=[(6, 0, companies.ids)],
        )

    def as_user(self, records, user):
        return records.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids
        )

    def changes(self, user):
        """Each way to change what a shared plan sends, by *user*."""
        plan, step = (self.as_user(r, user) for r in (self.plan_default, self.step))
        return {
            "plan": lambda: plan.write({"minimum_gap": 1}),
            "archive": lambda: plan.write({"active": False}),
            "order": lambda: plan.write({"sequence": 99}),
            "take over": lambda: plan.write({"company_id": user.company_id.id}),
            "step": lambda: step.write({"cc": "thief@evil.example"}),
            "by the plan": lambda: plan.write(
                {"step_ids": [(1, step.id, {"cc": "thief@evil.example"})]}
            ),
            "new step": lambda: step.create(
                {
                    "name": "x",
                    "days": 99,
                    "plan_id": plan.id,
                    "template_id": step.template_id.id,
                }
            ),
            "another's step": lambda: (
                self.as_user(self.own_plan(user), user)
                .step_ids[:1]
                .write({"plan_id": plan.id, "days": 98})
            ),
            "delete step": step.unlink,
            "delete": plan.unlink,
            "new shared one": lambda: plan.create({"name": "First", "sequence": 0}),
            "own one for all": lambda: self.as_user(self.own_plan(user), user).write(
                {"company_id": False}
            ),
        }

    def own_plan(self, user):
        return self.plan_default.sudo().copy({"company_id": user.company_id.id})

    def test_by_those_who_have_all_companies(self):
        self.connect(self.other, "billing@other.example")
        for user in (self.mine, self.theirs):
            for name, change in self.changes(user).items():
                with (
                    self.subTest(name, user=user.login),
                    self.assertRaises(AccessError),
                ):
                    change()
        for name in self.changes(self.both):
            if name != "delete":  # steps that were used hold on to it
                with self.subTest(name, user="both"), self.env.cr.savepoint():
                    self.changes(self.both)[name]()

    def test_who_does_not_chase_by_it_is_not_asked(self):
        """One company with a mailbox: its manager needs no other company."""
        self.as_user(self.step, self.mine).cc = "sales@acme.example"
        with self.assertRaises(AccessError):
            self.as_user(self.step, self.theirs).cc = "thief@evil.example"

    def test_who_has_chosen_it_is_asked(self):
        self.other.email_followup_plan_id = self.plan_default
        with self.assertRaises(AccessError):
            self.as_user(self.step, self.mine).cc = "x@acme.example"

    def test_whose_customer_has_it_is_asked(self):
        self.connect(self.other, "billing@other.example")
        self.other.email_followup_plan_id = self.own_plan(self.theirs)
        self.as_user(self.step, self.mine).cc = "x@acme.example"
        customer = self.customer.with_company(self.other)
        customer.email_followup_plan_id = self.plan_default
        with self.assertRaises(AccessError):
            self.as_user(self.step, self.mine).cc = "x@acme.example"

    def test_who_has_it_by_default_is_asked(self):
        self.env["ir.default"].sudo().set(
            "res.partner",
            "email_followup_plan_id",
            self.plan_default.id,
            company_id=self.other.id,
        )
        with self.assertRaises(AccessError):
            self.as_user(self.step, self.mine).cc = "x@acme.example"

    def test_who_has_a_mailbox_is_asked_also_while_it_is_disconnected(self):
        """Else it would find what others have made of its plan meanwhile."""
        connector = self.connect(self.other, "billing@other.example")
        self.invoice(5, company=self.other)
        self.env["account.email.followup"]._plan(self.other)
        connector.action_disconnect()
        shared = self.as_user(self.env["account.email.followup.plan"], self.mine)
        with self.assertRaises(AccessError):
            shared.create({"name": "First", "sequence": -100})
        self.theirs.sudo().active = False  # else Odoo archives no company
        self.other.sudo().active = False
        with self.assertRaises(AccessError):
            shared.create({"name": "First", "sequence": -100})
        with self.assertRaises(AccessError):
            self.as_user(self.step, self.mine).cc = "thief@evil.example"

    def test_a_customer_is_not_chased_by_another_companys_plan(self):
        self.connect(self.other, "billing@other.example")
        theirs = self.own_plan(self.theirs)
        self.invoice(5)
        customer = self.as_user(self.customer, self.mine)
        with self.assertRaises(AccessError):
            customer.email_followup_plan_id = theirs
        self.customer.sudo().with_company(
            self.company
        ).email_followup_plan_id = theirs  # whatever was stored before
        self.assertEqual(self.plan().plan_id, self.plan_default)

    def test_a_branch_does_not_change_its_parents(self):
        branch = self._create_company(name="Branch", parent_id=self.company.id)
        own = self.own_plan(self.mine)
        clerk = self.manager("branch", branch)
        self.assertEqual(self.as_user(own, clerk).name, own.name, "it sees it")
        with self.assertRaises(AccessError):
            self.as_user(own, clerk).minimum_gap = 1
        with self.assertRaises(AccessError):
            self.as_user(own.step_ids[0], clerk).cc = "thief@evil.example"
        self.as_user(own, self.mine).minimum_gap = 1

    def test_one_of_our_own_by_a_click(self):
        self.connect(self.other, "billing@other.example")
        shared = self.as_user(self.plan_default, self.mine)
        self.assertFalse(shared.can_change)
        action = shared.action_make_own()
        own = shared.browse(action["res_id"])
        self.assertTrue(own.can_change)
        self.assertEqual(own.company_id, self.company)
        self.assertEqual(own.step_ids.mapped("days"), shared.step_ids.mapped("days"))
        with Form(own) as form:
            form.minimum_gap = 3
        self.invoice(5)
        self.assertEqual(self.plan().plan_id, own, "it chases by it")
        with self.assertRaisesRegex(UserError, "it has"):
            shared.action_make_own()  # pressed twice

    def test_one_of_our_own_where_the_shared_one_was_chosen(self):
        self.connect(self.other, "billing@other.example")
        self.company.email_followup_plan_id = self.plan_default
        action = self.as_user(self.plan_default, self.mine).action_make_own()
        self.assertEqual(self.company.email_followup_plan_id.id, action["res_id"])

    def test_nobody_else_makes_one(self):
        for group in ("account.group_account_invoice", "base.group_user"):
            user = new_test_user(self.env, f"x_{group}", group)
            with self.assertRaises(AccessError):
                self.plan_default.with_user(user).action_make_own()


@tagged("post_install", "-at_install")
class TestTemplates(ConnectorCommon):
    """A template is rendered for what it is about, and for nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.step = cls.env.ref("account_email_connector.step_friendly")
        users = cls.env["ir.model"].sudo()._get("res.users")
        cls.foreign = (
            cls.env["mail.template"]
            .sudo()
            .create(
                {
                    "name": "Invite",
                    "model_id": users.id,
                    "subject": "{{ object.login }}",
                    "body_html": "<p t-out='object.login'/>",
                }
            )
        )

    def test_a_step_takes_none_of_another_model(self):
        with self.assertRaisesRegex(ValidationError, "something else"):
            self.step.template_id = self.foreign
        with self.assertRaisesRegex(ValidationError, "something else"):
            self.step.copy({"days": 50, "template_id": self.foreign.id})

    def test_nor_does_it_become_one_later(self):
        template = self.step.template_id.sudo()
        with self.assertRaisesRegex(ValidationError, "something else"):
            template.model_id = self.foreign.model_id

    def test_nor_is_it_rendered(self):
        """Whatever was stored before there was a check."""
        self.invoice(5)
        followup = self.plan()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_email_followup_step SET template_id = %s WHERE id = %s",
            [self.foreign.id, followup.step_id.id],
        )
        self.env.invalidate_all()
        self.assertIn("something else", followup.email_html)
        with mute_logger("odoo.addons.account_email_connector.engine.sending.steps"):
            self.run_action()
        self.assertFalse(self.mailbox.accepted)
        self.assertEqual(followup.state, "failed")

    def test_the_approvals_template(self):
        template = self.env.ref("account_email_connector.template_approval").sudo()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_template SET model_id = %s, model = 'res.users' WHERE id = %s",
            [self.foreign.model_id.id, template.id],
        )
        self.env.invalidate_all()
        form = self.env["account.email.connector.approval"].create(
            {"connector_id": self.connector.id, "email": "it@acme.example"}
        )
        with self.assertRaisesRegex(UserError, "something else"):
            self.assertFalse(form.body)

    def test_copies_are_on_one_line(self):
        for cc in ("a@x.example\nBcc: b@x.example", "a@x.example\r\n", "a@x.example\0"):
            with self.subTest(cc), self.assertRaises(ValidationError):
                self.step.cc = cc

    def test_customers_are_responsible_for_nothing(self):
        portal = new_test_user(self.env, "sharing_portal", "base.group_portal")
        with self.assertRaisesRegex(ValidationError, "internal"):
            self.step.plan_id.responsible_id = portal
        with self.assertRaisesRegex(ValidationError, "internal"):
            self.step.user_id = portal
