"""Addons of OCA's, as published on PyPI."""

import sys
from pathlib import Path

from . import cache, python_env
from .console import run, step

#: What companies have besides, and what has to do with email, invoices or customers;
#: their hashes, and of what they depend on: ``oca.txt``.
MANY = (
    "account_due_list",
    "account_invoice_overdue_warn",
    "account_invoice_start_end_dates",
    "account_lock_date_update",
    "account_move_name_sequence",
    "account_payment_term_extension",
    "auditlog",
    "base_multi_company",
    "mail_activity_team",
    "mail_outbound_static",
    "mail_post_defer",
    "mail_tracking",
    "partner_firstname",
    "partner_statement",
)


def many():
    """A directory of the cache with :data:`MANY`, for Odoo's addons path."""
    requirements = Path(__file__).with_suffix(".txt")
    return site_packages(requirements, "modules") / "odoo/addons"


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
