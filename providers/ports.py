"""Which of the usual mail ports answer, when the one that was tried does not."""

import ssl
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from .network import encrypt, open_socket, tls_context

IMPLICIT_TLS = (465,)


@dataclass(frozen=True)
class PortAnswer:
    """What a port does.

    :param state: ``open`` (a mail server greets), ``silent`` (it connects, but no mail
        server greets), ``filtered`` (nothing comes back), ``closed`` (refused).
    :param encryption: of an open port: ``ssl``, ``starttls`` or ``none``.
    """

    port: int
    state: str
    encryption: str = ""


def diagnose_ports(host, tried_port, timeout=10, ports=(465, 587, 25)):
    """Try the other ports, all at once.

    :param timeout: seconds for each step.
    :return: a :class:`PortAnswer` for each of *ports* but *tried_port*, in that order.
    """
    others = [port for port in ports if port != tried_port]
    with ThreadPoolExecutor(max(len(others), 1)) as pool:
        return list(pool.map(lambda port: probe_port(host, port, timeout), others))


def probe_port(host, port, timeout, implicit_tls=None):
    """Connect, read the greeting, and ask for STARTTLS. Never signs in.

    :param implicit_tls: whether TLS comes first on this port; by default, on 465.
    """
    if implicit_tls is None:
        implicit_tls = port in IMPLICIT_TLS
    try:
        sock = open_socket(host, port, timeout)
    except TimeoutError:
        return PortAnswer(port, "filtered")
    except ConnectionRefusedError:
        return PortAnswer(port, "closed")
    except (OSError, ValueError):  # no route, or no such host
        return PortAnswer(port, "filtered")
    with sock:
        if implicit_tls:
            return PortAnswer(port, *_greets_encrypted(sock, host))
        return PortAnswer(port, *_greets(sock))


def _greets_encrypted(sock, host):
    try:
        with encrypt(sock, host, tls_context()) as encrypted:
            return _greets(encrypted)[0], "ssl"
    except ssl.SSLCertVerificationError:
        return "open", "ssl"  # it is there; signing in will say what is wrong
    except (OSError, ValueError):
        return "silent", ""


def _greets(sock):
    try:
        with sock.makefile("rb") as lines:
            if not _reply(lines).startswith("220"):
                return "silent", ""
            name = sock.getsockname()[0]
            literal = f"[IPv6:{name}]" if ":" in name else f"[{name}]"
            sock.sendall(f"EHLO {literal}\r\n".encode())
            offers = _reply(lines).upper()
            sock.sendall(b"QUIT\r\n")
    except OSError:
        return "silent", ""
    return "open", "starttls" if "STARTTLS" in offers else "none"


def _reply(lines, limit=100):
    """A reply with all its lines, as text."""
    found = []
    for line in lines:
        found.append(line.decode("utf-8", "replace"))
        if line[3:4] != b"-" or len(found) == limit:
            break
    return "".join(found)
