"""Every text can be found by what collects them for translation."""

import ast
from pathlib import Path

ADDON = Path(__file__).parents[2]
NOT_SHOWN = ("tests", "dev")
CALLS = ("_", "_lt")


def test_no_text_is_inside_an_f_string():
    """Odoo's collector does not look there (Python 3.11 and before)."""
    assert list(_hidden()) == []


def _hidden():
    for path in ADDON.rglob("*.py"):
        inside = path.relative_to(ADDON)
        if inside.parts[0] in NOT_SHOWN or inside.parts[0].startswith("."):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr):
                yield from (f"{inside}:{node.lineno}" for _text in _texts(node))


def _texts(node):
    """The literal texts in *node* that are to be translated."""
    for call in ast.walk(node):
        name = isinstance(call, ast.Call) and getattr(
            call.func, "attr", getattr(call.func, "id", None)
        )
        if name in CALLS and call.args and isinstance(call.args[0], ast.Constant):
            yield call.args[0].value
