"""The servers of `dev/demo` and of these tests."""

import signal
import socket
import subprocess

import pytest


def test_an_idle_connection_does_not_hold_a_server_that_shall_stop(box):
    """Browsers connect in advance, and ask for nothing."""
    with (
        box.serve(box.database(), "--max-cron-threads=0") as server,
        socket.create_connection(("127.0.0.1", server.port)) as idle,
    ):
        idle.send(b"G")  # its thread has begun to read, and goes on to
        server.stop()
        assert server.process.returncode != -signal.SIGKILL


def test_a_fork_ends_as_any_process_does(box, template):
    """With its own code, its own outputs; killed after its time (`lib.warm`)."""
    done = box.odoo("shell", "-d", template, stdin="print(6 * 7)")
    assert (done.returncode, done.stdout) == (0, "42\n")
    code = "import os; print(os.getpid(), os.getsid(0)); os._exit(3)"
    done = box.odoo("shell", "-d", template, stdin=code, check=False)
    assert done.returncode == 3
    pid, session = done.stdout.split()
    assert pid == session
    with pytest.raises(subprocess.TimeoutExpired):
        box.odoo(
            "shell", "-d", template, stdin="import time; time.sleep(60)", timeout=2
        )


def test_other_addons_or_packages_are_no_fork(box, template):
    """They would have been imported already, from where the first ones are."""
    addons = f"--addons-path={','.join(map(str, box.addons_path))}"
    told = "import sys; print('warm_odoo' in str(sys.modules['__main__'].__file__))"
    for arguments, variables, is_fork in (
        ((), {}, "True"),
        ((), {"PYTHONPATH": str(box.prepared.odoo) + ":/nowhere"}, "False"),
        ((addons,), {}, "False"),
    ):
        done = box.odoo("shell", "-d", template, *arguments, stdin=told, env=variables)
        assert done.stdout.strip() == is_fork, arguments
