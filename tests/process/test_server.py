"""The servers of `dev/demo` and of these tests."""

import signal
import socket


def test_an_idle_connection_does_not_hold_a_server_that_shall_stop(box):
    """Browsers connect in advance, and ask for nothing."""
    with (
        box.serve(box.database(), "--max-cron-threads=0") as server,
        socket.create_connection(("127.0.0.1", server.port)) as idle,
    ):
        idle.send(b"G")  # its thread has begun to read, and goes on to
        server.stop()
        assert server.process.returncode != -signal.SIGKILL
