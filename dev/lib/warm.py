"""Odoo processes as forks of one that has everything imported: 5 s less for each.

A test that starts Odoo does so to see what it does, not that Python can import it; on
two processors, hundreds of such starts were half of the tests' time.
"""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
from pathlib import Path

from .console import DevError

PROGRAM = Path(__file__).with_name("warm_odoo.py")
#: Variables that decide what is imported, or how: they are heard at a true start only.
AT_START = ("PYTHON", "LD_")
ADDONS_PATH = "--addons-path"


class Warm:
    """A process that forks itself into Odoo's.

    :param command: Python, with its options
    :param database: what it has installed is imported
    :param variables: of the process; PYTHONPATH as for any other
    """

    def __init__(self, command, database, variables):
        self._variables = variables
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [*command, str(PROGRAM), str(theirs.fileno()), database],
                env=variables,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )
        if not self._socket.recv(16):
            raise DevError(f"Odoo could not be imported for {database}.")

    def can(self, arguments, variables):
        """Whether a process with these arguments and variables is the same as a fork,
        which has the addons of this checkout."""
        others = any(str(each).startswith(ADDONS_PATH) for each in arguments)
        return not others and all(
            self._variables.get(name) == variables.get(name)
            for name in variables
            if name.startswith(AT_START)
        )

    def popen(self, arguments, env, cwd, stdin, stdout, stderr):
        """Start Odoo; as ``subprocess.Popen(…, start_new_session=True)``.

        :param arguments: those of Odoo
        :return: a `Forked`
        """
        reads, told = os.pipe()
        request = {"arguments": list(map(str, arguments)), "env": env, "cwd": str(cwd)}
        try:
            files = [stdin.fileno(), stdout.fileno(), stderr.fileno(), told]
            socket.send_fds(self._socket, [json.dumps(request).encode()], files)
        finally:
            os.close(told)
        return Forked(open(reads))

    def close(self):
        """No more forks; those that run go on."""
        self._socket.close()
        self._process.wait()


class Forked:
    """The part of ``subprocess.Popen`` that is used here, of a process that is not this
    one's child: who waits for it tells of its end."""

    def __init__(self, told):
        self._told = told
        self.pid = int(told.readline())
        self.returncode = None

    def poll(self):
        """The code with which it has ended, as ``Popen`` says it; None if it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout=None):
        """
        :raise subprocess.TimeoutExpired: it runs after so many seconds
        """
        if self.returncode is None:
            if not select.select([self._told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("Odoo", timeout)
            self.returncode = int(self._told.readline() or -signal.SIGKILL)
            self._told.close()
        return self.returncode

    def send_signal(self, number):
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self):
        self.send_signal(signal.SIGTERM)

    def kill(self):
        self.send_signal(signal.SIGKILL)
