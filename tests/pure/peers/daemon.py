"""Programs of somebody else's, each in a directory of its own, ended by its own id."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

# It ends when we are killed.
GOES_WITH_US = ("setpriv", "--pdeathsig", "KILL")
TRIES = 3  # somebody else may take a port before the program does


@contextlib.contextmanager
def directory(name):
    """A short path, for Unix sockets, that users without rights may enter."""
    path = Path(tempfile.mkdtemp(prefix=f"peer-{name}-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path)


@contextlib.contextmanager
def running(launch, count=1):
    """Run a program that listens on *count* ports; yields them.

    :param launch: called with the ports, returns the command line, and the variables
        that it needs.
    """
    for _try in range(TRIES):
        ports = free_ports(count)
        command, env = launch(*ports)
        process = subprocess.Popen(
            [*GOES_WITH_US, *(str(word) for word in command)],
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            if _all_answer(ports, process):
                yield ports
                return
        finally:
            _end(process)
    raise RuntimeError(f"{command[0]} does not start")


def free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [
            stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            for _number in range(count)
        ]
        return [each.getsockname()[1] for each in sockets]


def until(found, seconds=10):
    """Ask until there is an answer; return it, or the last one."""
    end = time.monotonic() + seconds
    while not (answer := found()) and time.monotonic() < end:
        time.sleep(0.05)
    return answer


def _all_answer(ports, process):
    waiting = list(ports)

    def done():
        while waiting and _answers(waiting[0]):
            waiting.pop(0)
        return not waiting or process.poll() is not None

    until(done)
    return not waiting and process.poll() is None


def _answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def _end(process):
    """At once, with all processes that it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
