"""What of the checkout goes into a package: what runs, and what its users read."""

import os
import shutil
import subprocess
from pathlib import Path

from . import cache
from .console import DevError

ADDON = "account_email_connector"
# Beside the files whose names begin with a dot.
LEFT_OUT = ("dev/", "tests/", "static/tests/", "pyproject.toml")


def names():
    """The files that git knows and a package has, sorted.

    :raise DevError: there is no git, or the directory is no checkout of it
    """
    command = ["git", "ls-files", "-z"]
    try:
        done = subprocess.run(
            command, cwd=cache.CHECKOUT, capture_output=True, text=True
        )
    except OSError as error:
        raise DevError(f"git ls-files failed: {error}") from error
    if done.returncode:
        raise DevError(f"git ls-files failed: {done.stderr.strip()}")
    found = [name for name in done.stdout.split("\0") if name and is_packed(name)]
    return sorted(name for name in found if (cache.CHECKOUT / name).is_file())


def is_packed(name):
    """Whether a file of the checkout goes into a package.

    >>> is_packed("models/res_partner.py"), is_packed(".ci/run")
    (True, False)
    """
    return not name.startswith((".", *LEFT_OUT))


def stage(directory):
    """Copy the files below a directory, under the addon's name.

    What differs from machine to machine is made the same: who may read them, and when
    they were changed.

    :return: the addon's directory
    """
    addon = Path(directory) / ADDON
    for name in names():
        copy = addon / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(cache.CHECKOUT / name, copy)
        copy.chmod(0o644)
    for path in (addon, *addon.rglob("*")):
        os.utime(path, (changed(), changed()))
        if path.is_dir():
            path.chmod(0o755)
    return addon


def changed():
    """When the last commit was made, in seconds since 1970; it dates the files."""
    command = ["git", "log", "-1", "--format=%ct"]
    done = subprocess.run(command, cwd=cache.CHECKOUT, capture_output=True, text=True)
    if done.returncode:
        raise DevError(f"git log failed: {done.stderr.strip()}")
    return int(done.stdout)


def not_committed():
    """The files of a package that differ from the last commit."""
    command = ["git", "diff", "--name-only", "-z", "HEAD"]
    done = subprocess.run(command, cwd=cache.CHECKOUT, capture_output=True, text=True)
    return [name for name in done.stdout.split("\0") if name and is_packed(name)]
