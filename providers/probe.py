"""What servers say of the way to them, before anybody signs in.

For administrators: a firewall may let browsers out, and Odoo not; and IT wants to know
which address to allow.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from ipaddress import ip_address

from .deadline import Deadline
from .imap.session import ImapSession
from .oauth.faults import reaching
from .oauth.http import Wire
from .outcomes import Outcome, Unavailable
from .reasons import Reason
from .settings import SmtpSettings
from .smtp.session import SmtpSession

# "at your service, [203.0.113.7]", "Hello [203.0.113.7]", "[IPv6:2001:db8::7], hello"
ADDRESS = re.compile(
    r"(?<![\w.-])(?:IPv6:)?([0-9a-f]*[.:][0-9a-f.:]+)(?![\w-])", re.IGNORECASE
)


@dataclass(frozen=True)
class Answered:
    """What became of the attempt.

    :param obstacle: what stood in the way; None if the server answered.
    :param seen_as: the address that it says we come from; empty if it says none.
    :param ahead: by how much our clock is ahead of its, if it tells the time.
    """

    obstacle: Outcome | None = None
    seen_as: str = ""
    ahead: timedelta | None = None


class _Unsigned(ImapSession):
    """Connects, encrypts, hears the greeting, and leaves."""

    def _sign_in(self) -> None:
        return None


def ask_smtp(settings: SmtpSettings, end: Deadline) -> Answered:
    """Connect, encrypt and say hello.

    Many servers answer a hello with the address that they see: Exchange, Gmail, Exim.

    :param settings: of which the user is left out: so nobody signs in.
    :param end: by when.
    """
    try:
        session = SmtpSession(replace(settings, user=""), end=end)
    except Outcome as outcome:
        return Answered(outcome)
    hello = session.hello
    session.quit()
    return Answered(seen_as=address_in(hello))


def ask_imap(settings: SmtpSettings, end: Deadline) -> Answered:
    """Connect, encrypt and hear the greeting; see :func:`ask_smtp`."""
    session = _Unsigned(settings)
    session.end_by(end)
    try:
        session.open()
    except Outcome as outcome:
        return Answered(outcome)
    session.close()
    return Answered()


def not_in_time(host: str) -> Answered:
    """What is known of a server that has not answered while somebody waited."""
    return Answered(Unavailable(Reason.PORT_FILTERED, detail=host))


def ask_web(url: str, ca_file: str, end: Deadline) -> Answered:
    """Ask a web server for anything. Whatever it answers: one gets there.

    It may take longer than that: each address that its name stands for is tried.

    :param ca_file: certificates to trust instead of the system's; mostly empty.
    """
    wait = end.within(10)
    try:
        with (
            reaching(url),
            Wire(ca_file) as wire,
            wire.request("GET", url, timeout=(wait, wait), stream=True) as answer,
        ):
            return Answered(ahead=_ahead(answer.headers.get("Date", "")))
    except Outcome as outcome:
        return Answered(outcome)


def address_in(words: str) -> str:
    """The address in a server's answer to our hello: in its first line, if at all.

    >>> address_in("smtp.example.com at your service, [203.0.113.7]\\n8BITMIME")
    '203.0.113.7'
    >>> address_in("mail.example.com")
    ''
    """
    for found in ADDRESS.findall(words.partition("\n")[0]):
        try:
            return str(ip_address(found.strip(".")))
        except ValueError:
            continue
    return ""


def _ahead(words: str) -> timedelta | None:
    try:
        clock = parsedate_to_datetime(words)
    except (TypeError, ValueError):
        return None
    if not clock.tzinfo:
        clock = clock.replace(tzinfo=timezone.utc)
    return datetime.now(timezone.utc) - clock
