"""Debian packages that cannot come from PyPI: installed as root, else asked for."""

import contextlib
import os
import shutil
from pathlib import Path

from .console import DevError, run, step

# Debian package: a file that is there when it is installed.
BROWSER = {"chromium": "/usr/bin/chromium"}
MAIL_SERVER = {
    "dovecot-imapd": "/usr/lib/dovecot/imap",
    "dovecot-submissiond": "/usr/lib/dovecot/submission",
    "dovecot-lmtpd": "/usr/lib/dovecot/lmtp",
}
PDF = {"wkhtmltopdf": "/usr/bin/wkhtmltopdf"}
FONTS = {
    "fonts-dejavu-core": "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    # Odoo's stylesheet asks for Arial: without the like of it, Chromium takes digits
    # and spaces from the font of emojis.
    "fonts-liberation": (
        "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf"
    ),
    "fonts-noto-color-emoji": "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf",
}


def require(*groups):
    """Make sure that the packages of the groups above are installed.

    :raise DevError: an ordinary user misses some; the message names them all
    """
    wanted = {name: probe for group in groups for name, probe in group.items()}
    missing = _missing(wanted)
    if not missing:
        return
    names = " ".join(missing)
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise DevError(
            f"Missing system packages. As root: apt-get install -y "
            f"--no-install-recommends {names}"
        )
    with step(f"Installing {names}"):
        install(missing)
    still = _missing(wanted)
    if still:
        raise DevError(f"Installed {' '.join(still)}, but its files are not there.")


def _missing(wanted):
    return [name for name, probe in wanted.items() if not Path(probe).exists()]


def install(names):
    """Install Debian packages as root, without starting any service they bring."""
    update()
    with _no_services():
        _apt(f"Installing {' '.join(names)}", "install", "-y", *names)


def satisfy(needs):
    """Install as root what these dependencies name, such as ``libc6 (>= 2.34)``."""
    with _no_services():
        _apt("Installing libraries", "satisfy", "-y", "--no-remove", *needs)


def update():
    """Fetch the package lists, as root."""
    _apt("Updating the package lists", "update")


def _apt(what, verb, *arguments):
    env = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    # Wait for another apt-get instead of failing.
    options = ["-q", "-o", "DPkg::Lock::Timeout=300", "--no-install-recommends"]
    run(["apt-get", *options, verb, *arguments], what, env=env)


@contextlib.contextmanager
def _no_services():
    # Debian asks this file before it starts a service; 101 means "do not".
    # https://people.debian.org/~hmh/invokerc.d-policyrc.d-specification.txt
    policy = Path("/usr/sbin/policy-rc.d")
    if policy.exists():
        yield
        return
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    try:
        yield
    finally:
        policy.unlink(missing_ok=True)
