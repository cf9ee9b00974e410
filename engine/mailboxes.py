"""The border to the providers: from here on a secret is in the clear.

What is returned here holds a password, a token or a client secret. It is handed to the
code that sends or reads, and never put where a record, its environment or its context
leads to.
"""

from contextlib import contextmanager

from ..providers.google import GoogleMailbox
from ..providers.microsoft import MicrosoftMailbox
from ..providers.oauth import OAuthApp
from ..providers.outcomes import AdminActionRequired, Outcome, SignInRequired
from ..providers.reasons import Reason
from ..providers.smtp import SmtpMailbox, SmtpSettings
from ..tools import vault
from ..tools.endpoints import endpoints
from ..tools.reach import reach
from . import sealed
from .mail_session import MailSession
from .stored_token import StoredToken


def open_mailbox(connector):
    """Return the mailbox of *connector*, ready to sign in.

    :return: a :class:`~..providers.base.Mailbox`.
    :raises Outcome: a secret cannot be read any more.
    """
    connector.ensure_one()
    if connector.provider == "google":
        return _google(connector)
    if connector.provider == "microsoft":
        return _microsoft(connector)
    try:
        password = sealed.load(connector)["password"]
    except (vault.SecretLost, KeyError):
        raise SignInRequired(Reason.CREDENTIAL_LOST) from None
    return SmtpMailbox(
        SmtpSettings(
            host=connector.smtp_host,
            port=connector.smtp_port,
            encryption=connector.smtp_encryption,
            user=connector.smtp_user,
            password=password,
            imap_host=connector.imap_host or "",
            imap_port=connector.imap_port or 993,
            sent_copy=connector.sent_copy,
            reach=reach(),
        )
    )


def opens(connector):
    """Whether the secrets of *connector* can be opened. Nobody is asked for that."""
    try:
        with open_mailbox(connector):
            return True
    except Outcome:
        return False


@contextmanager
def open_session(connector):
    """Yield a :class:`MailSession`; without a secret the connector is broken."""
    try:
        mailbox = open_mailbox(connector)
    except Outcome as outcome:
        connector._note_outcome(outcome)
        mailbox = None  # nobody asks it: the connector is not usable any more
    session = MailSession(connector, mailbox)
    try:
        yield session
    finally:
        session.quit()


def open_form(form):
    """Return the mailbox that *form* (``account.email.connector.smtp``) describes.

    :return: the :class:`~..providers.smtp.SmtpMailbox` and its secret, a dict.
    :raises SignInRequired: the password was entered for other servers, or no key opens
        it any more.
    :raises AdminActionRequired: there is no key.
    """
    kept = form.sudo().sealed_password or ""
    try:
        password = vault.unseal(kept, sealed.purpose_of_form(form))
    except vault.SecretLost:
        raise SignInRequired(Reason.CREDENTIAL_LOST) from None
    settings = SmtpSettings(
        host=form.host.strip(),
        port=form.port,
        encryption=form.encryption,
        user=form.user.strip(),
        password=password,
        imap_host=(form.imap_host or "").strip(),
        imap_port=form.imap_port or 993,
        sent_copy=form.sent_copy,
        reach=reach(),
    )
    return SmtpMailbox(settings), {"password": password}


def oauth_app(app):
    """Return *app* (``account.email.oauth.app``) as the providers take it.

    :return: an :class:`~..providers.oauth.OAuthApp`.
    :raises AdminActionRequired: if its secret cannot be read any more.
    """
    app.ensure_one()
    app = app.sudo()
    try:
        secret = vault.unseal(app.sealed_secret or "", sealed.purpose_of_app(app))
    except vault.SecretLost:
        raise AdminActionRequired(Reason.APP_SECRET_WRONG, code="lost") from None
    places, ca_file = endpoints()
    return OAuthApp(
        provider=app.provider,
        client_id=app.client_id,
        client_secret=secret,
        tenant=app.tenant_id if app.audience == "tenant" else app.audience,
        cloud=app.cloud,
        endpoints=places,
        ca_file=ca_file,
    )


def _google(connector):
    stored = StoredToken(connector)
    return GoogleMailbox(
        oauth_app(connector.oauth_app_id),
        stored.token,
        connector.email,
        stored.save,
        refreshing=stored.refreshing,
        alias=connector.send_as or "",
    )


def _microsoft(connector):
    stored = StoredToken(connector)
    return MicrosoftMailbox(
        oauth_app(connector.oauth_app_id),
        stored.token,
        connector.email,
        stored.save,
        refreshing=stored.refreshing,
        shared_address=connector.send_as or "",
        sent_items=connector.sent_items or "own",
    )
