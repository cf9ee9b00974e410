"""A plan is tried on the past: from its form to the rows behind a number."""

from types import SimpleNamespace

import env
import office
import pytest
import test_screens
from browser import Browser, wait_for
from oauth_world import PASSWORD, log_in

MORE = """
def paid(name, days, after):
    customer = owe(name, days)
    move = env["account.move"].search([("partner_id", "=", customer.id)])
    wizard = env["account.payment.register"].with_context(
        active_model="account.move", active_ids=move.ids)
    wizard.create({{"payment_date": move.invoice_date_due + timedelta(days=after)}}
                  )._create_payments()

paid("Fern Valley Farms", 60, 4)
paid("Grey Stone Masons", 90, 50)
env["ir.cron"].search([]).active = False
env.ref("account_email_connector.ir_cron_replays").active = True
env.cr.commit()
"""
PLAN = "SELECT plan_id FROM account_email_followup_step ORDER BY id"
BESIDE = """(() => { const page = document.querySelector('.o_form_view .o_content');
    return page.scrollWidth > page.clientWidth; })()"""
TABLE = "account_email_followup_replay"
NUMBER = "button[data-rows=emails]"


@pytest.fixture(scope="module")
def world(box):
    (port,) = env.free_ports()
    url = f"http://127.0.0.1:{port}"
    database = box.database("replay")
    setup = test_screens.SETUP + MORE
    box.shell(database, office.BEGIN + setup.format(url=url, password=PASSWORD))
    with box.serve(database, "--max-cron-threads=1", port=port):
        yield SimpleNamespace(url=url, box=box, database=database)


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["desk", "phone"])
def test_from_the_plan_to_what_it_would_have_sent(world, size, tmp_path):
    plan = test_screens.asked(world, PLAN)
    with Browser(size) as browser:
        log_in(browser, world, "berta")
        browser.open(f"{world.url}{test_screens.PLANS}/{plan}")
        press(browser, "Try it on the past")
        browser.see("worked out from the books day by day")
        browser.click("Try it", selector=".modal footer button")
        browser.see("Emails that would have gone")
        browser.see("Its steps")
        assert browser.sees("Customers' behaviour stays as it was")
        assert browser.sees("As it was saved")
        assert not browser.run(BESIDE)
        assert not browser.errors
        browser.screenshot(tmp_path / "page.png")
        number = browser.run(f"document.querySelector('{NUMBER}').innerText.trim()")
        assert int(number) >= 3
        browser.click(number, selector=NUMBER)
        browser.see("Fern Valley Farms")
        assert browser.sees("Grey Stone Masons")


def press(browser, words):
    """Its button; on a phone it is in the menu of the form's buttons."""
    shown = f"""[...document.querySelectorAll("button")].some(
        (e) => e.offsetParent && e.innerText.includes({words!r}))"""
    browser.see("Steps")
    if not wait_for(lambda: browser.run(shown), 3, fails=False):
        browser.click("More", selector=".o_statusbar_buttons button")
    browser.click(words, selector="button")


def test_what_is_tried_unsaved_stays_unsaved(world):
    """The result comes in another tab: Odoo saves a form that is left."""
    plan = test_screens.asked(world, PLAN)
    stored = f"SELECT minimum_amount FROM account_email_followup_plan WHERE id={plan}"
    before = test_screens.asked(world, stored)
    with Browser((1440, 900)) as browser:
        log_in(browser, world, "berta")
        browser.open(f"{world.url}{test_screens.PLANS}/{plan}")
        browser.click("Customers", selector=".nav-link")
        browser.type("[name=minimum_amount] input", "5000")
        browser.click("Try it on the past", selector="button")
        browser.click("Try it", selector=".modal footer button")
        tried = f"SELECT max(id) FROM {TABLE} WHERE basis = 'changed'"
        replay = wait_for(lambda: test_screens.asked(world, tried))
        assert test_screens.asked(world, stored) == before
        done = f"SELECT state = 'done' FROM {TABLE} WHERE id = {replay}"
        wait_for(lambda: test_screens.asked(world, done))
    with Browser((1440, 900)) as browser:
        log_in(browser, world, "anna")
        browser.open(f"{world.url}/odoo/email-plans-tried/{replay}")
        browser.see("Nothing would have gone")
        assert browser.sees("With changes that were not saved")
        browser.open(f"{world.url}/odoo/email-plans-tried")
        browser.see("Berta")


def test_each_of_two_that_are_under_way_says_how_far_it_is(world):
    """The arrows lead from one to the other."""
    # Odoo tells a new browser what was said in the 50 s before: that they are done.
    far = f"""DELETE FROM bus_bus;
        UPDATE {TABLE} SET state = 'running', attempts = 3, total = 100,
        done = CASE WHEN id = (SELECT max(id) FROM {TABLE}) THEN 30 ELSE 60 END"""
    world.box.cluster.sql(far, world.database)
    with Browser((1440, 900)) as browser:
        log_in(browser, world, "berta")
        browser.open(f"{world.url}/odoo/email-plans-tried")
        browser.see("Under way")
        browser.tick(".o_data_row [name=plan_name]")
        browser.see("Done: 30%")
        browser.tick(".o_pager_next")
        browser.see("Done: 60%")
        assert not browser.sees("Done: 30%")
        assert not browser.errors
