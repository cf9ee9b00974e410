"""What is written down as a reason is of one of three enums, never a loose word."""

import ast
import itertools
from pathlib import Path

import pytest
from account_email_connector.engine.followup.ledger_reasons import LedgerReason
from account_email_connector.providers.reasons import Reason as OfProviders
from account_email_connector.rules.reasons import Reason as OfRules

ENUMS = (OfProviders, OfRules, LedgerReason)
REASONS = [*itertools.chain(*ENUMS)]
VALUES = {reason.value for reason in REASONS}
PRODUCT = Path(__file__).parents[2]
FOLDERS = ("controllers", "engine", "models", "texts", "wizard")


def test_no_two_mean_something_else_by_the_same_word():
    assert len(VALUES) == len(REASONS)


@pytest.mark.parametrize("reason", REASONS)
def test_as_text_it_is_its_value(reason):
    assert str(reason) == reason.value == reason.name.lower()


def test_no_reason_is_a_loose_word():
    trees = {
        path.relative_to(PRODUCT): ast.parse(path.read_text())
        for folder in FOLDERS
        for path in sorted((PRODUCT / folder).glob("**/*.py"))
    }
    nodes = [node for tree in trees.values() for node in ast.walk(tree)]
    takers = {function.name: at for function in nodes for at in takes_reason(function)}
    assert takers, "nothing takes a reason any more: what writes it?"
    for node in nodes:
        for written in literals(node, takers):
            raise AssertionError(f"{written!r}: say it by its enum, which has a text")


def takes_reason(node):
    """Where a function takes a parameter ``reason``, if it does, without ``self``."""
    if isinstance(node, ast.FunctionDef):
        names = [argument.arg for argument in node.args.args if argument.arg != "self"]
        yield from (at for at, name in enumerate(names) if name == "reason")


def literals(node, takers):
    """The texts written as a reason here: in values, or given to a function."""
    given = []
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        given = [value for key, value in pairs if getattr(key, "value", 0) == "reason"]
    elif isinstance(node, ast.Call):
        given = [each.value for each in node.keywords if each.arg == "reason"]
        name = getattr(node.func, "attr", getattr(node.func, "id", None))
        if name in takers:
            given += node.args[takers[name] :][:1]
    return [each.value for each in given if isinstance(getattr(each, "value", 0), str)]
