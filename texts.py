"""What users are told for each reason of :mod:`.providers.reasons`.

Every text says what happened, and what to do next.
"""

from odoo.tools.translate import LazyTranslate

from .providers.reasons import Reason
from .rules.reasons import Reason as Verdict

_lt = LazyTranslate(__name__)

TEXTS = {
    Reason.HOST_NOT_FOUND: (
        _lt("The server's name is not known"),
        _lt("No server answers to this name. Check it for typing errors."),
    ),
    Reason.PORT_FILTERED: (
        _lt("The port is blocked"),
        _lt(
            "Nothing came back from this port: a firewall on the way drops the "
            "connection. Ask your IT to open it for this server, or try another port."
        ),
    ),
    Reason.PORT_CLOSED: (
        _lt("The server refuses this port"),
        _lt(
            "The server is there, but does not take mail on this port. Try another "
            "port, or check the server's name."
        ),
    ),
    Reason.WRONG_ENCRYPTION: (
        _lt("The encryption does not fit the port"),
        _lt(
            "The server speaks another encryption on this port. SSL/TLS goes with "
            "port 465, STARTTLS with port 587."
        ),
    ),
    Reason.CERTIFICATE_NOT_TRUSTED: (
        _lt("The server's certificate is not trusted"),
        _lt(
            "We cannot be sure that this is your mail server, so no password was "
            "sent. Ask your IT for a certificate from a known authority."
        ),
    ),
    Reason.CERTIFICATE_WRONG_HOST: (
        _lt("The certificate belongs to another server"),
        _lt(
            "The server's certificate is for another name, so no password was sent. "
            "Use the server name that your mail provider gives you."
        ),
    ),
    Reason.CONNECTION_LOST: (
        _lt("The connection was lost"),
        _lt("The mail server hung up before it took anything. We try again later."),
    ),
    Reason.PROVIDER_DOWN: (
        _lt("The mail server is not available"),
        _lt("The mail server says that it cannot work now. We try again later."),
    ),
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
    Reason.SENT_FOLDER_NOT_FOUND: (
        _lt("There is no Sent folder"),
        _lt(
            "The mailbox has no folder for sent emails. Create one in your mail "
            "program, or choose never to file a copy."
        ),
    ),
    Reason.CREDENTIAL_LOST: (
        _lt("The saved password cannot be read any more"),
        _lt(
            "The key that protects it has changed, as on a copied or moved server. "
            "Connect again."
        ),
    ),
    Reason.SIGN_IN_AGAIN: (
        _lt("You have to sign in again"),
        _lt("The mailbox does not accept the saved sign-in any more. Connect again."),
    ),
    Reason.SENDER_REFUSED: (
        _lt("The server refuses the sender's address"),
        _lt(
            "The account that signed in may not send from this address. Ask your "
            "administrator for the right, or connect with that address's own account."
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
    Reason.MAILBOX_BLOCKED: (
        _lt("The mailbox may not send any more"),
        _lt(
            "The provider has blocked this mailbox, often after a suspicion of spam. "
            "Your mail administrator has to release it."
        ),
    ),
    Reason.DAILY_LIMIT: (
        _lt("The mailbox has reached its daily limit"),
        _lt("The rest waits, and goes out when the provider allows it again."),
    ),
    Reason.TOO_FAST: (
        _lt("The provider asks us to slow down"),
        _lt("The rest waits a little, and goes out by itself."),
    ),
    Reason.MAYBE_SENT: (
        _lt("Perhaps sent"),
        _lt(
            "The connection ended before the server confirmed. It is not sent again "
            "by itself: look into the mailbox's Sent folder, then say whether it was "
            "sent."
        ),
    ),
}
UNKNOWN = (
    _lt("Something went wrong"),
    _lt("Read what the server said, or ask your administrator."),
)


def reason_text(env, reason):
    """Return title and text for *reason* (a ``Reason``, its value, or False).

    :return: two str in the language of *env*; empty if there is no reason.
    """
    if not reason:
        return "", ""
    try:
        title, text = TEXTS[Reason(str(reason))]
    except (KeyError, ValueError):
        title, text = UNKNOWN
    return env._(title), env._(text)


#: What the rules say of a customer or an invoice, and why a follow-up waits.
VERDICTS = {
    Verdict.DUE: _lt("A follow-up is due today."),
    Verdict.NOTHING_OPEN: _lt("Nothing is open any more."),
    Verdict.NOT_OVERDUE: _lt("Not overdue yet."),
    Verdict.SETTLED: _lt("Paid, or in payment."),
    Verdict.CREDIT: _lt("A credit: it is listed and subtracted."),
    Verdict.NOTHING_LEFT: _lt("The customer's own credits cover it."),
    Verdict.BELOW_MINIMUM: _lt("Less than the plan's minimum amount is open."),
    Verdict.NO_PLAN: _lt("There is no follow-up plan."),
    Verdict.EXCLUDED: _lt("This customer is never chased."),
    Verdict.PAUSED: _lt("Follow-ups are paused."),
    Verdict.ANSWERED: _lt("The customer has answered: a person takes over."),
    Verdict.BLOCKED: _lt("The invoice is blocked for payment."),
    Verdict.NO_FOLLOWUP: _lt("Marked as not to be followed up."),
    Verdict.DISPUTED: _lt("In dispute."),
    Verdict.BEFORE_START: _lt("It was due before the plan's start date."),
    Verdict.PROMISED: _lt("The customer has promised to pay."),
    Verdict.NOT_YET: _lt("The day of the next step has not come."),
    Verdict.TOO_SOON: _lt("The last email to this customer is too recent."),
    Verdict.NOT_A_SENDING_DAY: _lt("No follow-ups are sent on this day."),
    Verdict.NEXT_FOLLOWUP: _lt("It joins the customer's next follow-up."),
    Verdict.ALL_STEPS_DONE: _lt("Every step was sent: a person decides what to do."),
    Verdict.MISSED: _lt("Too late to send by itself. Send it by hand."),
    Verdict.FOLLOWUP_OPEN: _lt("A follow-up is on its way."),
    Verdict.OUTCOME_UNKNOWN: _lt(
        "The last follow-up was perhaps sent: look into the Sent folder and decide."
    ),
    Verdict.RETRY_LATER: _lt("The last follow-up failed; the same step comes again."),
    Verdict.HELD_BACK: _lt("Skipped by a person; proposed again later."),
    Verdict.MAILBOX_DISCONNECTED: _lt("The company has no connected mailbox."),
    Verdict.BANK_STALE: _lt("The bank statements are too old to chase anyone by."),
    Verdict.NO_ADDRESS: _lt("The customer has no valid email address."),
    Verdict.PROMISE_BROKEN: _lt("The promised money has not come."),
    Verdict.STEP_CHANGED: _lt("Another step is right by now."),
    "being_changed": _lt("An invoice was being changed: tried again soon."),
    "step_skipped": _lt("A person passed over this step."),
    "replaced": _lt("A person sent another follow-up instead."),
    "changed": _lt(
        "What is open has changed since the email was written: look at it again."
    ),
    "not_composed": _lt("The email could not be made."),
}


def verdict_text(env, reason):
    """Return the sentence for *reason*, of the rules, the ledger or a provider.

    :param reason: the value of a reason, or False.
    :return: str in the language of *env*; empty if there is no reason.
    """
    if reason in VERDICTS:
        return env._(VERDICTS[reason])
    return reason_text(env, reason)[0]
