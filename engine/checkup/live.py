"""A mailbox at work once, for real: what no test with a stand-in can show.

One email leaves, from the mailbox to itself. Nothing of the mailbox's state is changed,
and what goes wrong with one part is told of that part. Meanwhile no transaction waits:
each part ends its own before the provider is asked.
"""

import logging
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

import psycopg2

from ...providers.deadline import Deadline
from ...providers.outcomes import (
    AdminActionRequired,
    Outcome,
    SignInRequired,
    Unavailable,
)
from ...providers.reasons import Reason
from ...tools import apart
from ...tools.locks import Busy
from ..mailbox import test_email
from ..secrets import mailboxes
from . import live_email

_logger = logging.getLogger(__name__)

#: Seconds for all of it: somebody waits for the page, and a proxy for the answer.
PATIENCE = 50
#: How often Sent is looked into, and then the Inbox, and the seconds in between.
LOOKS, PAUSE = 12, 1
#: The provider's clock may be behind ours.
CLOCKS_DIFFER = timedelta(minutes=2)
#: How long a second copy is waited for, in seconds.
SETTLES = 3
#: Nobody is there: https://www.rfc-editor.org/rfc/rfc2606#section-2
NOBODY = "nobody@live-check.invalid"
#: Each part, in its order.
SIGN_IN, ACCOUNT, SEND, SENT, ARRIVED, REFUSAL = PARTS = (
    "sign_in",
    "account",
    "send",
    "sent",
    "arrived",
    "refusal",
)


@dataclass
class Part:
    """What became of one part.

    :param name: one of :data:`PARTS`.
    :param seconds: how long it took.
    :param outcome: what went wrong, if anything did.
    :param facts: what was found out otherwise; None: it was not tried.
    """

    name: str
    seconds: float = 0
    outcome: Outcome | None = None
    facts: dict | None = None


@dataclass
class Run:
    """One live check at work.

    :param connector: in a transaction apart.
    """

    connector: object
    end: Deadline = field(default_factory=lambda: Deadline(PATIENCE))
    parts: list = field(default_factory=list)

    def part(self, name, work):
        """Let *work* use the mailbox; note what it returns, or what went wrong."""
        part = Part(name)
        begun = time.monotonic()
        try:
            part.facts = mailboxes.ask(
                self.connector, lambda box: self._at(box, work), self.connector.env
            )
        except Outcome as outcome:
            part.outcome = outcome
        except (psycopg2.Error, Busy):
            raise
        except Exception as error:  # noqa: BLE001  # of this part; the others go on
            words = type(error).__name__
            part.outcome = Unavailable(Reason.SERVER_SILENT, detail=words)
            _logger.warning("A part of the live check failed: %s %s", name, words)
        part.seconds = time.monotonic() - begun
        self.parts.append(part)
        return part

    def _at(self, box, work):
        box().end_by(self.end)
        self.rest()
        return work(box)

    def until(self, look):
        """What *look* returns as soon as that is anything; at the end, whatever."""
        for _look in range(LOOKS):
            if (found := look()) or not self.end.left():
                break
            time.sleep(PAUSE)
        return found

    def rest(self):
        """Let no transaction wait for the network."""
        self.connector.env.cr.commit()  # pylint: disable=invalid-commit


def run(connector):
    """Run all that can be run without a person.

    :param connector: as a superuser's, connected.
    :return: list of :class:`Part`, each of :data:`PARTS` once.
    :raises locks.Busy: one is running.
    """
    apart.pause(connector.env)
    with apart.apart(connector.env, f"live check {connector.id}") as own:
        check = Run(connector.with_env(own))
        if not isinstance(
            check.part(SIGN_IN, _sign_in).outcome, (SignInRequired, AdminActionRequired)
        ):
            _try_all(check)
    done = {part.name: part for part in check.parts}
    return [done.get(name) or Part(name) for name in PARTS]


def _try_all(check):
    check.part(ACCOUNT, _account)
    since = datetime.now(timezone.utc) - CLOCKS_DIFFER
    email = test_email.write(check.connector, [live_email.PDF])
    sent = check.part(SEND, lambda box: _send(check, box, email))
    if not sent.outcome:
        ids = dict.fromkeys([email.message_id, sent.facts["message_id"]])
        check.part(SENT, lambda box: _look_into_sent(check, box(), ids))
        check.part(ARRIVED, lambda box: _look_into_inbox(check, box(), ids, since))
    sender = check.connector.sender_address
    check.part(REFUSAL, lambda box: _refusal(box(), sender))


def _sign_in(box):
    """For real: a new token; the servers of a mailbox with a password."""
    box().check()
    return {"rights": box().rights()}


def _account(box):
    return {"address": box().account().lower(), "reads": box().reads()}


def _send(check, box, email):
    """Through the journal, as every email: so it is sent once at most."""
    own = check.connector.env  # apart; and nobody else knows this Message-ID
    journal = own["account.email.delivery"]
    handed = journal._deliver(check.connector, box(), email, own=own, is_held=True)
    row = journal.browse(handed)
    facts = {
        "message_id": row.seen_message_id or email.message_id,
        "own_id": email.message_id,
        "provider_id": row.provider_message_id or "",
    }
    check.rest()
    return facts


def _look_into_sent(check, mailbox, ids):
    """Whether the copy is there; and once."""
    if not mailbox.reads():
        return {"count": None}
    begun = time.monotonic()
    if not check.until(lambda: any(mailbox.find_sent(each) for each in ids)):
        return {"count": 0}
    seen = time.monotonic() - begun
    time.sleep(check.end.within(SETTLES))
    counts = [mailbox.count_sent(each) for each in ids]
    return {"count": max(filter(None, counts), default=None), "after": seen}


def _look_into_inbox(check, mailbox, ids, since):
    """What has become of the email on its way, if it may be looked at."""
    if not mailbox.reads():
        return {"found": None}
    begun = time.monotonic()
    cursor = {"at": since.isoformat()}

    def found():
        nonlocal cursor
        fetched = mailbox.fetch_since(cursor, lambda heads: live_email.own(heads, ids))
        cursor = fetched.cursor
        return fetched.found

    arrived = check.until(found)
    if not arrived:
        return {"found": 0}
    after = time.monotonic() - begun
    read = live_email.read(arrived[0].raw)
    is_ours = read["kept_id"] == next(iter(ids))
    return {"found": len(arrived), "after": after, "is_ours": is_ours, **read}


def _refusal(mailbox, sender):
    """What is said of nobody, where it is said before anything is sent."""
    if not mailbox.names_refusals:
        return {"asked": False}
    return {"asked": True, "refusal": mailbox.refusal_of(sender, NOBODY)}
