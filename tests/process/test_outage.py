"""An outage of a mailbox, as people see it: what waits is counted, and leaves once.

With a day and a half, and a hundred emails: ``tests/test_transport.py``.
"""

from collections import Counter

import office
import pytest
from browser import Browser
from oauth_world import log_in
from scheduler import Scheduler

ADDRESS = office.ADDRESSES[office.ACME]
INVOICES, RECEIPTS, FOLLOWUPS = 5, 2, 3
SETUP = """
manager.company_ids = env.company
env["account.email.connector"].search([]).sends_accounting_emails = True
"""
# What a person sends meanwhile: the customers' invoices, then receipts of payments.
WRITE = """
manager = env["res.users"].search([("login", "=", "manager")])
moves = env["account.move"].search(
    [("partner_id.email", "in", {customers!r}), ("move_type", "=", "out_invoice")],
    order="id")
receipts = env["account.payment"].create([
    {{"partner_id": move.partner_id.id, "amount": 1, "payment_type": "inbound",
      "partner_type": "customer"}} for move in moves[:{receipts}]])
for record in [*moves, *receipts]:
    record.with_user(manager).message_post(
        body="Here it is", subject=f"{{record._name}} {{record.id}}",
        message_type="comment", subtype_xmlid="mail.mt_comment",
        partner_ids=record.partner_id.ids)
env.cr.commit()
"""
# So many hours ago began what waits now, the first of them before two days.
PASSED = """
WITH waiting AS (
    SELECT id, row_number() OVER (ORDER BY id) AS number FROM mail_mail
     WHERE email_waits_for_id IS NOT NULL)
UPDATE mail_mail mail
   SET email_waits_since = now() at time zone 'utc' - hours,
       create_date = now() at time zone 'utc' - hours,
       scheduled_date = now() at time zone 'utc'
  FROM waiting, LATERAL (SELECT CASE WHEN number = 1 THEN interval '49 hours'
                                ELSE (37 - number) * interval '1 hour' END) AS x (hours)
 WHERE waiting.id = mail.id
"""
MAILBOX = "/odoo/action-account_email_connector.action_open_connector"
BANNER = f"No email leaves {ADDRESS}."


@pytest.fixture
def office_hours(open_office):
    """The server, and a person who looks at it."""
    server = open_office(0, SETUP)
    with Browser((1440, 900)) as browser:
        log_in(browser, server, "manager")
        yield server, browser


def invoicing(browser, server):
    browser.open(f"{server.url}/odoo/customer-invoices")
    browser.see("INV/")


def waiting(browser, server, followups, emails):
    """Check the numbers of the banner and of the mailbox's page."""
    invoicing(browser, server)
    browser.see(BANNER)
    browser.see(f"{followups + emails} emails wait")
    browser.open(f"{server.url}{MAILBOX}")
    browser.see(f"Emails waiting: {followups + emails}")
    browser.see(f"Follow-ups: {followups}")
    browser.see(f"Invoices and other emails: {emails}")


def to_customers(mail):
    """Who got which email: [(address, subject)], the oldest first."""
    return [
        (to, each.message["Subject"])
        for each in mail.accepted()
        for to in each.recipients
        if to.startswith("buyer-")
    ]


def age(subject):
    """The order in which `WRITE` has made them."""
    model, number = subject.split()
    return model, int(number)


def each_left_once(mail, chased, others):
    """A follow-up to each of *chased*, and so many others, the oldest first."""
    sent = to_customers(mail)
    written = [subject for to, subject in sent if subject.startswith("account.")]
    assert written == sorted(written, key=age) and len(written) == others
    reached = Counter(to for to, subject in sent if not subject.startswith("account."))
    assert reached == Counter(chased)


def what_failed_is_said(box, database, browser, server):
    """On the document of the one that has waited for too long."""
    failed = box.cluster.sql(
        """SELECT message.res_id FROM mail_mail mail
             JOIN mail_message message ON message.id = mail.mail_message_id
            WHERE mail.state = 'exception'
              AND mail.failure_reason LIKE '%waited two days for the mailbox of Acme%'
        """,
        database,
    ).split()
    (number,) = [each for each in failed if each.isdigit()]
    browser.open(f"{server.url}/odoo/customer-invoices/{number}")
    browser.click("", selector=".o-mail-Message-notification.text-danger")
    browser.see("(Connection failed)")


def test_what_waits_is_counted_and_leaves_once(
    box, database, mail, office_hours, tmp_path
):
    server, browser = office_hours
    chased = office.release(box, database, office.ACME, 0, FOLLOWUPS)
    written = [f"buyer-{n}@{office.DOMAINS[office.ACME]}" for n in range(10, 15)]
    invoicing(browser, server)
    assert not browser.sees("No email leaves")

    right = mail.accounts[ADDRESS]
    office.change_password(mail, ADDRESS, "another-password")
    with Scheduler(box, database, mail) as odoo:
        odoo.run_once()
        browser.see(BANNER)  # by itself
        box.shell(database, WRITE.format(customers=written, receipts=RECEIPTS))
        waiting(browser, server, FOLLOWUPS, INVOICES + RECEIPTS)
        browser.screenshot(tmp_path / "waiting.png")

        box.cluster.sql(PASSED, database)
        odoo.run_once()
        waiting(browser, server, FOLLOWUPS, INVOICES + RECEIPTS - 1)
        what_failed_is_said(box, database, browser, server)
        browser.screenshot(tmp_path / "failed.png")
        assert mail.accepted() == []

        invoicing(browser, server)
        office.change_password(mail, ADDRESS, right)
        entered = office.sign_in(mail, office.ACME)
        box.shell(database, office.connect_code(entered), env=office.trust(mail))
        browser.see_no_more("No email leaves")  # by itself
        numbered = INVOICES + RECEIPTS - 1
        odoo.run(lambda: len(to_customers(mail)) == FOLLOWUPS + numbered)
        odoo.run_once()
        assert not odoo.errors()

    each_left_once(mail, chased, numbered)
    assert office.followups(box, database) == dict.fromkeys(chased, "sent")
    browser.open(f"{server.url}{MAILBOX}")
    browser.see("Waiting")
    # Odoo's client shows at first what it knew of a record, and reads it meanwhile.
    browser.see_no_more("Emails waiting")
    browser.screenshot(tmp_path / "after.png")
