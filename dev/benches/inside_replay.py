"""What `dev/bench replay` does inside Odoo."""

from collections import Counter
from datetime import timedelta

from odoo import fields

from odoo.addons.account_email_connector.engine.planning.units import Units
from odoo.addons.account_email_connector.engine.replay import asking, walk

from .inside_plan import measured


def measure(env):
    """What a replay of the company's plan takes, and what it finds."""
    last = fields.Date.today() - timedelta(days=1)
    first = last - timedelta(days=364)

    def replayed():
        plan = Units(env, env.company).unit_for(env.company.id).plan
        units, unit = asking.chasers(env, env, env.company, plan)
        return walk.replay(units, unit, plan, first, last)

    cost = measured(env, replayed)
    found = cost["result"]
    by_step = Counter(would.step.days for would in found.would)
    busiest = Counter(would.day for would in found.would).most_common(1)
    return {
        "customers": found.customers,
        "figures": {
            "time": (cost["seconds"], "s"),
            "of the processor": (cost["cpu_seconds"], "s"),
            "of PostgreSQL": (cost["sql_seconds"], "s"),
            "statements": (cost["statements"], ""),
            "memory, at most": (cost["megabytes"] - cost["megabytes_before"], "MB"),
            "follow-ups that would have left": (len(found.would), ""),
            **{
                f"  after {days} days": (number, "")
                for days, number in sorted(by_step.items())
            },
            "on the busiest day": (busiest[0][1], ""),
            "paid late and never reminded": (len(found.unreminded), ""),
        },
    }
