"""Many seeds, in Odoo's shell."""

import logging
import os
from collections import Counter

from . import clock, world
from .processes import Monitor
from .story import Story


def run(env, seeds, dsn, trace=False):
    """Live through *seeds*.

    :param dsn: how psycopg2 connects to the database of *env*.
    :param trace: whether the lines of all of them are wanted, not of failed ones only.
    :return: a dict, as JSON has it.
    """
    monitor = Monitor(dsn)
    logging.getLogger("odoo").setLevel(logging.ERROR)  # faults say a lot
    logging.getLogger("odoo.sql_db").setLevel(logging.CRITICAL)
    counts, failed, traces = Counter(), {}, {}
    with clock.simulated(monitor) as simulated:
        world.fill(env, monitor)
        there = world.World(env, simulated, monitor)
        env.cr.commit()  # pylint: disable=invalid-commit
        Story(there, 0).live()  # fills the caches of Odoo
        began = os.times().elapsed
        for seed in seeds:
            story = Story(there, seed)
            found = story.live()
            counts += story.trace.counts
            counts.update(_ends(story))
            if found or trace:
                traces[seed] = story.trace.lines
            if found:
                failed[seed] = found
        seconds = os.times().elapsed - began
    return {
        "seeds": len(seeds),
        "seconds": seconds,
        "counts": counts,
        "failed": failed,
        "traces": traces,
    }


def _ends(story):
    rows = story.world.monitor.ask(
        "SELECT state, count(*) FROM account_email_followup GROUP BY state"
    )
    ends = {f"follow-up ends {state}": count for state, count in rows}
    taken = sum(each.taken_at is not None for each in story.provider.attempts)
    return {**ends, "emails accepted": taken}
