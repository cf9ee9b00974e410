"""What the mailboxes that one signs in to by OAuth have in common."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Protocol

from ..base import Mailbox
from .app import OAuthApp, Refreshing, alone
from .http import Wire


class AccessTokens(Protocol):
    """The access tokens of one mailbox, refreshed when needed."""

    def token(self, *, refresh: bool = False) -> str:
        """Return an access token.

        :param refresh: True to get a new one even if there is a good one.
        :raises Outcome: a person or an administrator is needed, or no answer came.
        """

    def granted(self) -> set[str]:
        """Return what was granted."""

    def close(self) -> None:
        """Let go of the connections."""


class OAuthMailbox(Mailbox):
    """A mailbox that its owner has let us use.

    :param app: the :class:`~.app.OAuthApp`.
    :param token: the JSON of the :class:`~.app.Grant`.
    :param address: the mailbox that was signed in.
    :param save: called with the new JSON whenever it changed; must make it last before
        it returns.
    :param refreshing: see :func:`~.app.alone`.
    :param send_as: another address to send as: a shared mailbox or an alias.
    :param sent_items: whose Sent folder gets the copy then, where that is a choice:
        ``own`` or ``shared``.
    """

    _tokens: AccessTokens

    def __init__(
        self,
        app: OAuthApp,
        token: str,
        address: str,
        save: Callable[[str], object],
        *,
        refreshing: Refreshing = alone,
        send_as: str = "",
        sent_items: str = "own",
    ) -> None:
        self.address = address
        self.send_as = send_as
        self._sent_items = sent_items
        self._app = app
        self._wire = Wire(app.ca_file)
        self._tokens = self._open_tokens(token, save, refreshing)

    @abstractmethod
    def _open_tokens(
        self, token: str, save: Callable[[str], object], refreshing: Refreshing
    ) -> AccessTokens:
        """The tokens of this mailbox. Nobody is asked for them yet."""

    def refresh(self) -> None:
        """Get a new token: the daily proof that the grant is alive. Raises Outcome."""
        self._tokens.token(refresh=True)

    def rights(self) -> list[str]:
        """See :meth:`~..base.Mailbox.rights`."""
        return sorted(self._tokens.granted())

    def close(self) -> None:
        """Let go of connections."""
        self._tokens.close()
        self._wire.close()
