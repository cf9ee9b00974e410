"""What only some have to know, besides the text of a reason: Google's users, and those
who have to put the app right."""

from odoo.tools.translate import LazyTranslate

from ...providers.reasons import Reason
from .registration import VALUES, value_text

_lt = LazyTranslate(__name__)

#: What is said besides of a sign-in that was refused.
SAID_AT_SIGN_IN = (*VALUES, Reason.PERMISSION_MISSING)
TICK_THE_BOX = _lt("Google has a box for that: tick “Send email on your behalf”.")
TESTING_MODE = _lt(
    "This came seven days after the sign-in: Google does that to apps in testing. Your "
    "Odoo administrator has to publish the app in the Google Cloud console."
)
WHY_GOOGLE_FORGETS = _lt(
    "Google does that when the password was changed, the access was removed, it was "
    "not used for six months, or the account has allowed this app more than 100 times."
)


def provider_text(env, provider, reason, app=None, testing=False):
    """Return what only users of *provider* have to know about *reason*, or nothing.

    :param app: the app that one signs in with, for whoever has to put it right, as a
        superuser's; none for who may not use it.
    :param testing: whether the grant ended as those of an app in testing do.
    """
    value = value_text(env, reason, app)
    if value or provider != "google":
        return value
    if reason == Reason.PERMISSION_MISSING:
        return env._(TICK_THE_BOX)
    if reason == Reason.SIGN_IN_AGAIN:
        return env._(TESTING_MODE if testing else WHY_GOOGLE_FORGETS)
    return ""
