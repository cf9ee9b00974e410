"""An email from the mailbox to itself: the proof that it sends.

Connectors come here as a superuser's.
"""

from ...providers.deadline import NEVER
from ...providers.outcomes import Outcome
from .. import cron
from ..secrets import mailboxes
from . import condition, sign_in_notice, test_email


def attempt(connector, deadline=NEVER):
    """Send one, and heed what becomes of it. An error ends if it is accepted.

    Not by a token of before the error, which may go on for an hour after the grant that
    it came from has ended.

    :param deadline: by when who waits for it is to be told.
    :return: the ``Outcome`` that stood in the way, or None.
    """
    try:
        if connector.state == "error":
            mailboxes.ask(connector, lambda mailbox: mailbox().refresh())
        test_email.send(connector, deadline)
    except Outcome as outcome:
        condition.note_outcome(connector, outcome)
        return outcome
    note_accepted(connector)
    return None


def note_accepted(connector):
    """One was accepted as the mailbox is now: whatever troubled it is over, and what
    was said of it is not said any more."""
    sign_in_notice.forget()
    if connector.state == "error":
        condition.resume(connector)
        cron.run_followups(connector.env)
    condition.note_success(connector)
