"""The answer to an email that was accepted is cut off; a person says that it was sent.

The mail server is Dovecot, which files nothing by itself: the copy is Odoo's to file,
after the answer.
"""

import json

import office
from proxy import Proxy
from scheduler import Scheduler

ADDRESS = office.ADDRESSES[office.BETA]
SHOWN = """
import json
followup = env["account.email.followup"].search([("state", "=", "unknown")])
todo = followup.partner_id.activity_ids
print("SHOWN", json.dumps([
    len(todo), followup.message_id_header, str(followup.tried_at),
    followup.reason_text, followup.attempt_text, todo.summary, todo.note,
]))
"""
ANSWER = """
manager = env["res.users"].search([("login", "=", "manager")])
followup = env["account.email.followup"].search([("state", "=", "unknown")])
followup.with_user(manager).action_was_sent()
env.cr.commit()
"""
TODOS = """
SELECT count(*) FROM mail_activity
 WHERE active AND res_model = 'res.partner'
"""


def cut_off(box, database, mail, odoo):
    """Send one follow-up; the line is cut between its acceptance and the answer.

    :return: the customer's address.
    """
    [customer] = office.release(box, database, office.BETA, 0, 1)
    with Proxy(mail.submissions) as smtp:
        point_to(box, database, smtp.port)
        mail.relay.faults.set("accepted", "stall", times=1)
        odoo.trigger()
        mail.relay.faults.wait("accepted", timeout=120)
        smtp.cut()
        mail.relay.faults.clear()
        states = {customer: "unknown"}
        odoo.run(lambda: office.followups(box, database) == states)
    point_to(box, database, mail.submissions)
    return customer


def point_to(box, database, port):
    """Let Beta's mailbox send by way of *port*, without waiting any longer."""
    with office.connection(box, database) as cr:
        cr.execute(
            "UPDATE account_email_connector SET smtp_port = %s, wait_until = NULL"
            " WHERE email = %s",
            [port, ADDRESS],
        )


def test_said_to_be_sent_it_gets_its_copy_and_is_not_sent_again(box, database, mail):
    with Scheduler(box, database, mail) as odoo:
        customer = cut_off(box, database, mail, odoo)
        printed = box.shell(database, SHOWN, env=office.trust(mail))
        [line] = [line for line in printed.splitlines() if line.startswith("SHOWN")]
        todos, message_id, tried_at, *texts = json.loads(line.partition(" ")[2])
        assert (todos, message_id) == (1, mail.accepted()[0].message_id)
        assert tried_at != "False"
        for text in texts:
            assert "Sent" not in text
        assert "The whole email was handed over at" in texts[1]
        assert mail.sent(ADDRESS) == []

        box.shell(database, ANSWER, env=office.trust(mail))
        odoo.run_once()
        odoo.run_once()
        assert not odoo.errors()
    [accepted] = mail.accepted()
    [copy] = mail.sent(ADDRESS)
    assert copy["Message-ID"] == accepted.message_id == message_id
    assert copy["To"] == accepted.message["To"]
    assert office.followups(box, database) == {customer: "sent"}
    with office.connection(box, database) as cr:
        cr.execute(TODOS)
        assert cr.fetchone() == (0,)
