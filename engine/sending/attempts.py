"""The second step of a batch: hand its emails to the mailbox, one after the other."""

import time
from typing import NamedTuple

from ...providers.outcomes import Outcome, Rejected
from . import due
from .steps import commit

#: Seconds after which what was looked at is too old: a mailbox may have become slow, or
#: many others are at work on the same machine.
LOOK_HOLDS = 10


class Tried(NamedTuple):
    """How it went; the journal knows the rest."""

    accepted: bool
    outcome: Outcome | None  #: what stood in the way
    undecided: bool  #: only a later look into the journal can tell
    is_mailbox: bool = False  #: the mailbox has to wait for it, with all others


def make(ready, session, looked_at):
    """Hand these emails to the mailbox of *session*, as long as it takes them. Commits.

    :param ready: list of :class:`.prepare.Ready`.
    :param looked_at: when their customers were looked at, by ``time.monotonic()``.
    :return: {follow-up: :class:`Tried`} of those that were handed over.
    :raises psycopg2.Error: the rest has to be found out from the journal.
    """
    look, tried = _Look(looked_at, alone=len(ready) == 1), {}
    while ready and session.usable() and look.holds():
        more = _stretch(ready, session, look)
        if not more:
            break
        tried |= more
        last = next(reversed(more))
        # Those before it that were not tried were stopped: they are not asked again.
        ready = ready[[each.followup for each in ready].index(last) + 1 :]
    return tried


class _Look:
    """The look at customers. One alone goes however long it took, or never would."""

    def __init__(self, at, alone):
        self._at, self._alone = at, alone

    def holds(self):
        return self._alone or time.monotonic() - self._at <= LOOK_HOLDS


def _stretch(ready, session, look):
    """Hand them over until one does not leave; then see what that means for the mailbox
    in a new transaction, which knows what others have done to it meanwhile."""
    cr, tried = session.connector.env.cr, {}
    _read_ahead(ready)
    with session.holding([each.mail.message_id for each in ready]):
        for each in ready:
            if not look.holds():
                break
            if not session.still_usable(due.is_wanted(each.followup)):
                continue
            each.mail._hand_over(session, each.thread_id)
            _forget_files(each.mail)
            tried[each.followup] = Tried(
                bool(session.delivery), session.outcome, session.undecided
            )
            if session.outcome and not isinstance(session.outcome, Rejected):
                break
    commit(cr)
    if tried:
        session.heed(any(each.accepted for each in tried.values()))
        commit(cr)
        last = list(tried)[-1]
        waits = not session.connector._usable()
        tried[last] = tried[last]._replace(is_mailbox=waits)
    return tried


def _forget_files(mail):
    """Those of a whole batch, of many mailboxes, would be much to remember."""
    mail.attachment_ids.invalidate_recordset(["raw"], flush=False)


def _read_ahead(ready):
    """Core's method takes up one mail after the other, and would read each by itself:
    read what it asks for, of all of them."""
    mails = ready[0].mail.union(*(each.mail for each in ready))
    for name in ("state", "body_html", "recipient_ids", "mail_message_id"):
        mails.mapped(name)
    mails.attachment_ids.mapped("name")
