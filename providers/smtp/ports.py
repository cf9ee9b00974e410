"""Which of the usual mail ports answer, when the one that was tried does not."""

import smtplib
import ssl
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from socket import socket

from ..deadline import NEVER, Deadline
from ..network import encrypt, open_socket, tls_context
from ..reach import EVERYWHERE, Reach
from .line import SmtpLine

IMPLICIT_TLS = (465,)


@dataclass(frozen=True)
class PortAnswer:
    """What a port does.

    :param state: ``open`` (a mail server greets) or ``shut``. Why it is shut is not
        told: closed, filtered and another service than email would be told apart on
        ports that nobody has entered, which is how the networks behind a firewall are
        explored. To an accountant they mean the same.
    :param encryption: of an open port: ``ssl``, ``starttls`` or ``none``.
    """

    port: int
    state: str
    encryption: str = ""


def diagnose_ports(
    host: str,
    tried_port: int,
    timeout: float = 10,
    ports: Sequence[int] = (465, 587, 25),
    reach: Reach = EVERYWHERE,
    deadline: Deadline = NEVER,
) -> list[PortAnswer]:
    """Try the other ports, all at once.

    :param timeout: seconds for each step.
    :param reach: at which addresses the server may be.
    :param deadline: by when.
    :return: a :class:`PortAnswer` for each of *ports* but *tried_port*, in that order.
    """
    others = [port for port in ports if port != tried_port]

    def probe(port: int) -> PortAnswer:
        return probe_port(host, port, timeout, reach=reach, deadline=deadline)

    with ThreadPoolExecutor(max(len(others), 1)) as pool:
        return list(pool.map(probe, others))


def probe_port(
    host: str,
    port: int,
    timeout: float,
    implicit_tls: bool | None = None,
    reach: Reach = EVERYWHERE,
    deadline: Deadline = NEVER,
) -> PortAnswer:
    """Connect, read the greeting, and ask for STARTTLS. Never signs in.

    :param implicit_tls: whether TLS comes first on this port; by default, on 465.
    """
    if implicit_tls is None:
        implicit_tls = port in IMPLICIT_TLS
    try:
        plain = open_socket(host, port, timeout, reach, deadline=deadline)
        sock = encrypt(plain, host, tls_context()) if implicit_tls else plain
        encryption = _greets(sock)
    except ssl.SSLCertVerificationError:  # signing in will say what is wrong with it
        return PortAnswer(port, "open", "ssl")
    except (OSError, ValueError, smtplib.SMTPException):
        return PortAnswer(port, "shut")
    return PortAnswer(port, "open", "ssl" if implicit_tls else encryption)


def _greets(sock: socket) -> str:
    """Return what a mail server offers: ``starttls`` or ``none``.

    :raises OSError, SMTPException: it is none.
    """
    with closing(SmtpLine(sock)) as line:
        code, words = line.getreply()
        if code != 220:
            raise smtplib.SMTPConnectError(code, words)
        with suppress(OSError, smtplib.SMTPException):
            line.ehlo()
            line.putcmd("quit")
        return "starttls" if line.has_extn("starttls") else "none"
