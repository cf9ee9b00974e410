"""`dev/package [DIR]`: make the packages that an administrator installs.

    dev/package         into dist/
    dev/package DIR     into another directory, which is made where it is missing

Two files, with what runs and what its users read, and without dev/, tests/ and .ci/:

    odoo_addon_account_email_connector-VERSION-py3-none-any.whl   by whool, for pip
    account_email_connector-VERSION.zip   for Odoo's Apps store, or an addons path

From the same commit come the same bytes. A file that git does not know is left out; one
that is changed and not committed is taken as it is, and named.
"""

import ast
import os
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from . import cache, oca, package_files
from .console import DevError, run, say, step

# whool and what it needs, with hashes.
REQUIREMENTS = cache.CHECKOUT / "dev/whool.txt"
BUILD = "import sys; from lib import build_backend as b; b.build_wheel(sys.argv[1])"


def main(arguments):
    """Make both; print where they are, and return the exit code."""
    if "-h" in arguments or "--help" in arguments:
        print(__doc__)
        return 0
    for path in make(_directory(arguments)):
        print(path)
    return 0


def _directory(arguments):
    for argument in arguments:
        if argument.startswith("-"):
            raise DevError(f"{argument} is no option: see dev/package --help.")
    if len(arguments) > 1:
        raise DevError(f"One directory, please, not {' '.join(arguments)}.")
    path = Path(arguments[0]) if arguments else cache.CHECKOUT / "dist"
    if path.exists() and not path.is_dir():
        raise DevError(f"{path} is a file, not a directory.")
    return path


def make(directory):
    """Write the wheel and the zip into a directory; return their paths."""
    directory = Path(directory).absolute()
    directory.mkdir(parents=True, exist_ok=True)
    if changes := package_files.not_committed():
        say(f"Not committed, and taken as it is: {', '.join(changes)}")
    with step("Making the wheel"):
        wheel = _wheel(directory)
    with step("Making the zip"):
        return wheel, _zip(directory)


def version():
    """The version in the manifest."""
    text = (cache.CHECKOUT / "__manifest__.py").read_text()
    return ast.literal_eval(text)["version"]


def builder():
    """Where whool is installed, in an environment of its own."""
    return oca.site_packages(REQUIREMENTS, "whool")


def _wheel(directory):
    path = os.pathsep.join(map(str, (builder(), cache.CHECKOUT / "dev")))
    run([sys.executable, "-c", BUILD, directory], "whool", env={"PYTHONPATH": path})
    name = f"odoo_addon_{package_files.ADDON}-{version()}-py3-none-any.whl"
    return directory / name


def _zip(directory):
    path = directory / f"{package_files.ADDON}-{version()}.zip"
    date = time.gmtime(package_files.changed())[:6]
    with (
        tempfile.TemporaryDirectory() as staging,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        addon = package_files.stage(staging)
        for name in package_files.names():
            entry = zipfile.ZipInfo(f"{package_files.ADDON}/{name}", date)
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, (addon / name).read_bytes())
    return path
