"""What `dev/bench plan` does inside Odoo: one side's measurement, as plain values."""

import contextlib
import gc
import os
import statistics
import threading
import time
from datetime import timedelta
from functools import partial
from pathlib import Path
from unittest.mock import patch

from odoo import fields
from odoo.sql_db import Cursor
from odoo.tools import SQL

from odoo.addons.account_email_connector.engine.planning import gather

#: Of a process, in /proc: its parent, its own time in ticks, and that of those of its
#: children that have ended.
PARENT, OWN, ENDED = 1, slice(11, 13), slice(13, 15)


def ours(env, runs):
    """Plan so many times, rolled back each time.

    :return: the measurements
    """
    found = []
    for _ in range(runs):
        found.append(measured(env, env["account.email.followup"]._plan))
        followups = found[-1].pop("result")
        found[-1]["customers"] = len(followups)
        found[-1]["lines"] = len(followups.line_ids)
        env.cr.rollback()
    return found


def idle(env):
    """Plan when nothing is due, although everybody owes something, rolled back.

    :return: {why nothing is due: the measurements}
    """
    plan = env["account.email.followup"]._plan
    long_ago = fields.Date.today() - timedelta(days=300)
    found = {"not due yet": measured(env, partial(plan, None, long_ago))}
    plan()
    found["all planned already"] = measured(env, plan)
    _say_sent(env)
    found["all sent today"] = measured(env, plan)
    env.cr.rollback()
    if any(len(each.pop("result")) for each in found.values()):
        raise AssertionError("Something was due.")
    return found


def _say_sent(env):
    env.cr.execute(
        "UPDATE account_email_followup SET state = 'sent', done_on = planned_date"
    )
    env.cr.execute("ANALYZE account_email_followup, account_email_followup_line")


def median(found):
    """The measurement of the median time, with the most statements of all of them."""
    middle = statistics.median_low(each["seconds"] for each in found)
    return {
        **next(each for each in found if each["seconds"] == middle),
        "runs": len(found),
        "statements": max(each["statements"] for each in found),
        "fastest": min(each["seconds"] for each in found),
        "slowest": max(each["seconds"] for each in found),
    }


def oca(env):
    """Generate OCA's credit control lines for the same invoices, rolled back."""
    policy = env.ref("account_credit_control.credit_control_3_time")
    receivable = [("account_type", "=", "asset_receivable")]
    policy.account_ids = env["account.account"].search(receivable)
    env.company.credit_policy_id = policy
    env.flush_all()
    run = env["credit.control.run"].create(
        {"date": fields.Date.today(), "policy_ids": policy.ids}
    )
    found = measured(env, run.generate_credit_lines)
    found.pop("result")
    found["lines"] = len(run.line_ids)
    found["customers"] = len(run.line_ids.partner_id)
    env.cr.rollback()
    return found


def measured(env, function):
    """Call a function, with all that a commit would still do but the commit itself."""
    env.flush_all()
    env.invalidate_all()
    gc.collect()
    # Odoo's cursor counts here what it executes, and how long PostgreSQL took.
    thread = threading.current_thread()
    thread.query_count, thread.query_time = 0, 0
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted anew
    before = _megabytes("VmRSS")
    cpu, start = _cpu_seconds(env.cr), time.perf_counter()
    with patch.object(gather, "portions", wraps=gather.portions) as streamed:
        result = function()
    env.cr.flush()
    return {
        "seconds": time.perf_counter() - start,
        "cpu_seconds": _cpu_seconds(env.cr) - cpu,
        # What is read in portions is not counted by Odoo.
        "statements": thread.query_count + streamed.call_count,
        "sql_seconds": thread.query_time,
        "megabytes_before": before,
        "megabytes": _megabytes("VmHWM"),
        "result": result,
    }


def _cpu_seconds(cr):
    """The processor time of this process and of all of PostgreSQL so far: either side
    works on as many connections as it likes.

    https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    """
    postmaster = _stat(cr._cnx.info.backend_pid)[PARENT]
    ticks = sum(map(int, _stat(postmaster)[ENDED]))  # those that have ended
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended just now
            stat = _stat(path.name)
            if stat[PARENT] == postmaster:
                ticks += sum(map(int, stat[OWN]))
    return ticks / os.sysconf("SC_CLK_TCK") + time.process_time()


def _stat(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _megabytes(name):
    """The memory of this process, of PostgreSQL's without: VmRSS, or its peak, VmHWM.

    https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
    """
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith(name))
    return int(line.split()[1]) / 1024


def explain(env):
    """Plan once, and return how PostgreSQL worked on each statement that reads or
    writes business data."""
    plans = []
    execute = Cursor.execute

    def explained(cursor, query, params=None, log_exceptions=True):
        text = query.code if isinstance(query, SQL) else query
        if text.lstrip().startswith(("SELECT", "WITH", "INSERT")):
            execute(cursor, "SAVEPOINT explained")
            prefix = SQL("EXPLAIN (ANALYZE, BUFFERS) ")
            rest = query if isinstance(query, SQL) else SQL(query, *(params or ()))
            execute(cursor, SQL("%s%s", prefix, rest))
            lines = [line for (line,) in cursor._obj.fetchall()]
            plans.append((" ".join(text.split())[:70], lines))
            execute(cursor, "ROLLBACK TO SAVEPOINT explained")
        return execute(cursor, query, params, log_exceptions)

    def portions(cursor, query):
        explained(cursor, query)
        return read_in_portions(cursor, query)

    read_in_portions = gather.portions
    with (
        patch.object(Cursor, "execute", explained),
        patch.object(gather, "portions", portions),
    ):
        env["account.email.followup"]._plan()
    env.cr.rollback()
    return plans
