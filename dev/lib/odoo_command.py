"""`dev/odoo ARGS…`: Odoo in the prepared environment, on the lasting PostgreSQL."""

import os
import signal
import subprocess
import sys

from . import environment, postgres


def main(arguments):
    """Run Odoo with the arguments and return its exit code."""
    env = environment.prepare()
    with (
        postgres.development(env.python) as (cluster, in_use),
        env.config(cluster) as config,
    ):
        return run_in_foreground(
            env.command(*arguments),
            env=env.variables(cluster, config),
            pass_fds=(in_use,),
        )


def run_in_foreground(command, **options):
    """Run a program with this terminal, pass signals on, and return its exit code.

    A program ended by signal N gives 128 + N, as in a shell.
    """
    process = None
    pending = []

    def forward(number, _frame):
        # The terminal sends Ctrl-C to the program as well: once is enough.
        if number == signal.SIGINT and _from_terminal():
            return
        if process:
            process.send_signal(number)
        else:
            pending.append(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, forward)
    process = subprocess.Popen(command, **options)
    for number in pending:
        process.send_signal(number)
    code = process.wait()
    return 128 - code if code < 0 else code


def _from_terminal():
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError):
        return False
