"""The servers of a mailbox, found from its address."""

from .find import DISCOVERY_SECONDS, discover
from .listing import listed
from .lookup import Lookup
from .servers import Advice, Servers, Source, domain_of

__all__ = [
    *("Advice", "DISCOVERY_SECONDS", "Lookup", "Servers", "Source"),
    *("discover", "domain_of", "listed"),
]
