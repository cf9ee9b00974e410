"""Find the servers of a mailbox from its address."""

import time

from . import autoconfig, srv
from .listing import by_domain, by_mx
from .lookup import Lookup
from .servers import Servers, domain_of

#: Somebody waits before a form.
DISCOVERY_SECONDS = 5
# For each of the two questions, so that there is time left for the web server
DNS_SECONDS = 1.5


def discover(address: str, lookup: Lookup | None = None) -> Servers | None:
    """The servers of a mailbox: from our list, by its domain or by the hoster to whom
    the domain's mail goes; else what the domain publishes itself. None if that is
    nothing, cannot be asked, or not in time. It never raises.

    What is asked are the DNS and web servers of the domain, never a mail server.
    """
    domain = domain_of(address)
    if not domain:
        return None
    return by_domain(domain) or _asked(address.strip(), domain, lookup or Lookup())


def _asked(address: str, domain: str, lookup: Lookup) -> Servers | None:
    until = time.monotonic() + DISCOVERY_SECONDS
    hosted = by_mx(lookup.mx(domain, DNS_SECONDS))
    found = hosted or srv.published(lookup, domain, DNS_SECONDS)
    left = until - time.monotonic()
    return found or autoconfig.published(lookup, address, domain, left)
