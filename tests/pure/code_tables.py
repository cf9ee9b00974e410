"""Reads the tables of what providers say: ``who said what = outcome REASON``."""

from pathlib import Path


def rows(name):
    """(what was said, outcome's name, reason's name, source) of each line."""
    source = ""
    for line in Path(__file__).with_name(name).read_text().split("\n"):
        if line.startswith("https://"):
            source = line
        elif line and not line.startswith("#"):
            said, _is, meant = line.rpartition(" = ")
            kind, reason = meant.split()
            yield said, kind, reason, source
