"""Recognize what comes back to follow-ups, show it there, and heed it.

An email belongs to a follow-up if it refers to its Message-ID, to the root of its
conversation, or lies in the same conversation at the provider. Of all others nothing is
stored, shown or logged.
"""

from .heed import fetched
from .look import look

__all__ = ["fetched", "look"]
