"""What is told of an email on its way out, and of the mailbox that it leaves from."""

from odoo.tools.translate import LazyTranslate

from ...providers.reasons import Reason

_lt = LazyTranslate(__name__)

#: {reason: (title, text)}
TEXTS = {
    Reason.SENDER_REFUSED: (
        _lt("The server refuses the sender's address"),
        _lt(
            "The account that signed in may not send from this address. Ask your "
            "administrator for the right, or connect with that address's own account."
        ),
    ),
    Reason.SENDER_DOMAIN: (
        _lt("The sender's domain does not prove who sends"),
        _lt(
            "The domain's SPF, DKIM or DMARC entries do not allow this mail server to "
            "send for it. Show your IT or domain provider what the server said; then "
            "reconnect. Nothing was sent."
        ),
    ),
    Reason.RELAY_DENIED: (
        _lt("The server does not relay our emails"),
        _lt(
            "It takes mail for its own addresses only, unless one signs in or comes "
            "from a machine that it knows. Enter a user name and password, use the "
            "port for mail programs (587 or 465), or ask your IT to allow the address "
            "of this Odoo server. Nothing was sent."
        ),
    ),
    Reason.SEND_AS_DENIED: (
        _lt("This account may not send as that address"),
        _lt(
            "The mail administrator has to give the account that signed in the right "
            "Send As on the address (in Exchange: Mailbox delegation; it can take an "
            "hour to work), or the address has to be a verified alias. Nothing was "
            "sent."
        ),
    ),
    Reason.ALIAS_NOT_VERIFIED: (
        _lt("Gmail does not send from this address"),
        _lt(
            "It is no verified alias of the account: Gmail would put the account's own "
            "address in its place. Add it in Gmail, under Settings, Accounts, Send "
            "mail as, and confirm the email that Gmail sends to it; then try again. "
            "Nothing was sent."
        ),
    ),
    Reason.SHARED_ACCESS_DENIED: (
        _lt("This account cannot open the shared mailbox"),
        _lt(
            "To file copies in the shared mailbox, the account that signed in needs "
            "Full Access to it, besides Send As. Or let the copies lie in the Sent "
            "folder of the person who signed in, with Send as another address."
        ),
    ),
    Reason.RECIPIENT_REFUSED: (
        _lt("The recipient's address was refused"),
        _lt("This address does not exist or takes no mail. Correct it and retry."),
    ),
    Reason.MESSAGE_REFUSED: (
        _lt("The server refused this email"),
        _lt("Nothing was sent. Read what the server said, then change the email."),
    ),
    Reason.MESSAGE_TOO_LARGE: (
        _lt("The email is too large"),
        _lt("Nothing was sent. Attach fewer or smaller files."),
    ),
    Reason.ADDRESS_INVALID: (
        _lt("The email address is not valid"),
        _lt("Nothing was sent. Correct the address of the contact and retry."),
    ),
    Reason.ADDRESS_NOT_SUPPORTED: (
        _lt("The server cannot write to this address"),
        _lt(
            "The address has letters that this mail server does not support. Use "
            "another address of the customer."
        ),
    ),
    Reason.MAILBOX_BLOCKED: (
        _lt("The mailbox may not send any more"),
        _lt(
            "The provider has blocked this mailbox, often after a suspicion of spam. "
            "Your mail administrator has to release it. With a personal account, sign "
            "in to Outlook.com or Gmail and verify the account there."
        ),
    ),
    Reason.MAILBOX_FULL: (
        _lt("The mailbox is full"),
        _lt(
            "Make room in the mailbox, or ask your administrator for more. Then "
            "reconnect."
        ),
    ),
    Reason.NO_MAILBOX: (
        _lt("This account has no mailbox"),
        _lt(
            "It has no license for email, its mailbox is not in the provider's cloud, "
            "or it is a guest, whose mailbox is in another organization. Choose an "
            "account whose mailbox is in this organization, or ask your administrator. "
            "For a guest's own mailbox, your Odoo administrator registers an app in "
            "the organization that it belongs to."
        ),
    ),
    Reason.DAILY_LIMIT: (
        _lt("The mailbox has reached its daily limit"),
        _lt(
            "The rest waits, and goes out when the provider allows it again. With a "
            "personal account, look into its Inbox: the provider writes there how to "
            "verify the account for more."
        ),
    ),
    Reason.SENDING_LIMIT: (
        _lt("The mailbox has reached its sending limit"),
        _lt(
            "The provider lets only so many emails out in an hour or a day. The rest "
            "waits for an hour, and goes out by itself; if this happens often, ask the "
            "provider for more."
        ),
    ),
    Reason.APP_QUOTA: (
        _lt("The app has reached its limit at the provider"),
        _lt("The rest waits, and goes out when the provider allows it again."),
    ),
    Reason.TOO_FAST: (
        _lt("The provider asks us to slow down"),
        _lt("The rest waits a little, and goes out by itself."),
    ),
    Reason.DEFERRED: (
        _lt("The mail server does not take this email yet"),
        _lt(
            "It was not sent, and is tried again by itself. Often the customer's "
            "server is away for a while; if this lasts, check the address."
        ),
    ),
    Reason.ALL_PUT_OFF: (
        _lt("The mail server defers every email"),
        _lt(
            "It takes none of our emails, and does not say clearly why. Nothing is "
            "lost, and we try again for a day, or for three days if it names a limit; "
            "then the mailbox stops until somebody reconnects it. Show your mail "
            "provider or your IT what the server said."
        ),
    ),
    Reason.PACED: (
        _lt("We keep to the provider's pace"),
        _lt(
            "It lets only so many emails out in a minute. The rest goes out by itself."
        ),
    ),
    Reason.MAYBE_SENT: (
        _lt("Perhaps sent"),
        _lt(
            "The connection ended before the server confirmed: it may have arrived. It "
            "is not sent again by itself."
        ),
    ),
    Reason.SENT_FOLDER_NOT_FOUND: (
        _lt("Which folder is the Sent folder?"),
        _lt(
            "The mailbox has no folder for sent emails that we know by its name. "
            "Choose the folder for the copies, create one in your mail program, or "
            "choose never to file a copy."
        ),
    ),
    Reason.READING_FAILED: (
        _lt("Something in the Inbox could not be processed"),
        _lt(
            "We look again in a quarter of an hour. If it stays so, ask your "
            "administrator to look into the server's log."
        ),
    ),
}
#: The same of an email that somebody has sent to see whether it leaves.
BY_HAND = {
    Reason.DAILY_LIMIT: _lt(
        "Try again when the provider lets emails out again. With a personal account, "
        "look into its Inbox: the provider writes there how to verify the account for "
        "more."
    ),
    **dict.fromkeys(
        (Reason.SENDING_LIMIT, Reason.APP_QUOTA, Reason.TOO_FAST),
        _lt("Try again when the provider lets emails out again."),
    ),
    **dict.fromkeys(
        (Reason.DEFERRED, Reason.ALL_PUT_OFF),
        _lt(
            "The test email was not sent. Show your mail provider or your IT what the "
            "server said, and try again later."
        ),
    ),
}
