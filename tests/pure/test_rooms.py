"""Each thing in its room: read from the source."""

import ast
import re
import sys
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "dev"))

from lib.figures_code import model_parts  # noqa: E402

#: These read a little that the user may not, and tell less of it.
ELEVATES = {
    "followup/addresses.py",  # whether an address has bounced
    "mailbox/page.py",  # the client ID, to whoever uses the app
    "rights.py",  # what a follow-up shows to its readers; a company's name, in an error
    "secrets/mailboxes.py",
    "secrets/sealed.py",
}


def python(*folders):
    for folder in folders:
        for path in (ROOT / folder).rglob("*.py"):
            yield path, path.read_text()


def test_a_model_is_in_one_file():
    places = defaultdict(set)
    for path, text in python("models", "wizard"):
        for model in model_parts(ast.parse(text)):
            if model.startswith("account.email."):
                places[model].add(path.name)
    kinds = {
        "account.email.export",
        "account.email.connector.form",
        "account.email.papers",
        "account.email.late.fees",
    }
    many = {model: names for model, names in places.items() if len(names) > 1}
    assert not many.keys() - kinds, many
    assert len(places) > 20


def test_what_knows_no_odoo():
    for path, text in python("providers", "rules"):
        assert not re.search(r"^\s*(from|import) odoo\b", text, re.M), path


def test_the_engine_imports_no_model():
    for path, text in python("engine"):
        assert not re.search(
            r"^\s*from \.+(models|wizard|controllers)\b", text, re.M
        ), path


def test_nothing_in_the_engine_elevates_itself():
    engine = ROOT / "engine"
    elevates = re.compile(r"\.sudo\(\)|su=True|SUPERUSER_ID")
    found = {
        str(path.relative_to(engine))
        for path, text in python("engine")
        if elevates.search(text)
    }
    assert found == ELEVATES


@pytest.mark.parametrize(
    "folder", ["engine", "models", "wizard", "controllers", "tools"]
)
def test_only_one_place_opens_transactions(folder):
    for path, text in python(folder):
        if path.name != "apart.py":
            assert ".cursor()" not in text, path


def test_what_python_3_10_lacks():
    """Odoo 19 runs with it, and then nothing of ours would load."""
    rooms = "providers rules engine texts models wizard controllers report tools demo"
    for path, text in python(*rooms.split(), "migrations", "tests", "dev"):
        assert not re.search(r"^from datetime import .*\bUTC\b", text, re.M), path
