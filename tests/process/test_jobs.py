"""With OCA's queue_job: planning and sending are jobs, for all servers that run."""

import contextlib
import time
from collections import Counter
from functools import partial

import nodes
import office
import pytest
from mailserver import MailServer
from scheduler import Scheduler

#: Companies beside Acme and Beta; of Acme's group or a group of their own.
MORE = {"Acme North": office.ACME, "Gamma": None, "Delta": None}
ACCOUNTS = {
    **office.ACCOUNTS,
    "north@acme.example": office.PASSWORD,
    "billing@gamma.example": office.PASSWORD,
    "billing@delta.example": office.PASSWORD,
}
COUNT = 16  # customers of each
DOMAINS = {
    **office.DOMAINS,
    "Acme North": "north-buyers.example",
    "Gamma": "gamma-buyers.example",
    "Delta": "delta-buyers.example",
}
GROUPS = 4

CREATE = """
import sys
sys.path.append({dev!r})
from samples import bulk, mailboxes
manager = env["res.users"].search([("login", "=", "manager")])
for name, parent in {more!r}.items():
    company = env["res.company"].create({{
        "name": name,
        "parent_id": env["res.company"].search([("name", "=", parent)]).id,
        "iap_enrich_auto_done": True,
    }})
    if not parent:
        chart = env["account.chart.template"]
        chart.try_loading("generic_coa", company, install_demo=False)
    env.cr.commit()  # a branch gets its parent's chart now
    manager.company_ids += company
    bulk.create_bulk(
        env(context=dict(env.context, allowed_company_ids=company.ids)),
        {count}, company=company, domain={domains!r}[name], pdf={pdf!r})
for entered in {entered!r}:
    mailboxes.connect(env, **entered)
env["account.move.line"].search([]).no_followup = True
env["ir.cron.trigger"].search([]).unlink()
env.cr.commit()
"""
ACTION = """
env["account.email.connector"]._cron_followups()
env.cr.commit()
"""
JOBS = "SELECT state, count(*) FROM queue_job GROUP BY state"
KEYS = "SELECT identity_key FROM queue_job ORDER BY identity_key"


@pytest.fixture(scope="module")
def queued(box, template):
    """A database with more companies, each with its mailbox, and with queue_job."""
    with MailServer(ACCOUNTS) as mail:
        database = office.copy(box, template, mail)
        more = dict(zip(MORE, list(ACCOUNTS)[2:], strict=True))
        code = CREATE.format(
            dev=str(office.CHECKOUT / "dev"),
            more=MORE,
            count=COUNT,
            domains=DOMAINS,
            pdf=office.PDF,
            entered=[_sign_in(mail, name, address) for name, address in more.items()],
        )
        box.shell(database, code, env=office.trust(mail))
    nodes.odoo(box, "-d", database, "-i", "queue_job", "--stop-after-init")
    return database


def _sign_in(mail, company, address):
    return {
        **office.sign_in(mail, office.ACME),
        "company_name": company,
        "email": address,
        "password": mail.accounts[address],
    }


@pytest.fixture
def mail():
    with MailServer(ACCOUNTS) as server:
        yield server


@pytest.fixture
def database(box, queued, mail):
    """A copy of it, whose mailboxes all send through the sink, and its customers."""
    name = office.copy(box, queued, mail)
    with office.connection(box, name) as cr:
        cr.execute(
            "UPDATE account_email_connector SET smtp_port = %s, imap_port = %s",
            [mail.sink.tls_port, mail.imaps],
        )
        cr.execute(
            "UPDATE ir_cron SET active = FALSE WHERE cron_name LIKE '%AutoVacuum%'"
        )
    return name


def _release(box, database, first=0, count=COUNT):
    addresses = [
        f"buyer-{number}@{domain}"
        for domain in DOMAINS.values()
        for number in range(first, first + count)
    ]
    with office.connection(box, database) as cr:
        cr.execute(
            """UPDATE account_move_line SET no_followup = FALSE
                WHERE partner_id IN (SELECT id FROM res_partner
                                      WHERE email = ANY(%s))""",
            [addresses],
        )
    return addresses


def _rows(box, database, query):
    with office.connection(box, database) as cr:
        cr.execute(query)
        return cr.fetchall()


def _wait(until, what, meanwhile=None, timeout=300):
    """Wait, and do *meanwhile* again and again; *what* says how far it came."""
    deadline = time.monotonic() + timeout
    while not until():
        assert time.monotonic() < deadline, what()
        if meanwhile:
            meanwhile()
        time.sleep(1)


def _accepted(mail):
    return Counter(r for each in mail.accepted() for r in each.recipients)


def test_two_servers_share_the_jobs_and_one_is_killed(box, database, mail, say):
    """Mailboxes are held in the middle, some after their server took the email, when
    the server that hands out the jobs is killed."""
    customers = _release(box, database)
    faults = mail.sink.faults
    faults.set("accepted", "stall", match="buyer-3@")  # taken, and nobody knows
    faults.set("rcpt", "stall", match="buyer-7@")
    with contextlib.ExitStack() as stack:
        cluster = nodes.Nodes(box, database, mail, stack)
        servers = [cluster.start(), cluster.start()]
        said = partial(_said, box, database, mail, cluster)
        _wait(cluster.leader, said)
        _trigger(box, database)
        # Each has two workers: of three emails that are held, both have some.
        _wait(
            lambda: len(faults.reached()) > 2 and all(one.jobs() for one in servers),
            said,
        )
        killed = cluster.leader()
        before = [one.jobs() for one in servers]
        killed.kill()
        faults.clear()
        _wait(
            lambda: _have_ended(box, database, customers),
            said,
            meanwhile=lambda: _hurry(box, database),
        )
        # What waits for nobody: every job comes to its end.
        _wait(lambda: {s for s, _n in _rows(box, database, JOBS)} == {"done"}, said)
        survivor = cluster.leader()
        assert survivor is not killed
        assert not survivor.errors()
    say(
        f"queue_job, 2 servers, {len(ACCOUNTS)} mailboxes, the leader killed; requests "
        f"of jobs before that: {before}, jobs in all: "
        f"{dict(_rows(box, database, JOBS))}"
    )
    _all_have_one(customers, _accepted(mail), office.followups(box, database), say)


def _said(box, database, mail, cluster):
    """How far it came."""
    return {
        "jobs": _rows(box, database, JOBS),
        "ledger": Counter(office.followups(box, database).values()),
        "accepted": len(mail.accepted()),
        "logs": [server.log()[-3000:] for server in cluster.servers],
    }


def _have_ended(box, database, customers):
    states = Counter(office.followups(box, database).values())
    under_way = states["planned"] + states["sending"]
    return states.total() == len(customers) and not under_way


def _all_have_one(customers, accepted, states, say):
    """Nothing twice, nothing lost; unknown only what was held after it was taken."""
    unknown = {email for email, state in states.items() if state == "unknown"}
    say(
        f"{len(customers)} follow-ups, {accepted.total()} accepted, "
        f"{sum(n > 1 for n in accepted.values())} duplicates, "
        f"{len({*customers} - accepted.keys())} lost, {len(unknown)} unknown"
    )
    assert accepted == Counter(customers)
    assert all(email.startswith("buyer-3@") for email in unknown)
    assert {states[each] for each in customers} <= {"sent", "unknown"}


def _trigger(box, database):
    """Make the action due, as its hourly turn does."""
    with office.connection(box, database) as cr:
        cr.execute(
            """INSERT INTO ir_cron_trigger (cron_id, call_at)
               SELECT res_id, now() at time zone 'utc' FROM ir_model_data
                WHERE model = 'ir.cron' AND name = 'ir_cron_followups'"""
        )
    nodes.wake(box, database)


def _hurry(box, database):
    if office.hurry(box, database):
        _trigger(box, database)


def test_a_job_waits_once_and_a_failed_one_is_in_nobodys_way(box, database, mail):
    _release(box, database, 0, 2)
    trust = office.trust(mail)
    nodes.shell(box, database, ACTION, env=trust)
    keys = _rows(box, database, KEYS)
    assert len(keys) == GROUPS, "nothing is planned: there is nothing to send yet"
    nodes.shell(box, database, ACTION, env=trust)
    assert _rows(box, database, KEYS) == keys
    assert not office.followups(box, database)

    with office.connection(box, database) as cr:
        cr.execute("UPDATE queue_job SET state = 'failed'")
    nodes.shell(box, database, ACTION, env=trust)
    assert _rows(box, database, KEYS) == sorted(keys * 2)


RUN_ALL = """
from odoo.addons.queue_job.job import Job
def run():
    jobs = env["queue.job"].search([("state", "=", "pending")], order="id")
    for record in jobs:
        job = Job.load(env, record.uuid)
        job.perform()
        job.set_done()
        job.store()
        env.cr.commit()
    return [record.identity_key.split(" ", 1)[1] for record in jobs]
"""
PRIVATE = """
from odoo.service.model import get_public_method
from odoo.exceptions import AccessError
for method in ("_job_plan", "_job_send", "_job_tell"):
    try:
        get_public_method(env["account.email.connector"], method)
    except AccessError:
        print("private")
jobs = env["queue.job"].search([])
print({(job.user_id.login, job.channel, job.company_id.name) for job in jobs})
"""


def test_what_the_jobs_are(box, database, mail):
    """One for a group, then one for each of its mailboxes with work; ours alone."""
    customers = _release(box, database, 0, 2)
    code = ACTION + RUN_ALL + "print(run()); print(run()); print(run())\n" + PRIVATE
    output = nodes.shell(box, database, code, env=office.trust(mail))
    plans, sends, rest, *private, found = output.splitlines()
    assert plans.count("plan ") == GROUPS
    assert all(f"send smtp {address}" in sends for address in ACCOUNTS)
    assert "tell" in sends
    assert rest == "[]"
    assert private == ["private"] * 3
    assert "('__system__', 'root.account_email_connector.send', 'Acme North')" in found
    assert _accepted(mail) == Counter(customers)
    assert office.followups(box, database) == dict.fromkeys(customers, "sent")


BEGUN = """
    UPDATE queue_job SET state = 'done', date_started = now() AT TIME ZONE 'utc'
     WHERE id = (SELECT min(id) FROM queue_job)
"""


def test_where_nobody_takes_the_jobs_the_action_does_the_work(box, database, mail):
    customers = _release(box, database, 0, 2)
    trust = office.trust(mail)
    nodes.shell(box, database, ACTION, env=trust)
    assert not mail.accepted()
    with office.connection(box, database) as cr:
        cr.execute("UPDATE queue_job SET date_created = date_created - interval '1 h'")
        cr.execute(BEGUN)
    nodes.shell(box, database, ACTION, env=trust)
    assert not mail.accepted(), "they are taken, but there are many"
    with office.connection(box, database) as cr:
        cr.execute("UPDATE queue_job SET date_created = date_created - interval '3 h'")
    nodes.shell(box, database, ACTION, env=trust)
    assert _accepted(mail) == Counter(customers)
    assert office.followups(box, database) == dict.fromkeys(customers, "sent")


# A group is being planned, by somebody else.
BUSY = """
lock = "SELECT pg_advisory_xact_lockKIND(hashtextextended(%s, 0))"
groups = {c.name: c for c in env["res.company"].search([("parent_id", "=", False)])}
other = env.registry.cursor()
other.execute(lock.replace("KIND", "_shared"), ["account_email_connector plan"])
other.execute(lock.replace("KIND", ""),
              [f"account_email_connector plan {groups['Gamma'].id}"])
Followup = env["account.email.followup"]
print(len(Followup._plan()))
print(len(Followup._plan(groups["Gamma"])))
print(len(Followup._plan(groups["Delta"])))
other.close()
"""


def test_groups_are_planned_side_by_side(box, database, mail):
    _release(box, database, 0, 2)
    output = nodes.shell(box, database, BUSY)
    assert output.split() == ["0", "0", "2"]


UNINSTALL = """
module = env["ir.module.module"].search([("name", "=", {name!r})])
module.button_immediate_uninstall()
"""


def test_queue_job_goes_and_all_is_as_without_it(box, database, mail):
    customers = _release(box, database, 0, 2)
    nodes.shell(box, database, ACTION, env=office.trust(mail))
    nodes.shell(box, database, UNINSTALL.format(name="queue_job"))
    with office.connection(box, database) as cr:
        cr.execute("DELETE FROM ir_cron_trigger")  # of others: nobody runs them here
    with Scheduler(box, database, mail) as odoo:
        odoo.run_once()
        assert not odoo.errors()
    assert _accepted(mail) == Counter(customers)
    assert office.followups(box, database) == dict.fromkeys(customers, "sent")


def test_the_addon_goes_and_leaves_no_job(box, database, mail):
    nodes.shell(box, database, ACTION, env=office.trust(mail))
    assert _rows(box, database, JOBS) == [("pending", GROUPS)]
    nodes.shell(box, database, UNINSTALL.format(name="account_email_connector"))
    assert _rows(box, database, JOBS) == []


# What comes after planning fails.
TAKE_BACK = """
from unittest.mock import patch
from odoo.addons.account_email_connector.engine.planning import ends
with patch.object(ends, "take_back", side_effect=ValueError):
    env["account.email.connector"]._cron_followups()
"""


def test_what_was_planned_outlives_a_failure_of_the_rest(box, database, mail):
    _release(box, database, 0, 2)
    trust = {**nodes.python_path(box), **office.trust(mail)}
    # The failure is in the log.
    arguments = ("shell", "-d", database, *nodes.with_queue_job(box))
    done = box.odoo(*arguments, stdin=TAKE_BACK, env=trust, check=False)
    assert done.returncode == 0, done.stderr
    assert _rows(box, database, JOBS) == [("pending", GROUPS)]
