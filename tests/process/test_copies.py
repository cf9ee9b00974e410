"""A copy that Odoo makes writes to nobody, and its original goes on as before."""

import office
import pytest
from scheduler import Scheduler

# From another database: Odoo cuts every connection to the one that it copies.
MAKE = {
    "duplicate": """
from odoo.service import db
db.exp_duplicate_database({database!r}, {copy!r})
""",
    "restore": """
from odoo.service import db
with open({file!r}, "wb") as file:
    db.dump_db({database!r}, file)
db.restore_db({copy!r}, {file!r}, copy=True)
""",
}


@pytest.mark.parametrize("way", MAKE)
def test_a_copy_by_odoo_writes_to_nobody(box, database, mail, tmp_path, way):
    customers = office.release(box, database, office.ACME, 0, 3)
    copied = f"{database}_{way}"
    file = str(tmp_path / "dump.zip")
    box.shell("account", MAKE[way].format(database=database, copy=copied, file=file))

    # Opened once, for whatever: it says what it is, and nothing was sent.
    box.shell(copied, "")
    assert _mailboxes(box, copied) == {("error", "database_copied")}
    assert _mailboxes(box, database) == {("connected", None)}

    with Scheduler(box, copied, mail) as odoo:
        odoo.run_once()
        assert not odoo.errors()
    assert mail.accepted() == []
    assert mail.sink.sign_ins == []
    assert office.followups(box, copied) == dict.fromkeys(customers, "planned")

    with Scheduler(box, database, mail) as odoo:
        odoo.run_once()
    assert office.followups(box, database) == dict.fromkeys(customers, "sent")


def test_a_copy_by_postgresql_neither(box, database, mail):
    """It has the same name for itself, and the key is at hand."""
    customers = office.release(box, database, office.ACME, 0, 2)
    copied = f"{database}_by_hand"
    box.cluster.copy_database(database, copied)
    with Scheduler(box, copied, mail) as odoo:
        odoo.run_once()
    assert mail.accepted() == []
    assert office.followups(box, copied) == dict.fromkeys(customers, "planned")


def _mailboxes(box, database):
    """{(state, reason of its trouble)} of the mailboxes that were connected."""
    with office.connection(box, database) as cr:
        cr.execute(
            "SELECT state, error_reason FROM account_email_connector"
            " WHERE state <> 'disconnected'"
        )
        return set(cr.fetchall())
