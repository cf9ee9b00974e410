"""`dev/bench faults`: a campaign under fire, see :mod:`campaign`.

It stands on the parts of tests/process, and needs the packages that they need.
"""

from lib import cache, python_env, system
from lib.odoo_command import run_in_foreground


def main(arguments):
    """Run the campaign in the prepared environment; return its exit code."""
    system.require(system.MAIL_SERVER)
    command = [python_env.python(), "-m", "campaign", *arguments]
    return run_in_foreground(command, cwd=cache.CHECKOUT / "dev")
