"""The key that opens the saved sign-ins: another server's, rotated, damaged, lost.

None of that is the mailbox's fault: once the key is back, nobody has to connect again.
"""

import office
import pytest
from cryptography.fernet import Fernet
from scheduler import Scheduler

KEYS = "ACCOUNT_EMAIL_CONNECTOR_KEYS"
HEALTH = 'env["account.email.connector"]._cron_health()\nenv.cr.commit()'


@pytest.fixture
def key(box):
    """The file of the key, put back at the end."""
    path = box.cluster.odoo_data / "account_email_connector.key"
    text = path.read_text()
    yield path
    path.write_text(text)


def run(box, database, mail, *options):
    with Scheduler(box, database, mail, *options) as odoo:
        odoo.run_once()
        assert not odoo.errors()


def untouched(box, database, mail):
    """The mailbox is in service, nobody was alarmed, and nothing has left."""
    with office.connection(box, database) as cr:
        cr.execute(
            "SELECT count(*) FROM mail_activity WHERE res_model = %s",
            ["account.email.connector"],
        )
        alarms = cr.fetchone()[0]
        cr.execute("SELECT count(*) FROM mail_message WHERE subject ~ 'are not sent'")
        alarms += cr.fetchone()[0]
    state = office.connector_state(box, database, office.ACME)
    return (state, alarms, len(mail.accepted())) == ("connected", 0, 0)


def test_a_server_with_another_key_leaves_it_to_the_one_who_can(
    box, database, mail, tmp_path
):
    customers = office.release(box, database, office.ACME, 0, 2)
    run(box, database, mail, f"--data-dir={tmp_path}")
    assert untouched(box, database, mail)
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
    new = Fernet.generate_key().decode()
    old = key.read_text()
    box.shell(database, HEALTH, env={KEYS: f"{new},{old}"})
    monkeypatch.setenv(KEYS, new)
    run(box, database, mail)
    assert office.followups(box, database) == dict.fromkeys(customers, "sent")


def test_a_copy_by_postgresql_holds_what_it_would_send(box, database, mail):
    office.release(box, database, office.ACME, 0, 2)
    copied = f"{database}_by_hand"
    box.cluster.copy_database(database, copied)
    run(box, copied, mail)
    assert mail.accepted() == []


def test_no_file_is_sent_empty(box, database, mail, tmp_path, key):
    """A server, or a restored database, without the files."""
    office.release(box, database, office.ACME, 0, 2)
    (tmp_path / key.name).write_text(key.read_text())
    run(box, database, mail, f"--data-dir={tmp_path}")
    for accepted in mail.accepted():
        for file in accepted.message.iter_attachments():
            assert file.get_content(), f"{file.get_filename()} is empty"
