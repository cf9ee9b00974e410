"""What is told of the app: which field of its registration is wrong, and what belongs
there, to copy.

https://learn.microsoft.com/entra/identity-platform/quickstart-register-app
https://support.google.com/cloud/answer/15549257
"""

from odoo.tools.translate import LazyTranslate

from ...providers.reasons import Reason

_lt = LazyTranslate(__name__)

#: {reason: (title, text)}
TEXTS = {
    Reason.APP_MISCONFIGURED: (
        _lt("The app's registration is not right"),
        _lt(
            "Your Odoo administrator has to compare it with the provider, under OAuth "
            "Apps: client ID, client secret, accounts and redirect URIs."
        ),
    ),
    Reason.APP_REDIRECT_URI: (
        _lt("The redirect URI is not registered"),
        _lt(
            "The provider has another one than Odoo, or none. Your Odoo administrator "
            "has to add it there, letter by letter, with https or http: in Entra under "
            "Authentication, platform Web; at Google under Clients, Authorized "
            "redirect URIs. All that belongs there is shown under OAuth Apps."
        ),
    ),
    Reason.APP_PLATFORM: (
        _lt("The app's platform is not Web"),
        _lt(
            "In Entra, under Authentication, the redirect URI belongs to Single-page "
            "application or to Mobile and desktop. Your Odoo administrator has to "
            "remove it there, and add it to the platform Web. Then reconnect."
        ),
    ),
    Reason.APP_CLIENT_ID: (
        _lt("The provider does not know this client ID"),
        _lt(
            "Your Odoo administrator has to compare the Client ID under OAuth Apps "
            "with the provider (in Entra: Overview, Application (client) ID; at "
            "Google: Clients). If it is the same, the app is registered in another "
            "organization: then the Tenant ID is wrong."
        ),
    ),
    Reason.APP_TENANT: (
        _lt("Microsoft does not know this tenant"),
        _lt(
            "Your Odoo administrator has to enter the Tenant ID under OAuth Apps (in "
            "Entra: Overview, Directory (tenant) ID), and to choose the Microsoft "
            "cloud that it is in."
        ),
    ),
    Reason.APP_ONE_TENANT: (
        _lt("The app is registered for one organization only"),
        _lt(
            "Under OAuth Apps, your Odoo administrator has to choose “One organization "
            "only” as Accounts, and to enter as Tenant ID what Entra shows on the "
            "app's Overview as Directory (tenant) ID."
        ),
    ),
    Reason.APP_PERSONAL_ACCOUNTS: (
        _lt("The app is not registered for accounts of this kind"),
        _lt(
            "Entra, under Authentication, Supported account types, says whether "
            "personal accounts (outlook.com, hotmail.com) may use the app. Your Odoo "
            "administrator has to choose the same as Accounts under OAuth Apps. Or "
            "sign in with a work account."
        ),
    ),
    Reason.APP_PERMISSION: (
        _lt("The app's registration lacks a permission"),
        _lt(
            "Your Odoo administrator has to add it. In Entra, under API permissions, "
            "Microsoft Graph, Delegated permissions: Mail.Send, User.Read and "
            "offline_access; Mail.Send.Shared for a shared mailbox, Mail.Read to "
            "recognize answers. At Google, under Data access: gmail.send, "
            "userinfo.email and openid; gmail.readonly to recognize answers."
        ),
    ),
    Reason.APP_CREDENTIALS: (
        _lt("The app's client ID or client secret is wrong"),
        _lt(
            "Under OAuth Apps, your Odoo administrator has to compare the client ID "
            "with the provider, and to enter the client secret anew. Providers show a "
            "secret only once: if it is not at hand, create a new one there."
        ),
    ),
    Reason.APP_SECRET_WRONG: (
        _lt("The app's client secret is wrong"),
        _lt(
            "Your Odoo administrator has to enter a valid one, under OAuth Apps. At "
            "Microsoft, the secret's Value is meant, not its ID. Providers show a "
            "secret only once: if it is not at hand, create a new one there."
        ),
    ),
    Reason.APP_SECRET_LOST: (
        _lt("The app's saved client secret or certificate cannot be used any more"),
        _lt(
            "The key that protects it has changed, as on a copied or moved server. "
            "Your Odoo administrator puts the former key back: then the mailbox goes "
            "on by itself. Or, under OAuth Apps, enters the client secret anew, or "
            "makes a new certificate; then reconnect."
        ),
    ),
    Reason.APP_SECRET_EXPIRED: (
        _lt("The app's client secret has expired"),
        _lt(
            "Your Odoo administrator has to create a new one at the provider and enter "
            "it under OAuth Apps. Then reconnect."
        ),
    ),
    Reason.APP_CERTIFICATE: (
        _lt("Microsoft does not accept the app's certificate"),
        _lt(
            "It is not in the app's registration, or it has expired. Your Odoo "
            "administrator has to upload it in Entra, under Certificates & secrets, "
            "Certificates; it can be downloaded under OAuth Apps, where one also makes "
            "a new one. Then reconnect."
        ),
    ),
    Reason.APP_DELETED: (
        _lt("The app was deleted at the provider"),
        _lt(
            "Somebody has deleted its client, or Google has, because nobody used it "
            "for six months. For 30 days it can be restored in the Google Cloud "
            "console, under Clients. After that, your Odoo administrator has to create "
            "a new client, and to enter its ID and secret under OAuth Apps."
        ),
    ),
    Reason.APP_DISABLED: (
        _lt("The app is switched off at the provider"),
        _lt(
            "An administrator there has to switch it on again: in Entra under "
            "Enterprise applications, Properties, Enabled for users to sign in; at "
            "Google in the project of the app. Then reconnect."
        ),
    ),
    Reason.APP_TESTERS: (
        _lt("The app is in testing, and this account is no test user"),
        _lt(
            "In the Google Cloud console, under Audience, your Odoo administrator has "
            "to press Publish app, or to add the account to the test users. Then "
            "reconnect."
        ),
    ),
    Reason.API_NOT_ENABLED: (
        _lt("The Gmail API is switched off"),
        _lt(
            "Your Odoo administrator has to enable the Gmail API in the Google Cloud "
            "project of the app. Then reconnect."
        ),
    ),
}
CLIENT_ID = _lt("The app's client ID:")
REDIRECT_URI = _lt("The redirect URI to register:")
#: What belongs into the field that is wrong, or stands in it in Odoo: what to call it,
#: and its name in the app. None of it is secret.
VALUES = {
    Reason.APP_REDIRECT_URI: (REDIRECT_URI, "redirect_uri"),
    Reason.APP_PLATFORM: (REDIRECT_URI, "redirect_uri"),
    Reason.APP_CLIENT_ID: (_lt("The client ID in Odoo:"), "client_id"),
    Reason.APP_CREDENTIALS: (_lt("The client ID in Odoo:"), "client_id"),
    Reason.APP_DISABLED: (CLIENT_ID, "client_id"),
    Reason.APP_DELETED: (CLIENT_ID, "client_id"),
    Reason.APP_TENANT: (_lt("The tenant ID in Odoo:"), "tenant_id"),
    # An administrator of the Google Workspace needs it
    Reason.WORKSPACE_BLOCKED: (CLIENT_ID, "client_id"),
    Reason.ORG_INTERNAL: (CLIENT_ID, "client_id"),
}


def value_text(env, reason, app):
    """Return the value that belongs to *reason*, for whoever has to copy it.

    :param app: the app, as a superuser's; empty for who may not use it.
    """
    for of, (label, name) in VALUES.items():
        if of == reason and app and app[name]:
            return f"\n{env._(label)} {app[name]}"
    return ""
