"""`dev/bench worklist`: how fast the accountants' page opens, groups and filters.

Each act is what the browser asks for, as one request each: the time and the statements
of Odoo's part of it, on a throwaway database. At first everybody is decided about.
"""

import argparse
import json

import env
from lib.console import step

from .plan import _fill, _inside, _print_reached

STATEMENTS_AT_MOST = 15
SECONDS_AT_MOST = 1
#: Of so many customers a change is told before it is saved, in at most so many seconds.
CHANGED_CUSTOMERS, CHANGED_SECONDS = 100_000, 10
#: What is measured beside the worklist: the aims are not about these.
NO_LIST = {"all decided", "a customer's account"}
CHANGE = "would change"


def main(arguments):
    """Measure and print; return 1 if a goal is missed."""
    options = _parser().parse_args(arguments)
    with env.sandbox() as box:
        database = box.database("worklist")
        _fill(box, database, options.customers, 3 * options.customers, 0)
        with step("Measuring"):
            measure = "changes" if options.changes else "measure"
            code = f"result = inside_worklist.{measure}(env, {options.companies})\n"
            found = _inside(box, database, code)
    print(f"{options.customers:,} customers in {options.companies} companies\n")
    form = "{:46}{:>12}{:>12}"
    print(form.format("", "time", "statements"))
    for title, (seconds, statements) in found.items():
        print(form.format(title, f"{seconds:.3f} s", statements))
    changes = {title for title in found if title.endswith(CHANGE)}
    pages = [found[title] for title in found.keys() - changes - NO_LIST]
    slowest = max(found[title][0] for title in changes)
    reached = _print_reached(
        {
            f"the worklist, each time, in at most {SECONDS_AT_MOST} s": all(
                seconds <= SECONDS_AT_MOST for seconds, _count in pages
            ),
            f"in at most {STATEMENTS_AT_MOST} statements": all(
                count <= STATEMENTS_AT_MOST for _seconds, count in pages
            ),
            f"a change of {CHANGED_CUSTOMERS:,} in at most {CHANGED_SECONDS} s": (
                slowest * CHANGED_CUSTOMERS / options.customers <= CHANGED_SECONDS
            ),
        }
    )
    print(json.dumps({"bench": "worklist", "customers": options.customers, **found}))
    return 0 if reached else 1


def _parser():
    parser = argparse.ArgumentParser(
        prog="dev/bench worklist",
        description=__doc__.partition(":")[2],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--customers", type=int, default=20_000, help="default %(default)s")
    add("--changes", action="store_true", help="only what a change would do")
    add("--companies", type=int, default=6, help="default %(default)s")
    return parser
