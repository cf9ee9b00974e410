"""Addons of OCA's, as published on PyPI."""

import sys

from . import cache, python_env
from .console import run, step


def site_packages(requirements, module):
    """The packages of a requirements file, in a directory of the cache of their own.

    Below it, ``odoo/addons`` is for Odoo's addons path.

    :param requirements: the file's path; what it names has hashes, and nothing that it
        depends on is installed.
    :param module: its name, for the developer
    """

    def build(path):
        with step(f"Fetching OCA's {module}"):
            run([sys.executable, "-m", "venv", path], "Making a venv")
            pip = [path / "bin/python", "-m", "pip", "install", "-q", "--no-deps"]
            command = [*pip, "--require-hashes", "-r", requirements]
            run(command, f"Installing OCA's {module}")

    key = cache.digest(requirements.read_bytes(), sys.version)
    path = cache.part("oca", key, build)
    return python_env.site_packages(path / "bin/python")
