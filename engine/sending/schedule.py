"""The scheduled action: plan what is due, then drain the mailboxes."""

import time
from collections import defaultdict
from datetime import datetime

from odoo import fields
from odoo.tools import SQL

from .. import cron
from ..fees import paid
from ..followup import reviewers, unsent
from ..mailbox import counts, health
from ..planning import ends
from ..safely import safely
from . import documents, due, papers
from .side_by_side import SideBySide

#: Seconds for which a run sends that has planned, however long that took.
SENDING = 10
#: The mailboxes of what an interrupted run has left, of copies to be filed, and of what
#: waits: each found by an index, however long the ledger is.
WITH_WORK = """
      SELECT connector_id FROM account_email_followup
       WHERE state = 'sending' AND connector_id IS NOT NULL
       UNION
      SELECT followup.connector_id
        FROM account_email_delivery delivery
        JOIN account_email_followup followup ON followup.delivery_id = delivery.id
       WHERE delivery.sent_copy IN ('owed', 'held')
         AND followup.connector_id IS NOT NULL
         AND (delivery.sent_copy_retry_at IS NULL
              OR delivery.sent_copy_retry_at <= %s)
       UNION
      SELECT followup.connector_id
        FROM account_email_followup followup
        JOIN account_email_connector connector ON connector.id = followup.connector_id
       WHERE followup.state = ANY(%s) AND connector.state = 'connected'
    ORDER BY 1
"""


def run(connectors, by):
    """Plan what is due, make what is attached, then send it. Each step commits.

    Odoo runs an action again, while it has something left, with what is left of the ten
    seconds that all these runs have together. With none it is another job's turn; this
    one begins anew soon.

    :param connectors: the model with all rights, in the scheduled action's transaction.
    :param by: who plans and sends: this module, or :mod:`.jobs`.
    """
    env = connectors.env
    progress = env["ir.cron"]
    if not progress._commit_progress():
        cron.run_followups(env)
        progress._commit_progress(remaining=1)
        return
    safely(env, health.mend_keys, connectors)
    progress._commit_progress()  # plan on a snapshot of this moment
    safely(env, by.plan, connectors)
    progress._commit_progress()  # no failure of what follows undoes it
    safely(env, ends.take_back, env)
    by.send(connectors)
    tell(env)


def plan(connectors):
    """Plan what is due, of all companies."""
    connectors.env["account.email.followup"]._plan()


def tell(env):
    """Tell whom it concerns what has become of the plan: people, and the action itself.

    :param env: a superuser's, whose transaction may be rolled back.
    """
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
    connected = connectors.search([("state", "=", "connected")])
    safely(connectors.env, papers.make, connected)
    progress = connectors.env["ir.cron"]
    mailboxes = with_work(connectors)
    seconds = progress._commit_progress(remaining=len(mailboxes))
    deadline = time.monotonic() + max(seconds, SENDING)
    left = 0
    for mailbox_left in drain_all(connectors.env(context={}), mailboxes, deadline):
        left += mailbox_left
        progress._commit_progress(1)
    progress._commit_progress(remaining=left)


def with_work(connectors, waiting=("planned",)):
    """Return lists of connector ids, one list for each address; the one that has sent
    nothing for the longest comes first.

    :param waiting: the states of follow-ups that wait for their mailbox.
    """
    env = connectors.env
    env.flush_all()
    now = fields.Datetime.now()
    found = env.execute_query(SQL(WITH_WORK, now, list(waiting)))
    mailboxes = defaultdict(connectors.browse)
    for connector in connectors.browse(id_ for (id_,) in found):
        mailboxes[connector.provider, connector.email] += connector
    in_turn = sorted(
        mailboxes.values(),
        key=lambda mailbox: counts.last_accepted(mailbox) or datetime.min,
    )
    return [mailbox.ids for mailbox in in_turn]


def drain_all(env, mailboxes, deadline):
    """Drain *mailboxes*; yield what each has left that could be sent now."""
    return SideBySide(env, deadline).drain(mailboxes)


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
