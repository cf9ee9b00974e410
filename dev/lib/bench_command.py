"""`dev/bench NAME [OPTIONS]`: measure on this machine, side by side with others.

    dev/bench plan      planning follow-ups, against OCA's account_credit_control
    dev/bench send      sending follow-ups, beside Odoo's own emails
    dev/bench mailboxes many slow mailboxes side by side, beside one after the other
    dev/bench simulate  the whole engine in simulated time, by thousands of seeds
    dev/bench faults    a campaign under fire: kills, restarts, faults, people
    dev/bench year      what a year of follow-ups does to the database, and its speed
    dev/bench worklist  how fast the accountants' page opens, groups and filters
    dev/bench replay    trying a plan on a year that is over
    dev/bench install   installing and updating in a database with many invoices
    dev/bench plot      pictures of what the others have printed

`dev/bench NAME --help` tells its options. Nothing is stored: what is printed was
measured in this run, on a throwaway database.
"""

import importlib

NAMES = (
    *("plan", "send", "mailboxes", "simulate", "faults"),
    *("year", "worklist", "replay", "install", "plot"),
)


def main(arguments):
    """Run the benchmark asked for; return its exit code, 1 if it misses its goal."""
    if not arguments or arguments[0] not in NAMES:
        print(__doc__)
        return 0 if arguments and arguments[0] in ("-h", "--help") else 2
    return importlib.import_module(f"benches.{arguments[0]}").main(arguments[1:])
