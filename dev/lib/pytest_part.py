"""The parts of the tests that pytest runs: `tests/pure` and `tests/process`."""

import subprocess
import tempfile
from pathlib import Path
from xml.etree import ElementTree

from . import cache, python_env
from .console import DevError, test_variables
from .results import Results


def run(folder, arguments=()):
    """Run the tests of one folder below `tests/`; pytest's output goes to the terminal.

    :param arguments: further ones for pytest
    """
    pytest = python_env.python().parent / "pytest"
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory) / "report.xml"
        command = [pytest, f"tests/{folder}", "-q", f"--junit-xml={report}", *arguments]
        code = subprocess.run(
            command,
            cwd=cache.CHECKOUT,
            env=test_variables(),
            stdin=subprocess.DEVNULL,
        ).returncode
        if not report.exists():
            raise DevError(f"pytest ended with {code} and wrote no report.")
        results = read(report)
    # 5: no test was collected, which the sum of all parts judges.
    if code not in (0, 5) and not results.failed:
        results.failed.append(f"pytest tests/{folder} ended with {code}")
    return results


def read(report):
    """Read the results from a report in JUnit's format."""
    results = Results()
    for case in ElementTree.parse(report).iter("testcase"):
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
