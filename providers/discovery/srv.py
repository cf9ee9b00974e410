"""The servers that a domain publishes in the DNS, as SRV records.

https://www.rfc-editor.org/rfc/rfc6186, and for ``_submissions``
https://www.rfc-editor.org/rfc/rfc8314#section-5.1
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from .lookup import Lookup, Offer
from .servers import Servers, Source

# TLS from the start goes first: https://www.rfc-editor.org/rfc/rfc8314#section-3
SENDING = {"_submissions._tcp": "ssl", "_submission._tcp": "starttls"}
READING = {"_imaps._tcp": "ssl", "_imap._tcp": "starttls"}
# Before there was "_submissions", a server of that kind could only be called
# "_submission": what these ports begin with is TLS, whatever the record is called.
TLS_FROM_THE_START = (465, 993)


class Server(NamedTuple):
    """Where, and how its line is encrypted."""

    host: str
    port: int
    encryption: str


def published(lookup: Lookup, domain: str, seconds: float) -> Servers | None:
    """The servers of this domain's mailboxes.

    The DNS can be forged: it is for a person to see that the names make sense
    (RFC 6186, 6), and for TLS to prove that they are whom they say.
    """
    services = [*SENDING, *READING]
    with ThreadPoolExecutor(len(services)) as pool:
        names = (f"{service}.{domain}" for service in services)
        answers = pool.map(lambda name: lookup.srv(name, seconds), names)
        offers = dict(zip(services, answers, strict=True))
    return from_offers(offers, domain)


def from_offers(offers: Mapping[str, Sequence[Offer]], domain: str) -> Servers | None:
    """The same from the answers, by service; None without a server to send by."""
    sending = _first(SENDING, offers)
    if sending is None:
        return None
    reading = _first(READING, offers) or Server("", 993, "ssl")
    return Servers(*sending, *reading, source=Source.PUBLISHED, at=domain)


def _first(
    services: Mapping[str, str], offers: Mapping[str, Sequence[Offer]]
) -> Server | None:
    """The first server of the first service that is offered."""
    for service, encryption in services.items():
        for offer in offers[service]:
            if offer.host and offer.port:
                is_tls = offer.port in TLS_FROM_THE_START
                return Server(offer.host, offer.port, "ssl" if is_tls else encryption)
    return None
