"""A stolen dump, a copied database and a log have no password, and a copy is silent."""

import base64
import subprocess

import office
import pytest
from scheduler import Scheduler

INVOICE_BY_MAIL = """
env["account.email.connector"].search([]).sends_accounting_emails = True
template = env.ref("account.email_template_edi_invoice")
template.report_template_ids = False
move = env["account.move"].search([("partner_id.email", "=", {customer!r})])
mail = env["mail.mail"].browse(template.send_mail(move.id, force_send=True))
env.cr.commit()
mail.invalidate_recordset()
print(mail.state)
"""


@pytest.fixture
def sent(box, database, mail):
    """A database whose mailbox was connected anew and has sent, all logged in detail.

    :return: all that Odoo has logged.
    """
    customers = office.release(box, database, office.ACME, 0, 3)
    signed_in = box.odoo(
        *("shell", "-d", database, "--log-handler=:DEBUG"),
        stdin=office.connect_code(office.sign_in(mail, office.ACME)),
        env=office.trust(mail),
    )
    with Scheduler(box, database, mail, "--log-handler=:DEBUG") as odoo:
        odoo.run_once()
        log = odoo.log.read_text()
    assert office.followups(box, database) == dict.fromkeys(customers, "sent")
    assert "successfully sent" in log
    return signed_in.stderr + signed_in.stdout + log


def test_no_password_in_the_log_or_in_a_dump(box, database, sent):
    dump = subprocess.run(
        [box.cluster.bin / "pg_dump", "-d", database, "--inserts"],
        env=box.cluster.environment,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    assert "accounting@acme.example" in dump
    key = (box.cluster.odoo_data / "account_email_connector.key").read_text()
    for secret in [*spellings(office.PASSWORD), key]:
        assert secret not in dump
        assert secret not in sent


def test_a_neutralized_copy_sends_nothing(box, database, mail):
    with office.connection(box, database) as cr:
        cr.execute("SELECT count(*) FROM account_email_connector_credential")
        assert cr.fetchone() == (2,), "there is something to forget"
    box.odoo("neutralize", "-d", database)
    office.release(box, database, office.ACME, 0, 5)
    with office.connection(box, database) as cr:
        cr.execute("SELECT count(*) FROM account_email_connector_credential")
        assert cr.fetchone() == (0,)
        cr.execute("SELECT DISTINCT state FROM account_email_connector")
        assert cr.fetchall() == [("disconnected",)]
        cr.execute("UPDATE ir_cron SET active = TRUE")  # even if somebody does that
    with Scheduler(box, database, mail) as odoo:
        odoo.run_once()
        assert not odoo.errors()
    assert mail.accepted() == []
    assert mail.sink.sign_ins == []

    code = INVOICE_BY_MAIL.format(customer=f"buyer-0@{office.DOMAINS[office.ACME]}")
    assert box.shell(database, code, env=office.trust(mail)).strip() != "sent"
    assert mail.accepted() == []


def spellings(password):
    """A password as it is, and as SMTP and IMAP say it: AUTH LOGIN and PLAIN."""
    users = (*office.ACCOUNTS, "")
    plain = [f"\0{user}\0{password}" for user in users]
    coded = [base64.b64encode(text.encode()).decode() for text in [password, *plain]]
    return [password, *coded]
