"""The server: a plain and a TLS port, one application, connections that can break."""

import logging
import os
import socket
import struct
import threading
import time
from contextlib import suppress

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from . import (
    control,
    google_identity,
    google_mail,
    microsoft_identity,
    microsoft_mail,
    pages,
    signin,
)
from .clock import Clock
from .seed import callbacks
from .store import Store
from .tls import make_certificates, server_context
from .tokens import Keys
from .web import Application

_logger = logging.getLogger(__name__)
MODULES = (
    microsoft_identity,
    microsoft_mail,
    google_identity,
    google_mail,
    signin,
    pages,
    control,
)

# Takes the place of a connection that was cut: werkzeug drains what is left to read.
IDLE, _OTHER_END = socket.socketpair()


def reset_connection(connection):
    """Drop *connection* with a TCP reset: nothing that is buffered leaves."""
    linger = struct.pack("ii", 1, 0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    os.close(connection.detach())


class CutWriter:
    """Writes *left* bytes of a handler's answer, then resets its connection."""

    def __init__(self, handler, left):
        self.handler, self.stream, self.left = handler, handler.wfile, left

    def write(self, data):
        """Write what is left to write.

        :raises ConnectionResetError: when the connection has been cut.
        """
        if len(data) <= self.left:
            self.left -= len(data)
            return self.stream.write(data)
        if self.left:
            self.stream.write(data[: self.left])
        self.left = 0
        if self.handler.connection is not IDLE:
            reset_connection(self.handler.connection)
            self.handler.connection = IDLE
        raise ConnectionResetError("cut on command")

    def __getattr__(self, name):
        return getattr(self.stream, name)


class Handler(WSGIRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 600  # seconds a silent client is kept

    def handle(self):
        fault = self.server.app.standin.store.faults.take("connection")
        if fault:
            time.sleep(fault.delay)
            reset_connection(self.connection)
            return
        super().handle()

    def send_response(self, code, message=None):
        """Leave Date and Server to the application: its clock may be skewed."""
        self.send_response_only(code, message)

    def make_environ(self):
        return super().make_environ() | {"standin.handler": self}

    def cut_after(self, size):
        """Reset the connection after *size* bytes of the answer."""
        self.wfile = CutWriter(self, size)

    def log(self, type, message, *args):
        level = logging.ERROR if type == "error" else logging.DEBUG
        _logger.log(level, message, *args)


class Server(ThreadedWSGIServer):
    """A threaded server on loopback that can drop its connections when it stops."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port, app, certificate=None):
        self.connections = set()
        super().__init__("127.0.0.1", port, app, handler=Handler)
        if certificate:
            self.ssl_context = server_context(certificate)
            # The handshake is each connection's own: it must not hold up others.
            self.socket = self.ssl_context.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )

    def process_request(self, request, client_address):
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        self.connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request, client_address):
        _logger.debug("A connection ended early", exc_info=True)

    def stop(self):
        """Stop listening, and drop the connections that clients keep alive."""
        self.shutdown()
        self.server_close()
        for connection in list(self.connections):
            with suppress(OSError):  # it may have ended by itself
                connection.shutdown(socket.SHUT_RDWR)


class StandIn:
    """Microsoft and Google on loopback, as a context manager.

    :param port, tls_port: where to listen, 0: any free port; tls_port None: no TLS.
    :param seed: path of a seed file, or None: the default one.
    :param redirect_bases: base URLs of Odoo servers whose callbacks are registered.
    :param redirect_uris: further redirect URIs to register.
    :param state: a directory that keeps the state over restarts, or None.
    :param cert: file with the TLS certificate and key, or None: make them; *ca_file*
        is then its authority.
    :param clock: a callable that returns seconds since the epoch, or None: real time.
    """

    def __init__(
        self,
        port=0,
        tls_port=0,
        *,
        seed=None,
        redirect_bases=("http://127.0.0.1:8069",),
        redirect_uris=(),
        state=None,
        cert=None,
        ca_file=None,
        clock=None,
    ):
        uris = callbacks(redirect_bases) + list(redirect_uris)
        self.store = Store(seed, uris, state, Clock(clock) if clock else None)
        self.keys = Keys(state)
        self.control = control.Control(self)
        self.ca_file = ca_file
        app = Application(self, [module.routes for module in MODULES])
        self.servers = [Server(port, app)]
        self.url = f"http://127.0.0.1:{self.servers[0].port}"
        self.tls_url = None
        if tls_port is not None:
            if cert is None:
                self.ca_file, cert = make_certificates(state)
            self.servers.append(Server(tls_port, app, cert))
            self.tls_url = f"https://localhost:{self.servers[1].port}"

    def start(self):
        """Serve in background threads; return self."""
        for server in self.servers:
            threading.Thread(
                target=server.serve_forever,
                kwargs={"poll_interval": 0.05},
                name=f"standin-{server.port}",
                daemon=True,
            ).start()
        return self

    def stop(self):
        """Stop serving."""
        for server in self.servers:
            server.stop()

    __enter__ = start

    def __exit__(self, *exc_info):
        self.stop()
