"""The servers of a mailbox, as they are proposed to whoever connects it."""

import re
from dataclasses import dataclass
from enum import Enum

import idna

from ..addresses import ascii_domain

# https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4, as text
LONGEST_NAME = 253
# https://url.spec.whatwg.org/#ends-in-a-number-checker: what systems take for IPv4
NUMBER = re.compile("[0-9]+|0x[0-9a-f]*")


class Advice(str, Enum):
    """What the user should know of such a mailbox; each is the key of a text."""

    #: Sign in with Microsoft: the password is about to end, or is off.
    MICROSOFT = "microsoft"
    #: Better sign in with Google; else it needs an app password.
    GOOGLE = "google"
    #: A password is not possible at all.
    NO_PASSWORD = "no_password"  # nosec B105 # a key
    #: It needs a password for apps, or a key, that is made at the provider.
    APP_PASSWORD = "app_password"  # nosec B105 # a key
    #: The same, if two-factor is on.
    APP_PASSWORD_WITH_2FA = "app_password_2fa"  # nosec B105 # a key
    #: Access by other programs must be switched on at the provider first.
    SWITCH_ON = "switch_on"
    #: Certified mail (PEC): not for reminders.
    CERTIFIED = "certified"


class Source(str, Enum):
    """How the servers were found."""

    LISTED = "listed"  #: the address's domain is in our list
    HOSTED = "hosted"  #: its domain's mail goes to a hoster of the list
    PUBLISHED = "published"  #: its domain says so: SRV records or an autoconfig file


@dataclass(frozen=True)
class Servers:
    """A proposal: it stands in a form, where a person sees and may change it.

    What was published by the domain may name any server at all, also one of this
    machine or its network: nobody is asked before the person goes on, and then only
    where :class:`~..reach.Reach` lets us go.

    :param encryption: ``ssl`` or ``starttls``, for IMAP too: never ``none``.
    :param imap_host: empty where none is known.
    :param user: as it is typed, if not the address itself.
    :param at: which host or domain said so.
    """

    host: str
    port: int
    encryption: str
    imap_host: str = ""
    imap_port: int = 993
    imap_encryption: str = "ssl"
    user: str = ""
    source: Source = Source.LISTED
    advice: tuple[Advice, ...] = ()
    at: str = ""


def domain_of(address: str) -> str:
    """The domain of an address, as the DNS knows it; empty if it has none.

    >>> domain_of("Jürgen@Müller.DE")
    'xn--mller-kva.de'
    """
    _local, _at, domain = address.strip().rpartition("@")
    return host_name(domain) if _local else ""


def host_name(name: str) -> str:
    """A host's full name in lower case, without the dot at its end; empty if none.

    A name of one label, or an address of numbers, is none that a stranger may propose.
    """
    if len(name) > LONGEST_NAME + 1:
        return ""
    try:
        found = ascii_domain(name.removesuffix("."))
    except idna.IDNAError:
        return ""
    _below, dot, last = found.rpartition(".")
    is_name = dot and not NUMBER.fullmatch(last)
    return found if is_name and len(found) <= LONGEST_NAME else ""
