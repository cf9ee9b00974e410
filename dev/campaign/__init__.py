"""A campaign under fire, with real processes: `dev/bench faults`.

    office.py     a company with many customers, its Odoo, and people who use it
    providers.py  the three providers: how one connects, all that they do wrong
    fire.py       kills, restarts of PostgreSQL, faults and people, by a seed
    verdict.py    what became of every follow-up

It stands on the parts of tests/process: their users, and the mail server.
"""

import sys

from lib.cache import CHECKOUT

sys.path.append(str(CHECKOUT / "tests/process"))
