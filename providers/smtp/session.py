"""One signed-in SMTP connection, and what each of its steps can end with.

https://www.rfc-editor.org/rfc/rfc5321
"""

import base64
import binascii
import re
import smtplib
import time
from contextlib import contextmanager, suppress

from ..bounded import TooMuch
from ..network import encrypt, open_socket, outcome_of, speaks_tls, tls_context
from ..outcomes import AdminActionRequired, OutcomeUnknown, Rejected, Unavailable
from ..reasons import Reason
from .codes import classify
from .line import LOOSE_LINE, NotSmtp, SmtpLine

# In this order: over TLS a password in clear is safe, and any server knows PLAIN.
MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5")
CHUNK = 64 * 1024
# Where nothing but mail servers stands, words may be shown before EHLO is answered.
MAIL_PORTS = (25, 465, 587, 2525)
# "Command unrecognized", "not implemented": https://www.rfc-editor.org/rfc/rfc5321#section-4.2.2
UNKNOWN_COMMAND = (500, 502)
# Odoo kills the process after 120 seconds (limit_time_real_cron), with every email on
# its way. The body, then the answer (data_timeout), then the copy must fit into that:
# https://www.odoo.com/documentation/19.0/developer/reference/cli.html
BODY_SECONDS = 40


class SmtpSession:
    """Connects and signs in; raises an outcome if that does not work.

    :param settings: :class:`~.smtp.SmtpSettings`.
    """

    def __init__(self, settings):
        self._settings = settings
        self._context = tls_context(settings.ca_file)
        self._smtp = SmtpLine(self._connect())
        self._is_known = settings.port in MAIL_PORTS
        try:
            self._greet()
            if settings.encryption == "starttls":
                self._starttls()
            if settings.user:
                self._sign_in()
            self._smtp.spare = 0  # from here on the limit itself is long
            self._wait(settings.data_timeout)
        except BaseException:
            self.abandon()
            raise

    def offers(self, extension):
        return self._smtp.has_extn(extension)

    def begin(self, sender, data, *, utf8):
        """Say from whom the message is: MAIL.

        :raises Rejected: if the server says that it cannot take such a message.
        """
        options = []
        if utf8:
            if not self.offers("smtputf8"):
                raise Rejected(Reason.ADDRESS_NOT_SUPPORTED, service="smtp")
            options.append("SMTPUTF8")
        if self.offers("8bitmime") and not data.isascii():
            options.append("BODY=8BITMIME")
        if self.offers("size"):
            self._check_size(len(data))
            options.append(f"SIZE={len(data)}")
        with self._step("mail"):
            reply = self._smtp.mail(sender, options)
        self._expect((250,), reply, "mail")

    def reset(self):
        """Make sure that the line still stands, and that no message is begun: RSET."""
        self._wait(self._settings.timeout)
        with self._step("mail"):
            reply = self._smtp.rset()
        self._expect((250,), reply, "mail")
        self._wait(self._settings.data_timeout)

    def address(self, recipients, needed):
        """Say to whom: RCPT.

        :param needed: at least one of these must be accepted. Otherwise it ends here:
            what was begun is dropped by the next email's RSET, or by QUIT.
        :return: those refused, as ``{address: "550 5.1.1 words"}``.
        """
        refused = {}
        for address in recipients:
            with self._step("rcpt"):
                code, words = self._smtp.rcpt(address)
            try:
                self._expect((250, 251, 252), (code, words), "rcpt")
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

    def transfer(self, data):
        """Transmit the message: DATA.

        :return: the server's words after it has accepted.
        :raises OutcomeUnknown: if that failed after the final dot may have left.
        """
        with self._step("data"):
            reply = self._smtp.docmd("DATA")
        self._expect((354,), reply, "data")
        self._stream(_stuff_dots(data))
        answer_by = time.monotonic() + self._settings.data_timeout
        try:
            self._wait(self._settings.data_timeout)
            self._smtp.sock.sendall(b".\r\n")
            self._wait(max(answer_by - time.monotonic(), 1))
            code, words = self._smtp.getreply(LOOSE_LINE)
        except (OSError, smtplib.SMTPException) as error:
            self.abandon()
            raise OutcomeUnknown(
                Reason.MAYBE_SENT, detail=_lost(error)[1], service="smtp"
            ) from error
        self._expect(range(200, 300), (code, words), "dot")
        return words.decode("utf-8", "replace")

    def abandon(self):
        """Cut the line."""
        self._smtp.close()

    def quit(self):
        """Take leave, without waiting long."""
        with suppress(OSError, smtplib.SMTPException):
            if self._smtp.sock:
                self._wait(2)
                self._smtp.quit()
        self._smtp.close()

    def _wait(self, seconds):
        """Let each further step take that long."""
        if self._smtp.sock:
            self._smtp.sock.settimeout(seconds)

    def _connect(self):
        host, port = self._settings.host, self._settings.port
        try:
            sock = open_socket(host, port, self._settings.timeout, self._settings.reach)
            if self._settings.encryption == "ssl":
                sock = encrypt(sock, host, self._context)
        except (OSError, ValueError) as error:
            raise outcome_of(error, "smtp") from error
        return sock

    def _greet(self):
        try:
            with self._step("greeting"):
                reply = self._smtp.getreply()
        except Unavailable:
            self._check_encryption()
            raise
        self._expect((220,), reply, "greeting")
        self._hello()

    def _hello(self):
        """EHLO, or HELO. Each mail server knows one of them (RFC 5321, 4.1.1.1), so who
        answers to it is one, and its words may be shown from then on.
        """
        with self._step("ehlo"):
            try:
                self._smtp.ehlo_or_helo_if_needed()
            except smtplib.SMTPHeloError as error:
                if error.smtp_code in UNKNOWN_COMMAND:
                    raise NotSmtp from error
                reply = error.smtp_code, error.smtp_error
                self._expect((250,), reply, "ehlo")
        self._is_known = True

    def _check_encryption(self):
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

    def _starttls(self):
        if not self.offers("starttls"):
            raise AdminActionRequired(
                Reason.WRONG_ENCRYPTION,
                detail="STARTTLS is not offered",
                service="smtp",
            )
        with self._step("ehlo"):
            reply = self._smtp.docmd("STARTTLS")
        self._expect((220,), reply, "ehlo")
        try:
            self._smtp.sock = encrypt(
                self._smtp.sock, self._settings.host, self._context
            )
        except OSError as error:
            raise outcome_of(error, "smtp") from error
        # RFC 3207, 4.2: forget what was said before, unencrypted
        self._smtp.file = None
        self._smtp.ehlo_resp = self._smtp.helo_resp = None
        self._smtp.esmtp_features = {}
        self._hello()

    def _sign_in(self):
        """One attempt with one mechanism: several wrong ones lock accounts."""
        mechanism = self._mechanism()
        user, password = self._settings.user, self._settings.password
        with self._step("auth"):
            if mechanism == "PLAIN":
                plain = f"\0{user}\0{password}"
                code, words = self._auth(mechanism, plain, initial=True)
            elif mechanism == "LOGIN":
                code, words = self._auth(mechanism, user, password)
            else:
                code, words = self._cram_md5(user, password)
        self._expect((235,), (code, _without(words, user, password)), "auth")

    def _mechanism(self):
        offered = self._smtp.esmtp_features.get("auth", "").upper().split()
        for mechanism in MECHANISMS:
            if mechanism in offered:
                return mechanism
        if offered:  # only XOAUTH2 and the like: passwords are switched off
            reason, detail = Reason.SIGN_IN_DISABLED, f"offers {' '.join(offered)}"
        elif self._settings.encryption == "none" and self.offers("starttls"):
            reason, detail = Reason.WRONG_ENCRYPTION, "no sign-in without STARTTLS"
        else:
            reason, detail = Reason.AUTH_NOT_OFFERED, ""
        raise AdminActionRequired(reason, detail=detail, service="smtp")

    def _auth(self, mechanism, *answers, initial=False):
        """AUTH (RFC 4954); smtplib's own knows only passwords of ASCII."""
        answers = [_base64(answer).decode() for answer in answers]
        first = answers[:1] if initial else []
        reply = self._smtp.docmd(" ".join(["AUTH", mechanism, *first]))
        for answer in answers:
            if reply[0] != 334:
                break
            reply = self._smtp.docmd(answer)
        return reply

    def _cram_md5(self, user, password):
        self._smtp.user, self._smtp.password = user, password
        try:
            return self._smtp.auth("CRAM-MD5", self._smtp.auth_cram_md5)
        except smtplib.SMTPAuthenticationError as error:
            return error.smtp_code, error.smtp_error
        except binascii.Error:  # a challenge that is no base64
            raise NotSmtp from None
        except UnicodeError:  # whose text would show the password
            return 535, b"5.7.8 CRAM-MD5 takes ASCII only"
        finally:
            del self._smtp.user, self._smtp.password

    def _check_size(self, size):
        limit = self._smtp.esmtp_features["size"]
        # up to 20 digits: https://www.rfc-editor.org/rfc/rfc1870#section-4
        if re.fullmatch("[0-9]{1,20}", limit) and 0 < int(limit) < size:
            raise Rejected(
                Reason.MESSAGE_TOO_LARGE,
                detail=f"{size} bytes, the server takes {limit}",
                service="smtp",
            )

    def _stream(self, data):
        """Send all but the final dot. If the line is lost here, it was not accepted."""
        deadline = time.monotonic() + BODY_SECONDS
        view, done = memoryview(data), 0
        with self._step("data"):
            while done < len(view):
                left = deadline - time.monotonic()
                if left <= 0:
                    raise self._too_slow(done, len(view))
                self._wait(min(left, self._settings.data_timeout))
                try:
                    done += self._smtp.sock.send(view[done : done + CHUNK])
                except TimeoutError:
                    if left > self._settings.timeout:
                        raise  # long enough to call the server silent
                    raise self._too_slow(done, len(view)) from None

    def _too_slow(self, done, size):
        """The line stands, but is too slow for this email; a smaller one may pass."""
        self.abandon()
        return Unavailable(
            Reason.DEFERRED,
            detail=f"only {done} of {size} bytes went out in {BODY_SECONDS} seconds",
            service="smtp",
        )

    def _expect(self, codes, reply, stage):
        code, words = reply
        if code in codes:
            return
        if code == 421:  # the server hangs up
            self.abandon()
        raise classify(code, words, stage, shown=self._is_known)

    @contextmanager
    def _step(self, stage):
        """Losing the line before the final dot proves that nothing was accepted."""
        try:
            yield
        except NotSmtp as error:
            self.abandon()
            raise classify(-1, "", stage) from error
        except (OSError, smtplib.SMTPException) as error:
            self.abandon()
            reason, words = _lost(error)
            detail = f"{words} ({stage})"
            raise Unavailable(reason, detail=detail, service="smtp") from error


def _stuff_dots(data):
    """Double dots at the start of lines, end with a line break (RFC 5321, 4.5.2)."""
    stuffed = (b"\r\n" + data).replace(b"\r\n.", b"\r\n..")[2:]
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"


def _lost(error):
    """Why no answer came: the reason, and words for it."""
    cause = error.__context__ or error
    if isinstance(cause, TimeoutError):
        return Reason.SERVER_SILENT, "no answer in time"
    if isinstance(cause, TooMuch):
        return Reason.ANSWER_TOO_LONG, "the answer had no end"
    return Reason.CONNECTION_LOST, "the connection was lost"


def _without(words, user, password):
    """*words*, bytes, without the secret, should the server repeat it."""
    plain = _base64(f"\0{user}\0{password}")
    for secret in filter(None, (plain, _base64(password), _utf8(password))):
        words = words.replace(secret, b"***")
    return words


def _base64(text):
    return base64.b64encode(_utf8(text))


def _utf8(text):
    return text.encode("utf-8", "surrogateescape")
