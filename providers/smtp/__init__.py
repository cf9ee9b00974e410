"""A mailbox that is signed in with a password: SMTP, and IMAP beside it."""

from typing import TYPE_CHECKING, Any

from ..settings import SmtpSettings

if TYPE_CHECKING:
    from .mailbox import SmtpMailbox

__all__ = ["SmtpMailbox", "SmtpSettings"]


def __getattr__(name: str) -> Any:
    """The mailbox, once it is asked for: it reads what came back, and that is read by
    the tables of this package."""
    if name != "SmtpMailbox":
        raise AttributeError(name)
    from .mailbox import SmtpMailbox

    return SmtpMailbox
