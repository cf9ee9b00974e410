"""What `dev/bench plan` does inside Odoo: one side's measurement, as plain values."""

import gc
import os
import statistics
import threading
import time
from pathlib import Path
from unittest.mock import patch

from odoo import fields
from odoo.sql_db import Cursor
from odoo.tools import SQL


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
    cpu, start = _cpu_seconds(env.cr), time.perf_counter()
    result = function()
    env.cr.flush()
    return {
        "seconds": time.perf_counter() - start,
        "cpu_seconds": _cpu_seconds(env.cr) - cpu,
        "statements": thread.query_count,
        "sql_seconds": thread.query_time,
        "result": result,
    }


def _cpu_seconds(cr):
    """The processor time of this process and of its PostgreSQL process so far.

    https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    """
    stat = Path(f"/proc/{cr._cnx.info.backend_pid}/stat").read_text()
    ticks = stat.rpartition(")")[2].split()[11:13]
    postgres = sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
    return postgres + time.process_time()


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

    with patch.object(Cursor, "execute", explained):
        env["account.email.followup"]._plan()
    env.cr.rollback()
    return plans
