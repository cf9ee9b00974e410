"""One signed-in SMTP connection.

https://www.rfc-editor.org/rfc/rfc5321
"""

import re
from collections.abc import Callable, Iterable
from socket import gethostname, socket

from ..deadline import NEVER, Deadline
from ..network import encrypt, open_socket, outcome_of, speaks_tls, tls_context
from ..outcomes import (
    AdminActionRequired,
    Outcome,
    Rejected,
    Throttled,
    Unavailable,
)
from ..progress import Progress, Step
from ..reasons import Reason
from ..settings import SmtpSettings
from . import body
from .dialogue import Dialogue
from .line import NotSmtp, SmtpLine, as_bytes
from .password import sign_in
from .tls_watch import TlsWatch

# Where nothing but mail servers stands, words may be shown before EHLO is answered.
MAIL_PORTS = (25, 465, 587, 2525)
# "Command unrecognized", "not implemented": https://www.rfc-editor.org/rfc/rfc5321#section-4.2.2
UNKNOWN_COMMAND = (500, 502)
# https://www.rfc-editor.org/rfc/rfc5321#section-2.3.5
NAME = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
# How often the time limit may be waited until we are signed in: 60 seconds, which is
# what the user is told, and what Odoo itself waits. The greeting may take all of it.
PATIENCE = 6


class SmtpSession:
    """Connects and signs in; raises an outcome if that does not work.

    :param deadline: by when.
    :param end: by when the last word is heard, if ever.
    """

    def __init__(
        self,
        settings: SmtpSettings,
        deadline: Deadline | None = None,
        end: Deadline = NEVER,
    ) -> None:
        self._settings = settings
        self._context = tls_context(settings.ca_file)
        self._end = end
        patience = PATIENCE * settings.timeout
        self._deadline = deadline or Deadline(end.within(patience))
        self._call()
        try:
            self._introduce()
            if settings.encryption == "starttls":
                self._starttls()
            if settings.user:
                sign_in(self._dialogue, settings)
            self._take_time()
        except BaseException:
            self.abandon()
            raise

    @property
    def hello(self) -> str:
        """What the server said to ours: its name, and what it can do, line by line."""
        words = self._smtp.ehlo_resp or self._smtp.helo_resp or b""
        return as_bytes(words).decode("utf-8", "replace")

    def _take_time(self) -> None:
        """We are signed in: from here on the limit itself is long."""
        self._smtp.spare = 0
        self._smtp.deadline = self._end.at
        self._smtp.keep(self._end)
        self._dialogue.wait(self._settings.data_timeout)

    def begin(self, sender: str, data: bytes, *, utf8: bool) -> None:
        """Say from whom the message is: MAIL.

        :raises Rejected: if the server says that it cannot take such a message.
        """
        options = []
        if utf8:
            if not self._dialogue.offers("smtputf8"):
                raise Rejected(Reason.ADDRESS_NOT_SUPPORTED, service="smtp")
            options.append("SMTPUTF8")
        if self._dialogue.offers("8bitmime") and not data.isascii():
            options.append("BODY=8BITMIME")
        if self._dialogue.offers("size"):
            self._check_size(len(data))
            options.append(f"SIZE={len(data)}")
        with self._dialogue.step("mail"):
            reply = self._smtp.mail(sender, options)
        self._dialogue.expect((250,), reply, "mail")

    def takes_another(self) -> bool:
        """Whether the line still stands, and no message is begun on it: RSET.

        Some servers do not know it: msmtpd says "500 Expected MAIL FROM"
        (https://github.com/marlam/msmtp/issues/217), a hoster's 503
        (https://github.com/haraka/Haraka/issues/2375). It is nothing of the mailbox's.
        """
        self._dialogue.wait(self._settings.timeout)
        try:
            with self._dialogue.step("mail"):
                code, _words = self._smtp.rset()
        except Outcome:
            return False
        self._dialogue.wait(self._settings.data_timeout)
        return code == 250

    def address(
        self, recipients: Iterable[str], needed: Iterable[str]
    ) -> dict[str, str]:
        """Say to whom: RCPT.

        :param needed: at least one of these must be accepted. Otherwise it ends here:
            what was begun is dropped by the next email's RSET, or by QUIT.
        :return: those refused, as ``{address: "550 5.1.1 words"}``.
        """
        refused: dict[str, Outcome] = {}
        for address in recipients:
            with self._dialogue.step("rcpt"):
                code, words = self._smtp.rcpt(address)
            try:
                self._dialogue.expect((250, 251, 252), (code, words), "rcpt")
            except (Rejected, Unavailable) as outcome:  # others are not about this one
                if code == 421:
                    raise
                refused[address] = outcome
        if refused.keys() >= set(needed):
            # for now, if one of them is refused only for now
            outcomes = [refused[address] for address in needed]
            raise min(outcomes, key=lambda each: isinstance(each, Rejected))
        return {
            address: f"{outcome.code} {outcome.detail}"
            for address, outcome in refused.items()
        }

    def transfer(self, data: bytes, leaving: Callable[[], object]) -> str:
        """Transmit the message: see :func:`.body.transfer`."""
        settings = self._settings
        return body.transfer(
            self._dialogue, data, settings.timeout, settings.data_timeout, leaving
        )

    def abandon(self) -> None:
        """Cut the line."""
        self._dialogue.abandon()

    def quit(self) -> None:
        """Take leave, without waiting long."""
        self._dialogue.quit()

    def _call(self, name: str = "") -> None:
        """Connect, and hear the greeting.

        :param name: what we call ourselves; by default, our address.
        """
        self._tell(Step.OTHER_NAME if name else Step.REACHING)
        self._smtp = SmtpLine(self._connect(), name)
        self._tell(Step.GREETING)
        self._dialogue = Dialogue(self._smtp, self._settings.port in MAIL_PORTS)
        self._dialogue.wait(self._settings.timeout)
        self._smtp.deadline = self._deadline.at
        try:
            self._greet()
        except BaseException:
            self.abandon()
            raise

    def _connect(self) -> socket:
        settings = self._settings
        host, port = settings.host, settings.port
        try:
            sock = open_socket(
                host,
                port,
                settings.timeout,
                settings.reach,
                deadline=self._deadline,
                told=self._tell_address,
            )
        except (OSError, ValueError) as error:
            raise outcome_of(error, "smtp") from error
        if settings.encryption != "ssl":
            return sock
        try:
            return encrypt(sock, host, self._context)
        except TimeoutError as error:  # it took the connection: nothing is blocked
            raise Unavailable(
                Reason.SERVER_SILENT, detail="no answer in time", service="smtp"
            ) from error
        except (OSError, ValueError) as error:
            raise outcome_of(error, "smtp") from error

    def _tell(self, step: Step, number: int = 1) -> None:
        self._settings.tell(Progress(step, self._settings.host, number))

    def _tell_address(self, number: int) -> None:
        if number > 1:
            self._tell(Step.NEXT_ADDRESS, number)

    def _greet(self) -> None:
        """Hear the greeting, which may take all of the time."""
        settings = self._settings
        with TlsWatch(
            self._smtp.standing(), settings.timeout, self._wants_tls
        ) as watch:
            try:
                with self._dialogue.step("greeting"):
                    self._smtp.listen()
                    reply = self._smtp.getreply()
            except Unavailable as outcome:
                if not watch.found():
                    raise
                raise AdminActionRequired(
                    Reason.WRONG_ENCRYPTION,
                    detail="the server expects TLS from the start",
                    service="smtp",
                ) from outcome
        self._dialogue.expect((220,), reply, "greeting")

    def _introduce(self) -> None:
        """EHLO with our address, or where that is refused, with a name.

        Some servers take no address literal, against RFC 5321, 4.1.3; some hang up.
        """
        try:
            self._hello()
        except (AdminActionRequired, Unavailable, Throttled) as outcome:
            if not outcome.code:  # they did not say so
                raise
            name = own_name(self._settings.user)
            if self._smtp.sock is None:
                self._call(name)
            self._smtp.local_hostname = name
            self._hello()

    def _hello(self) -> None:
        """EHLO, or HELO. Each mail server knows one of them (RFC 5321, 4.1.1.1), so who
        answers to it is one, and its words may be shown from then on.

        Who knows EHLO, but refuses what we call ourselves, is asked for no HELO: there
        it would offer no encryption and no sign-in.
        """
        with self._dialogue.step("ehlo"):
            reply = self._smtp.ehlo()
            if reply[0] in UNKNOWN_COMMAND:
                reply = self._smtp.helo()
                if reply[0] in UNKNOWN_COMMAND:
                    raise NotSmtp
        self._dialogue.expect(range(200, 300), reply, "ehlo")
        self._dialogue.is_known = True

    def _wants_tls(self) -> bool:
        """Whether the server begins with TLS, which was not chosen."""
        settings = self._settings
        return settings.encryption != "ssl" and speaks_tls(
            settings.host,
            settings.port,
            self._deadline.within(3 * settings.timeout) / 3,
            self._context,
            settings.reach,
        )

    def _starttls(self) -> None:
        if not self._dialogue.offers("starttls"):
            raise AdminActionRequired(
                Reason.WRONG_ENCRYPTION,
                detail="STARTTLS is not offered",
                service="smtp",
            )
        with self._dialogue.step("ehlo"):
            reply = self._smtp.docmd("STARTTLS")
        self._dialogue.expect((220,), reply, "ehlo")
        self._dialogue.wait(self._deadline.within(self._settings.timeout))
        try:
            self._smtp.sock = encrypt(
                self._smtp.standing(), self._settings.host, self._context
            )
        except OSError as error:
            raise outcome_of(error, "smtp") from error
        self._dialogue.wait(self._settings.timeout)
        # RFC 3207, 4.2: forget what was said before, unencrypted
        self._smtp.file = None
        self._smtp.ehlo_resp = self._smtp.helo_resp = None
        self._smtp.esmtp_features = {}
        self._hello()

    def _check_size(self, size: int) -> None:
        limit = self._smtp.esmtp_features["size"]
        # up to 20 digits: https://www.rfc-editor.org/rfc/rfc1870#section-4
        if re.fullmatch("[0-9]{1,20}", limit) and 0 < int(limit) < size:
            raise Rejected(
                Reason.MESSAGE_TOO_LARGE,
                detail=f"{size} bytes, the server takes {limit}",
                service="smtp",
            )


def own_name(user: str) -> str:
    """What we call ourselves where our address is not liked: a name with a dot.

    The machine's, if it has one. Looking it up in the DNS, as smtplib does, takes long.

    :param user: who signs in: his domain will do.
    """
    domain = user.rpartition("@")[2] if user.isascii() else ""
    names = (gethostname(), domain, "localhost.localdomain")
    return next(name for name in names if NAME.fullmatch(name))
