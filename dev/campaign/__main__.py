"""`dev/bench faults`: a campaign under fire, with real Odoo processes.

For each provider a company sends a follow-up to each of its customers, from an Odoo of
several workers, while workers are killed (kill -9), PostgreSQL is restarted, the
provider does wrong all that it can, and people press buttons, connect and disconnect.
Then it is counted what the provider has accepted, and what the ledger says.
"""

import argparse
import random
import sys
import time

import env
from lib.console import say, step

from . import fire, office, providers, verdict

LANES = ("smtp", "graph", "gmail")


def main(arguments):
    """Go through the lanes and print their verdicts; return 1 if one is not good."""
    options = _parser().parse_args(arguments)
    good = True
    with env.sandbox() as box:
        for name in options.lanes:
            with step(f"{name}: {options.followups:,} follow-ups under fire"):
                good &= _lane(box, name, options)
    return 0 if good else 1


def _lane(box, name, options):
    (port,) = env.free_ports()
    with providers.opened(name, f"http://127.0.0.1:{port}") as provider:
        place = office.Office(box, port, options.followups, provider, options.workers)
        place.start()
        provider.connect(place)
        chance = random.Random(f"{options.seed} {name}")  # nosec B311 # no secret
        told = say if options.tell else str
        kills = -(-options.kills // len(options.lanes))
        flames = fire.Fire(place, provider, chance, options.followups, kills, told)
        began = time.monotonic()
        flames.rage()
        minutes = (time.monotonic() - began) / 60
        rows = place.read(verdict.FOLLOWUPS)
        found = verdict.Verdict(rows, provider.accepted(), options.followups)
        place.server.close()
    what = ", ".join(f"{times} × {text}" for text, times in flames.counts.items())
    print(f"{provider.name}: {place.kills} kills, {what}, in {minutes:.1f} minutes")
    print(f"{provider.name}: {found}")
    for fault in verdict.FAULTS:
        if left := getattr(found, fault):
            print(f"    {fault}: {left if isinstance(left, int) else left[:20]}")
    if not (complete := place.kills >= kills and not flames.left()):
        print(f"    not all happened: {flames.left()} things are left")
    return found.is_good and complete


def _parser():
    parser = argparse.ArgumentParser(
        prog="dev/bench faults",
        description=__doc__.partition(":")[2],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--followups", type=int, default=1000, help="a lane; default %(default)s")
    add("--kills", type=int, default=102, help="in all lanes; default %(default)s")
    add("--workers", type=int, default=3, help="that send; default %(default)s")
    add("--seed", type=int, default=1, help="default %(default)s")
    add("--lanes", nargs="+", choices=LANES, default=LANES)
    add("--tell", action="store_true", help="each fault of the provider, as it comes")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
