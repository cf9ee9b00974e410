"""The Sent folder of a mailbox, by IMAP.

A copy is filed there with ``\\Seen`` and the email's date; it shows ``Bcc``, as the
copies of mail programs do. ``sent_copy`` decides:

- ``auto``: not for servers known to file what they send (:data:`FILES_ITSELF`): there
  we only wait a moment to see it. They may replace the Message-ID, so not finding it
  proves nothing, and a second copy of each email would be worse. Everywhere else it
  is filed unless an email with its Message-ID already lies there.
- ``always``: the latter for every server.
- ``never``: no copy.
"""

import re
import ssl
import time
from contextlib import contextmanager, suppress

import imapclient
from imapclient import IMAPClient
from imapclient.exceptions import CapabilityError, IMAPClientError

from .base import SentCopy
from .network import open_socket, outcome_of, speaks_tls, tls_context
from .outcomes import (
    AdminActionRequired,
    Outcome,
    SignInRequired,
    Unavailable,
    one_line,
)
from .reasons import Reason

# Gmail, Outlook.com, Exchange Online and Zoho keep what is sent through their SMTP.
FILES_ITSELF = re.compile(
    r"(^|\.)(gmail|googlemail|office365|outlook|hotmail|live|zoho)\.\w+$", re.IGNORECASE
)
GMAIL = (
    "X-GM-EXT-1"  # https://developers.google.com/workspace/gmail/imap/imap-extensions
)
WAITS = (0, 1, 2)  # seconds between looks into a Sent folder that fills itself

# Where a server does not say which folder it is (RFC 6154); the last part of the name.
NAMES = (
    *("Sent", "Sent Items", "Sent Messages", "Sent Mail", "Sent-mail"),
    *("Envoyés", "Éléments envoyés", "Messages envoyés", "Courrier envoyé"),
    *("Gesendet", "Gesendete Elemente", "Gesendete Objekte", "Gesendete Nachrichten"),
    *("Enviados", "Elementos enviados", "Mensajes enviados", "Correo enviado"),
    *(
        "Itens enviados",
        "Mensagens enviadas",
        "E-mails enviados",
        "Enviadas",
        "Enviats",
    ),
    *("Inviata", "Posta inviata", "Elementi inviati", "Inviati", "Messaggi inviati"),
    *("Verzonden", "Verzonden items", "Verzonden berichten", "Skickat", "Skickade"),
    *("Sendt", "Sendte elementer", "Sendt post", "Sendte e-mails", "Lähetetyt"),
    *("Lähetetyt viestit", "Saadetud", "Nosūtītie", "Išsiųsta", "Išsiųsti laiškai"),
    *("Wysłane", "Elementy wysłane", "Odeslané", "Odeslaná pošta", "Odoslané"),
    *("Odoslaná pošta", "Elküldött", "Elküldött elemek", "Trimise", "Elemente trimise"),
    *("Poslano", "Poslane stavke", "Poslato", "Изпратени", "Отправленные"),
    *("Надіслані", "Відправлені", "Απεσταλμένα", "Gönderilmiş Öğeler", "Gönderilenler"),
    *("Gönderilmiş Postalar", "נשלח", "פריטים שנשלחו", "المرسلة", "العناصر المرسلة"),
    *("送信済み", "送信済みアイテム", "送信済みメール", "보낸 편지함", "보낸편지함"),
    *("已发送", "已发送邮件", "已傳送", "寄件備份", "Đã gửi", "จดหมายที่ส่ง", "Terkirim"),
)
RANKS = {name.casefold(): rank for rank, name in enumerate(NAMES)}

# What a refused sign-in means (response codes: RFC 5530); the first that fits counts.
SIGN_IN_RULES = (
    (r"app(lication)?[- ]?specific|app password", Reason.APP_PASSWORD_NEEDED),
    (r"\[PRIVACYREQUIRED\]|LOGINDISABLED none|plaintext", Reason.WRONG_ENCRYPTION),
    (r"\[UNAVAILABLE\]|\[INUSE\]|\[LIMIT\]|temporar|too many", Reason.PROVIDER_DOWN),
    (
        r"\[CONTACTADMIN\]|\[NOPERM\]|disabled|not enabled|block",
        Reason.SIGN_IN_DISABLED,
    ),
    (r"", Reason.WRONG_PASSWORD),
)
KINDS = {
    Reason.APP_PASSWORD_NEEDED: SignInRequired,
    Reason.WRONG_PASSWORD: SignInRequired,
    Reason.PROVIDER_DOWN: Unavailable,
}


class SentFolder:
    """Signs in when it is needed; after a refused sign-in it does not try again."""

    def __init__(self, settings):
        self._settings = settings
        self._client = None
        self._name = ""
        self._files_itself = False
        self._refused = None
        self._waits = WAITS

    def open(self):
        """Sign in, and find the folder unless no copy is wanted.

        :raises Outcome: whatever stands in the way.
        """
        self.close()
        if self._refused:
            raise self._refused
        try:
            with _errors():
                self._connect()
                self._sign_in()
                self._look_around()
        except BaseException:
            self.close()
            raise

    def file(self, data, message_ids, date):
        """File a copy if it is to be filed. Never raises an Outcome.

        :param data: the copy, as bytes.
        :param message_ids: under which ids the server may have filed it.
        :param date: an aware datetime.
        :return: a :class:`SentCopy`.
        """
        try:
            with _errors():
                self._ready()
                if self._settings.sent_copy == "auto" and self._files_itself:
                    return self._watch(message_ids)
                if self._holds(message_ids):
                    return SentCopy("by_provider")
                flags = (imapclient.SEEN,)
                self._client.append(self._name, data, flags, date)
                return SentCopy("filed")
        except Outcome as outcome:
            self.close()
            return SentCopy("failed", str(outcome))

    def find(self, message_id):
        """Whether an email lies in the folder; None if that cannot be told."""
        try:
            with _errors():
                self._ready()
                return self._holds([message_id])
        except Outcome:
            self.close()
            return None

    def close(self):
        client, self._client = self._client, None
        if client:
            with suppress(OSError, IMAPClientError):
                client.socket().settimeout(2)
                client.logout()
                return
            with suppress(OSError):
                client.shutdown()

    def _ready(self):
        """Open, or open again if the server has dropped an idle connection."""
        if self._client:
            with suppress(OSError, IMAPClientError):
                self._client.noop()
                return
        self.open()

    def _connect(self):
        settings = self._settings
        context = tls_context(settings.ca_file)
        host, port = settings.imap_host, settings.imap_port
        try:
            # Only to tell a blocked port from a silent server.
            open_socket(host, port, settings.timeout).close()
        except (OSError, ValueError) as error:
            raise outcome_of(error, "imap") from error
        try:
            self._client = IMAPClient(
                host,
                port,
                ssl=settings.imap_encryption == "ssl",
                ssl_context=context,
                timeout=settings.timeout,
            )
            if settings.imap_encryption == "starttls":
                self._client.starttls(context)
        except CapabilityError as error:
            words = "STARTTLS is not offered"
            raise _outcome(
                AdminActionRequired, Reason.WRONG_ENCRYPTION, words
            ) from error
        except ssl.SSLError as error:
            raise outcome_of(error, "imap") from error
        except TimeoutError:
            if settings.imap_encryption != "ssl" and speaks_tls(
                host, port, settings.timeout, context
            ):
                words = "the server expects TLS from the start"
                raise _outcome(
                    AdminActionRequired, Reason.WRONG_ENCRYPTION, words
                ) from None
            raise
        except IMAPClientError as error:
            if "unexpected response" not in str(error):
                raise
            raise _outcome(
                AdminActionRequired, Reason.NOT_A_MAIL_SERVER, error
            ) from error

    def _sign_in(self):
        """One attempt: several wrong ones lock accounts."""
        settings, client = self._settings, self._client
        user = settings.imap_user or settings.user
        try:
            if client.has_capability("AUTH=PLAIN"):
                client.plain_login(user, settings.password)
            elif client.has_capability("LOGINDISABLED"):
                raise self._refuse(f"LOGINDISABLED {settings.imap_encryption}")
            elif f"{user}{settings.password}".isascii():
                client.login(_quoted(user), settings.password)
            else:
                raise self._refuse("LOGIN takes ASCII only")
        except IMAPClient.AbortError:
            raise
        except IMAPClientError as error:
            raise self._refuse(_words(error)) from error

    def _refuse(self, words):
        words = words.replace(self._settings.password or "\0", "***")
        reason = next(r for rule, r in SIGN_IN_RULES if re.search(rule, words, re.I))
        outcome = _outcome(KINDS.get(reason, AdminActionRequired), reason, words)
        if isinstance(outcome, SignInRequired):
            self._refused = outcome
        return outcome

    def _look_around(self):
        hosts = (self._settings.host, self._settings.imap_host)
        self._files_itself = self._client.has_capability(GMAIL) or any(
            FILES_ITSELF.search(host) for host in hosts
        )
        self._name = self._find_folder()
        if not self._name and self._settings.sent_copy != "never":
            self._refused = _outcome(AdminActionRequired, Reason.SENT_FOLDER_NOT_FOUND)
            raise self._refused

    def _find_folder(self):
        """The folder that the server calls Sent (RFC 6154), or one named like it."""
        best = ""
        best_rank = len(RANKS)
        for flags, delimiter, name in self._client.list_folders():
            known = [flag.lower() for flag in flags]
            if b"\\sent" in known:
                return name
            if b"\\noselect" in known or b"\\nonexistent" in known:
                continue
            last = name.rsplit(delimiter.decode(), 1)[-1] if delimiter else name
            rank = RANKS.get(last.casefold(), len(RANKS))
            if rank < best_rank:
                best, best_rank = name, rank
        return best

    def _holds(self, message_ids):
        self._client.select_folder(self._name, readonly=True)
        return any(
            self._client.search(["HEADER", "Message-ID", message_id])
            for message_id in message_ids
        )

    def _watch(self, message_ids):
        """Look for what the provider files, until it is there or some seconds are over.

        Once in vain is enough: then it replaces the Message-ID, or is slow today.
        """
        for seconds in self._waits:
            time.sleep(seconds)
            if self._holds(message_ids):
                return SentCopy("by_provider")
        self._waits = (0,)
        return SentCopy("by_provider", "not seen in the Sent folder yet")


@contextmanager
def _errors():
    """Turn what the libraries raise into outcomes."""
    try:
        yield
    except IMAPClient.AbortError as error:
        raise _outcome(Unavailable, Reason.CONNECTION_LOST, error) from error
    except IMAPClientError as error:
        raise _outcome(Unavailable, Reason.PROVIDER_DOWN, error) from error
    except TimeoutError as error:
        raise _outcome(Unavailable, Reason.SERVER_SILENT) from error
    except OSError as error:
        raise _outcome(Unavailable, Reason.CONNECTION_LOST, error) from error


def _outcome(kind, reason, detail=""):
    if isinstance(detail, Exception):
        detail = _words(detail)
    return kind(reason, detail=detail, service="imap")


def _words(error):
    """The server's words in an imaplib error, which may be the text of a bytes."""
    words = error.args[0] if error.args else ""
    if isinstance(error, OSError):
        words = error.strerror or words
    if isinstance(words, bytes):
        words = words.decode("utf-8", "replace")
    return one_line(re.sub(r"""^b(['"])(.*)\1$""", r"\2", str(words)))


def _quoted(text):
    """*text* as an IMAP quoted string (imaplib does so with passwords only)."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
