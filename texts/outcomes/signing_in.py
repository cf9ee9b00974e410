"""What is told of a sign-in, and of what is saved of it."""

from odoo.tools.translate import LazyTranslate

from ...providers.reasons import Reason

_lt = LazyTranslate(__name__)

#: {reason: (title, text)}
TEXTS = {
    Reason.AUTH_NOT_OFFERED: (
        _lt("This server does not let anybody sign in here"),
        _lt(
            "The server offers no sign-in with a password on this port and "
            "encryption. Try port 587 with STARTTLS or 465 with SSL/TLS."
        ),
    ),
    Reason.WRONG_PASSWORD: (
        _lt("User name or password is wrong"),
        _lt(
            "The server did not accept them. We tried once only, so that the account "
            "is not locked. If your provider has two-step verification, create an "
            "app password."
        ),
    ),
    Reason.APP_PASSWORD_NEEDED: (
        _lt("An app password is needed"),
        _lt(
            "Your provider does not take your usual password here. Create an app "
            "password in your account's security settings, and enter it instead."
        ),
    ),
    Reason.SIGN_IN_DISABLED: (
        _lt("Signing in with a password is switched off"),
        _lt(
            "The administrator of your mail server has switched off this way to sign "
            "in. Ask for it to be allowed for this mailbox, or use Sign in with "
            "Microsoft or Google."
        ),
    ),
    Reason.CREDENTIAL_LOST: (
        _lt("The saved password or sign-in cannot be read any more"),
        _lt(
            "The key that protects it has changed, as on a copied or moved server. "
            "Reconnect. Or your Odoo administrator puts the former key back: then the "
            "mailbox goes on by itself."
        ),
    ),
    Reason.KEY_UNUSABLE: (
        _lt("The key that protects the saved sign-ins cannot be used"),
        _lt(
            "It is missing, damaged, or not readable for Odoo, so no saved sign-in can "
            "be opened. Ask your Odoo administrator to repair "
            "account_email_connector_keys in odoo.conf, or to restore the key file in "
            "Odoo's data directory; then the mailbox goes on by itself."
        ),
    ),
    Reason.DATABASE_COPIED: (
        _lt("This database was copied, moved or restored"),
        _lt(
            "Nothing is sent from here: the database that this one was made from may "
            "go on sending, and each customer would be written to twice."
        ),
    ),
    Reason.SIGN_IN_AGAIN: (
        _lt("You have to sign in again"),
        _lt("The mailbox does not accept the saved sign-in any more. Reconnect."),
    ),
}
