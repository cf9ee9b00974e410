"""What `dev/bench mailboxes` does inside Odoo: mailboxes that are sent from."""

import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path
from unittest.mock import patch

import psycopg2
from samples.begin import begin

from odoo.sql_db import connection_info_for
from odoo.tools import SQL, config

from . import inside_send, ledger

#: Of the scheduler, while it runs an action: this shell has one of its own.
OF_SCHEDULER = 2


def fill(env, addresses, emails, pdf, port, password):
    """A branch with a mailbox for each of *addresses*, and what each has to send.
    Commits."""
    ledger.fill(env, len(addresses) * emails, len(addresses) * emails)
    branches = env["res.company"].create(
        [{"name": address, "parent_id": env.company.id} for address in addresses]
    )
    for branch, address in zip(branches, addresses, strict=True):
        connector = env["account.email.connector"].create({"company_id": branch.id})
        ledger.connect(connector, address, port, password)
        begin(connector)
    env.flush_all()
    first, count = min(branches.ids), len(branches)
    for table, number in (("account_move", "id"), ("account_move_line", "move_id")):
        env.cr.execute(
            SQL(
                "UPDATE %s SET company_id = %s + %s %% %s",
                *(SQL.identifier(table), first, SQL.identifier(number), count),
            )
        )
    env.invalidate_all()
    moves = env["account.move"].search([("move_type", "=", "out_invoice")])
    inside_send._attach(env, moves, pdf)
    moves.is_move_sent = True
    env["account.email.followup"]._plan()
    # pylint: disable-next=invalid-commit
    env.cr.commit()  # the data is for the process to come


def measure(env, sample, side_by_side, sink):
    """Send from *sample* mailboxes one after the other, from so many more side by side,
    and from as many again while one hangs.

    :param sink: the directory of the server that they send through.
    """
    from odoo.addons.account_email_connector.engine.sending import schedule
    from odoo.addons.account_email_connector.engine.sending import side_by_side as side

    config["account_email_connector_allow_loopback"] = True
    mailboxes = schedule.with_work(env["account.email.connector"])
    second = sample + side_by_side
    with patch.object(side, "MAILBOXES_AT_ONCE", 1):
        one_by_one = _send(env, mailboxes[:sample])
    at_once = _send(env, mailboxes[sample:second])
    one_hangs = _send(env, mailboxes[second:], Path(sink) / "control/mail")
    # pylint: disable-next=invalid-commit
    env.cr.commit()  # a new snapshot
    planned = [("state", "=", "planned")]
    return {
        "one_by_one": one_by_one,
        "side_by_side": at_once,
        "one_hangs": one_hangs,
        "times": at_once["rate"] / one_by_one["rate"],
        "waiting": env["account.email.followup"].search_count(planned),
    }


def _send(env, mailboxes, fault=None):
    """Drain *mailboxes* as the scheduled action does.

    :param fault: the sink's file; with it the first one hangs until the others are
        done, and is not counted.
    """
    from odoo.addons.account_email_connector.engine.sending import schedule

    connectors = env["account.email.connector"].browse(id_ for (id_,) in mailboxes)
    if fault:
        fault.write_text(f"stall\nmatch=<{connectors[0].email}>\n")
        connectors = connectors[1:]
    emails = env["account.email.followup"].search_count(
        [("connector_id", "in", connectors.ids), ("state", "=", "planned")]
    )
    # pylint: disable-next=invalid-commit
    env.cr.commit()
    turns = schedule.drain_all(env(context={}), mailboxes, float("inf"))
    with _counting(env) as counted:
        cpu, start = time.process_time(), time.perf_counter()
        for _connector in connectors:
            next(turns)
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        if fault:
            fault.unlink()
        list(turns)
    return {
        "mailboxes": len(connectors),
        "emails": emails,
        "seconds": seconds,
        "cpu_seconds": cpu,
        "rate": emails / seconds,
        "connections": max(counted) - 1 + OF_SCHEDULER,
    }


@contextmanager
def _counting(env):
    """Yield a list, to which is added how many connections there are, each moment."""
    counted, over = [0], threading.Event()

    def look():
        link = psycopg2.connect(**connection_info_for(env.cr.dbname)[1])
        with closing(link), link.cursor() as cr:
            link.autocommit = True  # within a transaction they stay as they were
            while not over.wait(0.05):
                cr.execute(
                    """SELECT count(*) - 1 FROM pg_stat_activity
                        WHERE datname = current_database()
                          AND backend_type = 'client backend'"""
                )
                counted.append(cr.fetchone()[0])

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield counted
    finally:
        over.set()
        looking.join()
