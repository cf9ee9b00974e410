"""A stolen dump, a copied database and a log have no password, and a copy is silent."""

import base64
import re

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

# Everything that a mailbox can have had: in service, broken, waiting for an approval,
# reading, sending as another address; and sign-ins that somebody has begun.
LIFE = """
from odoo.addons.account_email_connector.engine.mailbox import condition
from odoo.addons.account_email_connector.providers.outcomes import SignInRequired
from odoo.addons.account_email_connector.providers.reasons import Reason

app = env["account.email.oauth.app"].create({
    "name": "Odoo", "provider": "google", "client_secret": "planted-app-secret",
    "client_id": "odoo.apps.googleusercontent.com",
})
connectors = env["account.email.connector"].search([])
connectors.reads_replies = True
connectors.write({
    "provider": "microsoft", "oauth_app_id": app.id, "oauth_account_id": "anna",
    "send_as": "shared@acme.example", "sent_items": "shared",
    "checked_at": "2026-11-01", "wait_until": "2099-01-01",
    "unavailable_since": "2026-11-01",
})
env["account.email.approval"].create([{
    "connector_id": connector.id, "asked_at": "2026-11-01", "asked_by_id": env.uid,
    "approved_at": "2026-11-01", "send_as": "other@acme.example",
    "sent_items": "shared",
} for connector in connectors])
connectors[0].state = "connected"
refused = SignInRequired(Reason.SIGN_IN_AGAIN, code="535", detail="No")
condition.break_off(connectors[0], refused)
env["account.email.connector.smtp"].create({
    "connector_id": connectors[0].id, "password": "planted-typed-password",
    "email": "a@acme.example", "user": "a", "host": "localhost", "encryption": "ssl",
    "port": 465, "sent_copy": "auto",
})
env["account.email.oauth.flow"].create({
    "state_hash": "a", "session_hash": "b", "user_id": env.uid, "app_id": app.id,
    "company_id": env.company.id, "connector_id": connectors[0].id,
    "provider": "google", "sealed": app.sealed_secret, "expires_at": "2099-01-01",
})
env.cr.commit()
"""
DISCONNECT = """
for connector in env["account.email.connector"].search([]):
    connector.action_disconnect()
env.cr.commit()
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
    dump = box.dump(database)
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


def test_a_neutralized_copy_is_as_one_that_was_disconnected(box, database):
    box.shell(database, LIFE)
    assert sealed(box.dump(database)) >= 5, "two mailboxes, an app, what was begun"
    assert reconnect(box, database)
    copied = f"{database}_copy"
    box.cluster.copy_database(database, copied)
    box.odoo("neutralize", "-d", database)
    box.shell(copied, DISCONNECT)
    assert mailboxes(box, database) == mailboxes(box, copied)
    with office.connection(box, database) as cr:
        cr.execute("SELECT DISTINCT chasing FROM account_email_connector")
        assert cr.fetchall() == [("new",)], "a test mailbox chases nobody by itself"
    assert sealed(box.dump(database)) == 0
    assert not reconnect(box, database), "nobody is asked to connect the copy"


def sealed(dump):
    """How many sealed secrets there are, by the look of them (Fernet's 0x80)."""
    return len(re.findall(r"'gAAAA[\w=-]{90,}'", dump))


def mailboxes(box, database):
    """All of every mailbox but who touched it when, whether its follow-ups are started,
    and how far each Inbox was read."""
    with office.connection(box, database) as cr:
        cr.execute(
            """SELECT to_jsonb(c) - 'write_date' - 'write_uid' - 'chasing',
                      i.id IS NOT NULL, a.id IS NOT NULL
                 FROM account_email_connector c
            LEFT JOIN account_email_inbox i ON i.connector_id = c.id
            LEFT JOIN account_email_approval a ON a.connector_id = c.id ORDER BY c.id"""
        )
        return cr.fetchall()


def reconnect(box, database):
    """The to-dos to connect a mailbox again."""
    with office.connection(box, database) as cr:
        cr.execute(
            "SELECT summary FROM mail_activity WHERE res_model = %s",
            ["account.email.connector"],
        )
        return cr.fetchall()


def spellings(password):
    """A password as it is, and as SMTP and IMAP say it: AUTH LOGIN and PLAIN."""
    users = (*office.ACCOUNTS, "")
    plain = [f"\0{user}\0{password}" for user in users]
    coded = [base64.b64encode(text.encode()).decode() for text in [password, *plain]]
    return [password, *coded]
