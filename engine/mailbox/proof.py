"""An email from the mailbox to itself: the proof that it sends.

Connectors come here as a superuser's.
"""

from ...providers.outcomes import Outcome
from .. import cron
from . import condition, test_email


def attempt(connector):
    """Send one, and heed what becomes of it. An error ends if it is accepted.

    :return: the ``Outcome`` that stood in the way, or None.
    """
    try:
        test_email.send(connector)
    except Outcome as outcome:
        condition.note_outcome(connector, outcome)
        return outcome
    note_accepted(connector)
    return None


def note_accepted(connector):
    """One was accepted as the mailbox is now: whatever troubled it is over."""
    if connector.state == "error":
        condition.resume(connector)
        cron.run_followups(connector.env)
    condition.note_success(connector)
