"""What a server says about the mailbox slows the mailbox, and fails no customer."""

import threading
from collections import Counter
from contextlib import contextmanager

import office
from scheduler import Scheduler

HOURLY = (
    "550 Domain acme.example has exceeded the max emails per hour (103/100 (103%))"
    " allowed.  Message discarded."
)
DAILY = "552 5.2.0 You have reached your daily sending limit"
UNCLEAR = "554 Transaction failed"

#: What the page of Acme's mailbox shows.
PAGE = """
connector = env["account.email.connector"].search([("company_id.name", "=", {acme!r})])
print("PAGE", connector.wait_text, "|", connector.sent_hour, "|", connector.said_last)
"""
TODOS = """
print("TODOS", env["mail.activity"].search_count([]))
"""
#: Beta sends through Acme's mailbox, too.
SHARE = """
UPDATE account_email_connector beta
   SET email = acme.email, smtp_user = acme.smtp_user, smtp_port = acme.smtp_port
  FROM account_email_connector acme WHERE acme.email = %s AND beta.email = %s
"""


@contextmanager
def limit_after(mail, count, words):
    """Let the server take *count* emails, and say *words* to the next."""
    over = threading.Event()

    def watch():
        while not over.wait(0.005):
            if len(mail.sink.accepted()) >= count:
                mail.sink.faults.set("rcpt", words)
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def let_time_pass(box, database, hours):
    """As if these hours had passed, for whatever waits."""
    with office.connection(box, database) as cr:
        for table, column in (
            ("account_email_connector", "wait_until"),
            ("account_email_connector", "unavailable_since"),
            ("account_email_followup", "retry_at"),
        ):
            cr.execute(
                f"UPDATE {table} SET {column} = {column} - interval '{hours} hours'"
            )


def shown(box, database, mail):
    said = box.shell(
        database, PAGE.format(acme=office.ACME) + TODOS, env=office.trust(mail)
    )
    page, todos = said.partition("PAGE ")[2].split("TODOS ")
    return page, int(todos.split()[0])


def test_an_hourly_limit_waits_and_goes_on(box, database, mail):
    customers = office.release(box, database, office.ACME, 0, 12)
    with Scheduler(box, database, mail) as odoo:
        with limit_after(mail, 3, HOURLY):
            odoo.run_once()
        sent = len(mail.sink.accepted())
        assert 3 <= sent < 12
        asked = len(mail.sink.faults.reached("rcpt"))
        assert asked == 1, "a server that has said so is not asked again"
        page, todos = shown(box, database, mail)
        assert "reached its sending limit" in page
        assert "The server said: 550 Domain acme.example has exceeded" in page
        assert todos == 0
        odoo.run_once()
        assert len(mail.sink.faults.reached("rcpt")) == asked, "not within the hour"

        mail.sink.faults.clear()
        let_time_pass(box, database, 2)
        odoo.run_once()
        assert not odoo.errors()
    accepted = Counter(r for each in mail.accepted() for r in each.recipients)
    assert accepted == Counter(customers)
    assert office.followups(box, database) == dict.fromkeys(customers, "sent")
    page, todos = shown(box, database, mail)
    assert page.startswith("False | 12 |"), "a limit that was passed is none"
    assert todos == 0
    with office.connection(box, database) as cr:
        cr.execute(
            """SELECT state, wait_until, wait_reason, unavailable_since
                 FROM account_email_connector WHERE email = %s""",
            [office.ADDRESSES[office.ACME]],
        )
        assert cr.fetchone() == ("connected", None, None, None)


def test_all_companies_on_an_address_wait_for_its_daily_limit(box, database, mail):
    with office.connection(box, database) as cr:
        cr.execute(
            SHARE, [office.ADDRESSES[each] for each in (office.ACME, office.BETA)]
        )
    box.shell(
        database,
        office.connect_code(
            {
                **office.sign_in(mail, office.ACME),
                "company_name": office.BETA,
            }
        ),
        env=office.trust(mail),
    )
    customers = office.release(box, database, office.ACME, 0, 6)
    customers += office.release(box, database, office.BETA, 0, 6)
    with Scheduler(box, database, mail) as odoo:
        with limit_after(mail, 3, DAILY):
            odoo.run_once()
        odoo.run_once()
        assert len(mail.sink.faults.reached("rcpt")) == 1
        with office.connection(box, database) as cr:
            cr.execute(
                """SELECT wait_reason, wait_until > now() at time zone 'utc'
                                                    + interval '23 hours'
                     FROM account_email_connector"""
            )
            assert cr.fetchall() == [("daily_limit", True)] * 2
        assert not Counter(office.followups(box, database).values())["failed"]
        mail.sink.faults.clear()
        let_time_pass(box, database, 25)
        odoo.run_once()
        assert not odoo.errors()
    assert office.followups(box, database) == dict.fromkeys(customers, "sent")


def test_a_server_without_rset_takes_all(box, database, mail):
    customers = office.release(box, database, office.ACME, 0, 6)
    mail.sink.faults.set("rset", "502 5.5.1 Command not implemented")
    with Scheduler(box, database, mail) as odoo:
        odoo.run_once()
        assert not odoo.errors()
    assert office.followups(box, database) == dict.fromkeys(customers, "sent")
    assert len(mail.sink.accepted()) == len(customers)
    assert office.connector_state(box, database, office.ACME) == "connected"


def test_a_server_that_refuses_all_in_unclear_words_stops_the_mailbox(
    box, database, mail
):
    customers = office.release(box, database, office.ACME, 0, 8)
    mail.sink.faults.set("rcpt", UNCLEAR)
    with Scheduler(box, database, mail) as odoo:
        odoo.run_once()
        assert len(mail.sink.faults.reached("rcpt")) == 5, "then it is the server"
        page, todos = shown(box, database, mail)
        assert "defers every email" in page
        assert UNCLEAR in page
        assert todos == 0
        for _half_a_day in range(2):
            assert office.connector_state(box, database, office.ACME) == "connected"
            let_time_pass(box, database, 12.5)
            odoo.run_once()
        assert len(mail.sink.faults.reached("rcpt")) == 5 + 2, "one email each time"
        assert office.connector_state(box, database, office.ACME) == "error"
        assert office.followups(box, database) == dict.fromkeys(customers, "planned")
        assert not odoo.errors()
    with office.connection(box, database) as cr:
        cr.execute(
            """SELECT error_reason, error_detail FROM account_email_connector
                WHERE email = %s""",
            [office.ADDRESSES[office.ACME]],
        )
        assert cr.fetchone() == ("all_put_off", "Transaction failed")
