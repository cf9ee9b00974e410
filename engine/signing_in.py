"""Signing in at Microsoft or Google: what is secret of it, at the border."""

from dataclasses import replace

from ..providers.google import signin as google_signin
from ..providers.microsoft import signin as microsoft_signin
from ..providers.outcomes import Outcome, SignInRequired
from ..providers.reasons import Reason
from ..tools import vault
from . import mailboxes, sealed
from .box import Box, guarded
from .stored_token import StoredToken

#: The modules that sign in: ``start``, ``finish``, … (``providers/oauth/app.py``).
SIGN_IN = {"microsoft": microsoft_signin, "google": google_signin}


@guarded
def begin(app, redirect_uri, **options):
    """Begin a sign-in with *app* (``account.email.oauth.app``).

    :return: a :class:`~..providers.oauth.app.SignIn`.
    :raises Outcome: the provider is out of reach, or the app's secret is lost.
    """
    return SIGN_IN[app.provider].start(
        mailboxes.oauth_app(app), redirect_uri, **options
    )


@guarded
def redeem(app, flow, params):
    """Trade the code of a callback for a grant.

    :param flow: the values of a row of ``account.email.oauth.flow``.
    :param params: the callback's parameters, untrusted.
    :return: a :class:`~..providers.oauth.app.Grant`, its token in a :class:`Box`.
    :raises Outcome: not granted, not ours, too late, or the provider is out of reach.
    """
    try:
        purpose = sealed.purpose_of_sign_in(app.env, flow)
        kept = vault.unseal(flow["sealed"], purpose)
    except vault.SecretLost:
        raise SignInRequired(Reason.SIGN_IN_EXPIRED, code="key") from None
    signing_in = SIGN_IN[flow["provider"]]
    grant = signing_in.finish(mailboxes.oauth_app(app), kept, params)
    return replace(grant, token=Box(grant.token))


@guarded
def approval_link(app, redirect_uri, state, extra_scopes):
    """The page at Microsoft on which an administrator approves *app* for everybody.

    :return: False if the app's secret is lost.
    """
    try:
        known = mailboxes.oauth_app(app)
    except Outcome:
        return False
    return microsoft_signin.admin_consent_url(
        known, redirect_uri, state, extra_scopes=extra_scopes
    )


@guarded
def revoke(connector):
    """Take back what Google's account has granted to the app of *connector*.

    :return: False if Google could not be told.
    :raises Outcome: likewise, or a secret cannot be read any more.
    """
    token = StoredToken(connector).token
    return google_signin.revoke(mailboxes.oauth_app(connector.oauth_app_id), token)
