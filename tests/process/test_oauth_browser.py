"""Signing in with Microsoft and Google, by a person at a real browser.

The providers are our stand-in, whose pages ask what the real ones ask. The client
libraries are the real ones.
"""

import pytest
from browser import Browser, wait_for
from oauth_world import GOOGLE, MICROSOFT, World, choose, log_in, open_mailbox

ANNA, PAUL = "anna@bluelake.example", "paul@bluelake.example"
SHARED = "accounts@bluelake.example"
ERIK, ERIKS_ADMIN = "erik@stonebridge.example", "admin@stonebridge.example"
CLARA, ALIAS = "clara@greenfield.example", "billing@greenfield.example"
SEND_BOX = "gmail.send"


@pytest.fixture(scope="module")
def world(box):
    world = World(box, "oauth_browser", "--max-cron-threads=1")
    yield world
    world.close()


@pytest.fixture(autouse=True)
def anew(world):
    world.start_anew()


@pytest.fixture
def browser():
    with Browser() as browser:
        yield browser


def connect_microsoft(browser, world, account=ANNA):
    browser.click("Sign in with Microsoft")
    choose(browser, world, account)
    browser.click("Accept")
    browser.see(f"they leave from {account}")


def connect_google(browser, world, account=CLARA):
    browser.click("Sign in with Google")
    choose(browser, world, account)
    browser.click(SEND_BOX, selector="label")
    browser.click("Continue")
    browser.see(f"they leave from {account}")


def disconnect(browser):
    browser.click("Disconnect")
    browser.click("Ok", selector=".modal button")
    browser.see("Connect the mailbox that your customers know")


def test_a_mistake_in_the_registration_says_what_belongs_there(browser, world):
    log_in(browser, world, "blue")
    open_mailbox(browser, world)
    world.standin.control.add_fault("microsoft.token", "AADSTS500112")
    browser.click("Sign in with Microsoft")
    choose(browser, world, ANNA)
    browser.click("Accept")
    browser.see("The redirect URI is not registered")
    browser.see(f"{world.url}/account_email_connector/microsoft/callback")
    browser.see("AADSTS500112")
    world.standin.control.add_fault("google.token", "deleted_client")
    browser.click("Sign in with Google")
    choose(browser, world, CLARA)
    browser.click(SEND_BOX, selector="label")
    browser.click("Continue")
    browser.see("The app was deleted at the provider")
    browser.see(GOOGLE[0])


def open_invoicing(browser):
    """Where the banner is."""
    browser.click("", selector=".o_navbar_apps_menu button")
    browser.click("Invoicing", selector=".o_app")
    browser.see("INV/")


def begin(browser):
    """The form says what would go; nobody wants to read it first."""
    browser.click("Start follow-ups")
    browser.see("What would go in the next two weeks")
    browser.tick("[name=read_first] input")
    browser.see_no_more("None leaves before somebody has approved it.")
    browser.click("Start", selector="footer button")


def arrived(world, sender, recipient):
    """Wait until an email to *recipient* lies in the Sent folder of *sender*."""

    def look():
        return [mail for mail in world.sent(sender) if recipient in mail["to"]]

    found = wait_for(look, 60)
    assert len(found) == 1, "once, not twice"
    return found[0]


def lose_the_grant(world, account):
    """The account's owner, or an administrator, removes the access; Odoo notices."""
    world.standin.control.revoke(account=account)
    world.shell(
        "env['account.email.connector'].search([]).checked_at = False\n"
        "env['account.email.connector']._cron_health()\n"
        "env.cr.commit()"
    )


def test_microsoft_from_the_first_click_to_sent_and_back(world, browser):
    log_in(browser, world, "blue")
    open_mailbox(browser, world)
    connect_microsoft(browser, world)
    begin(browser)
    assert arrived(world, ANNA, "zora@customer.example")["subject"]
    browser.click("Send a test email")
    browser.see("Test email sent")
    assert arrived(world, ANNA, ANNA)["subject"] == "Test of the email connector"
    disconnect(browser)
    assert world.connector().startswith("disconnected")
    assert world.sql("SELECT count(*) FROM account_email_connector_credential") == "0"


def test_google_from_the_first_click_to_sent_and_back(world, browser):
    log_in(browser, world, "green")
    open_mailbox(browser, world)
    connect_google(browser, world)
    begin(browser)
    arrived(world, CLARA, "zeno@customer.example")
    followup = """SELECT f.id FROM account_email_followup f
                    JOIN res_partner customer ON customer.id = f.partner_id
                   WHERE f.state = 'sent' AND customer.name = 'Zeno'"""
    number = wait_for(lambda: world.sql(followup), 30)
    browser.open(f"{world.url}/odoo/email-followups/{number}")
    browser.see("Open in the mailbox")
    open_mailbox(browser, world)
    browser.click("Send a test email")
    browser.see("Test email sent")
    arrived(world, CLARA, CLARA)
    disconnect(browser)
    assert len(world.standin.control.calls(endpoint="google.revoke")) == 1


def test_the_approval_from_request_to_sent_email(world, browser):
    log_in(browser, world, "blue")
    open_mailbox(browser, world)
    browser.click("Sign in with Microsoft")
    choose(browser, world, ERIK)
    browser.see("Approval required")
    browser.type("textarea, input[name=justification]", "To remind customers")
    browser.click("Request approval")
    browser.see("Request sent")
    browser.click("Back to the application")

    browser.see("Waiting for an administrator")
    assert world.connector().strip() == "pending_approval"
    browser.click("Email the link to an administrator")
    browser.type(".modal [name=email] input", ERIKS_ADMIN)
    browser.click("Send", selector=".modal button")
    # This Odoo has no mail server: that is said, and how to send the link all the same.
    browser.see(f"The email to {ERIKS_ADMIN} could not be sent")
    browser.see("Write it in your own email program")
    mail = world.sql(
        f"""SELECT body_html FROM mail_mail
             WHERE email_to = '{ERIKS_ADMIN}' ORDER BY id DESC LIMIT 1"""
    )
    link = browser.read("[name=approval_url] span")
    assert "adminconsent" in link
    assert link.replace("&", "&amp;") in mail

    open_invoicing(browser)
    browser.see("Waiting for an administrator's approval")

    with Browser() as administrator:  # has no account in Odoo
        administrator.open(link)
        choose(administrator, world, ERIKS_ADMIN)
        administrator.see("Review for your organization")
        administrator.click("Accept")
        administrator.see("Thank you, the app is approved")

    browser.see("Approved by an administrator: reconnect")  # by itself
    browser.click("Open the mailbox", selector=".o_mailbox_banner button")
    browser.see("An administrator has approved")
    browser.click("Reconnect")
    choose(browser, world, ERIK)  # and no question any more
    browser.see(f"they leave from {ERIK}")
    browser.click("Send a test email")
    browser.see("Test email sent")
    arrived(world, ERIK, ERIK)


def test_while_waiting_every_other_failure_is_told(world, browser):
    log_in(browser, world, "blue")
    open_mailbox(browser, world)
    browser.click("Sign in with Microsoft")
    choose(browser, world, ERIK)
    browser.click("Return to the application without granting consent")
    browser.see("Waiting for an administrator")
    assert not browser.sees("The sign-in was not finished"), "the card says it all"

    control = world.standin.control
    control.grant("stonebridge.example", MICROSOFT[0], ["User.Read", "Mail.Send"])
    control.add_fault("microsoft.token", "AADSTS50105")
    browser.click("Reconnect")
    choose(browser, world, ERIK)
    browser.see("The app is not assigned to this account")
    browser.see("AADSTS50105")
    browser.see("Waiting for an administrator")
    assert world.connector().strip() == "pending_approval"

    browser.click("Reconnect")
    choose(browser, world, ERIK)
    browser.see(f"they leave from {ERIK}")
    assert not browser.sees("The app is not assigned to this account")


def test_an_administrator_who_declines_changes_nothing(world, browser):
    log_in(browser, world, "blue")
    open_mailbox(browser, world)
    browser.click("Sign in with Microsoft")
    choose(browser, world, ERIK)
    browser.click("Return to the application without granting consent")
    browser.see("Waiting for an administrator")
    link = browser.read("[name=approval_url] span")
    with Browser() as administrator:
        administrator.open(link)
        choose(administrator, world, ERIKS_ADMIN)
        administrator.click("Cancel")
        administrator.see("Not approved")
        administrator.see("tell the person who sent you the link")
        assert not administrator.sees("wait for it"), "that is for the one who waits"
    browser.reload()
    browser.see("Waiting for an administrator")
    browser.click("Start over")
    browser.see("Connect the mailbox that your customers know")
    with Browser() as administrator:  # the link has had its day
        administrator.open(link)
        choose(administrator, world, ERIKS_ADMIN)
        administrator.click("Accept")
        administrator.see("This link is not valid any more")
    assert world.connector().strip() == "disconnected"


def test_google_with_the_box_unticked(world, browser):
    log_in(browser, world, "green")
    open_mailbox(browser, world)
    browser.click("Sign in with Google")
    choose(browser, world, CLARA)
    browser.click("Continue")
    browser.see("The permission to send email is missing")
    browser.see("tick “Send email on your behalf”")
    assert world.connector("Green Field").startswith("disconnected")
    assert world.sql("SELECT count(*) FROM account_email_connector_credential") == "0"
    connect_google(browser, world)


def test_another_account_on_reconnect_changes_nothing(world, browser):
    log_in(browser, world, "blue")
    open_mailbox(browser, world)
    connect_microsoft(browser, world)
    lose_the_grant(world, ANNA)
    browser.reload()
    browser.see("You have to sign in again")
    credential = world.sql("SELECT sealed FROM account_email_connector_credential")
    browser.click("Reconnect", number=-1)
    choose(browser, world, PAUL)
    browser.click("Accept")
    browser.see(f"Blue Lake is linked to {ANNA}. Disconnect it before")
    assert world.connector() == f"error {ANNA}"
    now = world.sql("SELECT sealed FROM account_email_connector_credential")
    assert now == credential
    browser.click("Reconnect", number=-1)
    choose(browser, world, ANNA)
    browser.see(f"they leave from {ANNA}")
    assert world.connector() == f"connected {ANNA}"


def test_reconnect_from_the_banner(world, browser):
    log_in(browser, world, "blue")
    open_mailbox(browser, world)
    connect_microsoft(browser, world)
    open_invoicing(browser)
    lose_the_grant(world, ANNA)
    browser.see("You have to sign in again", 60)  # by itself
    browser.click("Reconnect", selector=".o_mailbox_banner button")
    choose(browser, world, ANNA)
    browser.see(f"they leave from {ANNA}")
    browser.click("History", selector=".nav-link")
    browser.see("Reconnect the mailbox done")  # it goes on telling why
    open_invoicing(browser)
    browser.see("Follow-ups are not started yet")  # that is left, and nothing else
    assert "You have to sign in again" not in browser.text


def test_two_companies_on_one_address(world, browser):
    log_in(browser, world, "blue")
    open_mailbox(browser, world)
    connect_google(browser, world)
    with Browser() as other:
        log_in(other, world, "green")
        open_mailbox(other, world)
        connect_google(other, world)
        disconnect(browser)
        assert world.standin.control.calls(endpoint="google.revoke") == []
        before = len(world.sent(CLARA))
        other.click("Send a test email")
        other.see("Test email sent")
        assert len(world.sent(CLARA)) == before + 1
        disconnect(other)
        assert len(world.standin.control.calls(endpoint="google.revoke")) == 1


def test_send_as_a_shared_mailbox(world, browser):
    log_in(browser, world, "blue")
    open_mailbox(browser, world)
    connect_microsoft(browser, world)
    browser.click("Send as another address")
    browser.type(".modal [name=address] input", SHARED)
    browser.click("Send a test and use it")
    choose(browser, world, ANNA)  # Microsoft asks for Mail.Send.Shared
    browser.click("Accept")
    browser.see(f"they leave from {SHARED}")
    assert arrived(world, ANNA, ANNA)["from"].endswith(f"<{SHARED}>")

    browser.click("Send as another address")
    browser.type(".modal [name=address] input", "admin@bluelake.example")
    browser.click("Send a test and use it")
    browser.see("This account may not send as that address")
    browser.see("ErrorSendAsDenied")
    browser.click("Discard", selector=".modal button")
    assert world.sql("SELECT DISTINCT send_as FROM account_email_connector "
                     "WHERE send_as IS NOT NULL") == SHARED  # fmt: skip


def test_a_shared_mailbox_that_an_administrator_has_to_approve(world, browser):
    control = world.standin.control
    control.tenant("bluelake.example", consent="admin", workflow=True)
    control.grant("bluelake.example", MICROSOFT[0], ["User.Read", "Mail.Send"])
    log_in(browser, world, "blue")
    open_mailbox(browser, world)
    browser.click("Sign in with Microsoft")
    choose(browser, world, ANNA)
    browser.see(f"they leave from {ANNA}")
    browser.click("Send as another address")
    browser.type(".modal [name=address] input", SHARED)
    browser.click("Send a test and use it")
    choose(browser, world, ANNA)
    browser.click("Request approval")
    browser.click("Back to the application")

    browser.see("Waiting for an administrator")
    browser.see("Meanwhile, follow-ups are sent as before.")
    assert world.connector() == f"connected {ANNA}"
    link = browser.read("[name=approval_url] span")
    assert "Mail.Send.Shared" in link
    browser.see("Email the link to an administrator")
    with Browser() as administrator:
        administrator.open(link)
        choose(administrator, world, "admin@bluelake.example")
        administrator.click("Accept")
        administrator.see("Thank you, the app is approved")
    browser.reload()
    browser.see("An administrator has approved")
    browser.click("Reconnect")
    choose(browser, world, ANNA)
    browser.see(f"they leave from {SHARED}")
    assert not browser.sees("Email the link to an administrator")


def test_a_shared_mailbox_is_given_up_to_reconnect(world, browser):
    log_in(browser, world, "blue")
    open_mailbox(browser, world)
    connect_microsoft(browser, world)
    world.sql(f"UPDATE account_email_connector SET send_as = '{SHARED}'"
              " WHERE state = 'connected'")  # fmt: skip
    lose_the_grant(world, ANNA)
    browser.reload()
    browser.see(SHARED)
    browser.click("Reconnect")
    choose(browser, world, ANNA)
    browser.see("Mail.Send.Shared")  # nobody consented to that
    open_mailbox(browser, world)
    browser.click("Use the mailbox's own address")
    browser.see_no_more("Use the mailbox's own address")
    browser.click("Reconnect")
    choose(browser, world, ANNA)
    browser.see(f"they leave from {ANNA}")


FOLDERS = {
    "own": "In the Sent folder of the person who signed in",
    "shared": "In the Sent folder of the shared mailbox",
}


def choose_folder(browser, whose):
    """Choose whose Sent folder gets the copies, in the form that is open."""
    browser.click(FOLDERS[whose], selector=".modal label")
    chosen = f".modal input[data-value={whose}]:checked"
    wait_for(lambda: browser.run(f"document.querySelector('{chosen}') !== null"))


def test_a_shared_mailbox_that_is_closed_says_so_until_it_is_mended(world, browser):
    log_in(browser, world, "blue")
    open_mailbox(browser, world)
    connect_microsoft(browser, world)
    browser.click("Send as another address")
    browser.type(".modal [name=address] input", SHARED)
    choose_folder(browser, "shared")
    browser.click("Send a test and use it")
    choose(browser, world, ANNA)
    browser.click("Accept")
    browser.see(f"they leave from {SHARED}")
    browser.see(f"Copies lie in the Sent folder of {SHARED}.")
    assert arrived(world, SHARED, ANNA)

    world.standin.control.account(ANNA, rights={SHARED: ["send_as"]})
    closed = "This account cannot open the shared mailbox"
    browser.click("Send a test email")
    browser.see(closed)
    browser.click("Reconnect")
    choose(browser, world, ANNA)
    browser.wait_url("/odoo/")
    browser.see(closed)
    assert world.connector() == f"error {ANNA}", "a sign-in opens no mailbox"

    browser.click("Send as another address")
    choose_folder(browser, "own")
    browser.click("Send a test and use it")
    browser.see_no_more("Nothing has been sent since")
    browser.see(f"Copies lie in the Sent folder of {ANNA}.")
    assert world.connector() == f"connected {ANNA}"
    assert SHARED in arrived(world, ANNA, ANNA)["from"]

    world.standin.control.account(ANNA, rights={})
    browser.click("Send a test email")
    browser.see("This account may not send as that address")
    browser.click("Use the mailbox's own address")
    wait_for(lambda: world.connector() == f"connected {ANNA}")
    browser.see_no_more("Nothing has been sent since")


def test_a_guest_is_told_at_the_sign_in_which_account_to_use(world, browser):
    log_in(browser, world, "blue")
    open_mailbox(browser, world)
    browser.click("Sign in with Microsoft")
    choose(browser, world, "gina@partner.example")
    browser.click("Accept")
    browser.see("This account has no mailbox")
    browser.see("Choose an account whose mailbox is in this organization")
    assert world.connector().strip() == "disconnected"


def test_an_account_without_a_mailbox_is_not_linked(world, browser):
    log_in(browser, world, "blue")
    open_mailbox(browser, world)
    browser.click("Sign in with Microsoft")
    choose(browser, world, "nomailbox@bluelake.example")
    browser.click("Accept")
    browser.see("This account has no mailbox")
    browser.see("Connect the mailbox that your customers know")
    assert world.connector().startswith("disconnected")
    connect_microsoft(browser, world)


def test_send_as_an_alias_of_google_after_a_look_at_it(world, browser):
    log_in(browser, world, "green")
    open_mailbox(browser, world)
    connect_google(browser, world)
    browser.click("Send as another address")
    browser.type(".modal [name=address] input", ALIAS)
    browser.click("Send a test", selector=".modal button")
    browser.see("Check your inbox")
    assert arrived(world, CLARA, CLARA)["from"].endswith(f"<{ALIAS}>")
    browser.click("It comes from the alias: use it")
    browser.see(f"they leave from {ALIAS}")


def test_without_an_app_it_says_whom_to_ask(world, browser):
    world.sql("UPDATE account_email_oauth_app SET active = FALSE")
    try:
        log_in(browser, world, "blue")
        open_mailbox(browser, world)
        browser.see("Ask your Odoo administrator to register an app for Microsoft")
        assert not browser.sees("Sign in with Microsoft")
        browser.see("Connect manually")
        with Browser() as administrator:
            log_in(administrator, world, "sysop")
            open_mailbox(administrator, world)
            administrator.click("Register an app first")
            administrator.wait_url("oauth-apps")
    finally:
        world.sql("UPDATE account_email_oauth_app SET active = TRUE")


def test_an_administrator_registers_an_app_by_the_guide(world, browser):
    log_in(browser, world, "sysop")
    for provider, title in (("microsoft", "Microsoft"), ("google", "Google")):
        browser.open(f"{world.url}/account_email_connector/guide/{provider}")
        browser.see(f"Register Odoo at {title}")
        browser.see("Why nothing that reads email is asked for")
    browser.open(f"{world.url}/odoo/email-oauth-apps/new")
    browser.see(f"{world.url}/account_email_connector/microsoft/callback")
    browser.see(f"{world.url}/account_email_connector/microsoft/admin_consent")
    browser.type("[name=name] input", "Another one")
    browser.type("[name=client_id] input", "not an id")
    browser.type("[name=tenant_id] input", "bluelake.example")
    browser.type("[name=client_secret] input", "a-planted-secret")
    browser.click("", selector=".o_form_button_save")
    browser.see("A client ID of Microsoft looks like")
    browser.click("", selector=".modal footer button, .o_error_dialog button")
    browser.type("[name=client_id] input", "11111111-2222-4333-8444-555555555555")
    browser.click("", selector=".o_form_button_save")
    browser.see("Saved, encrypted")
    browser.reload()
    browser.see("Saved, encrypted")
    values = "[...document.querySelectorAll('input')].map((i) => i.value).join('|')"
    assert "a-planted-secret" not in browser.run(values)
    world.sql("DELETE FROM account_email_oauth_app WHERE name = 'Another one'")
