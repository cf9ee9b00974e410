"""The first step of a batch: lock, look again, and write the emails."""

from typing import NamedTuple

from ...rules import TODO
from .. import compose
from ..fees.late import to_keep
from ..followup import ledger
from ..followup.ledger_reasons import LedgerReason
from . import papers, recheck
from .steps import together


class Ready(NamedTuple):
    """A follow-up that is ``sending``, and how it leaves."""

    followup: object  #: ``account.email.followup``
    mail: object  #: its ``mail.mail``
    thread_id: str  #: the provider's id of the conversation, or ""


def prepare(followups):
    """Write the emails of those that may go now. Commits. Never raises.

    :return: list of :class:`Ready`.
    """
    return together(followups, _prepare, _give_up)


def _prepare(followups):
    locked = followups & followups.try_lock_for_update()  # in their order
    waiting = locked.filtered(lambda followup: followup.state == ledger.PLANNED)
    looked = recheck.look_again(waiting)
    going = waiting.filtered(
        lambda followup: (
            followup in looked and papers.is_ready(followup, looked[followup])
        )
    )
    emails = going.filtered(lambda followup: followup.channel != TODO)
    written = compose.compose(emails)
    for followup in going:
        if followup not in written:
            _hand_to_person(followup)
    for followup in written:
        ledger.begin(followup)
    return [Ready(followup, *email) for followup, email in written.items()]


def _hand_to_person(followup):
    """It is no email. A step that is meant so counts as taken; one that lacks an
    address does not."""
    if followup.step_id.channel == TODO:
        if followup.step_id.letter:
            today = followup._today()
            followup.write(to_keep(followup.step_id, followup.plan_id, today))
        ledger.hand_over(followup)
    else:
        ledger.unreachable(followup)


def _give_up(followup, error):
    """An error of ours, or of a template: fail this follow-up, not the run."""
    if followup.state == ledger.PLANNED:
        why = f"{type(error).__name__}: {error}"
        ledger.fail(followup, LedgerReason.NOT_COMPOSED, why)
