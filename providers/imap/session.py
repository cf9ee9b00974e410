"""An IMAP connection: signing in, and what can go wrong with it."""

import ast
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from imapclient import IMAPClient
from imapclient.exceptions import CapabilityError, IMAPClientError

from ..bounded import NONSENSE, Socket, TlsSocket, TooMuch
from ..deadline import NEVER, Deadline
from ..hiding import without
from ..network import encrypt, open_socket, outcome_of, speaks_tls, tls_context
from ..outcomes import (
    AdminActionRequired,
    Outcome,
    SignInRequired,
    Unavailable,
    one_line,
)
from ..progress import Progress, Step
from ..reasons import Reason
from ..settings import SmtpSettings
from ..smtp import about
from .line import ImapLine, NotImap

# What a refused sign-in means (response codes: RFC 5530); the first that fits counts.
SIGN_IN_RULES = (
    (
        r"app(lication)?[- ]?specific|app password|web ?(alert|login required)",
        Reason.APP_PASSWORD_NEEDED,
    ),
    (r"\[PRIVACYREQUIRED\]|LOGINDISABLED none|plaintext", Reason.WRONG_ENCRYPTION),
    (
        r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\b|temporar|too many"
        rf"|{about.NOT_LOOKED_AT}",
        Reason.PROVIDER_DOWN,
    ),
    (
        r"\[CONTACTADMIN\]|\[NOPERM\]|disabled|not enabled|block",
        Reason.SIGN_IN_DISABLED,
    ),
    (r"", Reason.WRONG_PASSWORD),
)
# imaplib's words for a line that it does not understand, which follows: anything.
QUOTED = re.compile("unexpected (tagged )?response|unterminated line")
# Its own words for a line that was lost; others that end it are the server's BYE.
OURS = re.compile("socket error|command: ")
# The text of a bytes, in which IMAPClient leaves what imaplib gives it as one.
LITERAL = re.compile(r"""b('([^'\\]|\\.)*'|"([^"\\]|\\.)*")""")
KINDS: dict[Reason, type[Outcome]] = {
    Reason.APP_PASSWORD_NEEDED: SignInRequired,
    Reason.WRONG_PASSWORD: SignInRequired,
    Reason.PROVIDER_DOWN: Unavailable,
}


# How often the time limit may be waited until we are signed in and know our way.
PATIENCE = 6
LEAVE = 2  # seconds to say goodbye


class ImapSession:
    """Signs in when it is needed; after a refused sign-in it does not try again."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._client: ImapLine | None = None
        self._refused: Outcome | None = None
        self._deadline = NEVER
        self._end = NEVER

    def end_by(self, end: Deadline) -> None:
        """Let all that follows be over by then."""
        self._end = end

    def _line(self) -> ImapLine:
        """The connection.

        :raises OSError: there is none.
        """
        if self._client is None:
            raise OSError("not connected")
        return self._client

    def open(self, deadline: Deadline | None = None) -> None:
        """Sign in.

        :param deadline: by when.
        :raises Outcome: whatever stands in the way.
        """
        self.close()
        if self._refused:
            raise self._refused
        patience = PATIENCE * self._settings.timeout
        self._deadline = deadline or Deadline(self._end.within(patience))
        try:
            with imap_errors():
                self._connect()
                self._sign_in()
                self._look_around()
            self._keep(self._end)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the connection. Never raises."""
        client, self._client = self._client, None
        if client:
            with suppress(OSError, IMAPClientError, *NONSENSE):
                _keep(client, Deadline(LEAVE))
                client.socket().settimeout(LEAVE)
                client.logout()
                return
            with suppress(OSError):
                client.shutdown()

    def _keep(self, deadline: Deadline) -> None:
        """Let what is read from here on have come by *deadline*."""
        self._deadline = deadline
        _keep(self._line(), deadline)

    def _tell(self, step: Step, number: int = 1) -> None:
        self._settings.tell(Progress(step, self._settings.imap_host, number))

    def _tell_address(self, number: int) -> None:
        if number > 1:
            self._tell(Step.NEXT_ADDRESS, number)

    def _look_around(self) -> None:
        """What is to be known of the mailbox before it is used."""

    def _ready(self) -> None:
        """Open, or open again if the server has dropped an idle connection."""
        if self._client:
            with suppress(OSError, IMAPClientError, *NONSENSE):
                self._client.noop()
                return
        self.open()

    def _reach(self, context: ssl.SSLContext) -> Socket | TlsSocket:
        """A socket, encrypted if TLS comes first."""
        settings = self._settings
        self._tell(Step.REACHING)
        sock: Socket | TlsSocket
        try:
            sock = open_socket(
                settings.imap_host,
                settings.imap_port,
                settings.timeout,
                settings.reach,
                deadline=self._deadline,
                told=self._tell_address,
            )
        except (OSError, ValueError) as error:
            raise outcome_of(error, "imap") from error
        try:
            if settings.imap_encryption == "ssl":
                sock = encrypt(sock, settings.imap_host, context)
        except TimeoutError:  # it took the connection: nothing is blocked
            raise
        except (OSError, ValueError) as error:
            raise outcome_of(error, "imap") from error
        sock.settimeout(settings.timeout)
        return sock

    def _connect(self) -> None:
        settings = self._settings
        context = tls_context(settings.ca_file)
        host, port = settings.imap_host, settings.imap_port
        sock = self._reach(context)
        try:
            self._client = ImapLine(host, sock)
            if settings.imap_encryption == "starttls":
                sock.settimeout(self._deadline.within(settings.timeout))
                self._client.starttls(context)
                self._client.socket().settimeout(settings.timeout)
                _keep(self._client, self._deadline)
        except CapabilityError as error:
            words = "STARTTLS is not offered"
            raise imap_outcome(
                AdminActionRequired, Reason.WRONG_ENCRYPTION, words
            ) from error
        except ssl.SSLError as error:
            raise outcome_of(error, "imap") from error
        except TimeoutError:
            if settings.imap_encryption != "ssl" and speaks_tls(
                host,
                port,
                self._deadline.within(3 * settings.timeout) / 3,
                context,
                settings.reach,
            ):
                words = "the server expects TLS from the start"
                raise imap_outcome(
                    AdminActionRequired, Reason.WRONG_ENCRYPTION, words
                ) from None
            raise

    def _sign_in(self) -> None:
        """One attempt: several wrong ones lock accounts."""
        self._tell(Step.SIGNING_IN_IMAP)
        settings, client = self._settings, self._line()
        user = settings.imap_user or settings.user
        try:
            if client.has_capability("AUTH=PLAIN"):
                client.plain_login(user, settings.password)
            elif client.has_capability("LOGINDISABLED"):
                words = f"LOGINDISABLED {settings.imap_encryption}"
                raise self._refuse(words, quoted=False)
            elif f"{user}{settings.password}".isascii():
                client.login(_quoted(user), settings.password)
            else:
                raise self._refuse("LOGIN takes ASCII only", quoted=False)
        except IMAPClientError as error:
            cause = error.__context__ or error  # IMAPClient takes any for a refusal
            if isinstance(cause, IMAPClient.AbortError):
                raise IMAPClient.AbortError(self._hidden(_text(cause))) from None
            raise self._refuse(_text(error)) from error

    def _refuse(self, words: str, *, quoted: bool = True) -> Outcome:
        line = one_line(words)
        reason = next(r for rule, r in SIGN_IN_RULES if re.search(rule, line, re.I))
        kind = KINDS.get(reason, AdminActionRequired)
        outcome = imap_outcome(kind, reason, self._hidden(words), quoted=quoted)
        if isinstance(outcome, SignInRequired):
            self._refused = outcome
        return outcome

    def _hidden(self, words: str) -> str:
        """*words* without the password, should the server repeat it."""
        settings = self._settings
        user = settings.imap_user or settings.user
        raw = words.encode("utf-8", "surrogateescape")
        return without(raw, settings.password, user).decode("utf-8", "replace")


def _keep(client: ImapLine, deadline: Deadline) -> None:
    sock = client.socket()
    if isinstance(sock, (Socket, TlsSocket)):
        sock.deadline = deadline


@contextmanager
def imap_errors() -> Iterator[None]:
    """Turn what the libraries raise into outcomes."""
    try:
        yield
    except NotImap:
        raise imap_outcome(AdminActionRequired, Reason.NOT_A_MAIL_SERVER) from None
    except IMAPClient.AbortError as error:
        words = "" if QUOTED.search(_words(error)) else _words(error)
        quoted = bool(words) and not OURS.match(words)
        raise imap_outcome(
            Unavailable, Reason.CONNECTION_LOST, words, quoted=quoted
        ) from error
    except IMAPClientError as error:
        raise imap_outcome(
            Unavailable, Reason.PROVIDER_DOWN, error, quoted=True
        ) from error
    except TimeoutError as error:
        raise imap_outcome(Unavailable, Reason.SERVER_SILENT) from error
    except TooMuch as error:
        raise imap_outcome(Unavailable, Reason.ANSWER_TOO_LONG, error) from error
    except OSError as error:
        raise imap_outcome(Unavailable, Reason.CONNECTION_LOST, error) from error
    except NONSENSE as error:  # or what cannot be written in ASCII
        words = type(error).__name__
        raise imap_outcome(Unavailable, Reason.PROVIDER_DOWN, words) from error


def imap_outcome(
    kind: type[Outcome],
    reason: Reason,
    detail: str | Exception = "",
    *,
    quoted: bool = False,
) -> Outcome:
    """Return the outcome *kind* of an IMAP server.

    :param detail: words, or the exception that holds them.
    :param quoted: whether they are the server's; IMAP has no codes to tell by.
    """
    if isinstance(detail, Exception):
        detail = _words(detail)
    return kind(reason, detail=detail, service="imap", quoted=quoted)


def _words(error: BaseException) -> str:
    return one_line(_text(error))


def _text(error: BaseException) -> str:
    """The server's words in an imaplib error, which may be the text of a bytes."""
    words = error.args[0] if error.args else ""
    if isinstance(error, OSError):
        words = error.strerror or words
    if isinstance(words, bytes):
        words = words.decode("utf-8", "replace")
    words = str(words)
    if LITERAL.fullmatch(words):
        with suppress(ValueError, SyntaxError):
            words = ast.literal_eval(words).decode("utf-8", "replace")
    return words


def _quoted(text: str) -> str:
    """*text* as an IMAP quoted string (imaplib does so with passwords only)."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
