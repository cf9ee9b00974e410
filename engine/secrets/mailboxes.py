"""The border to the providers: from here on a secret is in the clear.

What is opened here holds a password, a token or a client secret. It is lent to the code
that sends or reads, in a box (:mod:`.box`), and never put where a record, its
environment, its context or an error leads to.
"""

from dataclasses import replace

from ...providers.oauth.app import OAuthApp
from ...providers.outcomes import AdminActionRequired, Outcome, SignInRequired
from ...providers.progress import nobody
from ...providers.reasons import Reason
from ...providers.registry import OAUTH, provider
from ...providers.smtp.mailbox import SmtpMailbox, SmtpSettings
from ...tools import vault
from ...tools.aside import aside
from ...tools.endpoints import endpoints
from ...tools.reach import reach
from . import sealed
from .box import Box, bare, guarded
from .stored_token import StoredToken


@guarded
def open_mailbox(connector, own=None):
    """Return the mailbox of *connector*, ready to sign in.

    :param own: the environment of a session, which is apart (:mod:`...tools.apart`).
    :return: a :class:`~...providers.base.Mailbox`.
    :raises Outcome: a secret cannot be read any more.
    """
    connector.ensure_one()
    if connector.provider in OAUTH:
        return _signed_in(connector, own)
    try:
        password = sealed.load(connector)["password"]
    except (vault.SecretLost, KeyError):
        raise SignInRequired(Reason.CREDENTIAL_LOST) from None
    return SmtpMailbox(_settings(connector, password))


@guarded
def ask(connector, work, own=None):
    """Let *work* use the mailbox of *connector*.

    :param work: called with the mailbox, in a :class:`Box`.
    :param own: see :func:`open_mailbox`.
    :return: what *work* returns.
    :raises Outcome: whatever stands in the way.
    """
    with Box(open_mailbox(connector, own)) as mailbox:
        return work(mailbox)


def opens(connector):
    """Whether the secrets of *connector* can be opened. Nobody is asked for that."""
    try:
        ask(connector, lambda mailbox: None)
    except Outcome:
        return False
    return True


@guarded
def sign_in(form, take, show=nobody, offer=nobody):
    """Sign in for real, with what was entered into *form*.

    :param form: an ``account.email.connector.smtp``.
    :param take: called then, with the secret (a dict whose value is in a :class:`Box`).
    :param show: called with each :class:`~...providers.progress.Progress`.
    :param offer: called with the names of the mailbox's folders, if a person has to say
        which one is Sent.
    :raises Outcome: if that does not work, also for want of a key.
    """
    password = Box(_password(form))
    settings = Box(_settings(form._connector_values(), password()))
    problem, folders = aside(lambda tell: _check(settings, tell), show)
    if problem:
        offer(folders)
        raise problem
    take({"password": password})


@guarded
def _check(settings, tell):
    """Sign in, in a thread of its own: what is shown meanwhile leads to no secret.

    :return: the outcome if it is not known which folder is Sent, and the folders.
    """
    with Box(SmtpMailbox(replace(settings(), tell=tell))) as mailbox:
        try:
            mailbox().check()
        except AdminActionRequired as outcome:
            if outcome.reason != Reason.SENT_FOLDER_NOT_FOUND:
                raise
            return bare(outcome), _folders(mailbox)
    return None, []


def _folders(mailbox):
    """What may be chosen; nothing, if it cannot be listed: then it can be typed."""
    try:
        return mailbox().sent_folders()
    except Outcome:
        return []


def _password(form):
    """What was entered into *form*.

    :raises SignInRequired: it was entered for other servers, or no key opens it.
    """
    kept = form.sudo().sealed_password or ""
    try:
        return vault.unseal(kept, sealed.purpose_of_form(form))
    except vault.SecretLost:
        raise SignInRequired(Reason.CREDENTIAL_LOST) from None


def _settings(known, password):
    """The settings of these values, a dict or an ``account.email.connector``."""
    return SmtpSettings(
        host=known["smtp_host"],
        port=known["smtp_port"],
        encryption=known["smtp_encryption"],
        user=known["smtp_user"],
        password=password,
        imap_host=known["imap_host"] or "",
        imap_port=known["imap_port"] or 993,
        imap_encryption=known["imap_encryption"] or "ssl",
        sent_copy=known["sent_copy"],
        sent_folder=known["sent_folder"] or "",
        sent_habit=known["sent_habit"] or "",
        reach=reach(),
    )


@guarded
def oauth_app(app):
    """Return *app* (``account.email.oauth.app``) as the providers take it.

    :return: an :class:`~...providers.oauth.app.OAuthApp`.
    :raises AdminActionRequired: if its secret, or its certificate's key, cannot be
        read any more.
    """
    app.ensure_one()
    app = app.sudo()
    try:
        secret = vault.unseal(app.sealed_secret or "", sealed.purpose_of_app(app))
    except vault.SecretLost:
        raise AdminActionRequired(Reason.APP_SECRET_LOST) from None
    places, ca_file = endpoints()
    return OAuthApp(
        provider=app.provider,
        client_id=app.client_id,
        client_secret=secret,
        tenant=app.tenant_id if app.audience == "tenant" else app.audience,
        cloud=app.cloud,
        endpoints=places,
        ca_file=ca_file,
        certificate=app.certificate or "",
    )


def _signed_in(connector, own):
    """The mailbox that was signed in on its provider's page."""
    stored = StoredToken(connector, own)
    return provider(connector.provider).mailbox(
        oauth_app(connector.oauth_app_id),
        stored.token,
        connector.email,
        stored.save,
        refreshing=stored.refreshing,
        send_as=connector.send_as or "",
        sent_items=connector.sent_items or "own",
    )
