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
from .imap.sent import FILES_ITSELF
from .microsoft import signin as microsoft_sign_in
from .microsoft.inbox import reading_scopes as microsoft_reading
from .microsoft.mailbox import MicrosoftMailbox
from .microsoft.token import scope_names
from .oauth.app import OAuthApp, SignInModule
from .smtp.mailbox import SmtpMailbox

#: What one mailbox may send in a minute.
#: https://learn.microsoft.com/office365/servicedescriptions/exchange-online-service-description/exchange-online-limits
MICROSOFT_A_MINUTE = 30
#: https://developers.google.com/workspace/gmail/api/reference/quota: 100 of 6000 units
GOOGLE_A_MINUTE = 60
# https://learn.microsoft.com/entra/identity-platform/quickstart-register-app
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# https://developers.google.com/identity/protocols/oauth2/web-server
GOOGLE_CLIENT_ID = re.compile(r"[\w.-]+\.apps\.googleusercontent\.com")


def _server_pace(smtp_host: str) -> int | None:
    """What an SMTP server takes in a minute, where that is known: at Microsoft 365 a
    mailbox has the same limits, however it is asked to send."""
    is_microsoft = smtp_host.lower().endswith(".office365.com")
    return MICROSOFT_A_MINUTE if is_microsoft else None


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
    """

    client_id: re.Pattern[str]
    secret_id: re.Pattern[str] | None = None
    has_tenants: bool = False


@dataclass(frozen=True)
class Provider:
    """One row.

    :param name: as the connector's selection has it.
    :param mailbox: its class, which says how large files may be; those with a sign-in
        are made as :class:`~.oauth.mailbox.OAuthMailbox` says, SMTP's of
        ``SmtpSettings``.
    :param messages_a_minute: how many emails one mailbox may send in a minute, None
        where nobody says so; asked with the SMTP host, which is empty but for SMTP.
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
    :param files_sent: whether what was sent lies in the Sent folder without our doing:
        then one can look there; asked with the SMTP host.
    """

    name: str
    mailbox: type[Mailbox]
    messages_a_minute: Callable[[str], int | None]
    sign_in: SignInModule | None = None
    app: AppForm | None = None
    send_as: str = ""
    reading_scopes: Callable[[bool], tuple[str, ...]] = _no_scopes
    approval_scopes: Callable[..., list[str]] | None = None
    approval_link: Callable[..., str] | None = None
    revoke: Callable[[OAuthApp, str], bool] | None = None
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


SMTP = Provider("smtp", SmtpMailbox, _server_pace, files_sent=_server_files)
MICROSOFT = Provider(
    "microsoft",
    MicrosoftMailbox,
    lambda _smtp_host: MICROSOFT_A_MINUTE,
    sign_in=microsoft_sign_in,
    app=AppForm(GUID, secret_id=GUID, has_tenants=True),
    send_as="shared",
    reading_scopes=microsoft_reading,
    approval_scopes=scope_names,
    approval_link=microsoft_sign_in.admin_consent_url,
)
GOOGLE = Provider(
    "google",
    GoogleMailbox,
    lambda _smtp_host: GOOGLE_A_MINUTE,
    sign_in=google_sign_in,
    app=AppForm(GOOGLE_CLIENT_ID),
    send_as="alias",
    reading_scopes=lambda _shared: (GMAIL_READONLY,),
    revoke=google_sign_in.revoke,
)


def _by_name(rows: Iterable[Provider]) -> dict[str, Provider]:
    return {row.name: row for row in rows}


PROVIDERS = _by_name([SMTP, MICROSOFT, GOOGLE])
#: The names of those whose own page one signs in on.
OAUTH = tuple(name for name, row in PROVIDERS.items() if row.uses_oauth)


def provider(name: str) -> Provider:
    """The row of the provider that is called *name*."""
    return PROVIDERS[name]
