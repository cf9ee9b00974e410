"""Who lets a mailbox begin sees at once how far it has come, and what came of it."""

import env
import office
from browser import Browser
from oauth_world import PASSWORD, log_in

SETUP = """
env["ir.config_parameter"].set_param("web.base.url", {url!r})
env["ir.config_parameter"].set_param("web.base.url.freeze", "True")
env["res.users"].search([("login", "=", "manager")]).write(
    {{"password": {password!r}, "odoobot_state": "disabled"}})
env["account.email.connector"].search([]).sudo().chasing = "new"
env.cr.commit()
"""
MAILBOX = "/odoo/action-account_email_connector.action_open_connector"
# What the strip has said, from the first to the last.
WATCH = """(() => { window.said = [];
  new MutationObserver(() => {
    const strip = document.querySelector(".o_sending_strip");
    const words = strip && strip.innerText.trim();
    if (words && said.at(-1) !== words) said.push(words);
  }).observe(document.body, {subtree: true, childList: true, characterData: true});
})()"""


def test_start_counts_what_leaves(box, database, mail, tmp_path):
    office.release(box, database, office.ACME, 0, 12)
    (port,) = env.free_ports()
    url = f"http://127.0.0.1:{port}"
    box.shell(database, SETUP.format(url=url, password=PASSWORD))
    trust = office.trust(mail)
    with (
        box.serve(database, "--max-cron-threads=1", port=port, env=trust) as server,
        Browser((1440, 900)) as browser,
    ):
        log_in(browser, server, "manager")
        browser.open(f"{url}{MAILBOX}")
        browser.click("accounting@acme.example", selector=".o_kanban_record, h1")
        browser.run(WATCH)
        browser.click("Start follow-ups", selector="button[name=action_start]")
        browser.see("What would go in the next two weeks")
        browser.tick("[name=read_first] input")
        browser.see_no_more("None leaves before somebody has approved it.")
        browser.click("Start", selector="footer button")
        browser.see("Sent: 12")
        browser.screenshot(tmp_path / "sent.png")
        said = browser.run("said")
        assert "Sending: 1 of 12" in said
        assert said[-1].startswith("Sent: 12")
        browser.click("Show them", selector="button")
        browser.see("1-12 / 12")
        browser.screenshot(tmp_path / "shown.png")
        assert not browser.sees("Show them")
