"""IMAP: the Sent folder and the Inbox of a mailbox that sends by SMTP."""

from .sent import SentFolder
from .sent_names import RANKS

__all__ = ["RANKS", "SentFolder"]
