"""Debian packages that are unpacked into the cache, and not installed.

Mail servers conflict with each other and with the one that a machine may have: so the
tests run them from where they were unpacked. Nothing starts, and no user is made.
"""

import functools
import os
import re
import shutil

from . import cache, system
from .console import DevError, run, step

#: What a machine has to bring along: its libraries, and the same release of Debian.
RELEASE = "/etc/debian_version"


@functools.cache
def unpacked(*names):
    """The directory in which the files of these packages lie as below ``/``.

    :raise DevError: it is no Debian, or an ordinary user misses their libraries
    """
    if not shutil.which("apt-get"):
        raise DevError(f"{' '.join(names)}: only a Debian has these packages.")

    def build(path):
        with step(f"Unpacking {' '.join(names)}"):
            _download(names, path)
            packages = sorted(path.glob("*.deb"))
            _require_libraries(packages)
            for package in packages:
                run(["dpkg", "-x", package, path], f"Unpacking {package.name}")
                package.unlink()

    with open(RELEASE) as file:
        release = file.read()
    return cache.part(f"deb-{names[0]}", cache.digest(release, *names), build)


def _download(names, path):
    os.chmod(path, 0o755)  # nosec B103 # mail servers run as users of their own
    command = ["apt-get", "-q", "download", *names]
    try:
        run(command, f"Fetching {' '.join(names)}", cwd=path)
    except DevError:  # no package lists yet, or old ones
        if os.geteuid() != 0:
            raise
        system.update()
        run(command, f"Fetching {' '.join(names)}", cwd=path)


def _require_libraries(packages):
    """Install what the packages link to, but none of the rest that they depend on."""
    fields = (run(["dpkg-deb", "-f", each, "Depends"], "Reading") for each in packages)
    needs = [need for field in fields for need in libraries(field)]
    if not needs:
        return
    check = ["apt-get", "-q", "-s", "--no-remove", "satisfy", *needs]
    if "\nInst " not in "\n" + run(check, "Looking for libraries"):
        return
    if os.geteuid() != 0:
        raise DevError(f"Missing libraries. As root: apt-get satisfy '{needs}'")
    system.satisfy(needs)


def libraries(depends):
    """The libraries in a package's field ``Depends``.

    >>> libraries("libc6 (>= 2.34), adduser, libdb5.3")
    ['libc6 (>= 2.34)', 'libdb5.3']
    """
    needs = (need.strip() for need in depends.split(","))
    return [need for need in needs if re.match(r"(lib|zlib)\S*", need)]
