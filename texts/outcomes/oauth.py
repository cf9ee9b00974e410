"""What is told of a sign-in at Microsoft or Google; of the app for it: registration."""

from odoo.tools.translate import LazyTranslate

from ...providers.reasons import Reason

_lt = LazyTranslate(__name__)

#: {reason: (title, text)}
TEXTS = {
    Reason.SIGN_IN_CANCELLED: (
        _lt("The sign-in was not finished"),
        _lt(
            "Nothing was changed. If you were asked for an administrator's approval, "
            "wait for it, then reconnect. Otherwise just reconnect."
        ),
    ),
    Reason.SIGN_IN_EXPIRED: (
        _lt("The sign-in took too long"),
        _lt(
            "It has to be finished within ten minutes. Nothing was changed: try again."
        ),
    ),
    Reason.CALLBACK_INVALID: (
        _lt("This sign-in cannot be finished"),
        _lt(
            "It was not begun in this browser, or it was used before. Nothing was "
            "changed. Begin again from the mailbox; if this comes back, open Odoo "
            "under the address that your administrator has registered."
        ),
    ),
    Reason.SIGN_IN_FREQUENCY: (
        _lt("Your organization asks you to sign in again regularly"),
        _lt(
            "Reconnect. To make it last, your administrator can exempt this app from "
            "that rule (Microsoft: sign-in frequency; Google: session control, trusted "
            "apps)."
        ),
    ),
    Reason.APPROVAL_REQUIRED: (
        _lt("An administrator has to approve this app"),
        _lt(
            "Your organization lets nobody use a new app before an administrator has "
            "approved it, once for everybody. Send the administrator the link, wait "
            "for the approval, then reconnect."
        ),
    ),
    Reason.CONSENT_MISSING: (
        _lt("The permission to send is missing"),
        _lt(
            "It was not given yet, or was taken back. Reconnect; if Microsoft then "
            "asks for an administrator, send the administrator the link."
        ),
    ),
    Reason.PERMISSION_MISSING: (
        _lt("The permission to send email is missing"),
        _lt(
            "Reconnect, and allow the app to send email: otherwise nothing can be sent."
        ),
    ),
    Reason.USER_NOT_ASSIGNED: (
        _lt("The app is not assigned to this account"),
        _lt(
            "In Entra, an administrator has to assign the account to the app "
            "(Enterprise applications, Users and groups), or switch off that "
            "assignment is required."
        ),
    ),
    Reason.POLICY_BLOCKED: (
        _lt("A policy of your organization blocks this account"),
        _lt(
            "Your administrator finds the reason in the sign-in logs, by the code "
            "below, and can allow this app or this server's address."
        ),
    ),
    Reason.ACCOUNT_DISABLED: (
        _lt("The account is disabled"),
        _lt(
            "Your administrator can enable it. Or disconnect, and use another mailbox."
        ),
    ),
    Reason.ACCOUNT_UNKNOWN: (
        _lt("This account does not exist any more"),
        _lt(
            "The provider does not find it in your organization: it was deleted or "
            "renamed, or it never was there. Your administrator can restore it. Or "
            "disconnect, and sign in with another account."
        ),
    ),
    Reason.ACCOUNT_OF_ANOTHER_TENANT: (
        _lt("This account belongs to another organization"),
        _lt(
            "The app is registered for one organization, and lets in its own accounts "
            "only. Sign in with an account of that organization; on Microsoft's page, "
            "choose “Use another account” if yours is offered by itself. To let in "
            "other organizations, your Odoo administrator can change the supported "
            "account types in Entra, and Accounts under OAuth Apps."
        ),
    ),
    Reason.SERVICE_DISABLED: (
        _lt("Your organization does not have this service any more"),
        _lt(
            "Microsoft 365 or its mail interface (Microsoft Graph) is switched off for "
            "your organization, or its subscription has ended. Your Microsoft 365 "
            "administrator has to switch it on again. Then reconnect."
        ),
    ),
    Reason.SIGN_IN_SERVER: (
        _lt("Your organization's own sign-in server does not answer correctly"),
        _lt(
            "Your organization signs people in on a server of its own (AD FS, Okta or "
            "the like), and Microsoft cannot use what that one says. Show your IT the "
            "code below. Then reconnect."
        ),
    ),
    Reason.WORKSPACE_BLOCKED: (
        _lt("Your Google Workspace does not trust this app"),
        _lt(
            "A Workspace administrator has to trust it: Admin console, Security, "
            "Access and data control, API controls, Manage third-party app access. "
            "Then reconnect."
        ),
    ),
    Reason.ORG_INTERNAL: (
        _lt("This app is for another organization only"),
        _lt(
            "The app is registered as Internal at Google, so only accounts of its own "
            "Workspace can use it. Choose such an account, or ask your Odoo "
            "administrator to set it to External."
        ),
    ),
}
