"""Connect to a mail server, encrypted and verified, and say what went wrong."""

import errno
import queue
import socket
import ssl
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, cast

from .bounded import Socket, TlsSocket, TooMuch
from .deadline import NEVER, Deadline
from .outcomes import AdminActionRequired, Outcome, Unavailable
from .race import Found, Told, connect, to_nobody
from .reach import EVERYWHERE, AddressForbidden, Reach
from .reasons import Reason

UNREACHABLE = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EACCES, errno.EPERM)
# Of the resolver: https://man7.org/linux/man-pages/man3/getaddrinfo.3.html
NO_ANSWER = (socket.EAI_AGAIN, socket.EAI_FAIL)
# What OpenSSL says when the other side answers in plain text
NOT_TLS = ("WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "HTTP_REQUEST", "PACKET_LENGTH")
# What it says where the two find no encryption that both take
TOO_OLD = (
    *("PROTOCOL", "HANDSHAKE_FAILURE", "CIPHER", "SECURITY", "LEGACY", "SIGNATURE"),
    *("TOO_SMALL", "TOO_WEAK", "VERSION", "SHARED", "KEY_SHARE"),
)
# X509_V_ERR_* of OpenSSL's x509_vfy.h
EXPIRED = (9, 10)  # not yet valid, expired
WRONG_HOST = (62, 64)  # host name, IP address


def tls_context(ca_file: str = "") -> ssl.SSLContext:
    """A verifying context: the system's authorities, or only those of *ca_file*.

    Python's default honours ``SSL_CERT_FILE`` and ``SSL_CERT_DIR``.
    """
    context = ssl.create_default_context(cafile=ca_file or None)
    context.sslsocket_class = TlsSocket
    return context


def open_socket(
    host: str,
    port: int,
    timeout: float,
    reach: Reach = EVERYWHERE,
    *,
    deadline: Deadline = NEVER,
    told: Told = to_nobody,
) -> Socket:
    """Connect within *timeout* seconds, whatever the number of the host's addresses.

    Finding these has as many seconds of its own.

    :param reach: which of them may be asked. It is judged here, and connected to the
        very address: a name that is resolved again may stand for another one by then.
    :param deadline: by when; also of what is read on it later.
    :param told: called with 1, 2, … as each address is tried.
    :raises OSError, ValueError: as the socket module does; see :func:`outcome_of`.
    """
    if not host:  # the resolver would take it for this machine
        raise socket.gaierror(socket.EAI_NONAME, "no host name")
    if not 0 < port < 65536:
        raise ConnectionRefusedError(errno.ECONNREFUSED, "no such port")
    found = _allowed(_resolve(host, port, deadline.within(timeout)), reach)
    check = _anywhere if reach.loopback else _keep_off_own
    sock = connect(found, deadline.within(timeout), check, told)
    sock.settimeout(deadline.within(timeout))
    sock.deadline = deadline
    # The final dot must not wait for the body's acknowledgement (40 ms).
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def _anywhere(family: int, address: Any) -> None:
    """Refuse nothing."""


def _keep_off_own(family: int, address: Any) -> None:
    """Refuse this machine by an address of its network, before anything is said to it.

    The system chooses the address that we would be asked from: for one of its own, that
    one itself. For a datagram it does so at once, and sends nothing
    (https://man7.org/linux/man-pages/man7/ip.7.html).

    :raises AddressForbidden: it is one of its own.
    :raises OSError: there is no way to it.
    """
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect(address)
        if probe.getsockname()[0] == probe.getpeername()[0]:
            raise AddressForbidden(Reason.THIS_MACHINE_FORBIDDEN)


def _allowed(found: Sequence[Found], reach: Reach) -> list[Found]:
    """Those of the resolver's answers that may be asked.

    :raises AddressForbidden: none of them.
    """
    allowed = [each for each in found if reach.allows(each[4][0])]
    obstacle = reach.obstacle(found[0][4][0]) if found else None
    if obstacle and not allowed:
        raise AddressForbidden(obstacle)
    return allowed


def _resolve(host: str, port: int, timeout: float) -> Sequence[Found]:
    """As ``socket.getaddrinfo``, but not for longer than *timeout* seconds.

    It cannot be interrupted, so it is left alone in a thread:
    https://docs.python.org/3/library/socket.html#socket.socket.settimeout
    """
    answers: queue.SimpleQueue[Sequence[Found] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, ValueError) as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=timeout)
    except queue.Empty:
        raise socket.gaierror(socket.EAI_AGAIN, "no answer from the DNS") from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def encrypt(sock: socket.socket, host: str, context: ssl.SSLContext) -> TlsSocket:
    """Return *sock* as a TLS socket of the verified *host*, with its deadline.

    :raises OSError: as the ssl module does; see :func:`outcome_of`. *sock* is closed.
    """
    try:
        encrypted = cast(TlsSocket, context.wrap_socket(sock, server_hostname=host))
    except (OSError, ValueError):
        sock.close()
        raise
    encrypted.deadline = getattr(sock, "deadline", NEVER)
    return encrypted


def speaks_tls(
    host: str,
    port: int,
    timeout: float,
    context: ssl.SSLContext,
    reach: Reach = EVERYWHERE,
) -> bool:
    """Whether the server begins with TLS on this port, trusted or not.

    :param timeout: seconds for each of three: its name, the way to it, and TLS.
    """
    with suppress(OSError, ValueError):
        with suppress(ssl.SSLCertVerificationError):
            sock = open_socket(host, port, timeout, reach)
            encrypt(sock, host, context).close()
        return True
    return False


def outcome_of(error: OSError | ValueError, service: str) -> Outcome:
    """Turn an error of :func:`open_socket` or :func:`encrypt` into an outcome.

    :param service: ``smtp`` or ``imap``.
    """
    kind, reason = _meaning(error)
    words = getattr(error, "verify_message", "") or getattr(error, "reason", "")
    detail = words or getattr(error, "strerror", "") or type(error).__name__
    if isinstance(error, AddressForbidden):  # the reason says all
        detail = ""
    return kind(reason, detail=detail, service=service)


def _meaning(error: OSError | ValueError) -> tuple[type[Outcome], Reason]:
    obstacle = _lasting(error)
    if obstacle:
        return AdminActionRequired, obstacle
    return Unavailable, _passing(error)


def _lasting(error: OSError | ValueError) -> Reason | None:
    """What stays until somebody changes a setting; None for what may pass."""
    if isinstance(error, AddressForbidden):
        return error.reason
    if isinstance(error, ssl.SSLCertVerificationError):
        return certificate_reason(error.verify_code)
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
        return _tls_reason(error.reason or "")
    return None


def _passing(error: OSError | ValueError) -> Reason:
    """What may pass by itself: there is no answer, or none that ends."""
    if isinstance(error, TooMuch):
        return Reason.ANSWER_TOO_LONG
    if isinstance(error, (socket.gaierror, ValueError)):
        return unresolved(error)
    if isinstance(error, ssl.SSLError):  # its number is none of the system's
        return Reason.CONNECTION_LOST
    if isinstance(error, ConnectionRefusedError):
        return Reason.PORT_CLOSED
    if isinstance(error, TimeoutError) or error.errno in UNREACHABLE:
        return Reason.PORT_FILTERED
    return Reason.CONNECTION_LOST


def unresolved(error: OSError | ValueError) -> Reason:
    """Why a name led to no address: nobody has it, or the DNS did not say.

    :param error: of the resolver; a ValueError for what can be no name.
    """
    is_silent = isinstance(error, socket.gaierror) and error.errno in NO_ANSWER
    return Reason.DNS_SILENT if is_silent else Reason.HOST_NOT_FOUND


def certificate_reason(code: int) -> Reason:
    """What is wrong with a certificate, by its ``verify_code``."""
    if code in WRONG_HOST:
        return Reason.CERTIFICATE_WRONG_HOST
    if code in EXPIRED:
        return Reason.CERTIFICATE_EXPIRED
    return Reason.CERTIFICATE_NOT_TRUSTED


def _tls_reason(words: str) -> Reason | None:
    """Plain text where TLS was expected, a TLS that is too old for us, or a name that
    the server does not know; None for what says nothing of the server's settings: an
    alert of one that is ill, or a line that garbles."""
    if any(word in words for word in NOT_TLS):
        return Reason.WRONG_ENCRYPTION
    if "UNRECOGNIZED_NAME" in words:
        return Reason.CERTIFICATE_WRONG_HOST
    return Reason.ENCRYPTION_TOO_OLD if any(w in words for w in TOO_OLD) else None
