"""`dev/bench install`: installing and updating in a database with many invoices.

Odoo installs the addon, and updates it, while another connection looks at PostgreSQL's
locks many times a second: for how long could nobody read, or write, an invoice, a
partner, a company or a user? The time is that of the whole Odoo process. It is updated
from this version, and from the oldest release that is supported.
"""

import argparse
import json
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import env
from lib import cache, releases
from lib.console import step

SECONDS_AT_MOST, LOCKED_AT_MOST = 60, 2
#: What people write to while Odoo goes on elsewhere.
TABLES = (
    *("account_move", "account_move_line"),
    *("res_partner", "res_company", "res_users"),
)
#: https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES
NO_READING = ("AccessExclusiveLock",)
NO_WRITING = (
    *NO_READING,
    *("ExclusiveLock", "ShareRowExclusiveLock", "ShareLock"),
)
#: Seconds between two looks; locks that are seen again sooner were held in between.
LOOK, SAME = 0.02, 0.2
LOCKS = """
SELECT extract(epoch FROM clock_timestamp()), relation::regclass, mode
  FROM pg_locks
 WHERE granted AND locktype = 'relation' AND mode IN ({modes})
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND relation IN ({tables})
\\watch {look}
"""


def main(arguments):
    """Measure and print; return 1 if a goal is missed."""
    options = _parser().parse_args(arguments)
    with env.sandbox() as box:
        database = box.database("install", modules="")
        with step(f"Creating {options.invoices:,} invoices"):
            _fill(box, database, options.customers, options.invoices)
        old, release = f"{database}_old", releases.RELEASES[0]
        box.cluster.copy_database(database, old)
        found = {
            title: _measure(box, database, option, options.logs)
            for title, option in (("install", "-i"), ("update", "-u"))
        }
        version = releases.version(release)
        with step(f"Installing {version}"):
            releases.install(box, old, release, box.directory / "old")
        found[f"from {version}"] = _measure(box, old, "-u", options.logs)
    print(f"{options.invoices:,} open invoices of {options.customers:,} customers\n")
    form = "{:16}{:>10}{:>22}{:>22}"
    print(form.format("", "time", "longest without", "longest without"))
    print(form.format("", "", "reading", "writing"))
    for title, each in found.items():
        print(
            form.format(
                title,
                f"{each['seconds']:.1f} s",
                _longest(each["no_reading"]),
                _longest(each["no_writing"]),
            )
        )
    reached = _print_goals(found)
    print(json.dumps({"bench": "install", "invoices": options.invoices, **found}))
    return 0 if reached else 1


def _parser():
    parser = argparse.ArgumentParser(
        prog="dev/bench install",
        description=__doc__.partition(":")[2],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--customers", type=int, default=20_000, help="default %(default)s")
    add("--invoices", type=int, default=200_000, help="default %(default)s")
    add("--logs", metavar="DIR", type=Path, help="keep Odoo's logs there")
    return parser


def _fill(box, database, customers, invoices):
    code = (
        f"import sys\nsys.path.append({str(cache.CHECKOUT / 'dev')!r})\n"
        f"from benches import ledger\nledger.write(env, {customers}, {invoices})\n"
    )
    box.shell(database, code, timeout=3600)
    box.cluster.sql("VACUUM ANALYZE", database)


def _measure(box, database, option, logs):
    """Run Odoo once; return the seconds it took, and those of the longest locks."""
    with step(f"odoo {option} {env.ADDON}"), _locks(box, database) as seen:
        begin = time.monotonic()
        done = box.odoo("-d", database, option, env.ADDON, "--stop-after-init")
        seconds = time.monotonic() - begin
    if logs:
        logs.mkdir(parents=True, exist_ok=True)
        (logs / f"{database}{option}.log").write_text(done.stderr)
    return {
        "seconds": seconds,
        "no_reading": _runs(seen, NO_READING),
        "no_writing": _runs(seen, NO_WRITING),
    }


@contextmanager
def _locks(box, database):
    """Look at the locks meanwhile; afterwards the list has (time, table, mode)."""
    quoted = ", ".join(f"'{table}'::regclass" for table in TABLES)
    modes = ", ".join(f"'{mode}'" for mode in NO_WRITING)
    query = LOCKS.format(modes=modes, tables=quoted, look=LOOK)
    command = [box.cluster.bin / "psql", "-X", "-q", "-A", "-t", "-d", database]
    seen = []
    with tempfile.TemporaryFile("w+") as found:
        looking = subprocess.Popen(
            command,
            env=box.cluster.environment,
            stdin=subprocess.PIPE,
            stdout=found,
            text=True,
        )
        looking.stdin.write(query)
        looking.stdin.flush()
        try:
            yield seen
        finally:
            looking.terminate()
            looking.wait()
        found.seek(0)
        rows = (line.strip().split("|") for line in found)
        seen += [(float(row[0]), *row[1:]) for row in rows if len(row) == 3]


def _runs(seen, modes):
    """{table and mode: seconds of the longest time for which that was held}."""
    longest, begin, last = {}, {}, {}
    for at, table, mode in seen:
        if mode not in modes:
            continue
        held = f"{table} {mode}"
        if at - last.get(held, 0) > SAME:
            begin[held] = at
        last[held] = at
        longest[held] = max(longest.get(held, 0), at - begin[held])
    return longest


def _longest(runs):
    return f"{max(runs.values()):.2f} s" if runs else "-"


def _print_goals(found):
    """Say which goals are reached; return whether all are."""
    goals = {
        f"each within {SECONDS_AT_MOST} s": all(
            each["seconds"] <= SECONDS_AT_MOST for each in found.values()
        ),
        f"no table locked for more than {LOCKED_AT_MOST} s": all(
            seconds <= LOCKED_AT_MOST
            for each in found.values()
            for seconds in each["no_writing"].values()
        ),
    }
    for goal, reached in goals.items():
        print(f"{'reached' if reached else 'MISSED '}  {goal}")
    return all(goals.values())
