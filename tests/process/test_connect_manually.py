"""Connecting a mailbox with a password, by a person at a real browser."""

from types import SimpleNamespace

import env
import office
import pytest
from browser import Browser, wait_for
from mailserver import MailServer
from oauth_world import PASSWORD as OWN_PASSWORD
from oauth_world import log_in, open_mailbox

ADDRESS, PASSWORD = "accounting@acme.example", "planted-Pa55word"
SENT = "Werk"  # a name that says nothing
SETUP = """
from odoo import Command
env["ir.config_parameter"].set_param("web.base.url", {url!r})
env["ir.config_parameter"].set_param("web.base.url.freeze", "True")
groups = env.ref("base.group_user") | env.ref("account.group_account_manager")
env["res.users"].create({{
    "name": "Anna", "login": "anna", "password": {password!r},
    "email": "anna@acme.example", "group_ids": [Command.set(groups.ids)],
    "odoobot_state": "disabled",  # his welcome covers a narrow page
}})
env.cr.commit()
"""
DOTS = "[name=password] input[placeholder^='••']"


@pytest.fixture(scope="module")
def world(box):
    (port,) = env.free_ports()
    url = f"http://127.0.0.1:{port}"
    database = box.database("connect_manually")
    box.shell(database, SETUP.format(url=url, password=OWN_PASSWORD))
    with (
        MailServer({ADDRESS: PASSWORD}, sent_folder=SENT, special_use=False) as mail,
        box.serve(
            database, "--max-cron-threads=0", env=office.trust(mail), port=port
        ) as server,
    ):
        yield SimpleNamespace(
            url=url, mail=mail, box=box, database=database, log=server.log
        )


def connected(world):
    with office.connection(world.box, world.database) as cr:
        cr.execute(
            "SELECT state, imap_encryption, sent_folder FROM account_email_connector"
        )
        return cr.fetchone()


def fill_in(browser, mail, tmp_path):
    browser.click("Connect manually", selector="button")
    browser.see("Sender Name")
    browser.type(".modal [name=email] input", "anna@gmx.de")
    browser.press("Tab", 9)
    browser.see("These are the usual settings of gmx.de")
    browser.see("Switch on access by other programs")
    browser.screenshot(tmp_path / "proposed.png")
    for name, text in (
        ("email", ADDRESS),
        ("password", "mistyped"),
        ("host", mail.host),
        ("port", str(mail.sink.tls_port)),
        ("imap_host", mail.host),
    ):
        browser.type(f".modal [name={name}] input", text)
    browser.press("Tab", 9)
    browser.click("STARTTLS", ".modal [name=imap_encryption] label")
    port = "document.querySelector('.modal [name=imap_port] input').value"
    wait_for(lambda: browser.run(port) == "143")  # it follows the encryption
    browser.type(".modal [name=imap_port] input", str(mail.imap))
    browser.press("Tab", 9)


@pytest.mark.parametrize("size", [(1366, 900), (420, 860)], ids=["wide", "narrow"])
def test_dots_progress_and_the_folder(world, size, tmp_path):
    mail = world.mail
    with office.connection(world.box, world.database) as cr:
        cr.execute("DELETE FROM account_email_connector_credential")
        cr.execute(
            "UPDATE account_email_connector SET state = 'disconnected', email = NULL,"
            " smtp_host = NULL, smtp_user = NULL, imap_host = NULL, sent_folder = NULL,"
            " smtp_encryption = NULL, imap_encryption = NULL"
        )
    with Browser(size) as browser:
        log_in(browser, world, "anna")
        open_mailbox(browser, world)
        fill_in(browser, mail, tmp_path)
        browser.click("Log in", selector=".modal button")
        browser.see("User name or password is wrong")
        assert browser.run(f"!!document.querySelector({DOTS!r})")
        browser.see("Your password is kept")
        browser.screenshot(tmp_path / "dots.png")

        # What is typed replaces it; what the sign-in does is told meanwhile.
        mail.sink.faults.set("greeting", "stall")
        browser.type(".modal [name=password] input", PASSWORD)
        browser.click("Log in", selector=".modal button")
        browser.see("Waiting for the server's greeting")
        browser.screenshot(tmp_path / "progress.png")
        mail.sink.faults.clear()
        browser.see("Which folder is the Sent folder?")
        browser.see_no_more("Waiting for the server's greeting")
        assert browser.run(f"!!document.querySelector({DOTS!r})")

        browser.click("", selector=".modal [name=sent_folder] .o_select_menu_toggler")
        browser.click(SENT, selector=".o_select_menu_item")
        browser.screenshot(tmp_path / "folder.png")
        browser.click("Log in", selector=".modal button")
        browser.see("Once somebody starts them, they leave from")
        page = browser.run("document.documentElement.outerHTML")
    assert connected(world) == ("connected", "starttls", SENT)
    assert PASSWORD not in page
    wait_for(lambda: PASSWORD not in world.log.read_text(), 1)
