"""The scheduled action: plan what is due, then drain the mailboxes."""

import logging
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from ...tools.apart import apart
from ...tools.locks import Busy
from .. import cron
from ..fees import paid
from ..followup import reviewers, unsent
from ..mailbox import health
from ..planning import ends
from ..safely import safely
from . import documents, due, papers
from .drain import drain

_logger = logging.getLogger(__name__)

MAILBOXES_AT_ONCE = 4


def run(connectors):
    """Plan what is due, make what is attached, then send it. Each step commits.

    :param connectors: the model with all rights, in the scheduled action's transaction.
    """
    env = connectors.env
    safely(env, health.mend_keys, connectors)
    # Plan on a snapshot of this moment; a run that only goes on has no time left.
    if env["ir.cron"]._commit_progress():
        safely(env, env["account.email.followup"]._plan)
        safely(env, ends.take_back, env)
    send(connectors)
    safely(env, wake_at_openings, env)
    safely(env, reviewers.tell, env)
    safely(env, unsent.tell, env)
    safely(env, paid.tell, env)


def send(connectors):
    """Make what is attached, then send what is due, mailboxes side by side, in
    committed steps.

    Any number of workers may do this at once: each mailbox is locked by one.

    :param connectors: the model with all rights, in the scheduled action's transaction.
    """
    safely(connectors.env, documents.make, connectors.env)
    safely(connectors.env, papers.make, connectors)
    progress = connectors.env["ir.cron"]
    mailboxes = with_work(connectors)
    seconds = progress._commit_progress(remaining=len(mailboxes))
    deadline = time.monotonic() + seconds
    left = 0
    for mailbox_left in drain_all(connectors.env(context={}), mailboxes, deadline):
        left += mailbox_left
        progress._commit_progress(1)
    progress._commit_progress(remaining=left)


def with_work(connectors):
    """Return lists of connector ids, one list for each address."""
    groups = connectors.env["account.email.followup"]._read_group(
        [
            "|",
            "|",
            ("state", "=", "sending"),  # left by an interrupted run
            ("delivery_id.sent_copy", "=", "owed"),
            "&",
            ("state", "=", "planned"),
            ("connector_id.state", "=", "connected"),
        ],
        ["connector_id"],
    )
    mailboxes = defaultdict(list)
    for (connector,) in groups:
        mailboxes[connector.provider, connector.email].append(connector.id)
    return list(mailboxes.values())


def drain_all(env, mailboxes, deadline):
    """Drain *mailboxes*; yield what each has left that could be sent now."""
    drain_one = partial(_drain, env, deadline=deadline)
    if min(len(mailboxes), MAILBOXES_AT_ONCE) < 2:
        yield from map(drain_one, mailboxes)
        return
    with ThreadPoolExecutor(MAILBOXES_AT_ONCE) as pool:
        yield from pool.map(drain_one, mailboxes)


def _drain(env, connector_ids, deadline):
    """Drain one mailbox in a transaction of its own; a fault ends here.

    :return: how many follow-ups could still be sent now.
    """
    threading.current_thread().dbname = env.registry.db_name
    try:
        with apart(env, *(f"connector {id_}" for id_ in connector_ids)) as own:
            connectors = own["account.email.connector"].browse(connector_ids)
            drain(connectors, lambda: time.monotonic() < deadline)
            usable = connectors.filtered(lambda connector: connector._usable())
            return len(due.followups(usable))
    except Busy:
        return 0  # another worker is at it
    except Exception:
        _logger.exception("A mailbox could not be drained; the others go on.")
        return 0


def wake_at_openings(env):
    """Run again when the hours begin for which follow-ups wait.

    The action's own turn comes once an hour: it may never meet short hours.
    """
    openings = due.openings(env)
    already = env["ir.cron.trigger"].search(
        [
            ("cron_id", "=", env.ref(cron.FOLLOWUPS).id),
            ("call_at", "in", list(openings)),
        ]
    )
    for opening in sorted(openings.difference(already.mapped("call_at"))):
        cron.run_followups(env, opening)
