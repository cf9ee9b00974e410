"""Google: Gmail's API, and the sign-in for it."""

from .mailbox import GoogleMailbox

__all__ = ["GoogleMailbox"]
