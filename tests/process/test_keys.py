"""The key that opens the saved sign-ins: another server's, rotated, damaged, lost.

None of that is the mailbox's fault: once the key is back, nobody has to connect again.
"""

import office
import pytest
from cryptography.fernet import Fernet
from scheduler import Scheduler

KEYS = "ACCOUNT_EMAIL_CONNECTOR_KEYS"
HEALTH = 'env["account.email.connector"]._cron_health()\nenv.cr.commit()'

OPENS = """
from odoo.addons.account_email_connector.engine.secrets import mailboxes
for connector in env["account.email.connector"].search([]):
    print(mailboxes.opens(connector))
"""


@pytest.fixture
def key(box):
    """The file of the key, put back at the end."""
    path = box.cluster.odoo_data / "account_email_connector.key"
    text = path.read_text()
    yield path
    path.write_text(text)
    path.chmod(0o600)  # as it was, if a test has made it anew


def run(box, database, mail, *options):
    with Scheduler(box, database, mail, *options) as odoo:
        odoo.run_once()
        assert not odoo.errors()


def try_at_once(box, database):
    """Let no follow-up wait for its next turn."""
    with office.connection(box, database) as cr:
        cr.execute("UPDATE account_email_followup SET retry_at = NULL")


def todos(box, database):
    """How many people are asked to connect a mailbox again."""
    with office.connection(box, database) as cr:
        cr.execute(
            "SELECT count(*) FROM mail_activity WHERE active AND res_model = %s",
            ["account.email.connector"],
        )
        return cr.fetchone()[0]


def test_what_a_server_without_the_key_broke_is_mended_by_the_one_with_it(
    box, database, mail, tmp_path
):
    customers = office.release(box, database, office.ACME, 0, 2)
    run(box, database, mail, f"--data-dir={tmp_path}")
    assert office.connector_state(box, database, office.ACME) == "error"
    assert not (tmp_path / "account_email_connector.key").exists()
    assert todos(box, database)
    run(box, database, mail)
    assert office.connector_state(box, database, office.ACME) == "connected"
    assert not todos(box, database)
    assert office.followups(box, database) == dict.fromkeys(customers, "sent")


def test_what_a_server_with_another_key_broke_too(box, database, mail, tmp_path):
    customers = office.release(box, database, office.ACME, 0, 2)
    (tmp_path / "account_email_connector.key").write_bytes(Fernet.generate_key())
    run(box, database, mail, f"--data-dir={tmp_path}")
    assert mail.accepted() == []
    run(box, database, mail)
    assert office.followups(box, database) == dict.fromkeys(customers, "sent")


@pytest.mark.parametrize("given", ["garbage", ""])
def test_a_damaged_key_that_is_repaired(box, database, mail, key, given):
    customers = office.release(box, database, office.ACME, 0, 2)
    text = key.read_text()
    key.write_text(given)
    run(box, database, mail)
    assert mail.accepted() == []
    key.write_text(text)
    run(box, database, mail)
    assert office.followups(box, database) == dict.fromkeys(customers, "sent")


def test_a_lost_key_that_is_found_again(box, database, mail, key):
    customers = office.release(box, database, office.ACME, 0, 2)
    text = key.read_text()
    key.unlink()
    run(box, database, mail)
    assert mail.accepted() == []
    assert not key.exists(), "nothing is opened by a new key: none is made for that"
    key.write_text(text)
    run(box, database, mail)
    assert office.followups(box, database) == dict.fromkeys(customers, "sent")


def test_after_a_day_with_both_keys_the_old_one_can_go(
    box, database, mail, key, monkeypatch
):
    customers = office.release(box, database, office.ACME, 0, 2)
    old, new = key.read_text(), Fernet.generate_key().decode()
    assert box.shell(database, OPENS, env={KEYS: old}).split() == ["True", "True"]
    assert box.shell(database, OPENS, env={KEYS: new}).split() == ["False", "False"]
    box.shell(database, HEALTH, env={KEYS: f"{new},{old}"})
    assert box.shell(database, OPENS, env={KEYS: new}).split() == ["True", "True"]
    monkeypatch.setenv(KEYS, new)
    run(box, database, mail)
    assert office.followups(box, database) == dict.fromkeys(customers, "sent")


def test_no_file_is_sent_empty(box, database, mail, tmp_path, key):
    """A server, or a restored database, without the files."""
    customers = office.release(box, database, office.ACME, 0, 2)
    (tmp_path / key.name).write_text(key.read_text())
    run(box, database, mail, f"--data-dir={tmp_path}")
    assert mail.accepted() == []
    assert office.followups(box, database) == dict.fromkeys(customers, "planned")
    try_at_once(box, database)
    run(box, database, mail)
    assert office.followups(box, database) == dict.fromkeys(customers, "sent")
    for accepted in mail.accepted():
        files = list(accepted.message.iter_attachments())
        assert [len(file.get_content()) for file in files] == [len(office.PDF)]
