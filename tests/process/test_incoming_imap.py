"""An answer in a real Inbox, and two workers who see it at the same moment."""

import smtplib
import time
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage

import office

ADDRESS = office.ADDRESSES[office.BETA]
SEND = f"""
connector = env["account.email.connector"].search([("email", "=", {ADDRESS!r})])
connector.reads_replies = True
env["account.email.followup"]._plan(connector.company_id).write({{"at_once": True}})
env.cr.commit()
connector._cron_followups()
"""
LOOK = """
env["account.email.connector"]._cron_incoming()
env.cr.commit()
"""
SHOWN = """
SELECT partner.email, message.subject,
       partner.email_followup_answered ->> company.id::text
  FROM mail_message message
  JOIN account_email_followup followup
       ON message.model = 'account.email.followup' AND followup.id = message.res_id
  JOIN res_partner partner ON partner.id = followup.partner_id
  JOIN res_company company ON company.name = 'Beta'
 WHERE message.message_type = 'email'
"""


def deliver(mail, subject, answers="", number=1):
    message = EmailMessage()
    message["From"] = "Buyer <buyer@elsewhere.example>"
    message["To"] = ADDRESS
    message["Subject"] = subject
    message["Message-ID"] = f"<{number}@elsewhere.example>"
    if answers:
        message["In-Reply-To"] = answers
    message.set_content("We have paid.")
    with smtplib.LMTP(mail.host, mail.lmtp) as server:
        server.send_message(message, "buyer@elsewhere.example", [ADDRESS])


def test_two_workers_see_one_answer(box, database, mail):
    [customer] = office.release(box, database, office.BETA, 0, 1)
    box.shell(database, SEND, env=office.trust(mail))
    [accepted] = mail.accepted()
    time.sleep(1.1)  # reading begins with the next whole second
    deliver(mail, "Something else", number=1)
    deliver(mail, "Paid", accepted.message_id, number=2)

    def work(_number):
        # Any error in Odoo's log fails the test.
        box.odoo("shell", "-d", database, stdin=LOOK, env=office.trust(mail))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    with office.connection(box, database) as cr:
        cr.execute(SHOWN)
        assert cr.fetchall() == [(customer, "Paid", "true")]
