"""``kill -9`` of Odoo at every step of sending: nothing twice, nothing lost.

What was accepted is counted in the mail server's own durable record.
"""

import contextlib
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import office
import psycopg2
import pytest
from mailserver import MailServer
from proxy import Proxy
from scheduler import Scheduler

LANES = 2  # databases that are worked on side by side
PASS_BEFORE = 2  # emails that leave before the one during which we kill

# Where we kill, and what the ledger says of that email in the end.
SENT = {"sent"}
UNKNOWN = {"unknown"}
EITHER = SENT | UNKNOWN
POINTS = {
    # before it can leave: it goes again
    "writing the email": SENT,
    "claiming it in the journal": SENT,
    "greeting": SENT,
    "auth": SENT,
    "mail": SENT,
    "rcpt": SENT,
    "data": SENT,
    "noting that it leaves": SENT,
    # all of it, the final dot too, may lie in the system's buffers by now
    "body:0": EITHER,
    "body:200": EITHER,
    "body:5000": EITHER,
    # it may have left: the final dot is out, and nobody knows the answer
    "dot": UNKNOWN,
    "accepted": UNKNOWN,
    "noting that it is uncertain": UNKNOWN,  # of the one before, in the next run
    "noting the receipt": UNKNOWN,
    # after Odoo knew, before it committed
    "filing the copy": SENT,
    "closing the follow-up": SENT,
}
# A table that another connection locks: Odoo's next change of it blocks.
TABLES = {
    "writing the email": "mail_message",
    "claiming it in the journal": "account_email_delivery",
    "noting that it leaves": "account_email_delivery",
    "noting that it is uncertain": "account_email_delivery",
    "noting the receipt": "account_email_delivery",
    "closing the follow-up": "account_email_followup",
}
# A second time, where it is most tempting to send once more.
AGAIN = [point for point, states in POINTS.items() if states == UNKNOWN]
AGAIN += ["filing the copy", "closing the follow-up"]
AT_THE_FIRST_EMAIL = (
    "writing the email",
    "claiming it in the journal",
    "greeting",
    "auth",
    "mail",
    "noting that it is uncertain",
)


class Lane:
    """One database, one mail server, one Odoo; kills at one point after the other."""

    def __init__(self, box, template, stack):
        self.box = box
        self.mail = stack.enter_context(MailServer(office.ACCOUNTS))
        self.faults = self.mail.sink.faults
        self.imap = stack.enter_context(Proxy(self.mail.imaps))
        self.database = office.copy(box, template, self.mail, self.imap.port)
        count = office.COUNTS[office.ACME]
        self.customers = office.release(box, self.database, office.ACME, 0, count)
        self.odoo = stack.enter_context(Scheduler(box, self.database, self.mail))
        self.kills = 0
        self.victims = {}  # the customer's address: the last point where we killed

    def go(self):
        """Kill at every point, then once everything, and let it run to the end."""
        for point in [*POINTS, *AGAIN]:
            self.kill_at(point)
        self.odoo.restart()
        self.run(lambda: not self.addresses("planned") + self.addresses("sending"))
        self.odoo.run_once()

    def run(self, until):
        self.odoo.run(until, hurried=True)

    def kill_at(self, point):
        """Run the action, and kill its process when an email is at *point*."""
        if point in AT_THE_FIRST_EMAIL:
            with self.held(point) as reached:
                self.run(reached)
                victim = self.on_its_way()
                self.odoo.kill_worker()
        else:
            victim = self.victim_to_be()
            with self.held("rcpt", match=victim) as on_its_way:
                self.run(on_its_way)
                self.kill_on_the_way(point)
        self.kills += 1
        if victim:
            self.victims[victim] = point

    def kill_on_the_way(self, point):
        """The victim is held at "rcpt"; let it come to *point*."""
        if point == "rcpt":
            self.odoo.kill_worker()
            return
        with contextlib.ExitStack() as stack:
            if point == "noting the receipt":  # not what is noted before it leaves
                self.pass_on("rcpt", stack.enter_context(self.held("dot")))
            reached = stack.enter_context(self.held(point))
            self.pass_on("dot" if point == "noting the receipt" else "rcpt", reached)
            self.odoo.kill_worker()

    def pass_on(self, held, reached):
        """Let go of what is held there, and wait until it is somewhere else."""
        self.faults.clear(held)
        _wait(reached)

    @contextlib.contextmanager
    def held(self, point, match=""):
        """Hold Odoo up at *point*; gives a function that tells whether it is there."""
        if point in TABLES:
            with self.locked(TABLES[point]) as reached:
                yield reached
        elif point == "filing the copy":
            self.imap.hold()
            try:
                yield self.imap.waiting.is_set
            finally:
                self.imap.let_go()
        else:
            before = len(self.faults.reached(point))
            self.faults.set(point, "stall", match=match)
            try:
                yield lambda: len(self.faults.reached(point)) > before
            finally:
                self.faults.clear(point)

    @contextlib.contextmanager
    def locked(self, table):
        def blocked():
            with office.connection(self.box, self.database) as other:
                other.execute(
                    "SELECT count(*) FROM pg_locks JOIN pg_database AS db"
                    "    ON db.oid = database AND datname = current_database()"
                    " WHERE NOT granted AND relation = %s::regclass",
                    [table],
                )
                return other.fetchone()[0] > 0

        with contextlib.closing(psycopg2.connect(self.box.dsn(self.database))) as link:
            cr = link.cursor()
            cr.execute("SET lock_timeout = '10s'")
            cr.execute(f"LOCK TABLE {table} IN SHARE MODE")
            yield blocked

    def victim_to_be(self):
        """The customer whose turn comes after some others."""
        waiting = self.addresses("planned")
        if not waiting:  # nothing was planned yet: the first run does that
            waiting = self.customers
        assert len(waiting) > PASS_BEFORE, "not enough customers for so many kills"
        return waiting[PASS_BEFORE]

    def on_its_way(self):
        """The customer whose email is on its way, of a batch: the one that the journal
        has claimed, else the first that is to be; "" if none is written yet."""
        with office.connection(self.box, self.database) as cr:
            cr.execute(
                """SELECT partner.email FROM account_email_followup followup
                     JOIN res_partner partner ON partner.id = followup.partner_id
                LEFT JOIN account_email_delivery delivery
                       ON delivery.message_id = followup.message_id_header
                    WHERE followup.state = 'sending'
                      AND delivery.state IS DISTINCT FROM 'accepted'
                 ORDER BY delivery.state = 'sending' DESC NULLS LAST,
                          followup.planned_date, followup.id
                    LIMIT 1"""
            )
            return "".join(address for (address,) in cr.fetchall())

    def addresses(self, state):
        with office.connection(self.box, self.database) as cr:
            cr.execute(
                """SELECT partner.email FROM account_email_followup followup
                     JOIN res_partner partner ON partner.id = followup.partner_id
                    WHERE followup.state = %s
                 ORDER BY followup.planned_date, followup.id""",
                [state],
            )
            return [address for (address,) in cr.fetchall()]


@pytest.fixture(scope="module")
def lanes(box, template):
    """The lanes, after all kills."""
    with contextlib.ExitStack() as stack:
        lanes = [Lane(box, template, stack) for _number in range(LANES)]
        with ThreadPoolExecutor(LANES) as pool:
            for done in [pool.submit(lane.go) for lane in lanes]:
                done.result()
        yield lanes


def test_nothing_twice_and_nothing_lost(lanes, say):
    kills = twice = lost = unknown = accepted = 0
    for lane in lanes:
        copies = _accepted(lane.mail)
        states = office.followups(lane.box, lane.database)
        kills += lane.kills
        accepted += copies.total()
        unknown += sum(state == "unknown" for state in states.values())
        twice += sum(count > 1 for count in copies.values())
        lost += sum(_is_lost(states.get(c), copies[c]) for c in lane.customers)
    total = sum(len(lane.customers) for lane in lanes)
    say(
        f"kill -9: {kills} kills at {len(POINTS)} points, {total} follow-ups planned, "
        f"{accepted} emails accepted, {twice} duplicates, {lost} lost, "
        f"{unknown} shown as unknown"
    )
    assert kills >= 40
    assert (twice, lost) == (0, 0)


def test_every_uncertain_one_is_shown_as_unknown(lanes):
    for lane in lanes:
        states = office.followups(lane.box, lane.database)
        for customer, point in lane.victims.items():
            assert states[customer] in POINTS[point], (point, customer)
        unknown = {c for c, state in states.items() if state == "unknown"}
        assert unknown <= lane.victims.keys(), "nobody else is uncertain"


def test_each_sent_follow_up_is_in_the_sent_folder_once(lanes):
    for lane in lanes:
        filed = Counter(
            message["To"].addresses[0].addr_spec
            for message in lane.mail.sent(office.ADDRESSES[office.ACME])
        )
        states = office.followups(lane.box, lane.database)
        sent = {customer for customer, state in states.items() if state == "sent"}
        assert filed == Counter(sent)


def test_the_scheduler_has_logged_no_error(lanes):
    for lane in lanes:
        # Odoo says that of each action that was killed three times.
        errors = [line for line in lane.odoo.errors() if "timed out" not in line]
        assert not errors


def _is_lost(state, copies):
    """Whether a planned follow-up is neither accepted once nor shown as uncertain."""
    return not (state == "unknown" or (state == "sent" and copies == 1))


def _accepted(mail):
    """How many emails the mail server has accepted for each customer."""
    return Counter(r for each in mail.accepted() for r in each.recipients)


def _wait(reached, timeout=60):
    deadline = time.monotonic() + timeout
    while not reached():
        if time.monotonic() > deadline:
            raise TimeoutError("Odoo did not come to the point where we kill it")
        time.sleep(0.01)
