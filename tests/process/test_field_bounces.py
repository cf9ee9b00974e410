"""What comes back in practice: bounces that are about us, about the address, or about
neither; an answer by way of a Google Group."""

import json
import smtplib
import time
from collections import Counter
from email.message import EmailMessage

import office
import pytest

ADDRESS = office.ADDRESSES[office.BETA]
# (status, words, whether there is no such address)
FIVE = [
    ("5.1.1", "550 5.1.1 user unknown", True),
    ("5.2.2", "552 5.2.2 mailbox full, over quota", False),
    ("5.7.1", "554 5.7.1 blocked using a blocklist, see https://x.example", False),
    ("5.3.4", "552 5.3.4 message too large", False),
    ("4.4.7", "421 4.4.7 delivery time expired", False),
]
LIMIT = "5.7.232", "550 5.7.232 tenant has exceeded its external recipient limit"
BLOCKED = "5.7.708", "550 5.7.708 Access denied, traffic not accepted from this IP"

CONNECTOR = f"""
connector = env["account.email.connector"].search([("email", "=", {ADDRESS!r})])
"""
SEND = f"""{CONNECTOR}
connector.reads_replies = True
env["account.email.followup"]._plan(connector.company_id).write({{"at_once": True}})
env.cr.commit()
connector._cron_followups()
"""
RUN = f"""{CONNECTOR}
env["account.email.followup"].search([("state", "=", "planned")]).at_once = True
env.cr.commit()
connector._cron_followups()
"""
LOOK = f"""{CONNECTOR}
import json
connector._cron_incoming()
env.cr.commit()
seen = env["account.email.incoming"].search([("connector_id", "=", connector.id)])
customers = {{}}
for followup in seen.followup_id:
    partner = followup.partner_id.with_company(followup.company_id)
    customers[partner.email] = [
        bool(partner.email_followup_bounced), partner.email_followup_answered,
        len(partner.activity_ids), followup.state]
waits = connector.wait_until and connector.wait_until - env.cr.now()
print("SEEN" + json.dumps([connector.state, connector.error_reason,
      waits and waits.total_seconds() / 3600, customers,
      len(connector.activity_ids)]))
"""
A_DAY_PASSES = """
UPDATE account_email_connector SET wait_until = wait_until - interval '1 day'
"""
WHAT_WAS_SENT = """
SELECT partner.email, count(*)
  FROM account_email_delivery delivery
  JOIN mail_mail mail ON mail.id = delivery.mail_id
  JOIN account_email_followup followup ON followup.id = mail.email_followup_id
  JOIN res_partner partner ON partner.id = followup.partner_id
 WHERE delivery.state = 'accepted'
 GROUP BY partner.email
"""
REPORT = """From: MAILER-DAEMON@mx.example
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <{number}.{status}@mx.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

{words}
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {customer}
Action: failed
Status: {status}
Diagnostic-Code: smtp; {words}

--b
Content-Type: message/rfc822

From: {to}
To: {customer}
Message-ID: {ours}

x
--b--
"""


class Beta:
    """A company whose mailbox is read, and its customers' mail servers."""

    def __init__(self, box, database, mail):
        self.box, self.database, self.mail = box, database, mail
        self.bounces = 0

    def send(self, count):
        """Chase so many customers; return {address: Message-ID}."""
        office.release(self.box, self.database, office.BETA, 0, count)
        self.shell(SEND)
        time.sleep(1.1)  # reading begins with the next whole second
        return {each.recipients[0]: each.message_id for each in self.mail.accepted()}

    def shell(self, code):
        return self.box.shell(self.database, code, env=office.trust(self.mail))

    def comes_back(self, customer, ours, status, words):
        self.bounces += 1
        report = REPORT.format(
            to=ADDRESS,
            number=self.bounces,
            customer=customer,
            ours=ours,
            status=status,
            words=words,
        )
        with smtplib.LMTP(self.mail.host, self.mail.lmtp) as server:
            server.sendmail("", [ADDRESS], report.replace("\n", "\r\n").encode())

    def look(self):
        """Read the Inbox; (state, reason, hours to wait, customers, to-dos of it)."""
        printed = self.shell(LOOK)
        return json.loads(printed.partition("SEEN")[2].splitlines()[0])

    def sql(self, query):
        with office.connection(self.box, self.database) as cr:
            cr.execute(query)
            return cr.fetchall() if cr.description else None


@pytest.fixture
def beta(box, database, mail):
    return Beta(box, database, mail)


def test_of_five_bounces_one_gives_an_address_up(beta):
    sent = list(beta.send(len(FIVE)).items())
    for (customer, ours), (status, words, _gone) in zip(sent, FIVE, strict=True):
        beta.comes_back(customer, ours, status, words)
    state, _reason, _waits, customers, _todos = beta.look()
    given_up = {customer for customer, said in customers.items() if said[0]}
    assert given_up == {sent[0][0]}
    assert state == "connected"
    asked = [customers[customer][2] for customer, _ours in sent]
    assert asked == [1, 0, 1, 1, 0], "what passes by itself is nobody's task"
    assert {said[3] for said in customers.values()} == {"sent"}


def test_an_answer_by_way_of_a_google_group_pauses(beta):
    for number, (customer, ours) in enumerate(beta.send(2).items()):
        answer = EmailMessage()
        answer["From"], answer["To"], answer["Subject"] = customer, ADDRESS, "Re: paid"
        answer["Message-ID"] = f"<{number}@elsewhere.example>"
        answer["In-Reply-To"] = ours
        if number == 0:
            answer["Precedence"] = "list"
            answer["Mailing-list"] = (
                "list billing@beta.example; contact billing+owners@beta.example"
            )
            answer["List-ID"] = "<billing.beta.example>"
        answer.set_content("We have paid.")
        with smtplib.LMTP(beta.mail.host, beta.mail.lmtp) as server:
            server.send_message(answer, customer, [ADDRESS])
    customers = beta.look()[3]
    assert [said[1] for said in customers.values()] == [True, True]


def test_twelve_accepted_and_nine_come_back_for_a_limit(beta):
    sent = beta.send(12)
    nine = list(sent)[3:]
    for customer in nine[:5]:
        beta.comes_back(customer, sent[customer], *LIMIT)
    state, _reason, waits, _customers, _todos = beta.look()
    assert (state, round(waits)) == ("connected", 24)
    for customer in nine[5:]:  # the others come later, while it waits
        beta.comes_back(customer, sent[customer], *LIMIT)
    customers = beta.look()[3]
    assert customers == {customer: [False, False, 0, "planned"] for customer in nine}
    beta.shell(RUN)
    assert len(beta.mail.accepted()) == 12, "it waits until tomorrow"
    beta.sql(A_DAY_PASSES)
    beta.shell(RUN)
    assert Counter(office.followups(beta.box, beta.database).values()) == {"sent": 12}
    assert dict(beta.sql(WHAT_WAS_SENT)) == {
        customer: 1 + (customer in nine) for customer in sent
    }
    assert len({each.message_id for each in beta.mail.accepted()}) == 21


def test_blocked_is_said_once_and_all_go_again(beta):
    sent = beta.send(4)
    for customer, ours in sent.items():
        beta.comes_back(customer, ours, *BLOCKED)
    state, reason, _waits, customers, todos = beta.look()
    assert (state, reason) == ("error", "mailbox_blocked")
    assert customers == {customer: [False, False, 0, "planned"] for customer in sent}
    assert todos >= 1
    beta.comes_back(*list(sent.items())[0], *BLOCKED)
    assert beta.look()[4] == todos, "one to-do, however often it is said"
    beta.shell(RUN)
    assert len(beta.mail.accepted()) == 4, "nothing leaves until somebody reconnects"
    beta.shell(office.connect_code(office.sign_in(beta.mail, office.BETA)))
    beta.shell(RUN)
    assert Counter(office.followups(beta.box, beta.database).values()) == {"sent": 4}
    to_customers = [e for e in beta.mail.accepted() if ADDRESS not in e.recipients]
    assert len(to_customers) == 8, "one more has shown that it sends again"
