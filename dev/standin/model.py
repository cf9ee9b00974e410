"""What the stand-in remembers, as plain records that can be written as JSON."""

import uuid
from dataclasses import dataclass, field


@dataclass
class Tenant:
    """An organisation at one provider.

    :param consent: Microsoft, who may consent: ``user`` (anybody, anything),
        ``default`` (anybody, but nothing that reads mail) or ``admin``.
    :param workflow: Microsoft, non-admins may ask an administrator on the page.
    :param decline_error: the ``error`` of an explicit decline; ``consent_required`` is
        seen as well.
    :param strict_rotation: refuse a refresh token that has been replaced. Microsoft
        does not; it finds clients that lose rotated tokens.
    :param granted: tenant-wide consent, ``{client id: [scopes]}``.
    :param block_untrusted: Google, only apps in *trusted* (client ids) may be used.
    """

    id: str
    provider: str
    name: str
    domain: str
    consent: str = "user"
    workflow: bool = False
    decline_error: str = "access_denied"
    strict_rotation: bool = False
    granted: dict = field(default_factory=dict)
    block_untrusted: bool = False
    trusted: list = field(default_factory=list)


@dataclass
class App:
    """An OAuth client registration.

    :param tenant: the only tenant that may use it, or empty: any.
    :param publishing: Google, ``production`` or ``testing`` (7 days, test users only).
    :param secret_expires: ISO date, or empty: never.
    :param certificates: Microsoft, those that were uploaded, in PEM.
    :param require_pkce: refuse an authorization request without a S256 challenge.
    """

    client_id: str
    provider: str
    name: str
    secret: str = field(repr=False)
    publisher: str = ""
    tenant: str = ""
    redirect_uris: list = field(default_factory=list)
    enabled: bool = True
    require_pkce: bool = True
    secret_expires: str = ""
    certificates: list = field(default_factory=list)
    publishing: str = "production"
    test_users: list = field(default_factory=list)
    permissions: list = field(default_factory=list)
    assigned: list | None = None


@dataclass
class Account:
    """A mailbox and, unless it is shared, a person who signs in.

    :param home: Microsoft, the id of the tenant that it is a guest from; it then has no
        *mailbox* here, whatever its address.
    :param block: an AADSTS number (as text) that stops every sign-in, or empty.
    :param rights: what it may do with shared mailboxes, by their address:
        ``send_as``, ``send_on_behalf``, ``full_access``.
    :param aliases: Gmail send-as addresses, ``{address: is verified}``.
    :param per_minute: messages a minute, 0: unlimited; *over_limit* says what happens
        to the next one: ``throttle`` (429) or ``queue`` (accepted, leaves later).
    :param per_day: messages in 24 hours, 0: unlimited.
    """

    address: str
    provider: str
    name: str
    tenant: str = ""
    admin: bool = False
    shared: bool = False
    enabled: bool = True
    mailbox: bool = True
    home: str = ""
    block: str = ""
    rights: dict = field(default_factory=dict)
    aliases: dict = field(default_factory=dict)
    per_minute: int = 0
    over_limit: str = "throttle"
    per_day: int = 0

    @property
    def id(self):
        """A stable id: Microsoft's object id."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, self.address))

    @property
    def sub(self):
        """A stable decimal id: Google's subject."""
        return "1" + str(uuid.UUID(self.id).int)[:20]


@dataclass
class Code:
    """An authorization code: one use, a few minutes."""

    value: str = field(repr=False)
    client_id: str
    account: str
    redirect_uri: str
    scopes: list
    challenge: str
    nonce: str
    expires: float
    offline: bool = True
    redeemed: bool = False


@dataclass
class Token:
    """An access or refresh token.

    :param scopes: what it was granted for.
    :param dead: why it is refused before its time (``revoked``, ``replaced``, …).
    """

    value: str = field(repr=False)
    client_id: str
    account: str
    scopes: list
    issued: float
    expires: float
    used: float = 0.0
    dead: str = ""


@dataclass
class ConsentRequest:
    """A person's request for an administrator's approval."""

    id: str
    client_id: str
    tenant: str
    account: str
    scopes: list
    justification: str
    at: float
    state: str = "pending"


@dataclass
class Message:
    """One message in one folder of one mailbox.

    :param folder: ``inbox`` or ``sent``.
    :param visible: when it can be seen (seconds): later than *at* when it was queued.
    :param raw: the message as bytes.
    """

    id: str
    mailbox: str
    folder: str
    thread_id: str
    at: float
    visible: float
    raw: bytes = field(repr=False)
    unread: bool = False


@dataclass
class Accepted:
    """One line of the log: a message that a provider said yes to.

    :param message_id: the ``Message-ID`` as submitted; *filed_message_id* as filed.
    """

    n: int
    at: float
    provider: str
    account: str
    client_id: str
    sender: str
    recipients: list
    message_id: str
    filed_message_id: str
    subject: str
    id: str
    thread_id: str
    size: int
