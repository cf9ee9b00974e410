"""A line that passes bytes on between a client and a server, until it is held."""

import contextlib
import socket
import threading


class Proxy:
    """Listens on a port of this machine and passes on to *target_port*.

    :ivar port: where it listens.
    :ivar waiting: set when a client has said something while the line was held.
    """

    def __init__(self, target_port):
        self.target_port = target_port
        self.waiting = threading.Event()
        self._open = threading.Event()
        self._open.set()
        self._refusing = False
        self._lines = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.let_go()
        self._listener.close()

    def hold(self):
        """Pass on nothing from clients until :meth:`let_go`."""
        self.waiting.clear()
        self._open.clear()

    def let_go(self):
        """Pass on everything."""
        self._refusing = False
        self._open.set()

    def refuse(self):
        """Hang up on whoever connects."""
        self._refusing = True

    def cut(self):
        """Hang up on whoever is connected: what the server says is not heard."""
        for end in self._lines:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                client, _address = self._listener.accept()
                if self._refusing:
                    client.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self.target_port))
                self._lines += client, server
                for args in ((client, server, True), (server, client, False)):
                    threading.Thread(
                        target=self._pass_on, args=args, daemon=True
                    ).start()

    def _pass_on(self, source, target, from_client):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if from_client and not self._open.is_set():
                    self.waiting.set()
                    self._open.wait()
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
