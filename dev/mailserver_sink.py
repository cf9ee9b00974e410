"""An SMTP server for tests and demos that records what it accepts and fails on command.

It speaks AUTH, STARTTLS and implicit TLS, SIZE, 8BITMIME and SMTPUTF8. A message counts
as accepted when its ``.json`` lies in the directory ``accepted``, which is before the
250 is said, so "accepted exactly once" can be counted even after kills.

Faults are files: ``control/<point>`` holds the action and, on further lines, limits::

    stall | drop | reset | 550 5.1.1 No such user
    times=2
    match=nobody@customer.example

Points: ``greeting ehlo starttls auth rset noop mail rcpt data body:N dot accepted``.
``data`` is before the 354, ``body:N`` after N bytes of the body (which must have as
many), ``dot`` after the final dot with nothing recorded, ``accepted`` after recording
and delivering, with the 250 not said.
"""

import base64
import email
import email.policy
import json
import socket
import ssl
import struct
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

POINTS = (
    *("greeting", "ehlo", "starttls", "auth", "rset", "noop"),
    *("mail", "rcpt", "data", "body", "dot", "accepted"),
)
IDLE_SECONDS = 300


@dataclass(frozen=True)
class Accepted:
    """One message that a sink accepted."""

    sender: str
    recipients: tuple[str, ...]
    message_id: str
    user: str
    at: float
    path: Path = field(compare=False)

    @property
    def message(self):
        return email.message_from_bytes(
            self.path.with_suffix(".eml").read_bytes(), policy=email.policy.default
        )


def read_accepted(directory):
    """All messages accepted by the sink that records in *directory*, oldest first."""
    found = []
    for path in Path(directory, "accepted").glob("*.json"):
        values = json.loads(path.read_text())
        values["recipients"] = tuple(values["recipients"])
        found.append(Accepted(path=path, **values))
    return sorted(found, key=lambda accepted: accepted.at)


class Faults:
    """The faults of the sink that works in *directory*; usable from any process."""

    def __init__(self, directory):
        self.control = Path(directory, "control")
        self.events = Path(directory, "events.jsonl")
        self.control.mkdir(parents=True, exist_ok=True)

    def set(self, point, action, times=None, match=""):
        """Do *action* at *point*, at most *times* times, only on lines with *match*."""
        if point.partition(":")[0] not in POINTS:
            raise ValueError(f"no such point: {point}")
        lines = [action]
        if times is not None:
            lines.append(f"times={times}")
        if match:
            lines.append(f"match={match}")
        self._write(point, lines)

    def clear(self, point=None):
        """End one fault, or all: who is stalled there goes on."""
        for path in self.control.iterdir():
            if point in (None, path.name):
                path.unlink(missing_ok=True)

    def reached(self, point=None):
        """The events of clients that have met a fault so far."""
        return [
            event
            for event in self.read_events()
            if event["fault"] and point in (None, event["point"])
        ]

    def wait(self, point, count=1, timeout=10):
        """Wait until *count* clients have met the fault at *point*."""
        deadline = time.monotonic() + timeout
        while len(self.reached(point)) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"no client reached the fault {point}")
            time.sleep(0.01)

    def read_events(self):
        if not self.events.exists():
            return []
        lines = self.events.read_text().split("\n")
        return [json.loads(line) for line in lines[:-1]]

    def take(self, point, line):
        """The action to do now at *point*, or None. Counts ``times`` down."""
        try:
            action, *limits = (self.control / point).read_text().split("\n")
        except (FileNotFoundError, NotADirectoryError):
            return None
        limits = dict(limit.split("=", 1) for limit in limits if "=" in limit)
        if limits.get("match", "").lower() not in line.lower():
            return None
        if "times" in limits:
            left = int(limits["times"])
            if left <= 0:
                return None
            limits["times"] = left - 1
            self._write(point, [action, *(f"{k}={v}" for k, v in limits.items())])
        return action.strip() or "stall"

    def is_stalled(self, point):
        return (self.control / point).exists()

    def body_points(self):
        """The byte counts at which a fault waits within the body, lowest first."""
        names = (path.name for path in self.control.glob("body:*"))
        return sorted(int(name.partition(":")[2]) for name in names)

    def _write(self, point, lines):
        temporary = self.control / f".{point}.{uuid.uuid4().hex}"
        temporary.write_text("\n".join([*lines, ""]))
        temporary.replace(self.control / point)


class SinkServer:
    """Listens on loopback: ``port`` (plain, STARTTLS if *tls*), ``tls_port`` (TLS).

    :param directory: for ``accepted/``, ``control/`` and ``events.jsonl``.
    :param tls: a server-side ``ssl.SSLContext``, or None for no encryption at all.
    :param users: ``{user: password}``; None means that no sign-in is offered.
    :param require_auth: refuse MAIL without sign-in.
    :param deliver: called with (sender, recipients, data) of each accepted message.
    :param extensions: what EHLO offers besides STARTTLS and AUTH.
    :param auth_on_plain: offer AUTH before STARTTLS too.
    :param mechanisms: which AUTH mechanisms are offered.
    :param replies: words by point in place of the usual, such as
        ``{"accepted": "250 2.0.0 OK <new-id@prod.outlook.com>"}``.
    :param waits: seconds by point until it goes on, each time.
    """

    def __init__(
        self,
        directory,
        *,
        tls=None,
        users=None,
        require_auth=None,
        deliver=None,
        extensions=("SIZE 36700160", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"),
        auth_on_plain=False,
        mechanisms="PLAIN LOGIN",
        replies=None,
        waits=None,
        host="127.0.0.1",
    ):
        self.directory = Path(directory)
        (self.directory / "accepted").mkdir(parents=True, exist_ok=True)
        self.faults = Faults(self.directory)
        self.tls = tls
        self.users = users
        self.require_auth = bool(users) if require_auth is None else require_auth
        self.deliver = deliver
        self.extensions = extensions
        self.auth_on_plain = auth_on_plain
        self.mechanisms = mechanisms
        self.replies = replies or {}
        self.waits = waits or {}
        self.host = host
        self.port = self.tls_port = 0
        self.stopping = threading.Event()
        self.sign_ins = []  # (user, whether it worked), also of refused attempts
        self._lock = threading.Lock()
        self._listeners = []
        self._clients = []
        self._connections = 0

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc_info):
        self.stop()

    def start(self):
        self.port = self._listen(implicit_tls=False)
        if self.tls:
            self.tls_port = self._listen(implicit_tls=True)
        return self

    def stop(self):
        self.stopping.set()
        for listener in self._listeners:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self.drop_connections()

    def accepted(self):
        return read_accepted(self.directory)

    def drop_connections(self):
        """Cut every open session, as a server does with idle clients."""
        with self._lock:
            clients, self._clients = self._clients, []
        for client in clients:
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)

    def keep(self, client):
        with self._lock:
            self._clients.append(client)

    def _listen(self, implicit_tls):
        listener = socket.create_server((self.host, 0), backlog=50)
        self._listeners.append(listener)
        threading.Thread(
            target=self._serve, args=(listener, implicit_tls), daemon=True
        ).start()
        return listener.getsockname()[1]

    def _serve(self, listener, implicit_tls):
        while not self.stopping.is_set():
            try:
                client, _address = listener.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.keep(client)
            self._connections += 1
            session = _Session(self, client, self._connections, implicit_tls)
            threading.Thread(target=session.run, daemon=True).start()

    def record_event(self, point, fault, connection, line=""):
        event = {"point": point, "fault": fault, "connection": connection}
        event |= {"line": line, "at": time.time()}
        with self._lock, self.faults.events.open("a") as events:
            events.write(json.dumps(event) + "\n")

    def record_accepted(self, sender, recipients, data, user):
        """Keep the message, then deliver it."""
        name = self.directory / "accepted" / f"{time.time_ns()}-{uuid.uuid4().hex[:8]}"
        message_id = email.message_from_bytes(data)["Message-ID"] or ""
        envelope = {
            "sender": sender,
            "recipients": recipients,
            "message_id": message_id.strip(),
            "user": user,
            "at": time.time(),
        }
        _write_at_once(name.with_suffix(".eml"), data)
        _write_at_once(name.with_suffix(".json"), json.dumps(envelope).encode())
        if self.deliver:
            self.deliver(sender, recipients, data)


class _Drop(Exception):
    """The session ends here."""


class _Session:
    """One client's conversation."""

    def __init__(self, server, sock, number, implicit_tls):
        self.server = server
        self.sock = sock
        self.file = None
        self.number = number
        self.implicit_tls = implicit_tls
        self.encrypted = False
        self.user = ""
        self.sender = None
        self.recipients = []

    def run(self):
        try:
            self.sock.settimeout(IDLE_SECONDS)
            if self.implicit_tls:
                self._encrypt()
            self.file = self.sock.makefile("rb")
            self._greet()
            while True:
                line = self._read_line()
                verb, _space, rest = line.partition(" ")
                command = getattr(self, f"do_{verb.lower()}", None)
                if command:
                    command(rest.strip())
                else:
                    self.say("502 5.5.2 Command not recognized")
        except (_Drop, OSError, ValueError):
            pass  # the client went away, or we did on command
        finally:
            self._close()

    def _greet(self):
        if not self.at("greeting"):
            self.say(self.server.replies.get("greeting", "220 sink.example ESMTP"))

    def do_ehlo(self, rest):
        if self.at("ehlo", rest):
            return
        lines = ["sink.example greets you", *self.server.extensions]
        if self.server.tls and not self.encrypted:
            lines.append("STARTTLS")
        if self._offers_auth():
            lines.append(f"AUTH {self.server.mechanisms}")
        for line in lines[:-1]:
            self.say(f"250-{line}")
        self.say(f"250 {lines[-1]}")

    def do_helo(self, rest):
        self.say("250 sink.example")

    def do_starttls(self, rest):
        if self.at("starttls"):
            return
        if not self.server.tls or self.encrypted:
            return self.say("502 5.5.1 STARTTLS not offered")
        self.say("220 2.0.0 Go ahead")
        self.file.close()
        self._encrypt()
        self.file = self.sock.makefile("rb")

    def do_auth(self, rest):
        if self.at("auth", rest):
            return
        if not self._offers_auth():
            return self.say("503 5.5.1 AUTH not offered")
        user, password = self._read_credentials(rest)
        works = self.server.users.get(user) == password
        self.server.sign_ins.append((user, works))
        if not works:
            return self.say("535 5.7.8 Username and password not accepted")
        self.user = user
        self.say("235 2.7.0 Signed in")

    def do_mail(self, rest):
        if self.at("mail", rest):
            return
        if self.server.require_auth and not self.user:
            return self.say("530 5.7.0 Authentication required")
        self.sender, self.recipients = _path(rest), []
        self.say("250 2.1.0 OK")

    def do_rcpt(self, rest):
        if self.at("rcpt", rest):
            return
        if self.sender is None:
            return self.say("503 5.5.1 MAIL first")
        self.recipients.append(_path(rest))
        self.say("250 2.1.5 OK")

    def do_data(self, rest):
        if self.at("data"):
            return
        if not self.recipients:
            return self.say("503 5.5.1 RCPT first")
        self.say("354 End with a dot")
        data = self._read_body()
        if self.at("dot"):
            return
        self.server.record_accepted(self.sender, self.recipients, data, self.user)
        self.sender, self.recipients = None, []
        if not self.at("accepted"):
            words = f"250 2.0.0 OK queued as {self.number}"
            self.say(self.server.replies.get("accepted", words))

    def do_rset(self, rest):
        self.sender, self.recipients = None, []
        if not self.at("rset"):
            self.say("250 2.0.0 OK")

    def do_noop(self, rest):
        if not self.at("noop"):
            self.say("250 2.0.0 OK")

    def do_quit(self, rest):
        self.say("221 2.0.0 Bye")
        raise _Drop

    def at(self, point, line=""):
        """Do the fault set for *point*, if any. True if it has answered already."""
        time.sleep(self.server.waits.get(point, 0))
        action = self.server.faults.take(point, line)
        self.server.record_event(point, action or "", self.number, line)
        if action is None:
            return False
        if action == "stall":
            self._stall(point)
            return False
        if action in ("drop", "reset"):
            self._cut(reset=action == "reset")
        self.say(action)
        if action.startswith("421"):
            raise _Drop
        return True

    def say(self, line):
        self.sock.sendall(line.encode() + b"\r\n")

    def _stall(self, point):
        while self.server.faults.is_stalled(point):
            if self.server.stopping.wait(0.01):
                raise _Drop

    def _cut(self, reset):
        if reset:
            linger = struct.pack("ii", 1, 0)
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        else:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)
        self._close()
        raise _Drop

    def _close(self):
        if self.file:  # it keeps the socket open
            self.file.close()
        self.sock.close()

    def _encrypt(self):
        self.sock = self.server.tls.wrap_socket(self.sock, server_side=True)
        self.encrypted = True
        self.server.keep(self.sock)

    def _offers_auth(self):
        return bool(self.server.users) and (
            self.encrypted or not self.server.tls or self.server.auth_on_plain
        )

    def _read_line(self):
        line = self.file.readline(4096)
        if not line:
            raise _Drop
        return line.decode("utf-8", "replace").rstrip("\r\n")

    def _read_credentials(self, rest):
        mechanism, _space, initial = rest.partition(" ")
        if mechanism.upper() == "PLAIN":
            if not initial:
                self.say("334 ")
                initial = self._read_line()
            parts = base64.b64decode(initial).decode().split("\0")
            return parts[-2], parts[-1]
        self.say("334 " + base64.b64encode(b"Username:").decode())
        user = base64.b64decode(self._read_line()).decode()
        self.say("334 " + base64.b64encode(b"Password:").decode())
        return user, base64.b64decode(self._read_line()).decode()

    def _read_body(self):
        """The message, dots unstuffed, with the faults within it."""
        points = self.server.faults.body_points()
        raw = bytearray()
        while points:
            raw += self._read_exactly(points[0] - len(raw))
            self.at(f"body:{points.pop(0)}")
        while not _is_complete(raw):
            line = self.file.readline(65536)
            if not line:
                raise _Drop
            raw += line
        lines = bytes(raw[:-3]).split(b"\r\n")
        return b"\r\n".join(x[1:] if x.startswith(b".") else x for x in lines)

    def _read_exactly(self, count):
        data = self.file.read(count)
        if len(data) < count:
            raise _Drop
        return data


def _is_complete(raw):
    return raw == b".\r\n" or raw.endswith(b"\r\n.\r\n")


def _path(rest):
    """The address between the angle brackets of MAIL and RCPT."""
    return rest.partition("<")[2].partition(">")[0]


def _write_at_once(path, data):
    """So that whoever looks finds all of it or nothing, even after a kill."""
    temporary = path.with_name(f"{path.name}.tmp")
    temporary.write_bytes(data)
    temporary.replace(path)


def server_context(cert):
    """A server's ``ssl.SSLContext`` for a certificate of ``trustme``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    cert.configure_cert(context)
    return context
