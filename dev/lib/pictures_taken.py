"""What `dev/pictures` does in a browser: run by the environment's Python.

The only argument is JSON: what `main` takes. It prints a line for each picture.
"""

import json
import sys
import time
from pathlib import Path

from browser import Browser, wait_for
from PIL import Image
from samples import people

LARGEST = 200_000  # bytes
COLOURS = 128
SETTLED = "!document.querySelector('.o_loading_indicator, .o_blockUI')"
NAVBAR = "document.querySelector('.o_navbar_apps_menu') !== null"
ACTION = "/odoo/action-account_email_connector."
CARDS = ".o_kanban_record:not(.o_kanban_ghost)"
ROWS = f"{CARDS}, .o_data_cell"


def collections(seen):
    """The worklist."""
    seen.action("action_open_cases", "Heron Point Marina")


def customer(seen):
    """One customer's account, with what has happened."""
    seen.action("action_open_cases", "Driftwood Hotel")
    seen.browser.click("Driftwood Hotel", CARDS)
    seen.browser.see("Promised $ 4,120.00")


def review(seen):
    """An email that somebody reads before it is sent."""
    seen.action("action_followup_to_review", "Heron Point Marina")
    seen.browser.click("Heron Point Marina", ROWS)
    seen.browser.see("Approve")


def report(seen):
    """What follow-ups have brought."""
    seen.action("action_followup_report", "Measures")


def plan(seen):
    """A plan and its steps."""
    seen.action("action_followup_plan", "Friendly, firm, final")
    seen.browser.click("Friendly, firm, final", ROWS)
    seen.browser.see("Final reminder")


def mailbox(seen):
    """How a mailbox is."""
    seen.action("action_open_connector", "Send a test")


def banner(seen):
    """A mailbox that broke, in another company."""
    seen.browser.click(people.HARBOR, ".o_switch_company_menu button")
    seen.browser.click(people.WITHDRAWN, ".log_into")
    seen.browser.see("Reconnect")
    seen.action("action_open_cases", "Willow Street School")


def followup(seen):
    """An email, as the customer got it."""
    seen.browser.open(seen.emails)
    seen.browser.click("Inbox", f"{ROW_OF_MAISON} a")
    seen.browser.click("Harbor Lights")
    seen.browser.see("Attached")


ROW_OF_MAISON = "tr:has(td:first-child:not(.number)):has(a[href*='maison-delacroix'])"
#: Name: (how to get there, as whom, the size of the window).
PICTURES = {
    "collections": (collections, "accountant", (1400, 480)),
    "customer": (customer, "accountant", (1280, 1000)),
    "review": (review, "accountant", (1280, 900)),
    "report": (report, "manager", (1280, 420)),
    "plan": (plan, "manager", (1280, 720)),
    "mailbox": (mailbox, "manager", (1280, 800)),
    "banner": (banner, "manager", (1280, 340)),
    "followup": (followup, None, (1000, 900)),
}


class Seen:
    """A browser at the demo.

    :param url: of Odoo; *emails* of the pages with the mailboxes.
    """

    def __init__(self, browser, url, emails):
        self.browser = browser
        # The browser knows no other name.
        self.url, self.emails = (
            each.replace("localhost", "127.0.0.1") for each in (url, emails)
        )

    def log_in(self, login):
        """Log in, and open the app *Invoicing*: its menus stay."""
        self.browser.open(f"{self.url}/web/login")
        self.browser.type("input[name=login]", login)
        self.browser.type("input[name=password]", login)
        self.browser.click("Log in")
        self.browser.wait_url("/odoo")
        wait_for(lambda: self.browser.run(NAVBAR))
        self.browser.click("", ".o_navbar_apps_menu button")
        self.browser.click("Invoicing", ".o_app")
        self.browser.see("Upload")

    def action(self, name, words):
        """Open an action of the addon's, and wait until it shows *words*."""
        self.browser.open(f"{self.url}{ACTION}{name}")
        self.browser.see(words)

    def take(self, path, size):
        """A picture of the window, once nothing is on its way."""
        wait_for(lambda: self.browser.run(SETTLED))
        time.sleep(1)  # pictures fade in
        self.browser.screenshot(path, whole=False)
        shrink(path)
        return path.stat().st_size


def shrink(path):
    """Write a PNG again, with few colours: text stays sharp."""
    with Image.open(path) as image:
        few = image.convert("RGB").quantize(
            COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE
        )
    few.save(path, optimize=True)
    if path.stat().st_size > LARGEST:
        raise SystemExit(f"{path.name} has {path.stat().st_size} bytes")


def main(url, emails, to, names):
    for name, (go, login, size) in PICTURES.items():
        if names and name not in names:
            continue
        with Browser(size) as browser:
            browser._do(
                "Emulation.setDeviceMetricsOverride",
                **dict(zip(("width", "height"), size, strict=True)),
                deviceScaleFactor=1,
                mobile=False,
            )
            seen = Seen(browser, url, emails)
            if login:
                seen.log_in(login)
            go(seen)
            path = Path(to) / f"{name}.png"
            print(f"{path.name}: {seen.take(path, size):,} bytes")


main(**json.loads(sys.argv[1]))
