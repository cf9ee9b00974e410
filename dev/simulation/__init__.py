"""The whole engine in simulated time: one process, a virtual clock, faults by a seed.

It runs in Odoo's shell on a throwaway database, with real cursors and commits.

    run.py        many seeds, or one with its trace;  story.py: what happens in one
    world.py      the company and its customers, as they are when a seed begins
    clock.py      Python's time and PostgreSQL's now()
    processes.py  Odoo processes as threads, of which one runs at a time
    database.py   where a statement, a commit or a connection may fail: the border
    faults.py     what fails, and when: kill -9, lost connections, a restart, …
    provider.py   the mailbox at the other border; it remembers what it has accepted
    people.py     what users do meanwhile
    checks.py     what has to be true in the end
"""
