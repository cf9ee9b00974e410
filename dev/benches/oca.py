"""OCA's account_credit_control: what we compare with."""

from pathlib import Path

from lib.oca import site_packages

MODULE = "account_credit_control"
REQUIREMENTS = Path(__file__).with_name("oca.txt")


def addons():
    """A directory of the cache with OCA's addon, for Odoo's addons path."""
    return site_packages(REQUIREMENTS, MODULE) / "odoo/addons"
