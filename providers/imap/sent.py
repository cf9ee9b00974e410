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
import time
from collections.abc import Iterable
from datetime import datetime

import imapclient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError
from imapclient.imap_utf7 import decode as decode_utf7

from ..base import SentCopy
from ..outcomes import AdminActionRequired, Outcome
from ..reasons import Reason
from ..settings import SmtpSettings
from .line import Folder
from .session import ImapSession, imap_errors, imap_outcome

# Gmail, Outlook.com, Exchange Online and Zoho keep what is sent through their SMTP.
FILES_ITSELF = re.compile(
    r"(^|\.)(gmail|googlemail|office365|outlook|hotmail|live|zoho)\.\w+$", re.IGNORECASE
)
GMAIL = (
    "X-GM-EXT-1"  # https://developers.google.com/workspace/gmail/imap/imap-extensions
)
# Who has one of these may be asked for the folders with a use only; the last one is
# IMAP4rev2, which has both: https://www.rfc-editor.org/rfc/rfc9051#appendix-E
SPECIAL_USE = ("SPECIAL-USE", "LIST-EXTENDED", "IMAP4REV2")
SLOW_LINE = 125_000  # bytes a second: 1 Mbit/s
LONGEST_APPEND = 25  # seconds: see smtp.body.BODY_SECONDS
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


class SentFolder(ImapSession):
    """The folder for sent emails, wherever the server keeps it."""

    def __init__(self, settings: SmtpSettings) -> None:
        super().__init__(settings)
        self._name: bytes | str = ""
        self._files_itself = False
        self._waits: tuple[int, ...] = WAITS

    def file(self, data: bytes, message_ids: Iterable[str], date: datetime) -> SentCopy:
        """File a copy if it is to be filed. Never raises an Outcome.

        :param data: the copy, as bytes.
        :param message_ids: under which ids the server may have filed it.
        :param date: an aware datetime.
        :return: a :class:`SentCopy`.
        """
        try:
            with imap_errors():
                self._ready()
                if self._settings.sent_copy == "auto" and self._files_itself:
                    return self._watch(message_ids)
                if self._holds(message_ids):
                    return SentCopy("by_provider")
                self._append(data, date)
                return SentCopy("filed")
        except Outcome as outcome:
            self.close()
            return SentCopy("failed", str(outcome))

    def _append(self, data: bytes, date: datetime) -> None:
        """Transmit the copy. The socket's timeout counts for all of it, so that a large
        one needs a longer one (https://docs.python.org/3/library/socket.html
        #socket.socket.sendall).
        """
        sock = self._line().socket()
        usual = sock.gettimeout()
        seconds = min(usual + len(data) / SLOW_LINE, LONGEST_APPEND)
        sock.settimeout(max(usual, seconds))
        self._line().append(self._name, data, (imapclient.SEEN,), date)
        sock.settimeout(usual)

    def find(self, message_id: str) -> bool | None:
        """Whether an email lies in the folder; None if that cannot be told."""
        try:
            with imap_errors():
                self._ready()
                self._name = self._name or self._find_folder()
                return self._holds([message_id]) if self._name else None
        except Outcome:
            self.close()
            return None

    def _look_around(self) -> None:
        # Names as the server writes them, because not all do as RFC 3501, 5.1.3 says.
        self._line().folder_encode = False
        hosts = (self._settings.host, self._settings.imap_host)
        self._files_itself = self._line().has_capability(GMAIL) or any(
            FILES_ITSELF.search(host) for host in hosts
        )
        self._name = ""
        if self._settings.sent_copy == "never":
            return  # then nobody needs to know it, and there may be thousands
        self._name = self._find_folder()
        if not self._name:
            self._refused = imap_outcome(
                AdminActionRequired, Reason.SENT_FOLDER_NOT_FOUND
            )
            raise self._refused

    def _find_folder(self) -> bytes:
        """The folder that the server calls Sent (RFC 6154), or one named like it; empty
        if there is none."""
        marked = _marked(self._special())
        if marked:
            return marked
        folders = self._line().folders(_may_be_sent)
        return _marked(folders) or _named(folders)

    def _special(self) -> list[Folder]:
        """The folders with a use, if the server can be asked for them alone."""
        if not any(map(self._line().has_capability, SPECIAL_USE)):
            return []
        try:
            return self._line().folders(_may_be_sent, special=True)
        except IMAPClientAbortError:
            raise
        except IMAPClientError:  # it does not do as it says
            return []

    def _holds(self, message_ids: Iterable[str]) -> bool:
        self._line().select_folder(self._name, readonly=True)
        return any(
            self._line().search(["HEADER", "Message-ID", message_id])
            for message_id in message_ids
        )

    def _watch(self, message_ids: Iterable[str]) -> SentCopy:
        """Look for what the provider files, until it is there or some seconds are over.

        Once in vain is enough: then it replaces the Message-ID, or is slow today.
        """
        for seconds in self._waits:
            time.sleep(seconds)
            if self._holds(message_ids):
                return SentCopy("by_provider")
        self._waits = (0,)
        return SentCopy("by_provider", "not seen in the Sent folder yet")


def _marked(folders: Iterable[Folder]) -> bytes:
    """The first folder that the server marks as Sent; empty if it marks none."""
    marked = (name for flags, _, name in folders if _has_flag(flags, b"\\sent"))
    return next(marked, b"")


def _named(folders: Iterable[Folder]) -> bytes:
    """The folder with a usual name; empty if there is none. Of several the highest,
    because an archive or a colleague's mailbox may have one, too."""
    found: list[tuple[int, int, bytes]] = []
    for flags, delimiter, name in folders:
        path = _path(name, delimiter)
        rank = RANKS.get(path[-1].casefold())
        if rank is not None and not _has_flag(flags, b"\\noselect", b"\\nonexistent"):
            under_inbox = path[0].upper() == "INBOX"  # a common namespace
            found.append((len(path) - under_inbox, rank, name))
    return min(found)[2] if found else b""


def _has_flag(flags: Iterable[bytes], *wanted: bytes) -> bool:
    return not {flag.lower() for flag in flags}.isdisjoint(wanted)


def _may_be_sent(flags: bytes, delimiter: bytes | None, name: bytes) -> bool:
    """Whether to look at a folder more closely: this is asked for each of thousands.

    Python's UTF-7 is not IMAP's, but as good for the names that we know.
    https://www.rfc-editor.org/rfc/rfc3501#section-5.1.3
    """
    if b"\\sent" in flags.lower():
        return True
    last = name.rsplit(delimiter, 1)[-1] if delimiter else name
    if b"&" not in last:
        return last.decode("latin-1").casefold() in RANKS
    try:
        words = last.replace(b"&", b"+").replace(b",", b"/").decode("utf-7")
    except UnicodeError:
        return False
    return words.casefold() in RANKS


def _path(name: bytes, delimiter: bytes | None) -> list[str]:
    readable = _readable(name)
    return readable.split(delimiter.decode()) if delimiter else [readable]


def _readable(name: bytes) -> str:
    """A folder's name as people see it; one that is no modified UTF-7 as it stands."""
    try:
        return str(decode_utf7(name))
    except UnicodeError:
        return name.decode("latin-1")
