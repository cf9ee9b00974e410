"""What an administrator at Microsoft is asked for: to approve the app."""

from odoo.tools.translate import LazyTranslate

from ..providers.reasons import Reason

_lt = LazyTranslate(__name__)

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


def scope_texts(env, names):
    """Return what the app may do with these scopes of Graph: a list of sentences."""
    texts = [env._(SCOPES[name]) for name in names]
    if not any(name.startswith("Mail.Read") for name in names):
        texts.append(env._(NO_READING))
    return texts
