"""What an accountant sees of follow-ups in a real browser, at a desk, on a phone."""

import json
from types import SimpleNamespace

import env
import office
import pytest
from browser import Browser, wait_for
from oauth_world import PASSWORD, log_in

SETUP = """
from datetime import timedelta
from odoo import Command, fields
env["ir.config_parameter"].set_param("web.base.url", {url!r})
env["ir.config_parameter"].set_param("web.base.url.freeze", "True")
today = fields.Date.today()
env["res.users"].create({{
    "name": "Anna", "login": "anna", "password": {password!r},
    "email": "anna@acme.example", "odoobot_state": "disabled",
    "group_ids": [Command.set([env.ref("base.group_user").id,
                               env.ref("account.group_account_invoice").id])],
}})
env["res.users"].create({{
    "name": "Berta", "login": "berta", "password": {password!r},
    "email": "berta@acme.example", "odoobot_state": "disabled",
    "group_ids": [Command.set([env.ref("base.group_user").id,
                               env.ref("account.group_account_manager").id])],
}})
mailbox = env["account.email.connector"].create({{"company_id": env.company.id}})
mailbox._connect("ar@acme.example", {{"password": "x"}}, {{
    "provider": "smtp", "smtp_host": "smtp.acme.example", "smtp_port": 465,
    "smtp_encryption": "ssl", "smtp_user": "ar@acme.example"}})
begin(mailbox)

def owe(name, days, sent=True):
    customer = env["res.partner"].create({{
        "name": name, "email": "pay@customer.example", "is_company": True}})
    due = today - timedelta(days=days)
    line = {{"name": "Work", "price_unit": 1200, "tax_ids": [Command.clear()]}}
    move = env["account.move"].create({{
        "move_type": "out_invoice", "partner_id": customer.id,
        "invoice_date": due, "invoice_date_due": due,
        "invoice_line_ids": [Command.create(line)]}})
    move.action_post()
    move.is_move_sent = sent
    return customer

letters = env["account.email.followup.plan"].create({{
    "name": "Letters", "step_ids": [Command.create({{
        "name": "A letter", "days": 3, "channel": "todo", "letter": True,
        "review": True}})]}})
owe("Amber Hill Furniture Makers", 5).email_followup_plan_id = letters
owe("Dune Park Joinery", 5).email_followup_plan_id = letters
coming = owe("Blue Lake Boats and Yachts", 5)
owe("Cedar Creek Outfitters", 5, sent=False)
env["account.email.promise"].create({{
    "partner_id": coming.id, "until": today + timedelta(days=3)}})
env["account.email.followup"]._plan(env.company)
env["ir.cron"].search([]).nextcall = "2100-01-01"
env.cr.commit()
"""
FOLLOWUPS = "/odoo/email-followups"
UPCOMING = "/odoo/action-account_email_connector.action_open_upcoming"
COLLECTIONS = "/odoo/action-account_email_connector.action_open_cases"
PROMISES = "/odoo/action-account_email_connector.action_promise"
PLANS = "/odoo/action-account_email_connector.action_followup_plan"
MAILBOX = "/odoo/action-account_email_connector.action_open_connector"
STARTED = "SELECT chasing FROM account_email_connector"
CARDS = "document.querySelectorAll('.o_kanban_record:not(.o_kanban_ghost)').length"
BESIDE_DIALOG = """(() => { const page = document.querySelector('.modal-body');
    return page.scrollWidth > page.clientWidth; })()"""
BESIDE = """(() => { const page = document.querySelector('.o_kanban_renderer');
    return page.scrollWidth > page.clientWidth; })()"""
WAY_BACK = """[...document.querySelectorAll('.breadcrumb-item:not(.active)')]
    .map((e) => e.innerText.trim())"""


@pytest.fixture(scope="module")
def world(box):
    (port,) = env.free_ports()
    url = f"http://127.0.0.1:{port}"
    database = box.database("screens")
    box.shell(database, office.BEGIN + SETUP.format(url=url, password=PASSWORD))
    with box.serve(database, "--max-cron-threads=0", port=port):
        yield SimpleNamespace(url=url, box=box, database=database)


def asked(world, question):
    with office.connection(world.box, world.database) as cr:
        cr.execute(question)
        return cr.fetchone()[0]


@pytest.fixture
def phone(world):
    with Browser((420, 860)) as browser:
        log_in(browser, world, "anna")
        yield browser


@pytest.fixture
def desk(world):
    with Browser((1440, 900)) as browser:
        log_in(browser, world, "anna")
        yield browser


@pytest.mark.parametrize(
    ("path", "customer"),
    [
        (FOLLOWUPS, "Amber Hill Furniture Makers"),
        (UPCOMING, "Blue Lake Boats and Yachts"),
        (PROMISES, "Blue Lake Boats and Yachts"),
    ],
)
def test_cards_on_a_phone(world, phone, path, customer):
    phone.open(f"{world.url}{path}")
    phone.see(customer)
    assert wait_for(lambda: phone.run(CARDS), fails=False)
    assert phone.sees("1,200.00")
    assert not phone.run(BESIDE)


def test_plans_on_a_phone_show_their_steps(world, phone):
    phone.open(f"{world.url}{PLANS}")
    phone.see("Friendly reminder (3 days) → Firm reminder (14 days)")
    assert phone.run(CARDS)
    assert not phone.run(BESIDE)


@pytest.mark.parametrize("size", [(1440, 900), (420, 860)])
def test_what_a_plan_would_change_before_it_is_saved(world, size):
    plan = asked(world, "SELECT plan_id FROM account_email_followup_step ORDER BY id")
    stored = f"SELECT minimum_amount FROM account_email_followup_plan WHERE id = {plan}"
    with Browser(size) as browser:
        log_in(browser, world, "berta")
        browser.open(f"{world.url}{PLANS}/{plan}")
        browser.click("Customers", selector=".nav-link")
        browser.type("[name=minimum_amount] input", "5000")
        browser.click("What would this change?", selector="button")
        browser.see("No follow-up any more")
        browser.click("Blue Lake Boats and Yachts", selector="summary")
        browser.see("Less than the plan's minimum amount is open.")
        assert browser.sees("Nothing goes by itself.")
        assert not browser.run(BESIDE_DIALOG)
        assert not browser.errors
        browser.click("Close", selector=".modal button")
        browser.see_no_more("No follow-up any more")
        assert not asked(world, stored), "nothing is saved by looking"


def test_what_another_plan_would_change_before_the_company_gets_it(world):
    """On the mailbox's page."""
    customer = "Blue Lake Boats and Yachts"
    chosen = "SELECT email_followup_plan_id FROM res_company ORDER BY id"
    before = asked(world, chosen)
    with Browser((1440, 900)) as browser:
        log_in(browser, world, "berta")
        browser.open(f"{world.url}{MAILBOX}")
        browser.see("What would this change?")
        browser.type("[name=followup_plan_id] input", "Letters")
        browser.click("Letters", selector=".o-autocomplete--dropdown-item")
        browser.click("What would this change?", selector="button")
        browser.see("Customers for whom something changes: 1 of")
        browser.click(customer, selector="summary")
        browser.see("As it stands in the form")
        assert browser.sees("A letter (3 days)")
        assert not browser.run(BESIDE_DIALOG)
        assert not browser.errors
        browser.click("Close", selector=".modal button")
        browser.see_no_more("As it stands in the form")
        assert asked(world, chosen) == before, "nothing is saved by looking"


def test_a_card_leads_to_what_goes(world, phone):
    phone.open(f"{world.url}{UPCOMING}")
    phone.click("Amber Hill Furniture Makers", selector=".o_kanban_record")
    phone.see("Read and decide")
    assert phone.sees("Skip it")


def test_a_letter_is_read_before_it_is_approved(world, desk):
    followup = asked(world, "SELECT id FROM account_email_followup")
    desk.open(f"{world.url}{FOLLOWUPS}/{followup}")
    desk.see("Print the letter")
    assert not desk.sees("ar@acme.example")  # no mailbox has to do with it


def test_the_invoice_says_at_the_top_that_it_was_never_sent(world, desk):
    invoice = asked(
        world,
        """SELECT m.id FROM account_move m JOIN res_partner p ON p.id = m.partner_id
            WHERE p.name = 'Cedar Creek Outfitters'""",
    )
    desk.open(f"{world.url}/odoo/account.move/{invoice}")
    desk.see("It was never sent to the customer")
    desk.click("Send & Print", selector="[name=email_followup_waits] button")
    desk.see("Invoice", patience=20)
    assert wait_for(lambda: desk.run("!!document.querySelector('.modal')"))


def test_from_an_invoice_to_all_that_the_customer_owes(world, desk):
    invoice = asked(
        world,
        """SELECT m.id FROM account_move m JOIN res_partner p ON p.id = m.partner_id
            WHERE p.name = 'Blue Lake Boats and Yachts'""",
    )
    desk.open(f"{world.url}/odoo/account.move/{invoice}")
    desk.see("The customer has promised to pay by ")
    desk.click("The customer's account")
    desk.see("Promised $ 1,200.00 until")
    assert desk.sees("Overdue")
    desk.click("Note a promise")
    desk.see("Promise to pay")


LONG = """UPDATE account_email_followup_step
    SET name = jsonb_build_object('en_US', %s::text)"""
PUT_BACK = "UPDATE account_email_followup_step SET name = %s::jsonb WHERE id = %s"
WIDE = """(() => { const page = document.querySelector('.o_content');
    return page.scrollWidth > page.clientWidth; })()"""


def test_a_customers_account_fits_a_phone(world, phone):
    """Whatever its next step is called: a German one, for example."""
    with office.connection(world.box, world.database) as cr:
        cr.execute("SELECT name, id FROM account_email_followup_step")
        before = [(json.dumps(name), id_) for name, id_ in cr.fetchall()]
        cr.execute(LONG, ["Nachdrückliche Zahlungserinnerung"])
    try:
        phone.open(f"{world.url}{UPCOMING}")
        phone.click("Blue Lake Boats and Yachts", selector=".o_kanban_record")
        phone.see("Skip it")
        phone.see("Nachdrückliche Zahlungserinnerung")
        assert not phone.run(WIDE)
    finally:
        with office.connection(world.box, world.database) as cr:
            cr.executemany(PUT_BACK, before)


def test_whom_to_deal_with_today_on_a_phone(world, phone):
    """One column after the other, as Odoo's own cards in groups."""
    phone.open(f"{world.url}{COLLECTIONS}")
    phone.see("Amber Hill Furniture Makers")
    phone.see("1,200.00")


def test_whom_to_deal_with_today(world, desk):
    desk.open(f"{world.url}{COLLECTIONS}")
    desk.see("To review")
    desk.see("Invoice never sent")
    desk.click("Amber Hill Furniture Makers", selector=".o_kanban_record")
    desk.click("Read and decide")
    desk.see("A letter")


def test_many_at_a_desk(world, desk):
    """Each reason is whole, and there is no column without anything in it."""
    compose(world, desk)
    cut = """[...document.querySelectorAll('.modal td, .modal th, .modal th span')]
        .filter((e) => e.innerText && e.scrollWidth > e.clientWidth + 1)
        .map((e) => e.innerText)"""
    assert desk.run(cut) == []
    assert desk.sees("Note")
    assert not desk.sees("Contact")


def test_many_on_a_phone(world, phone):
    compose(world, phone)
    assert wait_for(lambda: phone.run(CARDS), fails=False)
    assert phone.sees("1,200.00")
    assert not phone.sees("$ 0.00"), "who cannot be written to is asked for nothing"
    assert not phone.run(BESIDE)
    going = "document.querySelector('.modal [name=going]').innerText.trim()"
    assert phone.run(going) == "0"
    tick = ".modal .o_kanban_record:has([name=selected] input:enabled) input"
    phone.run(f"document.querySelector({tick!r}).click()")
    assert wait_for(lambda: phone.run(going).startswith("1 ("), fails=False)
    phone.click("Send", selector=".modal footer button")
    phone.see("The follow-up is on its way")


def compose(world, browser):
    """Begin to write to all customers who owe something."""
    browser.open(f"{world.url}{PROMISES}")
    browser.see("Blue Lake Boats and Yachts")
    browser.run("""(async () => {
        const {orm, action} = odoo.__WOWL_DEBUG__.root.env.services;
        const ids = await orm.search("account.move", [["state", "=", "posted"]]);
        action.doAction(await orm.call(
            "account.move", "action_email_followup_compose", [ids]));
    })()""")
    browser.see("Tick what is held back")


def test_names_are_whole(world, desk):
    """Where a follow-up is looked up, and where many are sent."""
    cut = """[...document.querySelectorAll('td[name=partner_id], td[name=step_id]')]
        .filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.innerText)"""
    desk.open(f"{world.url}{UPCOMING}")
    desk.see("Blue Lake Boats and Yachts")
    assert desk.run(cut) == []
    desk.open(f"{world.url}{FOLLOWUPS}")
    desk.see("Amber Hill Furniture Makers")
    assert desk.run(cut) == []


def test_a_key_for_each_that_is_reviewed(world, desk):
    """The next one comes by itself, and there is a way back, not by the customer of
    the one before."""
    desk.open(f"{world.url}/odoo/collections")
    desk.click("Amber Hill Furniture Makers", selector=".o_kanban_record")
    desk.click("Read and decide", selector="button")
    desk.click("Amber Hill Furniture Makers", selector="td[name=partner_id]")
    desk.see("The to-do comes after you have approved it")
    desk.press_alt("q")
    desk.see("Dune Park Joinery")
    assert desk.run(WAY_BACK) == ["Collections"]
    desk.press_alt("w")
    desk.see("All reviewed")
    desk.see("Nothing waits for your review")
    assert desk.run(WAY_BACK) == ["Collections"]
    desk.click("Back to Collections", selector="a")
    desk.see("Dune Park Joinery")
    question = "SELECT count(*) FROM account_email_followup WHERE approved"
    assert asked(world, f"{question} AND by_hand IS NOT TRUE") == 1


@pytest.mark.parametrize("size", [(1440, 900), (420, 860)], ids=["desk", "phone"])
def test_nothing_goes_before_it_was_started(world, size):
    """From the mailbox's page to the first email that may go: two clicks."""
    with office.connection(world.box, world.database) as cr:
        cr.execute("UPDATE account_email_connector SET chasing = 'new'")
    with Browser(size) as browser:
        log_in(browser, world, "berta")
        browser.open(f"{world.url}{MAILBOX}")
        browser.see("No follow-up goes by itself yet.")
        browser.click("Start follow-ups", selector="button[name=action_start]")
        browser.see("What would go in the next two weeks")
        browser.see("Friendly reminder (3 days)")
        assert asked(world, STARTED) == "new"
        browser.click("Start", selector="footer button")
        browser.see("Read them under Collections, To review, before they go.")
        browser.see("Stop follow-ups")
        assert not browser.sees("No follow-up goes by itself yet.")
    assert asked(world, STARTED) == "on"
