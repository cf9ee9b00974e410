"""A changed rule, or default, and what saving it makes: of 200 changes, by a seed."""

import random
from datetime import timedelta

from odoo import Command
from odoo.tests import tagged

from ..engine.planning.alike import INTEREST_FIELDS, TEXT_FIELDS
from ..engine.planning.decisions import decisions
from ..engine.planning.difference import difference
from ..rules.difference import Change
from .test_plan_difference import MANAGER, DifferenceCommon

CHANGES = 200
#: What a change of a step alone makes.
OF_STEPS = {Change.READ}
DATES = (-3, 1, 3, 5, 8, 14, 15, 20, 31, 45)


@tagged("post_install", "-at_install")
class TestAnotherPlanIsWhatSavingMakes(DifferenceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls._create_company(name="Branch", parent_id=cls.company.id)
        cls.companies = cls.company + cls.branch
        cls.both = cls.someone("both", MANAGER)
        cls.both.company_ids += cls.branch
        cls.mailboxes = cls.connector + cls.connector.create(
            {"company_id": cls.branch.id}
        )
        shared = {"company_id": False}
        cls.gentle = cls.ladder.copy({"name": "Gentle", "minimum_gap": 20, **shared})
        cls.gentle.step_ids[0].days = 8
        recap = cls.env.ref("account_email_connector.plan_recap").copy({"name": "R"})
        archived = cls.ladder.copy({"name": "Archived", "active": False, **shared})
        cls.branchs = cls.ladder.copy({"name": "B", "company_id": cls.branch.id})
        cls.plans = cls.ladder + cls.gentle + recap + archived
        cls.tags = cls.env["res.partner.category"].create(
            [{"name": "VIP"}, {"name": "Gold"}]
        )
        cls.countries = cls.env.ref("base.be") + cls.env.ref("base.fr")
        cls._customers()
        cls._rules()

    @classmethod
    def _customers(cls):
        """Of both companies, with the past that rules ask about."""
        for number, days in enumerate(DATES * 3):
            values = {
                "category_id": cls.tags[number % 4 : number % 4 + 1].ids,
                "country_id": cls.countries[number % 3 : number % 3 + 1].id,
            }
            partner = cls.owe(f"C{number}", days, 30 + 25 * number, **values)
            if number % 4 == 0:
                cls.invoice(days + 2, 60, partner=partner, company=cls.branch)
            if number % 5 == 0:
                cls.pay(cls.invoice(days + 60, partner=partner))
            if number % 7 == 0:
                partner.email_followup_plan_id = cls.gentle
        for number, days in enumerate(DATES[::2]):
            partner = cls.customer.copy({"name": f"B{number}"})
            cls.invoice(days, 50, partner=partner, company=cls.branch)
        for ago, state in ((25, "sent"), (9, "sent")):
            day = cls.today - timedelta(days=ago)
            cls.plan(day).sudo().write({"state": state, "done_on": day})
        cls.plan()

    @classmethod
    def _rules(cls):
        rules = cls.env["account.email.followup.plan.rule"]
        cls.rules = rules.create(
            [
                {"plan_id": cls.gentle.id, "tag_ids": cls.tags[0].ids},
                {
                    "plan_id": cls.plans[2].id,
                    "country_ids": cls.countries[0].ids,
                    "sequence": 5,
                },
                {
                    "plan_id": cls.env.ref("account_email_connector.plan_default").id,
                    "company_id": False,
                    "amount_overdue": 500,
                },
            ]
        )

    def test_of_200_changes(self):
        random_ = random.Random(153)
        before, seen, moved = self._decided(), set(), 0
        for number in range(CHANGES):
            kind = random_.choice((self._rule, self._rule, self._default, self._own))
            what, supposed, save = kind(random_)
            with self.subTest(number, what=what):
                found = self._found(supposed)
                now = self._told(before, found)
                after = self._saved(save)
                self.assertEqual(now, after)
                seen.update(found.rows)
                moved += found.customers > 0
        self.assertEqual(seen, set(Change) - OF_STEPS, "each kind has come")
        self.assertGreater(moved, CHANGES / 2)

    # -- changes: (what, what is supposed, how it is saved) ----------------------------

    def _rule(self, random_):
        rule = random_.choice([*self.rules, self.rules.browse(), self.rules.browse()])
        values = {}
        for _change in range(random_.randint(1, 2)):
            values |= random_.choice(self._of_rules(random_, rule))
        if not rule:
            values = {"tag_ids": [Command.set(self.tags.ids)], **values}
            values.setdefault("plan_id", self.gentle.id)
        mine = self.as_user(rule, self.both)

        def save():
            mine.write(values) if rule else mine.create(values)

        return (rule.id, values), lambda: mine._supposed(values), save

    def _of_rules(self, random_, rule):
        # One for every company needs a plan that every company may use.
        plans = self.plans.filtered(lambda p: rule.company_id or not p.company_id)
        tags, countries = (
            [Command.set(random_.sample(which.ids, random_.randint(1, 2)))]
            for which in (self.tags, self.countries)
        )
        return [
            {"plan_id": random_.choice(plans).id},
            {"tag_ids": tags},
            {"country_ids": countries},
            {"amount_overdue": random_.choice([1, 100, 400, 900])},
            {"days_late": random_.choice([1, 20, 60])},
            {"company_id": random_.choice(self.companies).id},
            {"active": False},
            {"sequence": random_.choice([1, 30]), "tag_ids": tags},
        ]

    def _default(self, random_):
        mailbox = self.as_user(random_.choice(self.mailboxes), self.both)
        plans = [*self.plans.filtered("active"), self.plans.browse()]
        plan = random_.choice(plans)
        if mailbox.company_id == self.branch:
            plan = random_.choice([plan, self.branchs])
        values = {"followup_plan_id": plan.id}

        def save():
            mailbox.write(values)

        return (
            (mailbox.company_id.name, plan.name),
            (lambda: mailbox._supposed(values)),
            save,
        )

    def _own(self, random_):
        company = random_.choice(self.companies)
        owing = self.env["res.partner"].search([("name", "=like", "C%")])
        plan = random_.choice([*self.plans, self.plans.browse()])
        values = {
            "partner_ids": [Command.set(random_.sample(owing.ids, 3))],
            "company_id": company.id,
            "choice": "own" if plan else "rules",
            "plan_id": plan.id,
        }
        wizards = self.as_user(
            self.env["account.email.followup.plan.choice"], self.both
        )

        def save():
            wizards.create(values).action_confirm()

        return values, lambda: wizards._supposed(values), save

    # -- before, told, and after -------------------------------------------------------

    def _found(self, supposed):
        self.env.flush_all()
        self.env.invalidate_all()
        env = self.as_user(self.ladder, self.both).env
        return difference(env, env(su=True), supposed())

    def _told(self, before, found):
        """What is decided then, as far as it is told, and else as before."""
        now = dict(before)
        rows = [row for its in found.rows.values() for row in its]
        for row in rows:
            sides = [row.before, row.after]
            first, then = ((said and self._next(said)) for said in sides)
            keys = [said and self._key(said) for said in sides]
            self.assertNotEqual((keys[0], first), (keys[1], then))
            now.pop(keys[0], None)
        now |= {
            self._key(row.after): self._next(row.after)
            for row in rows
            if row.after and row.after.comes
        }
        return now

    def _saved(self, save):
        with self.env.cr.savepoint() as savepoint:
            save()
            self.env.flush_all()
            after = self._decided()
            savepoint.rollback()
        self.env.invalidate_all()
        return after

    def _decided(self):
        return {
            self._key(each): self._next(each)
            for each in decisions(self.env, self.companies)
            if each.comes
        }

    @staticmethod
    def _key(said):
        return said.unit.company_id, said.customer.id, said.customer.addressee

    def _next(self, said):
        """What goes next, with all that the customer sees; None if nothing does."""
        comes = said.comes
        if not comes:
            return None
        step = self.env["account.email.followup.step"].browse(comes.step_id or ())
        interest = step.show_interest and [step.plan_id[n] for n in INTEREST_FIELDS]
        return (
            comes.day,
            comes.step_id,
            comes.channel,
            frozenset(item.line_id for item in comes.items),
            round(comes.total_company, 2),
            comes.is_read_first,
            comes.written,
            [step[name] for name in TEXT_FIELDS],
            interest,
        )
