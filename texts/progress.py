"""What a sign-in is doing, while somebody waits for it."""

from odoo.tools.translate import LazyTranslate

from ..providers.progress import Step

_lt = LazyTranslate(__name__)

#: {step: text}; it may name the server, as it was entered.
TEXTS = {
    Step.REACHING: _lt("Reaching %(host)s…"),
    Step.NEXT_ADDRESS: _lt("Trying the next address of %(host)s…"),
    Step.GREETING: _lt("Waiting for the server's greeting…"),
    Step.OTHER_NAME: _lt("Trying once more under another name…"),
    Step.SIGNING_IN: _lt("Signing in…"),
    Step.OTHER_WAY: _lt("Trying another way to sign in…"),
    Step.SIGNING_IN_IMAP: _lt("Signing in to IMAP…"),
    Step.LOOKING_FOR_SENT: _lt("Looking for the Sent folder…"),
    Step.CREATING_SENT: _lt("Creating the Sent folder…"),
    Step.LISTING_FOLDERS: _lt("Asking for the mailbox's folders…"),
    Step.OTHER_PORTS: _lt("Looking which other ports answer…"),
}
SECOND = _lt("Trying the second address of %(host)s…")
THIRD = _lt("Trying the third address of %(host)s…")


def progress_text(env, progress):
    """What to say of *progress* (:class:`..providers.progress.Progress`)."""
    text = TEXTS[progress.step]
    if progress.step == Step.NEXT_ADDRESS:
        text = {2: SECOND, 3: THIRD}.get(progress.number, text)
    translated = env._(text)
    return translated % {"host": progress.host}
