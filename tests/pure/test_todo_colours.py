"""What there is to do has the same colour wherever it is shown."""

import json
from pathlib import Path

from account_email_connector.rules.worklist import Todo
from lxml import etree

VIEWS = Path(__file__).parents[2] / "views"
#: danger: trouble that a person has to see to; warning: a person is waited for; then
#: what a person has planned, what goes by itself, and what waits.
COLOURS = {
    "held": "danger",
    "uncertain": "danger",
    "promise_broken": "danger",
    "no_address": "danger",
    "never_sent": "danger",
    "to_review": "warning",
    "not_started": "warning",
    "answered": "warning",
    "money": "warning",
    "ended": "warning",
    "disputed": "warning",
    "yours": "info",
    "goes": "success",
    "waiting": "muted",
}
FIELDS = ("todo", "email_followup_todo")
PREFIX = "decoration-"


def shown():
    """(file, element) of each place that colours it."""
    for path in sorted(VIEWS.glob("*.xml")):
        for element in etree.parse(path).iter("field", "progressbar"):
            is_badge = (
                element.get("widget") == "badge" and element.get("name") in FIELDS
            )
            if is_badge or element.get("field") in FIELDS:
                yield path.name, element


def colours(element):
    """{to do: its colours there}"""
    if element.tag == "progressbar":
        given = json.loads(element.get("colors"))
        return {str(todo): [given.get(todo, "muted")] for todo in Todo}
    conditions = {
        name.removeprefix(PREFIX): condition
        for name, condition in element.attrib.items()
        if name.startswith(PREFIX)
    }
    assert not any(" not " in condition for condition in conditions.values())
    return {
        str(todo): [
            colour
            for colour, condition in conditions.items()
            if f"'{todo}'" in condition
        ]
        for todo in Todo
    }


def test_one_table_of_colours():
    assert COLOURS.keys() == set(map(str, Todo))
    places = list(shown())
    assert len(places) == 4
    for where, element in places:
        found = colours(element)
        wrong = {todo: found[todo] for todo in found if found[todo] != [COLOURS[todo]]}
        assert not wrong, (where, element.sourceline)
