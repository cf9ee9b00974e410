"""Older releases of the addon: what a database is updated from."""

import tarfile

from . import cache
from .environment import ADDON


def version(release):
    """The release's number, as the file's name has it."""
    return release.name.removesuffix(".tar.xz")


def _number(release):
    return [int(part) for part in version(release).split(".")]


#: ``git archive`` of what runs of a release, without translations. The oldest that is
#: supported first: a database of a later one has less to change.
RELEASES = sorted(
    (cache.CHECKOUT / "tests/process/releases").glob("*.tar.xz"), key=_number
)


def install(box, database, release, directory):
    """Install the release in a database.

    :param box: an `env.Sandbox`
    :param directory: an empty one, in which the release is unpacked
    :return: the options with which Odoo goes on with it
    """
    with tarfile.open(release) as archive:
        archive.extractall(directory / ADDON, filter="data")
    paths = ",".join(map(str, (box.addons_path[0], directory)))
    options = ("--addons-path", paths)
    box.odoo("-d", database, "-i", ADDON, "--stop-after-init", *options)
    return options
