"""`dev/lint [--fix] [PATH…]`: check how the code is written; with --fix, format it.

Python: ruff (pyproject.toml), pylint-odoo (.pylintrc), bandit (all its tests, less
those in dev/bandit.yml and tests/bandit.yml) and, on providers/ and rules/ as a whole,
mypy (pyproject.toml). dev/requirements.lock: no vulnerability that an installed list
knows (exceptions: dev/vulnerabilities.txt). XML, JavaScript, styles: prettier
(.prettierrc.yml). Shell: bash -n. All files: nothing that only this machine knows.
Files that git does not know yet are checked too. PATHs limit it to some of them.
"""

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import cache, environment, node, odoo_source, python_env
from .console import DevError, say, step

ALLOWED_VULNERABILITIES = "dev/vulnerabilities.txt"
PRETTIER = (".xml", ".js", ".scss", ".css", ".yml", ".yaml")
# Registries' hosts and directories of a developer's machine.
PRIVATE = re.compile(
    r"(?<![\w.])/(?:root|work|home/\w+|tmp/aec)/"
    r"|\b(?:pypi\.org|pythonhosted\.org|registry\.npmjs|deb\.debian\.org)\b"
)


def main(arguments):
    """Run all checks, show what they say, and return 0 if there is nothing to say."""
    if "-h" in arguments or "--help" in arguments:
        print(__doc__)
        return 0
    fix = "--fix" in arguments
    paths = [name for name in arguments if name != "--fix"]
    for name in paths:
        if name.startswith("-"):
            raise DevError(f"{name} is no option: see dev/lint --help.")
    files = known_files(paths)
    failed = []
    for name, check in _checks(files, fix).items():
        with step(name):
            if check():
                failed.append(name)
    if failed:
        say(f"dev/lint: {', '.join(failed)} found something; dev/lint --fix formats.")
        return 1
    say("dev/lint: clean")
    return 0


def _checks(files, fix):
    """{name: a call that is true if the check has found something}."""
    python = [name for name in files if name.endswith(".py")]
    formatting, fixing = ([], ["--fix"]) if fix else (["--check"], [])
    return {
        "ruff format": lambda: _ruff(python, "format", *formatting),
        "ruff check": lambda: _ruff(python, "check", *fixing),
        "pylint-odoo": lambda: _pylint(python),
        "mypy": lambda: _mypy(python),
        "bandit": lambda: _bandit(python),
        "known vulnerabilities": lambda: _vulnerabilities(files),
        "prettier": lambda: _prettier(files, fix),
        "bash -n": lambda: _shell(files),
        "private": lambda: _private(files),
    }


def known_files(paths=()):
    """The files below the paths (default: all) that git knows or does not ignore."""
    root = cache.CHECKOUT
    paths = [os.path.relpath(os.path.abspath(path), root) for path in paths]
    command = ["git", "ls-files", "-z", "-co", "--exclude-standard", "--deduplicate"]
    command += ["--", *(paths or ["."])]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    if done.returncode:
        raise DevError(f"git ls-files failed: {done.stderr.strip()}")
    names = done.stdout.rstrip("\0").split("\0")
    files = [name for name in names if name and (root / name).is_file()]
    if not files:
        raise DevError(f"No files of git's there: {' '.join(paths) or root}")
    return files


def _run(command, **options):
    command = list(map(str, command))
    return subprocess.run(command, stdin=subprocess.DEVNULL, **options).returncode


def _ruff(files, *arguments):
    if not files:
        return 0
    ruff = python_env.python().parent / "ruff"
    cache_dir = f"--cache-dir={cache.root() / 'ruff'}"
    return _run([ruff, *arguments, "-q", cache_dir, *files], cwd=cache.CHECKOUT)


def _pylint(files):
    # dev/ and the ORM-free tests are no part of the addon as Odoo loads it.
    files = [f for f in files if not f.startswith(("dev/", "tests/p"))]
    if not files:
        return 0
    rules = f"--rcfile={cache.CHECKOUT / '.pylintrc'}"
    targets = [f"{environment.ADDON}/{name}" for name in files]
    command = [python_env.python(), "-m", "pylint", rules, *targets]
    variables = {**os.environ, "PYTHONPATH": str(odoo_source.directory())}
    with repository() as addons:
        return _run(command, cwd=addons, env=variables)


@contextlib.contextmanager
def repository():
    """A copy of the addon, under its name, in the root of a repository.

    The rules look for a module's manifest below the directory that has `.git`, never in
    it: in the checkout, whose root is the addon, they would see no module.
    """
    with tempfile.TemporaryDirectory(prefix="lint-", dir=cache.root()) as directory:
        addons = Path(directory)
        (addons / ".git").mkdir()
        for name in known_files():
            copy = addons / environment.ADDON / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(cache.CHECKOUT / name, copy)
        yield addons


def _mypy(files):
    # What is right in one file depends on the others: all, or nothing.
    if not any(name.startswith(("providers/", "rules/")) for name in files):
        return 0
    cache_dir = f"--cache-dir={cache.root() / 'mypy' / environment.mount().name}"
    command = [python_env.python(), "-m", "mypy", "--no-error-summary", cache_dir]
    return _run(command, cwd=cache.CHECKOUT)


def _bandit(files):
    product = [f for f in files if not f.startswith(("dev/", "tests/"))]
    failed = _bandit_part(product)
    for part in ("dev", "tests"):
        names = [f for f in files if f.startswith(f"{part}/")]
        failed |= _bandit_part(names, f"--configfile={part}/bandit.yml")
    return failed


def _bandit_part(files, *options):
    if not files:
        return 0
    line = "--msg-template={relpath}:{line}: [{test_id}] {msg}"
    command = [python_env.python(), "-m", "bandit", "-q", "-f", "custom", line]
    return _run([*command, *options, *files], cwd=cache.CHECKOUT)


def _vulnerabilities(files):
    lock = python_env.LOCK_FILE.relative_to(cache.CHECKOUT)
    if not {str(lock), ALLOWED_VULNERABILITIES}.intersection(files):
        return 0
    paths = (cache.CHECKOUT / each for each in (lock, ALLOWED_VULNERABILITIES))
    command = [python_env.python(), "-m", "lib.vulnerabilities", *paths]
    return _run(command, cwd=cache.CHECKOUT / "dev")


def _prettier(files, fix):
    files = [name for name in files if name.endswith(PRETTIER)]
    if not files:
        return 0
    modules = node.modules(cache.CHECKOUT / "dev/prettier")
    command = [
        node.node(),
        modules / "prettier/bin/prettier.cjs",
        f"--plugin={modules / '@prettier/plugin-xml/src/plugin.js'}",
        "--log-level=warn",
        "--write" if fix else "--check",
        *files,
    ]
    return _run(command, cwd=cache.CHECKOUT)


def _shell(files):
    failed = 0
    for name in files:
        path = cache.CHECKOUT / name
        with open(path, "rb") as file:
            script = file.readline(64).startswith(b"#!/usr/bin/env bash")
        if script or name.endswith(".sh"):
            failed |= _run(["bash", "-n", path])
    return failed


def _private(files):
    found = 0
    for name in files:
        try:
            lines = (cache.CHECKOUT / name).read_text().splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, 1):
            if match := PRIVATE.search(line):
                print(f"{name}:{number}: {match[0]} is of one machine or registry")
                found = 1
    return found
