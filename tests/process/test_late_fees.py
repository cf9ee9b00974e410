"""Late fees that two people charge at the same moment."""

from concurrent.futures import ThreadPoolExecutor

import office

WORKERS = 2
ROUNDS = 4

BEGIN = """
plan = env.ref("account_email_connector.plan_default")
plan.step_ids.show_interest = True
currency = env.company.currency_id.id
plan.write({{"interest_rate": 10, "fixed_fee": 40, "fee_currency_id": currency}})
env.cr.commit()
env["account.email.connector"]._cron_followups()
env.cr.commit()
"""

# Both have looked, and see that nothing is charged, when both press the button.
PRESS = """
import time
from pathlib import Path
from odoo.service.model import retrying
directory = Path({directory!r})
followups = env["account.email.followup"].search([("state", "=", "sent")], order="id")
presses = 0
for number, followup in enumerate(followups[:{rounds}]):
    def press():
        global presses
        presses += 1
        env["account.email.late.charge"].search_count([])
        (directory / f"ready-{worker}-{{number}}").touch()
        while not all(
            (directory / f"ready-{{each}}-{{number}}").exists()
            for each in range({workers})
        ):
            time.sleep(0.001)
        return followup.action_invoice_late_fees()["res_id"]
    opened = retrying(press, env)
    env.cr.commit()
    print("opened", followup.id, opened)
print("pressed", presses)
"""

COUNT = """
print("made", env["account.move"].search_count([("invoice_origin", "!=", False)]))
"""


def test_two_people_at_the_same_moment(box, database, mail, tmp_path, say):
    def work(worker):
        code = PRESS.format(
            directory=str(tmp_path), rounds=ROUNDS, workers=WORKERS, worker=worker
        )
        # Any error in Odoo's log fails the test.
        return box.odoo("shell", "-d", database, stdin=code, env=office.trust(mail))

    office.release(box, database, office.ACME, 0, ROUNDS)
    box.shell(database, BEGIN.format(), env=office.trust(mail))
    with ThreadPoolExecutor(WORKERS) as pool:
        told = list(pool.map(work, range(WORKERS)))
    opened = [_lines(each, "opened") for each in told]
    assert len(opened[0]) == ROUNDS
    assert opened[0] == opened[1], "not the same invoice"
    (made,) = _lines(box.shell(database, COUNT), "made")
    assert made == [str(ROUNDS)]
    presses = [int(_lines(each, "pressed")[0][0]) for each in told]
    say(f"{ROUNDS} follow-ups charged by {WORKERS} at once: {made[0]} invoices")
    assert sum(presses) > WORKERS * ROUNDS, "they were never at it together"


def _lines(answer, word):
    text = answer if isinstance(answer, str) else answer.stdout
    return [line.split()[1:] for line in text.splitlines() if line.startswith(word)]
