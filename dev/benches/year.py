"""`dev/bench year`: what a year of follow-ups does to the database, and to its speed.

The engine plans, and sends to some customers by SMTP to a server on loopback. Then what
it wrote of one of them is multiplied: a year's follow-ups, with their messages, emails,
notifications, deliveries and lines, about invoices that are paid by now. Then it plans
and sends once more, and PostgreSQL tells how each statement of the scheduled action was
executed.
"""

import argparse
import json
import re
import time

import env
from lib.console import step
from mailserver_sink import SinkServer

from .plan import _inside, _print_reached

PASSWORD = "not-a-real-one"
SLOWER_AT_MOST = 1.2
UPDATE_AT_MOST = 60
#: A table of more rows is not to be read from its beginning to its end.
BIG = 10_000
SCAN = re.compile(r"Seq Scan on (\w+)(?!.*never executed)")
#: Before each entry of PostgreSQL's log.
ENTRY = re.compile(r"^[\d-]+ [\d:.]+ UTC .*?LOG: ", re.M)


def main(arguments):
    """Measure and print; return 1 if a goal is missed."""
    options = _parser().parse_args(arguments)
    with env.sandbox() as box:
        users = {"accounting@bench.example": PASSWORD}
        with SinkServer(box.directory / "sink", users=users) as sink:
            found = _measured(box, sink, options)
    _print_sizes(found["sizes"])
    _print_costs(found["before"], found["after"])
    print(f"\nupdate of the addon (-u): {found['update']:.0f} s")
    for table, (statement, rows) in found["scans"].items():
        print(f"\n{table} is read from its beginning to its end ({rows} rows):")
        print(f"    {statement}")
    reached = _print_goals(found)
    print(json.dumps({"bench": "year", "followups": options.followups, **found}))
    return 0 if reached else 1


def _parser():
    parser = argparse.ArgumentParser(
        prog="dev/bench year",
        description=__doc__.partition(":")[2],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--customers", type=int, default=2_000, help="default %(default)s")
    add("--followups", type=int, default=182_500, help="sent; default %(default)s")
    add("--emails", type=int, default=50, help="sent in a round; default %(default)s")
    add("--runs", type=int, default=3, help="of planning, of sending; default 3")
    return parser


def _measured(box, sink, options):
    database, found = box.database("year"), {}
    cost = f"result = inside_year.cost(env, {options.emails}, {options.runs})\n"
    with step(f"Creating {options.customers:,} customers"):
        size = f"{options.customers}, {options.followups}, {sink.port}, {PASSWORD!r}"
        _inside(box, database, f"inside_year.fill(env, {size})\n")
        box.cluster.sql("VACUUM ANALYZE", database)
    with step("Planning and sending, at the beginning"):
        found["before"] = _inside(box, database, cost)
    with step(f"Multiplying: {options.followups:,} follow-ups"):
        _inside(box, database, f"inside_year.a_year(env, {options.followups})\n")
        box.cluster.sql("VACUUM ANALYZE", database)
    found["sizes"] = _inside(box, database, "result = inside_year.sizes(env)\n")
    with step("Planning and sending, at the end"):
        found["after"] = _inside(box, database, cost)
    with step("Looking at each statement"):
        rows = {name: count for name, count, *_sizes in found["sizes"]}
        found["scans"] = _scans(box, database, rows)
    with step("Updating the addon"):
        start = time.monotonic()
        box.odoo("-d", database, "-u", env.ADDON, "--stop-after-init")
        found["update"] = time.monotonic() - start
    return found


def _scans(box, database, rows):
    """{big table: (statement, rows read)} of those that were read as a whole."""
    settings = {
        "session_preload_libraries": "auto_explain",
        "auto_explain.log_min_duration": "0",
        "auto_explain.log_analyze": "on",
        "auto_explain.log_timing": "off",
        "auto_explain.log_nested_statements": "on",
    }
    for name, value in settings.items():
        box.cluster.sql(
            f"ALTER DATABASE {database} SET {name} = '{value}'", user="postgres"
        )
    log = box.cluster.data / "server.log"
    begin = log.stat().st_size
    _inside(box, database, "inside_year.act(env, 5)\n")
    for name in settings:
        box.cluster.sql(f"ALTER DATABASE {database} RESET {name}", user="postgres")
    with log.open(errors="replace") as lines:
        lines.seek(begin)
        text = lines.read()
    found = {}
    for entry in ENTRY.split(text):
        for table in SCAN.findall(entry):
            if rows.get(table, 0) > BIG:
                words = entry.partition("Query Text:")[2].partition("(cost=")[0]
                found.setdefault(table, (" ".join(words.split())[:300], rows[table]))
    return found


def _print_sizes(sizes):
    form = "{:34}{:>12}{:>12}{:>12}{:>11}"
    print(form.format("table", "rows", "MB", "of indexes", "dead rows"))
    for name, rows, size, indexes, dead in sizes:
        print(
            form.format(
                name,
                f"{rows:,}",
                f"{size / 1e6:,.1f}",
                f"{indexes / 1e6:,.1f}",
                f"{dead:,}",
            )
        )


def _print_costs(before, after):
    form = "{:34}{:>14}{:>14}{:>9}"
    print("\n" + form.format("a customer", "beginning", "end", "ratio"))
    for what in ("plan", "send"):
        for title, name, unit in (
            ("time", "seconds", "ms"),
            ("processor time", "cpu_seconds", "ms"),
            ("statements", "statements", ""),
        ):
            times = 1000 if unit else 1
            values = [side[what][name] * times for side in (before, after)]
            shown = [f"{value:,.3f} {unit}" for value in values]
            ratio = f"{values[1] / values[0]:.2f}"
            print(form.format(f"{what}: {title}", *shown, ratio))


def _print_goals(found):
    before, after = found["before"], found["after"]
    goals = {
        f"{what}: at most {SLOWER_AT_MOST} times the processor time": (
            after[what]["cpu_seconds"] <= SLOWER_AT_MOST * before[what]["cpu_seconds"]
        )
        for what in ("plan", "send")
    }
    goals["no big table is read from its beginning to its end"] = not found["scans"]
    goals[f"an update within {UPDATE_AT_MOST} s"] = found["update"] <= UPDATE_AT_MOST
    return _print_reached(goals)
