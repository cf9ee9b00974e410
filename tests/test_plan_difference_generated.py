"""The difference is what saving would make: of 200 changes, drawn by a seed."""

import random
from datetime import timedelta

from odoo import Command
from odoo.tests import tagged

from ..engine.planning.alike import INTEREST_FIELDS, TEXT_FIELDS
from ..engine.planning.decisions import decisions
from ..rules import OPEN_STATES
from ..rules.difference import Change
from .test_plan_difference import DifferenceCommon

CHANGES = 200


@tagged("post_install", "-at_install")
class TestDifferenceIsWhatSavingMakes(DifferenceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._past()
        cls._present()
        begun = cls.today - timedelta(days=40)
        cls.ladder.write({"minimum_amount": 30, "start_date": begun})
        cls.known = set(cls.ladder.step_ids.ids)

    @classmethod
    def _past(cls):
        """What was sent, skipped, has failed, and what waits."""
        for number, days in enumerate((70, 45, 33, 31, 20, 16, 15, 9, 5, 4)):
            cls.owe(f"Heard {number}", days, 40 + 30 * number)
        states = ("sent", "sent", "failed", "skipped", "sent")
        for ago in (25, 12, 3):
            day = cls.today - timedelta(days=ago)
            for number, followup in enumerate(cls.plan(day).sudo()):
                state = states[(number + ago) % len(states)]
                skip = state == "skipped" and "once"
                followup.write({"state": state, "done_on": day, "skip": skip})
        waiting = cls.plan().sudo()
        waiting[:2].state = "to_review"

    @classmethod
    def _present(cls):
        """What nobody has been asked for, and what keeps it back."""
        for number, days in enumerate((-9, -3, 0, 1, 2, 3, 8, 13, 14, 15, 29, 40)):
            partner = cls.owe(f"Open {number}", days, 25 * number + 10)
            if number % 3 == 0:
                cls.invoice(days - 4, 60, partner=partner)
            if number % 4 == 1:
                cls.credit_note(30, partner=partner)
            if number % 5 == 2:
                cls.never_sent(days + 6, 90, partner=partner)
        cls.env["account.email.promise"].create(
            {
                "partner_id": cls.owe("Promised", 6).id,
                "until": cls.today + timedelta(days=2),
            }
        )
        cls.owe("Paused", 6).email_followup_paused_until = cls.today + timedelta(4)
        cls.owe("Never", 6).email_followup_excluded = True
        cls.owe("Unreachable", 6, email=False)
        firm = cls.owe("Firm", 7)
        cls.owe("Shop", 18, parent_id=firm.id, type="invoice", is_company=False)
        gentle = cls.ladder.copy({"name": "Gentle"})
        cls.owe("Own plan", 10).email_followup_plan_id = gentle

    def test_of_200_changes(self):
        random_ = random.Random(153)
        before, seen = self._decided(), set()
        for number in range(CHANGES):
            values = self._draw(random_)
            with self.subTest(number, values=values):
                found = self.found(values)
                told = {
                    self._key(row.before): (
                        self._next(row.before),
                        self._next(row.after, row.after.plan.step_ids),
                    )
                    for its in found.rows.values()
                    for row in its
                }
                after, planned, waiting = self._saved(values)
                expected = {
                    key: (then, after[key])
                    for key, then in before.items()
                    if then != after[key]
                }
                self.assertEqual(told, expected)
                now = {**before, **{key: then for key, (_was, then) in told.items()}}
                free = {key: now[key] for key in now.keys() - waiting if now[key]}
                self._check_planned(free, planned)
                seen.update(found.rows)
        self.assertEqual(seen, set(Change), "each kind has come")

    def _draw(self, random_):
        """The values of a form in which one to three things were changed."""
        kinds = [self._number, self._number, self._switch, self._step, self._step]
        values = {}
        for change in random_.choices(kinds, k=random_.randint(1, 3)):
            new = change(random_)
            commands = [*values.get("step_ids", ()), *new.get("step_ids", ())]
            values |= new
            if commands:
                values["step_ids"] = self._apart(commands)
        return values

    def _number(self, random_):
        return random_.choice(
            [
                {"minimum_amount": random_.choice([0, 50, 90, 150, 1000])},
                {"minimum_gap": random_.choice([1, 3, 20])},
                {"catch_up_days": random_.choice([1, 4, 10])},
                {
                    "start_date": self.today
                    - timedelta(days=random_.choice([1, 10, 90]))
                },
                {"promise_grace": random_.choice([0, 9])},
                {"last_times": 3, "last_every": random_.choice([5, 14])},
                {"until_hour": random_.choice([8, 20])},
                {"interest_rate": 9},
            ]
        )

    def _switch(self, random_):
        days = random_.sample(["on_tuesday", "on_wednesday", "on_thursday"], 2)
        return random_.choice(
            [
                {"only_sent": False},
                {"mode": "by_invoice"},
                dict.fromkeys(days, False),
                {"not_on_holidays": True, "on_monday": False},
            ]
        )

    def _step(self, random_):
        step = random_.choice(self.ladder.step_ids)
        free = random_.choice([-4, 1, 2, 5, 6, 7, 11, 17, 21, 26, 50])
        new = {"name": "New", "template_id": self.first.template_id.id}
        command = random_.choice(
            [
                Command.delete(step.id),
                Command.update(step.id, {"days": free}),
                Command.update(step.id, {"channel": "todo"}),
                Command.update(step.id, {"review": True}),
                Command.update(step.id, {"signed_by": "salesperson"}),
                Command.update(step.id, {"show_interest": True}),
                Command.create({**new, "days": free}),
            ]
        )
        return {"step_ids": [command]}

    def _apart(self, commands):
        """One change of each step, on days of their own."""
        kept, ids, days = [], set(), set()
        for command in commands:
            day = command[2].get("days") if command[2] else None
            if command[1] not in ids - {0} and day not in days - {None}:
                kept.append(command)
            ids.add(command[1])
            days.add(day)
        return kept

    # -- by saving it ------------------------------------------------------------------

    def _saved(self, values):
        """What is decided once they are saved, what is planned then, and who waits for
        one that was planned before; undone."""
        self.env.flush_all()
        with self.env.cr.savepoint() as savepoint:
            plan = self.as_user(self.ladder)
            plan.write(values)
            self.env.flush_all()
            after = self._decided()
            followups = self.env["account.email.followup"].sudo()
            waiting = followups.search([("state", "in", list(OPEN_STATES))])
            waiting = set(map(self._whose, waiting))
            planned = {
                self._whose(followup): (
                    followup.planned_date,
                    self._label(followup.step_id),
                    followup.channel,
                    followup.amount,
                )
                for followup in self.plan().sudo()
            }
            savepoint.rollback()
        self.env.invalidate_all()
        return after, planned, waiting

    def _decided(self):
        return {
            self._key(each): self._next(each, each.plan.step_ids)
            for each in decisions(self.env, self.company)
            if each.plan == self.ladder
        }

    def _check_planned(self, comes, planned):
        """What goes today by the difference is what the planner writes."""
        goes = {
            key: (day, label, channel, amount)
            for key, (day, label, channel, _lines, amount, *_more) in comes.items()
            if day == self.today
        }
        ours = {key: planned[key] for key in planned if key in comes}
        if goes:  # else the hours of today are over: they are written, and wait
            self.assertEqual(goes, ours)

    @staticmethod
    def _whose(followup):
        return followup.partner_id.id, followup.addressee_id.id or None

    @staticmethod
    def _key(said):
        return said.customer.id, said.customer.addressee

    def _next(self, said, steps=None):
        """What goes next, with all that the customer sees; None if nothing does."""
        comes = said.comes
        if not comes:
            return None
        steps = said.plan.step_ids if steps is None else steps
        step = steps.filtered(
            lambda step: (step._origin.id or step.id) == comes.step_id
        )
        return (
            comes.day,
            self._label(step),
            comes.channel,
            frozenset(item.line_id for item in comes.items),
            round(comes.total_company, 2),
            comes.is_read_first,
            comes.written,
            self._text(step, said.plan),
        )

    def _label(self, step):
        """The step, which nobody has saved yet, or has for a moment."""
        known = step._origin.id in self.known
        return step._origin.id if known else (step.name, step.days, step.channel)

    def _text(self, step, plan):
        interest = step.show_interest and [plan[name] for name in INTEREST_FIELDS]
        return [
            *(
                step[name]._origin.id if name.endswith("_id") else step[name]
                for name in TEXT_FIELDS
            ),
            interest,
        ]
