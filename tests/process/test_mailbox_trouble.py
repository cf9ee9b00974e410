"""A mailbox that cannot be used: nothing leaves, what waits goes out once later."""

import time
from collections import Counter

import office
from lib.cache import CHECKOUT
from proxy import Proxy
from scheduler import Scheduler

PAY = """
import sys
sys.path.append({dev!r})
from odoo import fields
from samples import history
move = env["account.move"].search([("partner_id.email", "=", {customer!r})])
history.receive([(move, move.amount_total, fields.Date.today())])
env.cr.commit()
"""


def to_customers(mail):
    """How often each was written to; not the manager, whom Beta's mailbox tells."""
    recipients = [each for mail in mail.accepted() for each in mail.recipients]
    return Counter(each for each in recipients if "buyer" in each)


def test_a_wrong_password_holds_the_queue_until_reconnected(box, database, mail):
    customers = office.release(box, database, office.ACME, 0, 5)
    address = office.ADDRESSES[office.ACME]
    office.change_password(mail, address, "another-password")
    with Scheduler(box, database, mail) as odoo:
        odoo.run_once()
        assert office.connector_state(box, database, office.ACME) == "error"
        assert to_customers(mail) == Counter()
        assert office.followups(box, database) == dict.fromkeys(customers, "planned")

        sign_ins = len(mail.sink.sign_ins)
        odoo.run_once()
        assert len(mail.sink.sign_ins) == sign_ins, (
            "a wrong password is not tried again"
        )

        # One has paid meanwhile; a person reconnects.
        box.shell(
            database,
            PAY.format(dev=str(CHECKOUT / "dev"), customer=customers[0])
            + office.connect_code(office.sign_in(mail, office.ACME)),
            env=office.trust(mail),
        )
        odoo.run_once()
        odoo.run_once()
        assert not odoo.errors()

    assert office.connector_state(box, database, office.ACME) == "connected"
    assert to_customers(mail) == Counter(customers[1:])
    states = dict.fromkeys(customers, "sent") | {customers[0]: "skipped"}
    assert office.followups(box, database) == states


def test_a_stalling_server_does_not_hold_up_another_company(box, database, mail, say):
    slow = office.release(box, database, office.ACME, 0, 5)
    quick = office.release(box, database, office.BETA, 0, 5)
    mail.sink.faults.set("greeting", "stall")
    with Scheduler(box, database, mail) as odoo:
        started = time.monotonic()
        odoo.run(lambda: len(mail.relay.accepted()) == len(quick))
        seconds = time.monotonic() - started
        say(f"A stalling server: the other company's mail left in {seconds:.1f} s")
        odoo.run_once()
        tries = len(mail.sink.faults.reached("greeting"))
        assert tries == 1, "a server that does not answer is not asked for each email"
        assert not odoo.errors()
    assert mail.sink.accepted() == []
    states = dict.fromkeys(quick, "sent") | dict.fromkeys(slow, "planned")
    assert office.followups(box, database) == states
    assert office.connector_state(box, database, office.ACME) == "connected"


def test_a_copy_that_cannot_be_filed_is_filed_later_or_told(box, template, mail):
    """The Sent folder is out of reach: the email is sent once all the same."""
    with Proxy(mail.imaps) as imap:
        database = office.copy(box, template, mail, imap.port)
        customers = office.release(box, database, office.ACME, 0, 2)
        imap.refuse()
        with Scheduler(box, database, mail) as odoo:
            odoo.run_once()
            odoo.run_once()
            owed = _copies(box, database)
            imap.let_go()
            with office.connection(box, database) as cr:
                cr.execute(
                    "UPDATE account_email_delivery SET sent_copy_retry_at = NULL"
                )
            odoo.run_once()
    accepted = Counter(r for each in mail.accepted() for r in each.recipients)
    assert accepted == Counter(customers)
    assert office.followups(box, database) == dict.fromkeys(customers, "sent")
    assert owed == [("owed", True)]
    assert _copies(box, database) == [("filed", None)]


def _copies(box, database):
    """What became of the copies, and whether it is said why."""
    with office.connection(box, database) as cr:
        cr.execute(
            "SELECT DISTINCT sent_copy, sent_copy_warning <> ''"
            "  FROM account_email_delivery"
        )
        return cr.fetchall()


def test_one_mistyped_domain_does_not_hold_up_the_others(box, database, mail):
    typo, *others = office.release(box, database, office.ACME, 0, 3)
    words = "450 4.1.2 Recipient address rejected: Domain not found"
    mail.sink.faults.set("rcpt", words, match=typo)
    with Scheduler(box, database, mail) as odoo:
        odoo.run_once()
        odoo.run_once()
        assert not odoo.errors()
    accepted = Counter(r for each in mail.accepted() for r in each.recipients)
    assert accepted == Counter(others)
    assert len(mail.sink.faults.reached("rcpt")) == 1, "it is tried again later"
    states = dict.fromkeys(others, "sent") | {typo: "planned"}
    assert office.followups(box, database) == states
    with office.connection(box, database) as cr:
        cr.execute(
            """SELECT state, wait_until, unavailable_since
                 FROM account_email_connector WHERE email = %s""",
            [office.ADDRESSES[office.ACME]],
        )
        assert cr.fetchone() == ("connected", None, None)
