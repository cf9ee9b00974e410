"""One signed-in SMTP connection.

https://www.rfc-editor.org/rfc/rfc5321
"""

import re
import smtplib
from collections.abc import Iterable
from socket import socket

from ..network import encrypt, open_socket, outcome_of, speaks_tls, tls_context
from ..outcomes import AdminActionRequired, Outcome, Rejected, Unavailable
from ..reasons import Reason
from ..settings import SmtpSettings
from . import body
from .dialogue import Dialogue
from .line import NotSmtp, SmtpLine, as_bytes
from .password import sign_in

# Where nothing but mail servers stands, words may be shown before EHLO is answered.
MAIL_PORTS = (25, 465, 587, 2525)
# "Command unrecognized", "not implemented": https://www.rfc-editor.org/rfc/rfc5321#section-4.2.2
UNKNOWN_COMMAND = (500, 502)


class SmtpSession:
    """Connects and signs in; raises an outcome if that does not work."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._context = tls_context(settings.ca_file)
        self._smtp = SmtpLine(self._connect())
        self._dialogue = Dialogue(self._smtp, settings.port in MAIL_PORTS)
        try:
            self._greet()
            if settings.encryption == "starttls":
                self._starttls()
            if settings.user:
                sign_in(
                    self._dialogue,
                    settings.user,
                    settings.password,
                    settings.encryption,
                )
            self._smtp.spare = 0  # from here on the limit itself is long
            self._dialogue.wait(settings.data_timeout)
        except BaseException:
            self.abandon()
            raise

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

    def transfer(self, data: bytes) -> str:
        """Transmit the message: see :func:`.body.transfer`."""
        settings = self._settings
        return body.transfer(
            self._dialogue, data, settings.timeout, settings.data_timeout
        )

    def abandon(self) -> None:
        """Cut the line."""
        self._dialogue.abandon()

    def quit(self) -> None:
        """Take leave, without waiting long."""
        self._dialogue.quit()

    def _connect(self) -> socket:
        host, port = self._settings.host, self._settings.port
        try:
            sock = open_socket(host, port, self._settings.timeout, self._settings.reach)
            if self._settings.encryption == "ssl":
                sock = encrypt(sock, host, self._context)
        except (OSError, ValueError) as error:
            raise outcome_of(error, "smtp") from error
        return sock

    def _greet(self) -> None:
        try:
            with self._dialogue.step("greeting"):
                reply = self._smtp.getreply()
        except Unavailable:
            self._check_encryption()
            raise
        self._dialogue.expect((220,), reply, "greeting")
        self._hello()

    def _hello(self) -> None:
        """EHLO, or HELO. Each mail server knows one of them (RFC 5321, 4.1.1.1), so who
        answers to it is one, and its words may be shown from then on.
        """
        with self._dialogue.step("ehlo"):
            try:
                self._smtp.ehlo_or_helo_if_needed()
            except smtplib.SMTPHeloError as error:
                if error.smtp_code in UNKNOWN_COMMAND:
                    raise NotSmtp from error
                reply = error.smtp_code, as_bytes(error.smtp_error)
                self._dialogue.expect((250,), reply, "ehlo")
        self._dialogue.is_known = True

    def _check_encryption(self) -> None:
        """No greeting came: is the server waiting for TLS?"""
        settings = self._settings
        if settings.encryption != "ssl" and speaks_tls(
            settings.host,
            settings.port,
            settings.timeout,
            self._context,
            settings.reach,
        ):
            raise AdminActionRequired(
                Reason.WRONG_ENCRYPTION,
                detail="the server expects TLS from the start",
                service="smtp",
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
        try:
            self._smtp.sock = encrypt(
                self._smtp.standing(), self._settings.host, self._context
            )
        except OSError as error:
            raise outcome_of(error, "smtp") from error
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
