"""Signing in on a provider's page: what is secret of it, at the border."""

from dataclasses import replace

from ...providers.outcomes import Outcome, SignInRequired
from ...providers.reasons import Reason
from ...providers.registry import provider
from ...tools import vault
from . import mailboxes, sealed
from .box import Box, guarded
from .stored_token import StoredToken


@guarded
def begin(app, redirect_uri, **options):
    """Begin a sign-in with *app* (``account.email.oauth.app``).

    :return: a :class:`~...providers.oauth.app.SignIn`.
    :raises Outcome: the provider is out of reach, or the app's secret is lost.
    """
    signing_in = provider(app.provider).sign_in
    return signing_in.start(mailboxes.oauth_app(app), redirect_uri, **options)


@guarded
def redeem(app, flow, params):
    """Trade the code of a callback for a grant.

    :param flow: the values of a row of ``account.email.oauth.flow``.
    :param params: the callback's parameters, untrusted.
    :return: a :class:`~...providers.oauth.app.Grant`, its token in a :class:`Box`.
    :raises Outcome: not granted, not ours, too late, or the provider is out of reach.
    """
    try:
        purpose = sealed.purpose_of_sign_in(app.env, flow)
        kept = vault.unseal(flow["sealed"], purpose)
    except vault.SecretLost:
        raise SignInRequired(Reason.SIGN_IN_EXPIRED, code="key") from None
    signing_in = provider(flow["provider"]).sign_in
    grant = signing_in.finish(mailboxes.oauth_app(app), kept, params)
    return replace(grant, token=Box(grant.token))


@guarded
def approval_link(app, redirect_uri, state, extra_scopes):
    """The page on which an administrator approves *app* for everybody.

    :return: False if its provider has no such thing, or its secret is lost.
    """
    link = provider(app.provider).approval_link
    try:
        known = mailboxes.oauth_app(app)
    except Outcome:
        return False
    return bool(link) and link(known, redirect_uri, state, extra_scopes=extra_scopes)


@guarded
def revoke(connector):
    """Take back what the account of *connector* has granted to its app.

    :return: False if the provider could not be told.
    :raises Outcome: likewise, or a secret cannot be read any more.
    """
    take_back = provider(connector.provider).revoke
    token = StoredToken(connector).token
    return take_back(mailboxes.oauth_app(connector.oauth_app_id), token)
