"""How far it is, in clicks and keys, for a person who knows what they want."""

import office
import pytest
from browser import Browser, wait_for
from oauth_world import log_in

REVIEWED = """
plan = env.ref("account_email_connector.plan_default")
plan.step_ids.review = True
env["account.email.followup"]._plan()
env.cr.commit()
"""


class Counting(Browser):
    """A browser that counts what its user does with the mouse, and with keys."""

    def __init__(self, *args):
        super().__init__(*args)
        self.clicks = self.keys = 0

    def click(self, *args, **kwargs):
        super().click(*args, **kwargs)
        self.clicks += 1

    def press_alt(self, letter):
        super().press_alt(letter)
        self.keys += 1


@pytest.fixture
def desk(open_office):
    server = open_office(1)
    with Counting((1440, 900)) as browser:
        log_in(browser, server, "manager")
        browser.clicks = 0
        browser.server = server
        yield browser


def to_invoicing(desk):
    desk.click("", selector=".o_navbar_apps_menu button")
    desk.click("Invoicing", selector=".o_app")


def test_the_first_follow_up_of_ones_own_is_in_sent(box, database, mail, desk):
    """Ten clicks at most, from the page after the sign-in."""
    (address,) = office.release(box, database, office.ACME, 0, 1)
    to_invoicing(desk)
    desk.click("Customers", selector=".o_menu_sections button")
    desk.click("Collections", selector=".o_menu_sections *, .o-dropdown--menu a")
    desk.click("", selector=".o_kanban_record")
    desk.click("Send a follow-up")
    desk.click("Send", selector=".modal-footer button, footer button")
    mailbox = office.ADDRESSES[office.ACME]
    wait_for(lambda: [m for m in mail.sent(mailbox) if address in str(m["to"])])
    assert desk.clicks <= 10


def test_from_an_error_to_reconnected(box, database, mail, desk):
    """Two clicks from the banner, and the password."""
    with office.connection(box, database) as cr:
        cr.execute(
            """UPDATE account_email_connector
                  SET state = 'error', error_reason = 'wrong_password',
                      error_since = now() AT TIME ZONE 'UTC'
                WHERE email = %s""",
            [office.ADDRESSES[office.ACME]],
        )
    desk.reload()  # it broke after the page was there
    to_invoicing(desk)
    desk.clicks = 0
    desk.click("Reconnect", selector=".o_mailbox_banner button")
    desk.type("[name=password] input", office.PASSWORD)
    desk.click("Log in", selector="footer button")
    desk.has_no_more(".modal")
    desk.has_no_more(".o_mailbox_banner")
    assert office.connector_state(box, database, office.ACME) == "connected"
    assert desk.clicks == 2


def test_why_an_invoice_is_not_chased_is_one_click(box, database, desk):
    desk.open(f"{desk.server.url}/odoo/action-account.action_move_out_invoice_type")
    desk.see("INV/")
    desk.click("INV/", selector="td[name=name]")
    desk.see("Marked as not to be followed up.")
    assert desk.clicks == 1


def test_ten_are_reviewed_in_twelve_keys(box, database, desk):
    office.release(box, database, office.ACME, 0, 10)
    box.shell(database, REVIEWED)
    reviewing = "account_email_connector.action_followup_to_review"
    desk.open(f"{desk.server.url}/odoo/action-{reviewing}")
    desk.click("", selector=".o_data_row td[name=partner_id]")
    seen = []
    for _each in range(10):
        desk.see("Approve")
        name = desk.run(
            "document.querySelector('.o_form_view [name=partner_id]').innerText"
        )
        assert name not in seen
        seen.append(name)
        desk.press_alt("q")
        desk.see_no_more(name)
    desk.see("All reviewed")
    assert desk.keys <= 12
    with office.connection(box, database) as cr:
        cr.execute("SELECT count(*) FROM account_email_followup WHERE approved")
        assert cr.fetchone() == (10,)
