"""`dev/bench mailboxes`: many slow mailboxes side by side, beside one after the other.

Each is a company's own, on one SMTP server on loopback that lets everybody wait for
each answer to a call: MAIL, RCPT, DATA, and its word that it has the email; with
`--calls 1` for that word only. Both ways are the scheduled action's own, in one Odoo
process, which computes on one processor at a time: with waits that are not much longer
than what an email costs, no number of mailboxes at once makes it faster. One after the
other is measured on some of the mailboxes, as it takes so long. Then one mailbox hangs
all the time: how much later are the others done?
"""

import argparse
import json

import env
from lib.console import step
from mailserver_sink import SinkServer

from .plan import _inside, _print_reached

PASSWORD = "not-a-real-one"
TIMES_FASTER = 10
CONNECTIONS_AT_MOST = 24
#: Those of an email by SMTP, the last one first.
CALLS = ("accepted", "data", "rcpt", "mail")
#: What the others may need more while one hangs: the noise of a busy machine.
HELD_UP_AT_MOST = 1.25


def main(arguments):
    """Measure and print; return 1 if a goal is missed."""
    options = _parser().parse_args(arguments)
    found = _measured(options)
    _print_table(options, found)
    reached = _print_goals(found)
    print(json.dumps({"bench": "mailboxes", **vars(options), **found}))
    return 0 if reached else 1


def _parser():
    parser = argparse.ArgumentParser(
        prog="dev/bench mailboxes",
        description=__doc__.partition(":")[2],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--mailboxes", type=int, default=50, help="side by side; default %(default)s")
    add("--sample", type=int, default=5, help="one after the other; %(default)s")
    add("--emails", type=int, default=20, help="of each mailbox; default %(default)s")
    add("--call", type=int, default=300, help="milliseconds; default %(default)s")
    add("--calls", type=int, default=4, help="of an email; default %(default)s")
    add("--pdf", type=int, default=60_000, help="its bytes; default %(default)s")
    return parser


def _measured(options):
    count = options.sample + 2 * options.mailboxes
    addresses = [f"accounting-{n}@bench.example" for n in range(count)]
    with env.sandbox() as box:
        sink = SinkServer(
            box.directory / "sink",
            users=dict.fromkeys(addresses, PASSWORD),
            waits=dict.fromkeys(CALLS[: options.calls], options.call / 1000),
        )
        with sink:
            database = box.database("bench")
            with step(f"Creating {count} mailboxes with {options.emails} emails each"):
                size = f"{options.emails}, {options.pdf}, {sink.port}, {PASSWORD!r}"
                _run(box, database, f"fill(env, {addresses}, {size})")
                box.cluster.sql("VACUUM ANALYZE", database)
            with step("Sending"):
                code = f"measure(env, {options.sample}, {options.mailboxes}, sink)"
                sink_code = f"sink = {str(sink.directory)!r}\n"
                found = _run(box, database, code, sink_code)
            taken = [each.message_id for each in sink.accepted()]
    found["accepted"], found["doubled"] = len(taken), len(taken) - len(set(taken))
    due = count * options.emails - found["waiting"]
    found["lost"] = due - len(set(taken))
    return found


def _run(box, database, call, before=""):
    code = "from benches import inside_mailboxes\n"
    return _inside(box, database, f"{code}{before}result = inside_mailboxes.{call}\n")


def _print_table(options, found):
    print(
        f"\n{options.emails} follow-ups a mailbox, each with a PDF of "
        f"{options.pdf:,} bytes, {options.calls} calls of {options.call} ms each"
    )
    form = "{:34}{:>11}{:>9}{:>10}{:>12}{:>14}{:>13}"
    titles = ("mailboxes", "emails", "time", "a second", "CPU of Odoo", "connections")
    print(form.format("", *titles))
    for title, name in (
        ("one after the other", "one_by_one"),
        ("side by side", "side_by_side"),
        ("the same, while one more hangs", "one_hangs"),
    ):
        side = found[name]
        print(
            form.format(
                title,
                side["mailboxes"],
                side["emails"],
                f"{side['seconds']:.1f} s",
                f"{side['rate']:.2f}",
                f"{side['cpu_seconds'] / side['emails'] * 1000:.0f} ms",
                side["connections"],
            )
        )
    print(f"side by side: {found['times']:.1f} times the rate of one after the other")


def _print_goals(found):
    most = max(found[way]["connections"] for way in ("side_by_side", "one_hangs"))
    slower = found["one_hangs"]["seconds"] / found["side_by_side"]["seconds"]
    return _print_reached(
        {
            "each email arrived once": found["doubled"] == found["lost"] == 0,
            f"at least {TIMES_FASTER} times one after the other": (
                found["times"] >= TIMES_FASTER
            ),
            f"at most {CONNECTIONS_AT_MOST} connections": most <= CONNECTIONS_AT_MOST,
            "a mailbox that hangs holds no other up": slower <= HELD_UP_AT_MOST,
        }
    )
