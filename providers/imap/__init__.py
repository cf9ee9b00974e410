"""IMAP: the Sent folder and the Inbox of a mailbox that sends by SMTP."""

from .sent import RANKS, SentFolder

__all__ = ["RANKS", "SentFolder"]
