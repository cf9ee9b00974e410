"""The ways out of trouble: what to press, and what shows that it is over.

Of one table come the buttons that are there, the words beside them, and what
*Reconnect* has to check. A reason that it does not know would have no way out:
``tests/test_ways.py`` walks them all.
"""

from odoo import api

from ...providers import registry
from ...providers.reasons import Reason as R

#: Only a new sign-in ends it, and shows that.
SIGN_IN = frozenset(
    {
        R.AUTH_NOT_OFFERED,
        R.WRONG_PASSWORD,
        R.APP_PASSWORD_NEEDED,
        R.SENT_FOLDER_NOT_FOUND,
        R.SIGN_IN_AGAIN,
        R.SIGN_IN_CANCELLED,
        R.SIGN_IN_EXPIRED,
        R.CALLBACK_INVALID,
        R.SIGN_IN_FREQUENCY,
    }
)
#: It is mended elsewhere; then the saved sign-in is good again, and so is a new one.
ELSEWHERE = frozenset(
    {
        R.ADDRESS_FORBIDDEN,
        R.THIS_MACHINE_FORBIDDEN,
        R.PRIVATE_NETWORK_FORBIDDEN,
        R.WRONG_ENCRYPTION,
        R.ENCRYPTION_TOO_OLD,
        R.CERTIFICATE_NOT_TRUSTED,
        R.CERTIFICATE_WRONG_HOST,
        R.CERTIFICATE_EXPIRED,
        R.NOT_A_MAIL_SERVER,
        R.CLIENT_REFUSED,
        R.SIGN_IN_DISABLED,
        R.CREDENTIAL_LOST,
        R.KEY_UNUSABLE,
        R.APPROVAL_REQUIRED,
        R.CONSENT_MISSING,
        R.USER_NOT_ASSIGNED,
        R.ACCOUNT_DISABLED,
        R.WORKSPACE_BLOCKED,
        R.ORG_INTERNAL,
        R.APP_MISCONFIGURED,
        R.APP_SECRET_WRONG,
        R.APP_SECRET_LOST,
        R.APP_SECRET_EXPIRED,
        R.APP_CERTIFICATE,
        R.APP_REDIRECT_URI,
        R.APP_PLATFORM,
        R.APP_CLIENT_ID,
        R.APP_TENANT,
        R.APP_ONE_TENANT,
        R.APP_PERSONAL_ACCOUNTS,
        R.APP_PERMISSION,
        R.APP_CREDENTIALS,
        R.APP_DELETED,
        R.APP_DISABLED,
        R.APP_TESTERS,
        R.ACCOUNT_UNKNOWN,
        R.ACCOUNT_OF_ANOTHER_TENANT,
        R.SIGN_IN_SERVER,
    }
)
#: It stands in the way of sending, not of signing in: only an email shows it is over.
SENDING = frozenset(
    {
        R.HOST_NOT_FOUND,
        R.DNS_SILENT,
        R.PORT_FILTERED,
        R.PORT_CLOSED,
        R.CONNECTION_LOST,
        R.SERVER_SILENT,
        R.ANSWER_TOO_LONG,
        R.PROVIDER_DOWN,
        R.ALL_PUT_OFF,
        R.SENDER_REFUSED,
        R.SENDER_DOMAIN,
        R.RELAY_DENIED,
        R.SEND_AS_DENIED,
        R.ALIAS_NOT_VERIFIED,
        R.SHARED_ACCESS_DENIED,
        R.MAILBOX_BLOCKED,
        R.MAILBOX_FULL,
        R.NO_MAILBOX,
        R.API_NOT_ENABLED,
        R.PERMISSION_MISSING,
        R.POLICY_BLOCKED,
        R.SERVICE_DISABLED,
    }
)
#: A person says so.
PLACE = frozenset({R.DATABASE_COPIED})
#: Another address to send as may do, or another place for the copies.
ABOUT_THE_SENDER = frozenset(
    {R.SENDER_REFUSED, R.SEND_AS_DENIED, R.ALIAS_NOT_VERIFIED, R.SHARED_ACCESS_DENIED}
)
#: Another account may do, or another way to sign in.
ABOUT_THE_ACCOUNT = frozenset(
    {
        R.ACCOUNT_DISABLED,
        R.ACCOUNT_UNKNOWN,
        R.ACCOUNT_OF_ANOTHER_TENANT,
        R.APP_PERSONAL_ACCOUNTS,
        R.APP_TESTERS,
        R.NO_MAILBOX,
        R.ORG_INTERNAL,
        R.SIGN_IN_DISABLED,
    }
)


def out_of(connector):
    """The buttons that lead out of the error of *connector*.

    :return: names, the best one first; none if it is in no error.
    """
    if connector.state != "error":
        return []
    reason = _reason(connector)
    if reason in PLACE:
        return ["send_from_here", "let_go"]  # the latter is "Disconnect" too
    known = registry.PROVIDERS.get(connector.provider)
    other_address = known and known.send_as and reason in ABOUT_THE_SENDER
    ways = {
        "test": reason not in SIGN_IN,
        "reconnect": True,
        "send_as": other_address,
        "own_address": connector.send_as,
        "disconnect": reason in ABOUT_THE_ACCOUNT,
    }
    return [way for way, leads_out in ways.items() if leads_out]


def needs_sign_in(connector):
    """Whether nothing but a new sign-in ends the error of *connector*."""
    return connector.state == "error" and _reason(connector) in SIGN_IN


def is_shown_by_sign_in(connector):
    """Whether a new sign-in shows that the error of *connector* is over, if it has one.
    Else an email has to leave, as it has not left before."""
    return connector.state != "error" or _reason(connector) not in SENDING


def _reason(connector):
    """Of this version's; None if a former one has written it."""
    try:
        return R(connector.error_reason)
    except ValueError:
        return None


@api.depends("state", "error_reason", "provider", "send_as")
def page(connectors):
    """For the page of the mailbox, which asks what is among them."""
    for connector in connectors:
        connector.ways_out = " ".join(out_of(connector))
