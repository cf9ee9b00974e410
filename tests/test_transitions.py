"""A follow-up's life is one table, and written in one place."""

import ast
import re
from contextlib import suppress
from pathlib import Path

from odoo.tests import BaseCase, tagged

from ..engine.followup import ledger
from ..engine.followup.ledger import IllegalTransition
from .common import ConnectorCommon

ROOT = Path(__file__).parent.parent
PRODUCT = ("controllers", "engine", "hooks.py", "models", "rules", "tools", "wizard")
#: What writes a follow-up's ``state``: the ledger; and a new row's values.
OURS = {
    ("engine/followup/ledger.py", "TRANSITIONS[transition].target"),
    ("engine/followup/byhand.py", "ledger.first_state(review)"),
}
#: What may be one, and is not: a mailbox's, a line's, an email's, the journal's, a
#: promise's; what one was on a day in the past; a plan's that is tried on the past, and
#: what that would have sent.
OTHERS = {
    ("engine/mailbox/banner.py", "connector.state"),
    ("engine/mailbox/incident.py", "connector.state"),
    ("engine/followup/lines.py", "state"),
    ("engine/followup/telling.py", "state"),
    ("models/account_email_delivery.py", "state"),
    ("rules/asof.py", "'planned'"),
    ("rules/replay.py", "'sent'"),
    ("engine/replay/job.py", "'failed' if 'problem' in ended else 'done'"),
    ("engine/replay/job.py", "replay.state"),
    ("models/account_email_promise.py", "found.get(promise.id, 'open')"),
}


@tagged("post_install", "-at_install")
class TestTransitions(ConnectorCommon):
    def setUp(self):
        super().setUp()
        self.invoice(5)
        self.followup = self.plan()
        journal = self.env["account.email.delivery"].sudo()
        self.delivery = journal.create(
            {
                "connector_id": self.connector.id,
                "company_id": self.company.id,
                "sender": self.connector.email,
                "envelope_key": "1",
                "message_id": "<1@acme.example>",
                "recipients": self.customer.email,
                "state": "unknown",
                "started_at": self.today,
            }
        )

    def details(self, transition):
        """What *transition* is to be told besides the follow-up."""
        return {
            ledger.ask_review: ("changed",),
            ledger.wait: ("being_changed", False),
            ledger.skip: ("settled",),
            ledger.give_way: ("replaced",),
            ledger.sent: ({self.followup: self.delivery},),
            ledger.unknown: (self.delivery,),
            ledger.fail: ("rejected",),
            ledger.open_again: ("daily_limit",),
        }.get(transition, ())

    def take(self, transition, state):
        self.followup.write({"state": state, "delivery_id": self.delivery.id})
        transition(self.followup, *self.details(transition))

    def test_every_legal_transition(self):
        for transition, row in ledger.TRANSITIONS.items():
            for state in row.sources:
                with self.subTest(transition.__name__, state=state):
                    self.take(transition, state)
                    self.assertEqual(self.followup.state, row.target)

    def test_every_illegal_transition_raises_and_writes_nothing(self):
        states = dict(ledger.STATES)
        for transition, row in ledger.TRANSITIONS.items():
            for state in states.keys() - row.sources:
                with self.subTest(transition.__name__, state=state):
                    # assertRaises of Odoo's takes back what was written.
                    with suppress(IllegalTransition):
                        self.take(transition, state)
                        self.fail("It was let through.")
                    self.assertEqual(self.followup.state, state)
                    self.assertEqual(self.delivery.state, "unknown")

    def test_of_several_one_that_may_not_go_stops_all(self):
        self.invoice(5, partner=self.customer.copy({"email": "two@many.example"}))
        both = self.followup | self.plan()
        self.followup.state = "sending"
        with self.assertRaises(IllegalTransition):
            ledger.approve(both)

    def test_every_state_is_reached_and_what_is_over_is_over(self):
        rows = ledger.TRANSITIONS.values()
        reached = {row.target for row in rows} | {
            ledger.first_state(),
            ledger.first_state(True),
        }
        self.assertEqual(reached, dict(ledger.STATES).keys())
        left = set().union(*(row.sources for row in rows))
        self.assertEqual(reached - left, {ledger.SKIPPED})


@tagged("post_install", "-at_install")
class TestOnePlace(BaseCase):
    """Read from the source: the ledger alone writes a follow-up's state."""

    def test_no_other_place_writes_a_state(self):
        states = dict(ledger.STATES)
        found = {
            (name, ast.unparse(value))
            for name in _product()
            for value in _states_written(_tree(name))
            # Another word is no state of a follow-up's, whoever writes it.
            if not isinstance(value, ast.Constant) or value.value in states
        }
        self.assertEqual(found - OTHERS, OURS)

    def test_sql_that_writes_follow_ups_takes_the_states_from_the_ledger(self):
        writes = re.compile(r"\b(UPDATE|INSERT INTO)\s+account_email_followup\b")
        # Changes nothing: it lets one user after the other charge a customer.
        lock = "UPDATE account_email_followup SET write_date = write_date"
        writers = {
            name
            for name in _product()
            if any(
                writes.search(text.replace(lock, "")) for text in _texts(_tree(name))
            )
        }
        self.assertEqual(writers, {"engine/followup/ledger_rows.py"})
        quoted = re.compile("|".join(rf"\b{state}\b" for state, _ in ledger.STATES))
        for text in filter(
            writes.search, _texts(_tree("engine/followup/ledger_rows.py"))
        ):
            its = text.replace("skipped AS (", "")  # a part of the statement
            self.assertFalse(quoted.findall(its))


def _product():
    """The product's Python files, relative to the addon."""
    paths = (ROOT / name for name in PRODUCT)
    lists = (path.rglob("*.py") if path.is_dir() else [path] for path in paths)
    return [str(file.relative_to(ROOT)) for files in lists for file in files]


def _tree(name):
    return ast.parse((ROOT / name).read_text())


def _texts(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _states_written(tree):
    """What is assigned to a ``state``: in values for ``write`` and ``create``, as
    ``record.state = …``, by ``setattr``, or as an argument named so."""
    for node in ast.walk(tree):
        yield from (value for place, value in _written(node) if _is_state(place))


def _written(node):
    """(where, what) is written here: a key, a target, an argument's name."""
    match node:
        case ast.Dict():
            keys = (getattr(key, "value", None) for key in node.keys)
            return zip(keys, node.values, strict=True)
        case ast.Assign():
            return [(target, node.value) for target in node.targets]
        case ast.AugAssign() | ast.AnnAssign():
            return [(node.target, node.value)]
        case ast.Call():
            return [(each.arg, each.value) for each in node.keywords]
    return ()


def _is_state(place):
    match place:
        case "state" | ast.Attribute(attr="state"):
            return True
        case ast.Subscript(slice=ast.Constant(value="state")):
            return True
    return False
