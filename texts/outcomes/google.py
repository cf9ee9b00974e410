"""What only Google's users have to know, besides the text of a reason."""

from odoo.tools.translate import LazyTranslate

from ...providers.reasons import Reason

_lt = LazyTranslate(__name__)

#: An administrator of the Google Workspace needs the app's client ID.
WORKSPACE_REASONS = (Reason.WORKSPACE_BLOCKED, Reason.ORG_INTERNAL)
#: What only Google's users have to know about a sign-in that was refused.
GOOGLE_REASONS = (*WORKSPACE_REASONS, Reason.PERMISSION_MISSING)
CLIENT_ID = _lt("The app's client ID:")
TICK_THE_BOX = _lt("Google has a box for that: tick “Send email on your behalf”.")
TESTING_MODE = _lt(
    "This came seven days after the sign-in: Google does that to apps in testing. Your "
    "Odoo administrator has to publish the app in the Google Cloud console."
)
WHY_GOOGLE_FORGETS = _lt(
    "Google does that when the password was changed, the access was removed, it was "
    "not used for six months, or the account has allowed this app more than 100 times."
)


def provider_text(env, provider, reason, client_id="", testing=False):
    """Return what only users of *provider* have to know about *reason*, or nothing.

    :param client_id: of the app, for whoever has to trust it.
    :param testing: whether the grant ended as those of an app in testing do.
    """
    if provider != "google":
        return ""
    if reason in WORKSPACE_REASONS and client_id:
        return f"{env._(CLIENT_ID)} {client_id}"
    if reason == Reason.PERMISSION_MISSING:
        return env._(TICK_THE_BOX)
    if reason == Reason.SIGN_IN_AGAIN:
        return env._(TESTING_MODE if testing else WHY_GOOGLE_FORGETS)
    return ""
