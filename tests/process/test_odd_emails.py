"""Odd names, subjects and addresses: what arrives at a real mail server, in one run."""

import office
import pytest
from scheduler import Scheduler

COMPANY = "Acme 🦊 Größe GmbH"
SUBJECT = "Rückstand/" * 30  # one word of 300 characters
LINE_BREAK, LOCAL_PART, DOMAIN, PLAIN = range(4)
EMAILS = {
    LINE_BREAK: "buyer-0@acme-buyers.example\nBcc: thief@evil.example",
    LOCAL_PART: "jérôme@acme-buyers.example",
    DOMAIN: "info@bücher.example",
}
WITHOUT_SMTPUTF8 = ("SIZE 36700160", "8BITMIME", "ENHANCEDSTATUSCODES")
ARRIVE = (
    "buyer-0@acme-buyers.example",  # and nobody else: a line break begins no header
    "info@xn--bcher-kva.example",
    "buyer-3@acme-buyers.example",
)

SET_UP = """
company = env["res.company"].search([("name", "=", {acme!r})])
company.name = {company!r}
company.email_connector_id.sender_name = False  # then the company's name is shown
step = env.ref("account_email_connector.step_friendly")
step.template_id = step.template_id.copy({{"subject": {subject!r}}})
for number, address in {emails!r}.items():
    customer = env["res.partner"].search(
        [("email", "=", f"buyer-{{number}}@{domain}")]
    )
    customer.email = address
env.cr.commit()
"""


@pytest.mark.parametrize("smtputf8", [True, False])
def test_odd_emails_never_stop_a_run(box, database, mail, smtputf8):
    if not smtputf8:
        mail.sink.extensions = WITHOUT_SMTPUTF8
    office.release(box, database, office.ACME, 0, 4)
    code = SET_UP.format(
        acme=office.ACME,
        company=COMPANY,
        subject=SUBJECT,
        emails=EMAILS,
        domain=office.DOMAINS[office.ACME],
    )
    box.shell(database, code)
    with Scheduler(box, database, mail) as odoo:
        odoo.run_once()
        assert not odoo.errors()

    arrive = {*ARRIVE, *([EMAILS[LOCAL_PART]] if smtputf8 else [])}
    accepted = mail.sink.accepted()
    assert {each.recipients for each in accepted} == {(each,) for each in arrive}
    for each in accepted:
        assert_reads_well(each.message, each.recipients[0])
    filed = mail.sent(office.ADDRESSES[office.ACME])
    assert [copy["Subject"] for copy in filed] == [SUBJECT] * len(arrive)

    ledger = read_ledger(box, database)
    sent, refused = ("sent", None, 0), ("failed", "address_not_supported", 1)
    assert ledger[PLAIN] == ledger[DOMAIN] == ledger[LINE_BREAK] == sent
    assert ledger[LOCAL_PART] == (sent if smtputf8 else refused)
    assert office.connector_state(box, database, office.ACME) == "connected"


def assert_reads_well(message, recipient):
    """As the customer's mail program shows it."""
    assert message["Subject"] == SUBJECT
    (sender,) = message["From"].addresses
    assert sender.display_name == COMPANY
    assert sender.addr_spec == office.ADDRESSES[office.ACME]
    (to,) = message["To"].addresses
    # UTF-8 as it is (RFC 6532), which Python's parser takes for bytes
    assert to.addr_spec.encode("utf-8", "surrogateescape").decode() == recipient
    assert message["Bcc"] is message["Cc"] is None
    assert "Buyer" in message.get_body(("plain",)).get_content()
    assert "thief" not in message.as_string()


def read_ledger(box, database):
    """By the customer's number: state, reason, and how many to-dos there are."""
    with office.connection(box, database) as cr:
        cr.execute(
            """SELECT partner.name, followup.state, followup.reason,
                      (SELECT count(*) FROM mail_activity activity
                        WHERE activity.res_model = 'res.partner'
                          AND activity.res_id = partner.id)
                 FROM account_email_followup followup
                 JOIN res_partner partner ON partner.id = followup.partner_id"""
        )
        return {int(name.split()[1]): tuple(rest) for name, *rest in cr.fetchall()}
