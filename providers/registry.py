"""Each way to connect a mailbox, as one row: all that differs between them.

Who adds a provider writes a folder beside this file, and a row here.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .base import Mailbox
from .google import signin as google_sign_in
from .google.inbox import GMAIL_READONLY
from .google.mailbox import GoogleMailbox
from .google.token import gmail_url, token_url
from .imap.sent import FILES_ITSELF
from .microsoft import signin as microsoft_sign_in
from .microsoft.inbox import reading_scopes as microsoft_reading
from .microsoft.mailbox import MicrosoftMailbox
from .microsoft.token import graph_url, login_url, scope_names
from .oauth.app import OAuthApp, SignInModule
from .smtp.mailbox import SmtpMailbox

#: What one mailbox may send in a minute.
#: https://learn.microsoft.com/office365/servicedescriptions/exchange-online-service-description/exchange-online-limits
MICROSOFT_A_MINUTE = 30
#: https://developers.google.com/workspace/gmail/api/reference/quota: 100 of 6000 units
GOOGLE_A_MINUTE = 60
#: What one mailbox may send in 24 hours: the same page, in recipients.
MICROSOFT_A_DAY = 10_000
#: An address of a tenant without a domain of its own, in recipients outside of it.
#: https://techcommunity.microsoft.com/blog/exchange/limiting-onmicrosoft-domain-usage-for-sending-emails/4446167
ONMICROSOFT_A_DAY = 100
#: https://support.google.com/a/answer/166852 (500 in a trial, which nobody tells us)
WORKSPACE_A_DAY = 2_000
#: https://support.google.com/mail/answer/22839
GMAIL_A_DAY = 500
# Microsoft does not say how many, but that it depends on the account.
# https://support.microsoft.com/office/279ee200-594c-40f0-9ec8-bb6af7735c2e
MICROSOFT_PERSONAL = re.compile(
    r"@(outlook|hotmail|live|msn|passport)(\.\w{2,3}){1,2}$", re.IGNORECASE
)
GOOGLE_HOSTS = ("smtp.gmail.com", "smtp-relay.gmail.com")
# https://learn.microsoft.com/entra/identity-platform/quickstart-register-app
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# https://developers.google.com/identity/protocols/oauth2/web-server
GOOGLE_CLIENT_ID = re.compile(r"[\w.-]+\.apps\.googleusercontent\.com")


def _is_microsoft(smtp_host: str) -> bool:
    """At Microsoft 365 a mailbox has the same limits, however it is asked to send."""
    return smtp_host.lower().endswith(".office365.com")


def _server_pace(smtp_host: str) -> int | None:
    """What an SMTP server takes in a minute, where that is known."""
    return MICROSOFT_A_MINUTE if _is_microsoft(smtp_host) else None


def _server_day(smtp_host: str, address: str) -> int | None:
    """What an SMTP server takes of *address* in 24 hours, where that is known."""
    if _is_microsoft(smtp_host):
        return _microsoft_day(smtp_host, address)
    if smtp_host.lower() == "smtp.gmail.com":
        return _google_day(smtp_host, address)
    return None


def _microsoft_day(_smtp_host: str, address: str) -> int | None:
    if address.lower().endswith(".onmicrosoft.com"):
        return ONMICROSOFT_A_DAY
    return None if MICROSOFT_PERSONAL.search(address) else MICROSOFT_A_DAY


def _google_day(_smtp_host: str, address: str) -> int:
    is_personal = address.lower().endswith(("@gmail.com", "@googlemail.com"))
    return GMAIL_A_DAY if is_personal else WORKSPACE_A_DAY


def _server_files(smtp_host: str) -> bool:
    """Whether an SMTP server is known to file what it sends."""
    return bool(FILES_ITSELF.search(smtp_host))


def _no_scopes(shared: bool) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True)
class AppForm:
    """What the registration of an app at a provider consists of.

    :param client_id: the form of a client ID.
    :param secret_id: the form of what is taken for the secret by mistake, if there is
        such a thing.
    :param has_tenants: whether an app may be for one organization only.
    :param plain_http: the hosts to which it leads browsers back without encryption.
    :param public_names: whether it leads them to hosts under a public domain only.
    :param secret_months: how long a secret lasts at most; 0: for good.
    :param certificates: whether it takes a certificate instead of a secret.
    """

    client_id: re.Pattern[str]
    secret_id: re.Pattern[str] | None = None
    has_tenants: bool = False
    plain_http: tuple[str, ...] = ("localhost",)
    public_names: bool = False
    secret_months: int = 0
    certificates: bool = False


@dataclass(frozen=True)
class Provider:
    """One row.

    :param name: as the connector's selection has it.
    :param mailbox: its class, which says how large files may be; those with a sign-in
        are made as :class:`~.oauth.mailbox.OAuthMailbox` says, SMTP's of
        ``SmtpSettings``.
    :param messages_a_minute: how many emails one mailbox may send in a minute, None
        where nobody says so; asked with the SMTP host, which is empty but for SMTP.
    :param messages_a_day: how many in 24 hours, None where nobody says so; asked with
        the SMTP host and the address that emails are sent from.
    :param sign_in: the module that signs in by OAuth; None: with a password.
    :param app: what an app there looks like, if it has a sign-in.
    :param send_as: as what else a mailbox may send: ``shared`` (a shared mailbox, which
        one more permission is for), ``alias``, or nothing.
    :param reading_scopes: what is asked for, besides sending, to read the answers;
        asked with whether they come into a shared mailbox.
    :param approval_scopes: what an administrator is asked to approve, by the names that
        people know: called as ``approval_scopes(shared=, extra=)``.
    :param approval_link: the page on which an administrator approves an app.
    :param revoke: takes back what an account has granted to an app.
    :param places: the addresses that signing in and sending ask, of an app.
    :param files_sent: whether what was sent lies in the Sent folder without our doing:
        then one can look there; asked with the SMTP host.
    """

    name: str
    mailbox: type[Mailbox]
    messages_a_minute: Callable[[str], int | None]
    messages_a_day: Callable[[str, str], int | None]
    sign_in: SignInModule | None = None
    app: AppForm | None = None
    send_as: str = ""
    reading_scopes: Callable[[bool], tuple[str, ...]] = _no_scopes
    approval_scopes: Callable[..., list[str]] | None = None
    approval_link: Callable[..., str] | None = None
    revoke: Callable[[OAuthApp, str], bool] | None = None
    places: Callable[[OAuthApp], tuple[str, ...]] = lambda _app: ()
    files_sent: Callable[[str], bool] = lambda _smtp_host: True

    @property
    def uses_oauth(self) -> bool:
        """Whether one signs in on the provider's page; else with a password."""
        return self.sign_in is not None

    @property
    def revokes_grants(self) -> bool:
        """Whether grants can be taken back over the network."""
        return self.revoke is not None

    @property
    def asks_administrator(self) -> bool:
        """Whether an administrator may have to approve the app."""
        return self.approval_link is not None


SMTP = Provider(
    "smtp", SmtpMailbox, _server_pace, _server_day, files_sent=_server_files
)
MICROSOFT = Provider(
    "microsoft",
    MicrosoftMailbox,
    lambda _smtp_host: MICROSOFT_A_MINUTE,
    _microsoft_day,
    sign_in=microsoft_sign_in,
    # plain_http: https://learn.microsoft.com/entra/identity-platform/reply-url
    app=AppForm(
        GUID, secret_id=GUID, has_tenants=True, secret_months=24, certificates=True
    ),
    send_as="shared",
    reading_scopes=microsoft_reading,
    approval_scopes=scope_names,
    approval_link=microsoft_sign_in.admin_consent_url,
    places=lambda app: (login_url(app), graph_url(app)),
)
GOOGLE = Provider(
    "google",
    GoogleMailbox,
    lambda _smtp_host: GOOGLE_A_MINUTE,
    _google_day,
    sign_in=google_sign_in,
    # https://developers.google.com/identity/protocols/oauth2/web-server#uri-validation
    app=AppForm(
        GOOGLE_CLIENT_ID, plain_http=("localhost", "127.0.0.1"), public_names=True
    ),
    send_as="alias",
    reading_scopes=lambda _shared: (GMAIL_READONLY,),
    revoke=google_sign_in.revoke,
    places=lambda app: (token_url(app), gmail_url(app)),
)


def _by_name(rows: Iterable[Provider]) -> dict[str, Provider]:
    return {row.name: row for row in rows}


PROVIDERS = _by_name([SMTP, MICROSOFT, GOOGLE])
#: The names of those whose own page one signs in on.
OAUTH = tuple(name for name, row in PROVIDERS.items() if row.uses_oauth)


def provider(name: str) -> Provider:
    """The row of the provider that is called *name*."""
    return PROVIDERS[name]


def host_of(name: str, smtp_host: str) -> str:
    """Who sends what leaves from a mailbox of the provider *name*: Microsoft and Google
    also by their SMTP servers; empty for everybody else."""
    if name in OAUTH:
        return name
    if _is_microsoft(smtp_host):
        return MICROSOFT.name
    return GOOGLE.name if smtp_host.lower() in GOOGLE_HOSTS else ""
