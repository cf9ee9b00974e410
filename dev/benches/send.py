"""`dev/bench send`: what sending a follow-up costs, beside Odoo's own emails.

Both send to the same SMTP server on loopback, in one Odoo process and in turns, an
email with a PDF for each of the same invoices. Ours is all that the scheduled action
does with a planned follow-up: looking again, writing the email, journal, ledger,
chatter and notes. Odoo's is its template rendered into the queue, and the queue sent.
"""

import argparse
import json

import env
from lib.console import step
from mailserver_sink import SinkServer

from .plan import _inside, _print_reached

PASSWORD = "not-a-real-one"
RATE_AT_LEAST = 1.0
STATEMENTS_AT_MOST = 30


def main(arguments):
    """Measure and print; return 1 if a goal is missed."""
    options = _parser().parse_args(arguments)
    found = _measured(options)
    ours, core = found["ours"], found["core"]
    print(f"\n{options.emails:,} emails each, with a PDF of {options.pdf:,} bytes")
    _print_table(ours, core)
    for name, side in found.items():
        rounds = ", ".join(f"{seconds:.2f}" for seconds in side["rounds"])
        print(f"{name}: rounds of {rounds} s")
    reached = _print_goals(options, ours, core)
    print(json.dumps({"bench": "send", "pdf": options.pdf, **found}))
    return 0 if reached else 1


def _parser():
    parser = argparse.ArgumentParser(
        prog="dev/bench send",
        description=__doc__.partition(":")[2],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--emails", type=int, default=150, help="of each; default %(default)s")
    add("--rounds", type=int, default=5, help="taking turns; default %(default)s")
    add("--pdf", type=int, default=60_000, help="its bytes; default %(default)s")
    add("--profile", action="store_true", help="print where ours spends its time")
    add("--statements", action="store_true", help="print which statements ours makes")
    return parser


def _measured(options):
    with env.sandbox() as box:
        users = {"accounting@bench.example": PASSWORD}
        with SinkServer(box.directory / "sink", users=users) as sink:
            database = box.database("bench")
            with step(f"Creating {options.emails:,} invoices with a PDF"):
                size = f"{options.emails}, {options.pdf}, {sink.port}, {PASSWORD!r}"
                _inside(box, database, f"inside_send.fill(env, {size})\n")
                box.cluster.sql("VACUUM ANALYZE", database)
            with step("Sending"):
                looks = f"{options.profile}, {options.statements}"
                code = f"result = inside_send.both(env, {options.rounds}, {looks})\n"
                found = _inside(box, database, code)
            for line in found.pop("told"):
                print(line)
            taken = [each.message_id for each in sink.accepted()]
            found["ours"]["once"] = len(taken) == len(set(taken))
            found["ours"]["accepted"] = len(taken)
            return found


def _print_table(ours, core):
    print(f"{'an email':26}{'ours':>12}{'Odoo':>12}{'ratio':>12}")
    for title, name, form in (
        ("time", "seconds", "{:,.1f} ms"),
        ("processor time", "cpu_seconds", "{:,.1f} ms"),
        ("SQL statements", "statements", "{:,.1f}"),
    ):
        each = [side[name] / side["emails"] for side in (ours, core)]
        if form.endswith("ms"):
            each = [1000 * value for value in each]
        shown = "".join(f"{form.format(value):>12}" for value in each)
        print(f"{title:26}{shown}{each[0] / each[1]:>12.2f}")


def _print_goals(options, ours, core):
    rate = core["seconds"] / core["emails"] / (ours["seconds"] / ours["emails"])
    print(f"rate: {rate:.2f} of Odoo's")
    return _print_reached(
        {
            "each email arrived once": ours["once"]
            and ours["accepted"] == 2 * options.emails,
            f"at least {RATE_AT_LEAST} of Odoo's rate": rate >= RATE_AT_LEAST,
            "at most Odoo's processor time": ours["cpu_seconds"] <= core["cpu_seconds"],
            f"at most {STATEMENTS_AT_MOST} statements a follow-up": (
                ours["statements"] <= STATEMENTS_AT_MOST * ours["emails"]
            ),
        }
    )
