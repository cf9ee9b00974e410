"""Microsoft 365: Graph, and the sign-in for it."""

from .mailbox import MicrosoftMailbox

__all__ = ["MicrosoftMailbox"]
