"""Read from Odoo's log what its tests found: names, counts, the lines that matter."""

import re
from dataclasses import dataclass

from .results import Results

_RECORD = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ \d+ (?P<level>[A-Z]+) \S+ (?P<logger>\S+): "
    r"(?P<text>.*)",
    re.DOTALL,
)
_START = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ \d+ [A-Z]+ ")
_TESTS = re.compile(r"^odoo\.addons\.(\w+)\.tests\.(\w+)")
_CLASS = re.compile(r"setUpClass \(.*?\)|tearDownClass \(.*?\)")
_FAILED = re.compile(r"^(?:FAIL|ERROR): (?:Subtest )?(?P<name>.*)")
# Sums of what stands in the log before them.
_SUMS = (
    "odoo.tests.result",
    "At least one test failed when loading",
    " failures, ",
)
# Debian leaves this library out of its package (blurred backgrounds in video calls).
_NOT_IN_DEBIAN = "mail/static/lib/selfie_segmentation"


@dataclass
class Record:
    """One record of the log: its level, its logger, its text, and all of its lines."""

    level: str
    logger: str
    text: str
    lines: str


def records(log):
    """Split a log into records; lines without a time belong to the one before."""
    chunk = []
    for line in log.splitlines():
        if _START.match(line) and chunk:
            yield _record("\n".join(chunk))
            chunk = []
        chunk.append(line)
    if chunk:
        yield _record("\n".join(chunk))


def _record(lines):
    match = _RECORD.match(lines)
    if not match:
        return Record("", "", lines, lines)
    return Record(match["level"], match["logger"], match["text"], lines)


def read(log):
    """Return the results, and for each failure the part of the log that shows it.

    A failure is a failed test, and also any ERROR or CRITICAL record, as in Odoo's own
    runbot: an installation that logs an error is not fine.

    :param log: the text of Odoo's log
    :return: `Results`, list of texts
    """
    started, failed, skipped, excerpts = {}, {}, {}, []
    running, story = None, []
    for record in records(log):
        test = _test_name(record)
        if record.text.startswith("Starting ") and test:
            running, story = test, []
            started[test] = True
        elif record.text.startswith("skipped ") and test:
            skipped[test] = record.text.partition(" : ")[2]
        elif record.logger in ("odoo.modules.loading", "odoo.service.server"):
            running = None
        story.append(record.lines)
        if record.level in ("ERROR", "CRITICAL") and not _ignored(record):
            failed[_failure_name(record, test, running)] = True
            excerpts.append("\n".join(story[-200:]))
            story = []
    passed = len(started.keys() - failed.keys() - skipped.keys())
    reasons = [f"{name}: {reason}" for name, reason in skipped.items()]
    return Results(passed, list(failed), reasons), excerpts


def _failure_name(record, test, running):
    """The failed test; else what was logged, and during which test."""
    if test and _FAILED.match(record.text):
        return test
    first = record.text.splitlines()[0] if record.text else ""
    where = f" (during {running})" if running else ""
    return f"{record.level} logged by {record.logger}: {first}{where}"


def _test_name(record):
    """The full name of the test that a record of the test runner is about, or None.

    The runner logs under the test's module; for a class's set-up, under its own.
    """
    match = _TESTS.match(record.logger)
    failed = _FAILED.match(record.text)
    if not match:
        if not record.logger.startswith("odoo.tests."):
            return None
        about = _CLASS.search(record.text)
        return about and about[0]
    words = (failed["name"] if failed else record.text.partition(" ")[2]).split()
    return f"{match[1]}/{match[2]}:{words[0]}" if words else None


def _ignored(record):
    if _NOT_IN_DEBIAN in record.text:
        return True
    return any(text in f"{record.logger} {record.text}" for text in _SUMS)


def warnings(log):
    """The warnings in a log, each once."""
    found = {f"{r.logger}: {r.text}": 1 for r in records(log) if r.level == "WARNING"}
    return [text for text in found if "odoo.tests.result: " not in text]
