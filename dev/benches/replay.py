"""`dev/bench replay`: trying a plan on a year that is over.

Everybody buys, is late, and pays; the plan of the company is walked through twelve
months, day by day, as of the books of each morning.
"""

import argparse
import json

import env
from lib.console import step

from .plan import _inside, _print_reached

SECONDS_AT_MOST = 60
STATEMENTS_AT_MOST = 40


def main(arguments):
    """Measure and print; return 1 if a goal is missed."""
    options = _parser().parse_args(arguments)
    size = f"{options.customers}, {options.customers * options.invoices}"
    with env.sandbox() as box:
        database = box.database("replay")
        with step(f"Creating {options.customers:,} customers, and a year of theirs"):
            _inside(box, database, f"ledger.a_year(env, {size})\n")
            box.cluster.sql("VACUUM ANALYZE", database)
        with step("Measuring"):
            found = _inside(box, database, "result = inside_replay.measure(env)\n")
    print(f"{found['customers']:,} customers with {options.invoices} invoices each\n")
    for title, (value, unit) in found["figures"].items():
        print(f"{title:46}{value:>12,.1f} {unit}")
    seconds, statements = (
        found["figures"][title][0] for title in ("time", "statements")
    )
    reached = _print_reached(
        {
            f"in at most {SECONDS_AT_MOST} s": seconds <= SECONDS_AT_MOST,
            f"in at most {STATEMENTS_AT_MOST} statements": (
                statements <= STATEMENTS_AT_MOST
            ),
        }
    )
    print(json.dumps({"bench": "replay", **found}))
    return 0 if reached else 1


def _parser():
    parser = argparse.ArgumentParser(
        prog="dev/bench replay",
        description=__doc__.partition(":")[2],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--customers", type=int, default=2_000, help="default %(default)s")
    add("--invoices", type=int, default=24, help="of each; default %(default)s")
    return parser
