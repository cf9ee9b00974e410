"""The parts of the tests that pytest runs: `tests/pure` and `tests/process`."""

import subprocess
import tempfile
from pathlib import Path
from xml.etree import ElementTree  # nosec B405 # of reports that pytest just wrote

from . import cache, python_env
from .console import test_variables, wait
from .results import Results

# Seconds, far above what the tests take: a test that hangs must not hang the developer.
LONGEST = 75 * 60


def run(paths, arguments=(), pytest=None):
    """Run the tests in files or folders; pytest's output goes to the terminal.

    :param paths: below the checkout
    :param arguments: further ones for pytest
    :param pytest: its path, if another environment's than the lock's
    """
    pytest = pytest or python_env.python().parent / "pytest"
    what = paths[0] if len(paths) == 1 else f"{len(paths)} files"
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory) / "report.xml"
        command = [pytest, *paths, "-q", f"--junit-xml={report}", *arguments]
        process = subprocess.Popen(
            command,
            cwd=cache.CHECKOUT,
            env=test_variables(),
            stdin=subprocess.DEVNULL,
        )
        code = wait(process, LONGEST)
        if not report.exists():
            name = f"pytest {what} ended with {code} and wrote no report"
            return Results(failed=[name])
        results = read(report)
    # 5: no test was collected, which the sum of all parts judges.
    if code not in (0, 5) and not results.failed:
        results.failed.append(f"pytest {what} ended with {code}")
    return results


def read(report):
    """Read the results from a report in JUnit's format."""
    results = Results()
    cases = ElementTree.parse(report).iter("testcase")  # nosec B314 # see above
    for case in cases:
        name = f"{case.get('classname')}.{case.get('name')}"
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            # A test that fails in its body and its teardown is there twice.
            if name not in results.failed:
                results.failed.append(name)
        elif skipped is not None:
            results.skipped.append(f"{name}: {skipped.get('message')}")
        else:
            results.passed += 1
    return results
