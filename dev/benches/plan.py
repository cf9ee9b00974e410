"""`dev/bench plan`: how fast follow-ups are planned, against OCA's credit control.

Both work in one Odoo process, on the same invoices of one throwaway database; every
customer is due for a follow-up. Ours is planned several times before and after OCA's
generate step, which writes as many lines and runs once. Each is timed up to its commit,
without it, and rolled back. Processor time says more on a busy machine.
"""

import argparse
import json
import os

import env
from lib import cache
from lib.console import step

from . import oca

STATEMENTS_AT_MOST = 12
TIMES_FASTER = 50
FLAT_SIZES = (20_000, 200_000, 1_000_000)
#: More is not the noise of a busy machine any more.
GROWS_AT_MOST = 1.5
#: Of the largest size.
SECONDS_AT_MOST, MEGABYTES_AT_MOST = 60, 600
#: A run in which nothing is due, beside one in which everything is.
IDLE_AT_MOST = 1 / 3


def main(arguments):
    """Measure and print; return 1 if a goal is missed."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if not 2 <= options.customers <= options.invoices:
        parser.error("at least two customers, and an invoice for each")
    if options.flat:
        return _flat(options)
    return _compare(options)


def _parser():
    parser = argparse.ArgumentParser(
        prog="dev/bench plan",
        description=__doc__.partition(":")[2],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--customers", type=int, default=2_000, help="default %(default)s")
    add("--invoices", type=int, default=20_000, help="open ones; default %(default)s")
    add("--settled", type=int, default=0, help="paid ones beside; default %(default)s")
    add("--runs", type=int, default=5, help="of ours, twice; default %(default)s")
    add(
        "--flat",
        action="store_true",
        help="only ours, on several sizes: does an invoice cost the same among many, "
        "how much memory does it take, what does a run cost with nothing due?",
    )
    add(
        "--sizes",
        type=int,
        nargs="+",
        default=FLAT_SIZES,
        help="invoices for --flat, few first; default 20000 200000 1000000",
    )
    add(
        "--explain",
        action="store_true",
        help="print PostgreSQL's EXPLAIN (ANALYZE, BUFFERS) of each statement of ours",
    )
    return parser


def _compare(options):
    extra = filter(None, [os.environ.get("EXTRA_ADDONS"), str(oca.addons())])
    os.environ["EXTRA_ADDONS"] = ",".join(extra)
    with env.sandbox() as box:
        database = box.database("bench", f"{env.ADDON},{oca.MODULE}")
        _fill(box, database, options.customers, options.invoices, options.settled)
        with step("Measuring"):
            found = _inside(
                box,
                database,
                # OCA's in the middle, so that a busy machine is so for both.
                f"runs = inside_plan.ours(env, {options.runs})\n"
                "result = {'oca': inside_plan.oca(env)}\n"
                f"runs += inside_plan.ours(env, {options.runs})\n"
                "result['ours'] = inside_plan.median(runs)\n" + _explanation(options),
            )
    _print_plans(found)
    ours, theirs = found["ours"], found["oca"]
    print(
        f"\n{options.customers:,} customers, {options.invoices:,} open invoices, "
        f"all overdue; {options.settled:,} settled ones"
    )
    _print_table(ours, theirs)
    print(
        f"ours: median of {ours['runs']} runs, half of them after OCA's, of "
        f"{ours['fastest']:.3f} to {ours['slowest']:.3f} s; OCA: one run"
    )
    reached = _print_goals(ours, theirs)
    print(json.dumps({"bench": "plan", "invoices": options.invoices, **found}))
    return 0 if reached else 1


def _print_table(ours, theirs):
    print(f"{'':26}{'ours':>12}{'OCA':>12}{'ratio':>12}")
    for title, name, form in (
        ("time", "seconds", "{:,.3f} s"),
        ("  waiting for PostgreSQL", "sql_seconds", "{:,.3f} s"),
        ("processor time", "cpu_seconds", "{:,.3f} s"),
        ("SQL statements", "statements", "{:,}"),
        ("lines written", "lines", "{:,}"),
        ("customers", "customers", "{:,}"),
    ):
        ratio = f"1/{theirs[name] / ours[name]:,.1f}"
        values = (form.format(ours[name]), form.format(theirs[name]), ratio)
        print(f"{title:26}{values[0]:>12}{values[1]:>12}{values[2]:>12}")


def _print_goals(ours, theirs):
    """Say which goals are reached; return whether all are."""
    few = ours["statements"] <= STATEMENTS_AT_MOST
    fast = theirs["seconds"] / ours["seconds"] >= TIMES_FASTER
    goals = {
        f"at most {STATEMENTS_AT_MOST} statements": few,
        f"at most 1/{TIMES_FASTER} of OCA's time": fast,
        "as many lines as OCA": ours["lines"] == theirs["lines"],
    }
    return _print_reached(goals)


def _print_reached(goals):
    for goal, reached in goals.items():
        print(f"{'reached' if reached else 'MISSED '}  {goal}")
    return all(goals.values())


def _flat(options):
    each = options.invoices / options.customers
    print(
        f"{each:.0f} open invoices a customer. Time and processor time: up to the "
        "commit, PostgreSQL's included. Memory: the\nlargest of Odoo's process "
        "meanwhile, and what it had before; of PostgreSQL's none."
    )
    print(FLAT.format(*FLAT_TITLES), flush=True)
    results = {}
    with env.sandbox() as box:
        for invoices in options.sizes:
            database = box.database(f"bench_{invoices}")
            _fill(box, database, int(invoices / each), invoices, options.settled)
            with step(f"Measuring {invoices:,} invoices"):
                code = f"runs = inside_plan.ours(env, {options.runs})\n"
                code += "result = inside_plan.median(runs)\n"
                code += "result['idle'] = inside_plan.idle(env)\n"
                found = _inside(box, database, code + _explanation(options))
            _print_flat(f"{invoices:,}, all due", invoices, found)
            for why, idle in found["idle"].items():
                _print_flat(f"  {why}", invoices, idle)
            results[invoices] = found
            _print_plans(found)
    reached = _print_flat_goals(results)
    print(json.dumps({"bench": "plan", "customers": each, "sizes": results}))
    return 0 if reached else 1


FLAT = "{:26}{:>12}{:>11}{:>13}{:>17}{:>18}{:>10}{:>9}"
FLAT_TITLES = (
    "invoices",
    "statements",
    "time",
    "an invoice",
    "processor time",
    "of an invoice",
    "memory",
    "before",
)


def _print_flat(title, invoices, found):
    values = (
        title,
        found["statements"],
        f"{found['seconds']:.3f} s",
        f"{found['seconds'] / invoices * 1e6:.1f} µs",
        f"{found['cpu_seconds']:.3f} s",
        f"{found['cpu_seconds'] / invoices * 1e6:.1f} µs",
        f"{found['megabytes']:.0f} MB",
        f"{found['megabytes_before']:.0f} MB",
    )
    print(FLAT.format(*values), flush=True)


def _print_flat_goals(results):
    """Say whether the cost stays flat; return whether it does.

    :param results: invoices → what was measured, the smallest size first.
    """
    each = [found["fastest"] / size for size, found in results.items()]
    statements = max(found["statements"] for found in results.values())
    largest = list(results.values())[-1]
    idle = max(
        idle["cpu_seconds"] / found["cpu_seconds"]
        for found in results.values()
        for idle in found["idle"].values()
    )
    print(
        f"Time of an invoice, of the fastest runs: {each[-1] / each[0]:.2f} times as "
        f"much. Processor time with nothing due: at most {idle:.2f} times as much."
    )
    return _print_reached(
        {
            f"at most {STATEMENTS_AT_MOST} statements": statements
            <= STATEMENTS_AT_MOST,
            f"an invoice among many takes at most {GROWS_AT_MOST} times as long": (
                each[-1] <= GROWS_AT_MOST * min(each)
            ),
            f"the most in at most {SECONDS_AT_MOST} s": (
                largest["seconds"] <= SECONDS_AT_MOST
            ),
            f"the most with at most {MEGABYTES_AT_MOST} MB": (
                largest["megabytes"] <= MEGABYTES_AT_MOST
            ),
            "nothing due: at most a third of the processor time": idle <= IDLE_AT_MOST,
        }
    )


def _fill(box, database, customers, invoices, settled):
    with step(f"Creating {customers:,} customers with {invoices:,} open invoices"):
        size = f"{customers}, {invoices}, {settled}"
        _inside(box, database, f"ledger.fill(env, {size})\n")
        box.cluster.sql("VACUUM ANALYZE", database)


def _inside(box, database, code):
    """Run code in Odoo's shell and return what it put into `result`."""
    dev = str(cache.CHECKOUT / "dev")
    before = f"import json, sys\nsys.path.append({dev!r})\nresult = None\n"
    before += "from benches import inside_plan, inside_send, inside_worklist\n"
    before += "from benches import inside_replay, inside_year, ledger\n"
    after = "print(json.dumps(result))\n"
    output = box.shell(database, before + code + after, timeout=3600)
    return json.loads(output.strip().splitlines()[-1])


def _explanation(options):
    return "result['plans'] = inside_plan.explain(env)\n" if options.explain else ""


def _print_plans(found):
    for statement, lines in found.get("plans", ()):
        print(f"\n{statement} …")
        print("\n".join(f"    {line[:200]}" for line in lines))
