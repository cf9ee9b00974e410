"""The tests of what other people's packages do for the addon, with other versions of
them than the lock's: the oldest that requirements.txt allows, or the newest there are.
"""

import contextlib
import os
import sys
import time
from pathlib import Path

from . import cache, pytest_part, python_env
from .console import DevError, run, say, step

#: In tests/pure: what asks a server by one of the packages, reads with it, or seals.
TESTS = (
    "test_requirements.py",  # cryptography
    "test_discovery.py",  # dnspython
    "test_bounce_cause.py",  # flufl.bounce
    "test_reports.py",
    "test_google.py",  # google-api-python-client, google-auth
    "test_google_signin.py",  # google-auth-oauthlib
    "test_rules_calendar.py",  # holidays
    "test_imap.py",  # IMAPClient
    "test_inbox.py",
    "test_sender_domain.py",
    "test_microsoft.py",  # msal
    "test_client_certificate.py",
    "test_microsoft_signin.py",
    "test_oauth_http.py",  # requests, urllib3
    "test_oauth_standin.py",
)
#: Odoo 19's own lower bound.
OLDEST_PYTHON = "3.10"
# It makes virtual environments, and says what it is.
SUITS = "import sys, venv, ensurepip; print(sys.version, sys.base_prefix)"
TELL = """
import importlib.metadata, sys
print("Python", sys.version.split()[0])
for name in sys.argv[1:]:
    print(name, importlib.metadata.version(name))
"""
#: Odoo's own packages that we use, of which much depends on the version.
ODOOS = ("requests", "urllib3")
OLDEST = cache.CHECKOUT / "dev/oldest.lock"
ALLOWED = (cache.CHECKOUT / "dev/versions.in", cache.CHECKOUT / "requirements.txt")


def oldest(arguments=()):
    """Run them with the oldest; of what these need, it is locked what is taken."""
    return _run(_oldest_environment(), arguments)


def newest(arguments=()):
    """Run them with the newest of today.

    No part of `dev/test` alone: somebody else's release must not fail a change of ours.
    """
    return _run(_newest_environment(), arguments)


def _oldest_environment():
    python, said = oldest_python()
    key = cache.digest(OLDEST.read_bytes(), said)
    command = ("--require-hashes", "-r", OLDEST)
    return cache.part(
        "oldest", key, lambda path: _build(path, "oldest", command, python)
    )


def oldest_python():
    """The oldest Python that Odoo runs on, where there is one, also as pyenv keeps it;
    else the one that runs this. With what it says of itself."""
    name = f"python{OLDEST_PYTHON}"
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    kept = sorted(pyenv.glob(f"versions/{OLDEST_PYTHON}*/bin/{name}"))
    for python in (name, *kept):
        with contextlib.suppress(DevError):
            return python, run([python, "-c", SUITS], f"Asking {name}")
    return sys.executable, sys.version + sys.base_prefix


def _newest_environment():
    texts = (path.read_bytes() for path in ALLOWED)
    key = cache.digest(time.strftime("%F"), *texts, sys.version, sys.base_prefix)
    command = ("--upgrade", "-r", ALLOWED[0])
    return cache.part("newest", key, lambda path: _build(path, "newest", command))


def _build(path, which, arguments, python=sys.executable):
    with step(f"Installing the {which} packages"):
        python_env.install(path, arguments, python)


def _run(environment, arguments):
    python = environment / "bin/python"
    missing = [n for n in TESTS if not (cache.CHECKOUT / "tests/pure" / n).exists()]
    if missing:
        raise DevError(f"No such tests in tests/pure: {', '.join(missing)}")
    _tell_versions(python)
    files = [f"tests/pure/{name}" for name in TESTS]
    return pytest_part.run(files, arguments, pytest=python.parent / "pytest")


def _tell_versions(python):
    told = run([python, "-c", TELL, *names(), *ODOOS], "Reading versions")
    say(", ".join(told.splitlines()))


def names():
    """The packages that requirements.txt names, without their bounds."""
    lines = ALLOWED[1].read_text().splitlines()
    return [line.partition(">=")[0] for line in lines if line and line[0] != "#"]
