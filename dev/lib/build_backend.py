"""The addon as a wheel, for pip: whool's, of what `package_files` names.

whool takes all that git knows, under the name that the checkout has. So it is shown a
copy. Nothing is imported here that comes with Odoo: pip builds in an environment of its
own. https://peps.python.org/pep-0517/
"""

import contextlib
import os
import tempfile

from whool import buildapi

from . import package_files


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Write the wheel into a directory, and return its file's name."""
    wheel_directory = os.path.abspath(wheel_directory)
    with _staged():
        return buildapi.build_wheel(wheel_directory, config_settings)


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    """Write the wheel's metadata into a directory, and return theirs."""
    metadata_directory = os.path.abspath(metadata_directory)
    with _staged():
        return buildapi.prepare_metadata_for_build_wheel(metadata_directory)


@contextlib.contextmanager
def _staged():
    """Be in a copy of the addon; the version is the manifest's, whatever git says."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as directory:
        addon = package_files.stage(directory)
        os.environ["GIT_CEILING_DIRECTORIES"] = directory
        os.environ["WHOOL_POST_VERSION_STRATEGY_OVERRIDE"] = "none"
        os.environ["SOURCE_DATE_EPOCH"] = str(package_files.changed())
        os.chdir(addon)
        try:
            yield
        finally:
            os.chdir(before)
