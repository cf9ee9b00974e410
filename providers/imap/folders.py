"""A mailbox's folders: which of them is Sent, and which there are."""

from collections.abc import Callable
from typing import TypeVar

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError
from imapclient.imap_utf7 import encode as encode_utf7

from ..deadline import Deadline
from ..outcomes import AdminActionRequired, Outcome
from ..progress import Step
from ..reasons import Reason
from .folder_names import (
    Choices,
    Survey,
    marked,
    may_be_sent,
    named,
    places,
    readable,
)
from .line import Folder, Namespaces
from .session import ImapSession, imap_errors, imap_outcome

# Who has one of these may be asked for the folders with a use only; the last one is
# IMAP4rev2, which has both: https://www.rfc-editor.org/rfc/rfc9051#appendix-E
SPECIAL_USE = ("SPECIAL-USE", "LIST-EXTENDED", "IMAP4REV2")
NEW_FOLDER = b"Sent"

Item = TypeVar("Item")


class Folders(ImapSession):
    """Signs in, and knows its way around."""

    _name: bytes = b""

    def choices(self, deadline: Deadline | None = None) -> list[str]:
        """The folders from which a person may choose Sent, as people see their names.

        :param deadline: by when.
        :raises Outcome: they cannot be listed.
        """
        session = _Plain(self._settings)
        try:
            with imap_errors():
                session.open(deadline)
                return session.names
        finally:
            session.close()

    def _look_for_sent(self, *, create: bool) -> bytes:
        """The Sent folder; empty if it is not known.

        :param create: a folder that was chosen, or that a new mailbox does not have
            yet, is created.
        :raises Outcome: it cannot be created.
        """
        found = self._find_folder()
        if found or not create:
            return found
        survey = Survey(self._namespaces())
        self._line().folders(survey)
        chosen = bytes(encode_utf7(self._settings.sent_folder))
        name = chosen or (NEW_FOLDER if survey.is_clear else b"")
        return self._create(name, survey.delimiter) if name else b""

    def _find_folder(self) -> bytes:
        """The folder that was chosen, or that the server calls Sent (RFC 6154), or one
        named like it; empty if there is none."""
        chosen = self._settings.sent_folder
        if chosen:
            there = self._line().folders(lambda *row: readable(row[2]) == chosen)
            return there[0][2] if there else b""
        owned = self._namespaces().is_own
        found = marked(each for each in self._special() if owned(each[2]))
        if found:
            return found
        folders = [each for each in self._line().folders(may_be_sent) if owned(each[2])]
        return marked(folders) or named(folders)

    def _special(self) -> list[Folder]:
        """The folders with a use, if the server can be asked for them alone."""
        if not any(map(self._line().has_capability, SPECIAL_USE)):
            return []
        line = self._line()
        none: list[Folder] = []
        return or_else(lambda: line.folders(may_be_sent, special=True), none)

    def _namespaces(self) -> Namespaces:
        """Where the user's own folders are, if the server tells."""
        if not self._line().has_capability("NAMESPACE"):
            return Namespaces()
        return or_else(self._line().namespaces, Namespaces())

    def _create(self, name: bytes, delimiter: bytes) -> bytes:
        """Create the folder, and subscribe to it, so that mail programs show it.

        :raises Outcome: the server refuses, which it says in its words.
        """
        self._tell(Step.CREATING_SENT)
        refusal: IMAPClientError | None = None
        for full in places(self._namespaces(), delimiter, name):
            try:
                self._line().create_folder(full)
            except IMAPClientAbortError:
                raise
            except IMAPClientError as error:
                refusal = refusal or error
                continue
            return self._subscribed(full)
        raise self._not_found(refusal or "") from refusal

    def _subscribed(self, name: bytes) -> bytes:
        or_else(lambda: self._line().subscribe_folder(name), None)
        return name

    def _not_found(self, words: str | Exception = "") -> Outcome:
        """From here on it is not looked for: people have to do something."""
        kind, reason = AdminActionRequired, Reason.SENT_FOLDER_NOT_FOUND
        self._refused = imap_outcome(kind, reason, words, quoted=bool(words))
        return self._refused


class _Plain(Folders):
    """Signs in without having to know which folder is Sent."""

    names: list[str] = []

    def _look_around(self) -> None:
        self._tell(Step.LISTING_FOLDERS)
        self._line().folder_encode = False
        folders = self._line().folders(Choices(self._namespaces()))
        self.names = sorted({readable(name) for _flags, _mark, name in folders})


def or_else(ask: Callable[[], Item], otherwise: Item) -> Item:
    """What the server answers; *otherwise* if it refuses, or does not do as it says."""
    try:
        return ask()
    except IMAPClientAbortError:
        raise
    except IMAPClientError:
        return otherwise
