"""Jobs of OCA's ``queue_job`` where it is installed: planning is one for each group of
companies, sending one for each mailbox, so that all workers of all servers share them.

A job is an occasion, no more: the locks and the journal are those of the scheduled
action, and decide as there. One that is killed, doubled or late sends nothing twice,
and what a failed one has left undone is a new job in the action's next run.
"""

import logging
import time
from datetime import timedelta

from odoo import fields
from odoo.fields import Domain

from ...rules import IN_SERVICE
from ...tools.apart import apart
from ..safely import safely
from . import documents, papers, schedule

_logger = logging.getLogger(__name__)

CHANNEL = "root.account_email_connector"
PLAN, SEND = f"{CHANNEL}.plan", f"{CHANNEL}.send"

#: Seconds of one job, far below Odoo's limit of a request (``limit_time_real``), and of
#: these at most for the invoices' PDFs, and again for the statements.
SECONDS = 30
FOR_PAPERS = 10
#: Until what was in the way is tried again.
SOON = 10
#: People are told once for all groups that were planned by then.
TELL_AFTER = 60
#: Where a job has waited for so long, and none was begun since, nobody takes them.
PATIENCE = timedelta(minutes=30)
#: And if one has, however busy they are, something is wrong with it.
LONGEST = timedelta(hours=3)
#: By what no other module's have, and who manages jobs can hardly take from it.
OURS = Domain("identity_key", "=like", "account_email_connector %")


def taken(env):
    """Whether jobs are taken: ``queue_job`` is installed, and its runner is at work.

    :param env: a superuser's.
    """
    if "queue.job" not in env:
        return False
    if _waiting_since(env, PATIENCE) and not _begun_since(env, PATIENCE):
        why = "does the runner of queue_job run?"
    elif _waiting_since(env, LONGEST):
        why = "who has put them off, and why?"
    else:
        return True
    _logger.warning(
        "Jobs wait for very long: %s What is due is planned and sent without them.", why
    )
    return False


def _waiting_since(env, age):
    """Whether a job of ours has waited for so long, wherever somebody has put it."""
    states = ("wait_dependencies", "pending", "enqueued")
    waiting = Domain("state", "in", states)
    created = Domain("date_created", "<", fields.Datetime.now() - age)
    return env["queue.job"].search_count(OURS & waiting & created, limit=1)


def _begun_since(env, age):
    begun = Domain("date_started", ">=", fields.Datetime.now() - age)
    return env["queue.job"].search_count(OURS & begun, limit=1)


def plan(connectors):
    """Let each group of companies that has a mailbox be planned by a job.

    :param connectors: the model with all rights.
    """
    in_service = connectors.search([("state", "in", IN_SERVICE)])
    for group in in_service.company_id.root_id:
        what = connectors.env._("Plan the follow-ups of %s", group.name)
        job = _job(connectors, PLAN, f"plan {group.id}", what, group)
        job._job_plan(group.id)


def plan_group(connectors, group_id):
    """Plan what is due in a group of companies, then let it be sent.

    :param connectors: the model with all rights, in the job's transaction.
    :param group_id: the id of the company above the others.
    """
    env = connectors.env
    companies = env["res.company"].search([("id", "child_of", group_id)])
    if not env["account.email.followup"]._plan(companies):
        return
    _send(connectors.search([("company_id", "in", companies.ids)]))
    what = env._("Tell what was planned")
    _job(connectors, PLAN, "tell", what, eta=TELL_AFTER)._job_tell()


def tell(connectors):
    """Tell people of what was planned, and wake the action when it may go."""
    with apart(connectors.env) as own:
        schedule.tell(own)


def send(connectors):
    """Let each mailbox with work be drained by a job. Commits.

    :param connectors: the model with all rights, in the scheduled action's transaction.
    """
    # What is to be read has its papers, too.
    mailboxes = schedule.with_work(connectors, ("planned", "to_review"))
    _send(connectors.browse(id_ for mailbox in mailboxes for id_ in mailbox))
    connectors.env["ir.cron"]._commit_progress()


def _send(connectors, eta=None):
    """A job for each address of *connectors*, in *eta* seconds."""
    for (provider, email), mates in connectors.grouped(_address).items():
        what = connectors.env._("Send the follow-ups of %s", email)
        key = f"send {provider} {email}"
        _job(mates[0], SEND, key, what, mates[0].company_id, eta)._job_send()


def send_mailbox(connector):
    """Make what is attached and send what is due from one address, for some seconds.

    :param connector: one of those on the address, in the job's transaction.
    """
    env = connector.env(context={})
    deadline = time.monotonic() + SECONDS
    mates = connector.search(
        [("provider", "=", connector.provider), ("email", "=", connector.email)]
    )
    with apart(env) as own:  # a job's own transaction must not be committed
        its = mates.with_env(own)
        safely(own, documents.make, own, its, FOR_PAPERS)
        safely(own, papers.make, its, FOR_PAPERS)
    if sum(schedule.drain_all(env, [mates.ids], deadline)):
        with apart(env) as own:  # which sees the jobs that wait by now
            eta = None if time.monotonic() >= deadline else SOON
            _send(connector.with_env(own), eta)


def _address(connector):
    return connector.provider, connector.email


def _job(connectors, channel, key, what, company=None, eta=None):
    """*connectors*, whose next method that is called becomes a job.

    :param key: there is no second job with this key while one waits.
    :param what: its description.
    :param company: whose managers of jobs may see it.
    :param eta: after so many seconds.
    """
    company = company or connectors.env.company
    return connectors.with_context(company_id=company.id).with_delay(
        channel=channel,
        identity_key=f"account_email_connector {key}",
        description=what,
        eta=eta,
    )
