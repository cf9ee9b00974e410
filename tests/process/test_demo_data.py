"""With Odoo's demo data: there is something to see at once, and nothing is sent."""

from ast import literal_eval

import pytest

SHOWN = """
rows = env["account.email.followup.case"]
rows.action_open()
company = env.ref("base.main_company")
shown = {row.partner_id.name: row.todo
         for row in rows.search([("company_id", "=", company.id)])}
print("SHOWN", sorted({todo for name, todo in shown.items() if name in NAMES}))
print("PLAN", company.email_followup_plan_id.name)
print("MAILBOX", company.email_connector_ids.mapped("state"))
env["account.email.followup"]._plan(company)
env.ref("account_email_connector.ir_cron_followups").method_direct_trigger()
print("SENT", env["mail.mail"].search_count([("model", "=", "account.email.followup")]),
      env["account.email.delivery"].search_count([]))
"""
NAMES = """
from odoo.addons.account_email_connector.demo.customers import CUSTOMERS
NAMES = {customer.name for customer in CUSTOMERS}
"""


COUNT = """
print(*(env[model].search_count([]) for model in ("res.partner", "account.move",
      "account.email.connector", "account.email.followup.plan")))
"""
ADDON = "account_email_connector"
OPTIONS = ("--with-demo", "--stop-after-init")


@pytest.mark.parametrize("before", [[], ["account"]])
def test_demo_data(box, before):
    """In an empty database, and where Odoo's own is there already."""
    name = f"demo_data_{len(before)}"
    for modules in [*before, ADDON]:
        box.odoo("-d", name, "-i", modules, *OPTIONS)
    printed = box.shell(name, NAMES + SHOWN)
    told = dict(line.split(" ", 1) for line in printed.splitlines() if " " in line)
    assert len(literal_eval(told["SHOWN"])) >= 4, printed
    assert told["PLAN"] == "Friendly, firm, final"
    assert told["MAILBOX"] == "['disconnected']"
    assert told["SENT"] == "0 0"
    there = box.shell(name, COUNT)
    box.odoo("-d", name, "--reinit", ADDON, *OPTIONS)
    assert box.shell(name, COUNT) == there, "nobody is made twice"
