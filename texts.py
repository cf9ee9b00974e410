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
    Reason.ADDRESS_FORBIDDEN: (
        _lt("This Odoo may not ask a server at this address"),
        _lt(
            "The server's name stands for an address at which nobody has a mail "
            "server, so nothing was sent there. Use the server name that your mail "
            "provider or your IT gives you."
        ),
    ),
    Reason.THIS_MACHINE_FORBIDDEN: (
        _lt("The mail server is on Odoo's own machine"),
        _lt(
            "The server's name stands for the machine that Odoo runs on, which is not "
            "asked by itself, so nothing was sent there. If your mail server is on "
            "that machine, ask your Odoo administrator to set "
            "account_email_connector_allow_loopback = True in odoo.conf, and to "
            "restart Odoo. Otherwise use your mail server's own name."
        ),
    ),
    Reason.PRIVATE_NETWORK_FORBIDDEN: (
        _lt("The mail server is in a private network"),
        _lt(
            "Your Odoo administrator has closed private networks "
            "(account_email_connector_forbid_private_networks = True in odoo.conf), "
            "so nothing was sent there. Use your mail server's public name, or ask "
            "your Odoo administrator to take that option out."
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
    Reason.DATABASE_COPIED: (
        _lt("This database was copied, moved or restored"),
        _lt(
            "Nothing is sent from here: the database that this one was made from may "
            "go on sending, and each customer would be written to twice. If that one "
            "is switched off for good, press Send from here. If this one is a copy, "
            "disconnect the mailbox."
        ),
    ),
    Reason.READING_FAILED: (
        _lt("Something in it could not be dealt with"),
        _lt(
            "We look again in a quarter of an hour. If it stays so, ask your "
            "administrator to look into the server's log."
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
        _lt("The saved password or sign-in cannot be read any more"),
        _lt(
            "The key that protects it has changed, as on a copied or moved server. "
            "Connect again. Or your Odoo administrator puts the former key back: then "
            "the mailbox goes on by itself."
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
            "Your mail administrator has to release it. With a personal account, sign "
            "in to Outlook.com or Gmail and verify the account there."
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
    Reason.MAYBE_SENT: (
        _lt("Perhaps sent"),
        _lt(
            "The connection ended before the server confirmed. It is not sent again "
            "by itself: look into the mailbox's Sent folder, then say whether it was "
            "sent."
        ),
    ),
    Reason.ENCRYPTION_TOO_OLD: (
        _lt("The server's encryption is too old"),
        _lt(
            "The server offers no encryption that is still held to be safe, so no "
            "password was sent. Ask your IT to update the mail server."
        ),
    ),
    Reason.CERTIFICATE_EXPIRED: (
        _lt("The server's certificate has expired"),
        _lt(
            "We cannot be sure that this is your mail server, so no password was "
            "sent. Ask your IT to renew the certificate, and check this server's clock."
        ),
    ),
    Reason.SERVER_SILENT: (
        _lt("The server does not answer"),
        _lt("It took the connection, but said nothing in time. We try again later."),
    ),
    Reason.ANSWER_TOO_LONG: (
        _lt("The server does not stop talking"),
        _lt(
            "It said more than any mail server or provider has to say, so we hung up. "
            "We try again later. If this does not end, ask your IT; for a mail server "
            "of your own, also check its name and port."
        ),
    ),
    Reason.NOT_A_MAIL_SERVER: (
        _lt("This is no mail server"),
        _lt(
            "Something else answers on this port. Check the server's name and the port."
        ),
    ),
    Reason.CLIENT_REFUSED: (
        _lt("The mail server refuses to talk to us"),
        _lt(
            "It hung up before the sign-in. Ask your IT to allow the public address of "
            "this Odoo server."
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
            "folder of the person who signed in."
        ),
    ),
    Reason.ADDRESS_NOT_SUPPORTED: (
        _lt("The server cannot write to this address"),
        _lt(
            "The address has letters that this mail server does not support. Use "
            "another address of the customer."
        ),
    ),
    Reason.SIGN_IN_CANCELLED: (
        _lt("The sign-in was not finished"),
        _lt(
            "Nothing was changed. If you were asked for an administrator's approval, "
            "wait for it, then connect again. Otherwise just connect again."
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
            "Connect again. To make it last, your administrator can except this app "
            "from that rule (Microsoft: sign-in frequency; Google: session control, "
            "trusted apps)."
        ),
    ),
    Reason.APPROVAL_REQUIRED: (
        _lt("An administrator has to approve this app"),
        _lt(
            "Your organization lets nobody use a new app before an administrator has "
            "approved it, once for everybody. Send the administrator the link, wait "
            "for the approval, then connect again."
        ),
    ),
    Reason.CONSENT_MISSING: (
        _lt("The permission to send is missing"),
        _lt(
            "It was not given yet, or was taken back. Connect again; if Microsoft asks "
            "for an administrator then, send the administrator the link."
        ),
    ),
    Reason.PERMISSION_MISSING: (
        _lt("The permission to send email is missing"),
        _lt(
            "Connect again, and allow the app to send email: without that nothing can "
            "leave."
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
    Reason.WORKSPACE_BLOCKED: (
        _lt("Your Google Workspace does not trust this app"),
        _lt(
            "A Workspace administrator has to trust it: Admin console, Security, "
            "Access and data control, API controls, Manage third-party app access. "
            "Then connect again."
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
    Reason.APP_MISCONFIGURED: (
        _lt("The app's registration is not right"),
        _lt(
            "Your Odoo administrator has to compare it with the provider, under OAuth "
            "Apps: client ID, tenant, kind of accounts and redirect URIs."
        ),
    ),
    Reason.APP_SECRET_WRONG: (
        _lt("The app's client secret is wrong"),
        _lt(
            "Your Odoo administrator has to enter a valid one, under OAuth Apps. The "
            "secret's Value is meant, not its ID."
        ),
    ),
    Reason.APP_SECRET_EXPIRED: (
        _lt("The app's client secret has expired"),
        _lt(
            "Your Odoo administrator has to create a new one at the provider and enter "
            "it under OAuth Apps. Then reconnect."
        ),
    ),
    Reason.API_NOT_ENABLED: (
        _lt("The Gmail API is switched off"),
        _lt(
            "Your Odoo administrator has to enable the Gmail API in the Google Cloud "
            "project of the app. Then reconnect."
        ),
    ),
    Reason.APP_QUOTA: (
        _lt("The app has reached its limit at the provider"),
        _lt("The rest waits, and goes out when the provider allows it again."),
    ),
    Reason.NO_MAILBOX: (
        _lt("This account has no mailbox"),
        _lt(
            "It has no license for email, is a guest, or its mailbox is not in the "
            "provider's cloud. Choose an account with a mailbox, or ask your "
            "administrator."
        ),
    ),
    Reason.MAILBOX_FULL: (
        _lt("The mailbox is full"),
        _lt(
            "Make room in the mailbox, or ask your administrator for more. Then "
            "reconnect."
        ),
    ),
}
#: An administrator of the Microsoft tenant can help, with one link.
APPROVAL_REASONS = (Reason.APPROVAL_REQUIRED, Reason.CONSENT_MISSING)
#: Or perhaps can: "Return without granting" on Microsoft's page that asks for an
#: approval looks like any cancelled sign-in.
PERHAPS_APPROVAL = (*APPROVAL_REASONS, Reason.SIGN_IN_CANCELLED)
#: What an administrator at Microsoft is asked to allow, by the names of Graph's scopes.
SCOPES = {
    "User.Read": _lt("Read the name and address of the person who signs in."),
    "Mail.Send": _lt("Send email as that person."),
    "Mail.Send.Shared": _lt(
        "Send email as shared mailboxes on which that person has the right to do so."
    ),
    "Mail.Read": _lt(
        "Read that person's email: answers to reminders are looked for in the Inbox."
    ),
    "Mail.Read.Shared": _lt(
        "Read the email of shared mailboxes that are open to that person, for the same."
    ),
}
NO_READING = _lt("It cannot read email.")
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


def said(code, detail):
    """Return code and words of a provider as one line, without saying it twice.

    A plain small word is a code of our own, and no help to anybody.
    """
    code, detail = code or "", detail or ""
    if code.isalpha() and code.islower():
        return detail
    return detail if code in detail else f"{code} {detail}".strip()


def detail_of(outcome):
    """Return the provider's words, and what its support and administrators search for:
    a policy's refusal is found in Entra by its correlation ID.
    """
    if not outcome.correlation_id:
        return outcome.detail
    return f"{outcome.detail} (Correlation ID {outcome.correlation_id})".strip()


def said_by(outcome):
    """Return all that the provider said with *outcome*, as one line."""
    return said(outcome.code, detail_of(outcome))


def outcome_text(env, outcome):
    """Return all that a user is told of an ``Outcome``, as one text."""
    title, text = reason_text(env, outcome.reason)
    return f"{title}\n\n{text}\n\n{said_by(outcome)}".strip()


def failure_text(env, outcome):
    """Return why an email did not leave: our words and those of the server."""
    title, text = reason_text(env, outcome.reason)
    return " ".join(filter(None, [f"{title}.", text, said_by(outcome)]))


def scope_texts(env, names):
    """Return what the app may do with these scopes of Graph: a list of sentences."""
    texts = [env._(SCOPES[name]) for name in names]
    if not any(name.startswith("Mail.Read") for name in names):
        texts.append(env._(NO_READING))
    return texts


def google_text(env, reason, client_id="", testing=False):
    """Return what only Google's users have to know about *reason*, perhaps nothing.

    :param client_id: of the app, for whoever has to trust it.
    :param testing: whether the grant ended as those of an app in testing do.
    """
    if reason in WORKSPACE_REASONS and client_id:
        return f"{env._(CLIENT_ID)} {client_id}"
    if reason == Reason.PERMISSION_MISSING:
        return env._(TICK_THE_BOX)
    if reason == Reason.SIGN_IN_AGAIN:
        return env._(TESTING_MODE if testing else WHY_GOOGLE_FORGETS)
    return ""


#: What the rules say of a customer or an invoice, and why a follow-up waits.
VERDICTS = {
    Verdict.DUE: _lt("A follow-up is due today."),
    Verdict.NOTHING_OPEN: _lt("Nothing is open any more."),
    Verdict.NOT_OVERDUE: _lt("Not overdue yet."),
    Verdict.SETTLED: _lt("Paid, in payment, credited or cancelled."),
    Verdict.CREDIT: _lt("A credit: it is listed and subtracted."),
    Verdict.PAID_OUT: _lt(
        "Paid to the customer: nothing to ask for. Reconcile it with what it pays."
    ),
    Verdict.NOTHING_LEFT: _lt("The customer's own credits cover it."),
    Verdict.BELOW_MINIMUM: _lt("Less than the plan's minimum amount is open."),
    Verdict.NO_PLAN: _lt("There is no follow-up plan, or it is archived."),
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
    Verdict.ELSEWHERE: _lt("It is chased from another mailbox by now."),
    Verdict.EMAILED_TODAY: _lt("This customer got an email today."),
    Verdict.NO_EMAIL_STEP: _lt("The plan has no step with an email for this."),
    Verdict.WAITED_LONG: _lt(
        "It has waited for days since a person wanted it: look at it again."
    ),
    Verdict.STEP_CHANGED: _lt("Another step is right by now."),
    "no_customer": _lt("It names no customer who could be chased."),
    "company_archived": _lt("The company is archived: it chases nobody."),
    "being_changed": _lt("An invoice was being changed: tried again soon."),
    "step_skipped": _lt("A person passed over this step."),
    "replaced": _lt("A person sent another follow-up instead."),
    "merged": _lt("The customer was merged with another, who has one on its way."),
    "changed": _lt(
        "What is open has changed since the email was written: look at it again."
    ),
    "file_missing": _lt(
        "A file that goes with it is empty, or missing on this server: ask your "
        "administrator to restore it. Tried again soon."
    ),
    "not_composed": _lt("The email could not be made."),
}


def standing_text(env, reason, remarks=()):
    """Return the sentence for *reason*, of the rules, the ledger or a provider.

    :param reason: the value of a reason, or False.
    :param remarks: further ones of the rules, a sentence each.
    :return: str in the language of *env*; empty if there is no reason.
    """
    if remarks:
        sentences = (reason, *map(str, remarks))
        return " ".join(standing_text(env, each) for each in sentences)
    if reason in VERDICTS:
        return env._(VERDICTS[reason])
    return reason_text(env, reason)[0]
