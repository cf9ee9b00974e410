"""A mailbox that is signed in with a password: SMTP, and IMAP beside it."""

from .mailbox import SmtpMailbox
from ..settings import SmtpSettings

__all__ = ["SmtpMailbox", "SmtpSettings"]
