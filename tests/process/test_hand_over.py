"""A customer is handed over, and taken back, by a person at a real browser."""

from types import SimpleNamespace

import env
import office
import pytest
from browser import Browser
from oauth_world import PASSWORD, log_in

SETUP = """
from datetime import date, timedelta
from odoo import Command
env["ir.config_parameter"].set_param("web.base.url", {url!r})
env["ir.config_parameter"].set_param("web.base.url.freeze", "True")
groups = env.ref("base.group_user") | env.ref("account.group_account_manager")
env["res.users"].create({{
    "name": "Anna", "login": "anna", "password": {password!r},
    "email": "anna@acme.example", "group_ids": [Command.set(groups.ids)],
    "odoobot_state": "disabled",  # his welcome covers a narrow page
}})
customer = env["res.partner"].create({{
    "name": "Blue Lake", "email": "pay@bluelake.example", "is_company": True,
}})
due = date.today() - timedelta(days=50)
env["account.move"].create({{
    "move_type": "out_invoice", "partner_id": customer.id,
    "invoice_date": due, "invoice_date_due": due,
    "invoice_line_ids": [Command.create({{
        "name": "Work", "price_unit": 1200, "tax_ids": [Command.clear()],
    }})],
}}).action_post()
env.cr.commit()
"""


@pytest.fixture(scope="module")
def world(box):
    (port,) = env.free_ports()
    url = f"http://127.0.0.1:{port}"
    database = box.database("hand_over")
    box.shell(database, SETUP.format(url=url, password=PASSWORD))
    with box.serve(database, "--max-cron-threads=0", port=port):
        yield SimpleNamespace(url=url, box=box, database=database)


def asked(world, question):
    with office.connection(world.box, world.database) as cr:
        cr.execute(question)
        return cr.fetchone()[0]


@pytest.mark.parametrize("size", [(1366, 900), (420, 860)], ids=["wide", "narrow"])
def test_hand_over_and_take_back(world, size, tmp_path):
    customer = asked(world, "SELECT id FROM res_partner WHERE name = 'Blue Lake'")
    with Browser(size) as browser:
        log_in(browser, world, "anna")
        browser.open(f"{world.url}/odoo/res.partner/{customer}")
        browser.click("Follow-ups", selector=".nav-link")
        browser.screenshot(tmp_path / "customer.png")
        browser.click("Hand over…", selector="button")
        browser.see("A lawyer or an agency collects the money")
        browser.see("Unpaid invoices: 1.")
        browser.type(".modal [name=to] input", "Smith & Partners")
        browser.screenshot(tmp_path / "hand-over.png")
        browser.click("Hand over", selector=".modal button")
        browser.see("The file is ready")
        browser.screenshot(tmp_path / "ready.png")
        browser.see("Save the file")
        browser.click("Close", selector=".modal button")
        browser.see("Handed over: somebody else collects the money")
        browser.see("Make the file again…")
        browser.screenshot(tmp_path / "handed-over.png")
        browser.click("Take back", selector="button")
        browser.click("Take back", selector=".modal button")
        browser.see_no_more("Make the file again…")
    files = "SELECT count(*) FROM ir_attachment WHERE mimetype = 'application/zip'"
    assert asked(world, files)
