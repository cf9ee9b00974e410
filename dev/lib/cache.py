"""Everything that is prepared lies in one directory that may be deleted at any time."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import time
from pathlib import Path

from .console import DevError, say

CHECKOUT = Path(__file__).resolve().parents[2]
UNUSED_DAYS = 30


def root():
    """The cache directory, outside the checkout; created when missing."""
    default = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    chosen = os.environ.get("AEC_CACHE") or default / "account_email_connector"
    path = Path(chosen).expanduser().absolute()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DevError(
            f"The cache {path} cannot be made ({error.strerror}): "
            "set AEC_CACHE to another directory."
        ) from error
    return path


def require_space(gigabytes):
    """Raise `DevError` when the cache's disk has less space left."""
    left = shutil.disk_usage(root()).free / 1e9
    if left < gigabytes:
        raise DevError(
            f"{root()} needs {gigabytes} GB of disk, {left:.1f} GB are left: "
            "free some, or set AEC_CACHE to another directory."
        )


def digest(*contents):
    """A short name for contents (texts or bytes): the same contents, the same name."""
    sha = hashlib.sha256()
    for content in contents:
        data = content.encode() if isinstance(content, str) else content
        sha.update(len(data).to_bytes(8, "big") + data)
    return sha.hexdigest()[:12]


@contextlib.contextmanager
def lock(name):
    """Keep other commands out of the same work; waits until they are done with it."""
    with _lock_file(name) as file:
        if not _taken(file):
            say(f"Waiting for another command ({name}) …")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def lock_if_free(name):
    """The same without waiting; gives whether no other command has it."""
    with _lock_file(name) as file:
        yield _taken(file)


def _lock_file(name):
    directory = root() / "locks"
    directory.mkdir(exist_ok=True)
    return open(directory / name, "w")


def _taken(file):
    """Whether the lock was free, and is this command's now."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def part(name, key, build):
    """Return the directory of one part of the cache, built when it is not there.

    A part is complete when its mark is there. A build that was interrupted has none,
    and starts again from nothing. The path is final from the start, since a Python
    environment cannot be moved.

    :param name: what it is ("odoo")
    :param key: changes whenever the contents have to
    :param build: called with the (empty, existing) directory to fill
    """
    path = root() / f"{name}-{key}"
    mark = root() / f"{name}-{key}.ready"
    if not _complete(path, mark):
        with lock(name):
            if not _complete(path, mark):
                mark.unlink(missing_ok=True)
                shutil.rmtree(path, ignore_errors=True)
                path.mkdir()
                build(path)
                mark.touch()
                _remove_unused(name)
    os.utime(mark)
    return path


def _complete(path, mark):
    return mark.exists() and path.exists()


def _remove_unused(name):
    """Remove older versions of a part that no checkout has used for a while."""
    for mark in root().glob(f"{name}-*.ready"):
        if time.time() - mark.stat().st_mtime > UNUSED_DAYS * 86400:
            mark.unlink()
            shutil.rmtree(mark.with_suffix(""), ignore_errors=True)
