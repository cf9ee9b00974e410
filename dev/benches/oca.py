"""OCA's account_credit_control, as published on PyPI: what we compare with."""

import sys
from pathlib import Path

from lib import cache, python_env
from lib.console import run, step

MODULE = "account_credit_control"
REQUIREMENTS = Path(__file__).with_name("oca.txt")


def addons():
    """A directory of the cache with OCA's addon, for Odoo's addons path."""

    def build(path):
        with step(f"Fetching OCA's {MODULE}"):
            run([sys.executable, "-m", "venv", path], "Making a venv")
            pip = [path / "bin/python", "-m", "pip", "install", "-q", "--no-deps"]
            command = [*pip, "--require-hashes", "-r", REQUIREMENTS]
            run(command, f"Installing OCA's {MODULE}")

    path = cache.part(
        "oca", cache.digest(REQUIREMENTS.read_bytes(), sys.version), build
    )
    return python_env.site_packages(path / "bin/python") / "odoo/addons"
