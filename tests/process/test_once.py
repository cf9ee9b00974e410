"""Once each: two workers at the same moment, transactions rolled back or replayed."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import office

WORKERS = 2
ROUNDS = 10
EACH_ROUND = {office.ACME: 7, office.BETA: 2}

# Each worker waits for a file, runs the action, and says so with another file.
WORKER = """
import time
from pathlib import Path
directory = Path({directory!r})
for number in range({rounds}):
    (directory / f"ready-{worker}-{{number}}").touch()
    while not (directory / f"go-{{number}}").exists():
        time.sleep(0.001)
    env["account.email.connector"]._cron_followups()
    env.cr.commit()
    env.invalidate_all()
(directory / "ready-{worker}-{rounds}").touch()
"""


def test_two_workers_at_the_same_moment(box, database, mail, tmp_path, say):
    def work(worker):
        code = WORKER.format(directory=str(tmp_path), rounds=ROUNDS, worker=worker)
        # Any error in Odoo's log fails the test.
        box.odoo("shell", "-d", database, stdin=code, env=office.trust(mail))

    customers = []
    with ThreadPoolExecutor(WORKERS) as pool:
        workers = [pool.submit(work, worker) for worker in range(WORKERS)]
        for number in range(ROUNDS):
            _wait_for_workers(tmp_path, workers, number)
            for company, count in EACH_ROUND.items():
                first = number * count
                customers += office.release(box, database, company, first, count)
            (tmp_path / f"go-{number}").touch()
        _wait_for_workers(tmp_path, workers, ROUNDS)
        for worker in workers:
            worker.result()

    # Who was beaten by the other worker in the last round has left nothing behind.
    box.shell(database, "env['account.email.connector']._cron_followups()")
    accepted = Counter(r for each in mail.accepted() for r in each.recipients)
    # Dovecot passes on to its relay what Beta submits: each is recorded there once.
    say(
        f"{WORKERS} workers at once, {ROUNDS} times: {len(customers)} follow-ups, "
        f"{accepted.total()} emails accepted, "
        f"{sum(count > 1 for count in accepted.values())} duplicates"
    )
    assert accepted == Counter(customers)
    assert office.followups(box, database) == dict.fromkeys(customers, "sent")


SEND_INVOICE = """
env["account.email.connector"].search([]).sends_accounting_emails = True
template = env.ref("account.email_template_edi_invoice")
template.report_template_ids = False
move = env["account.move"].search([("partner_id.email", "=", {customer!r})])
env.cr.commit()
"""


def test_a_rolled_back_email_does_not_leave(box, database, mail):
    customer = f"buyer-0@{office.DOMAINS[office.ACME]}"
    box.shell(
        database,
        SEND_INVOICE.format(customer=customer)
        + "template.send_mail(move.id, force_send=True)\nenv.cr.rollback()\n",
        env=office.trust(mail),
    )
    assert mail.accepted() == []


def test_a_committed_email_leaves_once(box, database, mail):
    customer = f"buyer-1@{office.DOMAINS[office.ACME]}"
    box.shell(
        database,
        SEND_INVOICE.format(customer=customer)
        + "template.send_mail(move.id, force_send=True)\nenv.cr.commit()\n",
        env=office.trust(mail),
    )
    (accepted,) = mail.accepted()
    assert accepted.recipients == (customer,)
    assert accepted.sender == office.ADDRESSES[office.ACME]


# Odoo replays a request whose transaction was in the way of another one.
REPLAYED = """
from odoo.service.model import retrying
attempts = []
def request():
    template.send_mail(move.id, force_send=True)
    attempts.append(1)
    if len(attempts) < 3:
        env.cr.execute("DO $$ BEGIN RAISE serialization_failure; END $$")
retrying(request, env)
print(len(attempts))
"""


def test_a_replayed_request_sends_once(box, database, mail):
    customer = f"buyer-2@{office.DOMAINS[office.ACME]}"
    code = SEND_INVOICE.format(customer=customer) + REPLAYED
    output = box.shell(database, code, env=office.trust(mail))
    assert output.strip() == "3"
    assert [each.recipients for each in mail.accepted()] == [(customer,)]


def _wait_for_workers(directory, workers, number):
    """Until every worker has come to that round; raises what one of them has."""
    while not all((directory / f"ready-{n}-{number}").exists() for n in range(WORKERS)):
        for worker in workers:
            if worker.done():
                worker.result()
        time.sleep(0.001)
