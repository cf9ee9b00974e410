"""What happens to a lane, by a seed: as many kills and faults as are asked for."""

import time
from collections import Counter
from itertools import cycle

PEOPLE = ("send now", "send now", "reconnect", "disconnect", "skip", "change a plan")
PLAN = "account.email.followup.plan"
PLANS = "SELECT id FROM account_email_followup_plan WHERE active"
#: Seconds without one more email after which something is wrong.
PATIENCE = 300


class Fire:
    """Goes on until every follow-up has come to an end.

    The seed decides what happens when so many emails were accepted; where Odoo is just
    then, the machine decides.

    :param kills: how many, at least.
    :ivar counts: how often what was done.
    """

    def __init__(self, office, provider, chance, customers, kills, say):
        self.office, self.provider, self.chance = office, provider, chance
        self.customers, self.kills, self.say = customers, kills, say
        self.counts = Counter()
        faults = list(provider.faults())
        chance.shuffle(faults)
        self._faults = cycle(faults)
        self._plan = self._drawn(len(faults))

    def _drawn(self, faults):
        """(after how many emails, what), in order: every fault once at least."""
        what = [self._kill] * self.kills
        what += [self._restart_postgres] * max(2, self.kills // 8)
        what += [self._restart_odoo] * 2
        what += [self._fault] * max(faults, self.customers // 5)
        what += [self._person] * max(10, self.customers // 12)
        last = int(self.customers * 0.9)
        plan = [(self.chance.randrange(last), each) for each in what]
        return sorted(plan, key=lambda each: each[0])

    def left(self):
        """How many of the things that were to happen have not."""
        return len(self._plan)

    def rage(self):
        """Let it all happen, then let all come to rest."""
        accepted, since = -1, time.monotonic()
        while self._goes_on():
            now = len(self.provider.accepted())
            while self._plan and self._plan[0][0] <= now:
                self._plan.pop(0)[1]()
                self._live()
            if now != accepted:
                accepted, since = now, time.monotonic()
            if time.monotonic() - since > PATIENCE:
                break
            self._live()
        self._rest()

    def _goes_on(self):
        waits = self.office.followups("planned", "sending")
        return self._plan and (waits or not self.office.state())

    def _live(self):
        """Some time passes; who has to sign in does."""
        time.sleep(self.chance.uniform(0.1, 0.6))
        if self.office.state() in ("error", "disconnected", "pending_approval"):
            self._reconnect()
        self.office.pass_an_hour()

    def _rest(self):
        self.provider.clear()
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self._live()
            if self.office.state() and not self.office.followups("planned", "sending"):
                break
        for _twice in range(2):  # nobody is written to once more
            self.office.pass_an_hour()
            time.sleep(3)

    # -- what happens ------------------------------------------------------------------

    def _kill(self):
        self.office.kill_a_worker(self.chance)

    def _restart_odoo(self):
        self.counts["Odoo killed as a whole"] += 1
        self.office.kill_all()

    def _restart_postgres(self):
        self.counts["PostgreSQL restarted"] += 1
        self.office.restart_postgres()

    def _fault(self):
        name, strike = next(self._faults)
        self.counts["faults of the provider"] += 1
        self.say(name)
        strike()

    def _person(self):
        what = self.chance.choice(PEOPLE)
        self.counts["people"] += 1
        getattr(self, f"_{what.replace(' ', '_')}")()

    def _send_now(self):
        waiting = self.office.followups("planned")
        if waiting:
            self.office.press("action_send_now", self.chance.sample(waiting, 1))

    def _skip(self):
        waiting = self.office.followups("planned")
        if waiting:
            self.office.press("action_skip", self.chance.sample(waiting, 1))

    def _reconnect(self):
        self.counts["reconnected"] += 1
        self.provider.connect(self.office)

    def _disconnect(self):
        model = "account.email.connector"
        self.office.press("action_disconnect", [self.office.connector], model)

    def _change_a_plan(self):
        """Its hours, there and back: what waits for them waits."""
        plans = [id_ for (id_,) in self.office.sql(PLANS)]
        for hour in (23.9, 0):
            self.office.press("write", plans, PLAN, vals={"from_hour": hour})
