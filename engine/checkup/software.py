"""Which versions of what is at work here."""

import platform
from importlib import metadata

from odoo import release
from odoo.modules import Manifest

from .finding import FACT, Finding

ADDON = "account_email_connector"


def findings(env):
    """The versions of the addon, of what it stands on, and of its libraries."""
    module = env["ir.module.module"].search([("name", "=", ADDON)])
    postgres = env.cr.connection.server_version
    stack = [
        f"{ADDON} {module.installed_version}",
        f"Odoo {release.version}",
        f"Python {platform.python_version()}",
        f"PostgreSQL {postgres // 10_000}.{postgres % 10_000}",
    ]
    yield Finding(env._("Versions"), FACT, ", ".join(stack))
    wanted = Manifest.for_addon(ADDON)["external_dependencies"]["python"]
    its = [f"{name} {_version(name) or '?'}" for name in map(_bare, sorted(wanted))]
    yield Finding(env._("Libraries"), FACT, ", ".join(its))


def _bare(requirement):
    """The name in a requirement: https://peps.python.org/pep-0508/"""
    return requirement.partition(";")[0].strip().rstrip("0123456789.<>=!~, ")


def _version(name):
    """The version of a distribution; None of what was installed without saying so."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
