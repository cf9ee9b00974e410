"""What the demo prints."""

from samples import people

#: What the users may, by their group.
MAY = {
    "account.group_account_invoice": "billing: deals with customers",
    "account.group_account_manager": "accounting manager: connects mailboxes, plans",
    "account.group_account_readonly": "auditor: reads",
}


def sent(report, filed, accepted):
    """A table of what went to whom, and what did not, and why.

    :param filed: the emails in the Sent folders by address.
    :param accepted: the stand-in's log; Gmail files an email under an id of its own.
    """
    emails = [each for each in report["followups"] if each["channel"] == "email"]
    lines = ["", "What the scheduled action has sent"]
    lines += _table(list(_sent_rows(emails, filed, accepted)))
    for followup in emails:
        if followup["reason"]:
            lines.append(f"  {followup['customer']}: {followup['reason']}")
    lines += ["", "What it has left alone, and why"]
    lines += _table(_left_alone(report), header=False)
    return "\n".join([*lines, ""])


def _sent_rows(emails, filed, accepted):
    renamed = {each["message_id"]: each["filed_message_id"] for each in accepted}
    in_sent = {
        (address, message["Message-ID"])
        for address, messages in filed.items()
        for message in messages
    }
    yield ("Company", "Customer", "Step", "Open amount", "State", "In Sent")
    for followup in emails:
        message_id = renamed.get(followup["message_id"], followup["message_id"])
        found = (followup["mailbox"], message_id) in in_sent
        shown = [followup[name] for name in ("company", "customer", "step")]
        yield (*shown, followup["amount"], followup["state"], "yes" if found else "no")


def _left_alone(report):
    why = {each["customer"]: each["why"] for each in report["left_alone"]}
    asked = {each["customer"]: f"To-do: {each['summary']}" for each in report["to_dos"]}
    return [(name, asked.get(name, text)) for name, text in why.items()]


class Where:
    """Addresses, logins, what to try as whom, and how to stop.

    :param odoo: the address of Odoo; *pages* of the mailboxes.
    :param standin: of the stand-in.
    :param mail: what the mail server says of itself.
    """

    def __init__(self, odoo, pages, standin, mail):
        self.odoo, self.pages, self.standin, self.mail = odoo, pages, standin, mail

    def text(self):
        parts = (self._odoo(), self._emails(), self._roles(), self._mailboxes())
        return "\n".join([*parts, "Stop          Ctrl-C\n"])

    def _odoo(self):
        logins = "".join(
            f"\n              {login} / {login}  ({name}, {MAY[group]})"
            for login, (name, group) in people.USERS.items()
        )
        return f"""\
Odoo          {self.odoo}
Sign in as    admin / admin  (administrator){logins}
Look at       Invoicing > Customers > Collections: whom to deal with today, and why
              Invoicing > Customers > Follow-ups: what was sent
              Invoicing > Reporting > Collections: what it brought, in three months
              Invoicing > Configuration > Email Connector: the mailbox
              The company is chosen at the top right: {people.HARBOR} has
              customers for nearly everything there is to do.
"""

    def _emails(self):
        signed_in = "".join(
            f"\n              {company}: {address} ({provider.capitalize()})"
            for company, (provider, address) in people.SIGN_INS.items()
        )
        return f"""\
Emails        {self.pages}  of customers and companies, by SMTP
              {self.standin}/mailboxes  of whom Microsoft and Google serve
Stand-in for Microsoft and Google; it has nothing to do with the real ones
              {self.standin}/admin      approve a request, or withdraw it
              {self.standin}/faults     what shall go wrong next
Signed in     with it, each without a password:{signed_in}
"""

    def _roles(self):
        return f"""\
Try it as
  accountant  Collections: open Saltmarsh Kayaks, read the answer, let follow-ups go on.
              Heron Point Marina: read the email, approve it, and find it in Emails.
  manager     Switch to {people.PAPER_BIRCH}: its mailbox is broken. Reconnect it as
              {people.SIGN_INS[people.WITHDRAWN][1]}; what waited goes out.
  auditor     Collections, Follow-ups, Reporting: all can be read, nothing changed.
  admin       Invoicing > Configuration > OAuth Apps: how Odoo is known to Microsoft
              and Google.
"""

    def _mailboxes(self):
        mail = self.mail
        return f"""\
Connect one   {people.STONE_BRIDGE} has no mailbox. As manager, switch to it, open
              Invoicing > Configuration > Email Connector, and choose
  by hand     Address {people.SPARE}, password {people.SPARE_PASSWORD}
              SMTP server {mail["host"]}, SSL/TLS, port {mail["submissions"]}
              IMAP server {mail["host"]}, SSL/TLS, port {mail["imaps"]}
  or Microsoft, as {people.NEWCOMER}: request the approval, approve it in the
              stand-in's /admin, or open Odoo's link in another browser as
              {people.APPROVER}. Then: Reconnect.
  Then        Start follow-ups: see what would go, and start. Nothing goes before.
"""


def verdict(report):
    """The last line of a check that found nothing wrong."""
    mailboxes = [
        each["mailbox"] for each in report["followups"] if each["state"] == "sent"
    ]
    at_providers = set(mailboxes) - set(people.MAILBOXES.values())
    return (
        f"{len(mailboxes)} follow-ups of {len(set(mailboxes))} mailboxes "
        f"({len(at_providers)} at Microsoft and Google) arrived once each, are in the "
        "Sent folders, and agree with Odoo's books. The second run sent nothing. The "
        f"worklist has somebody under each of its {len(report['kinds'])} headings."
    )


def _table(rows, header=True):
    widths = (
        [max(map(len, column)) for column in zip(*rows, strict=True)] if rows else []
    )
    lines = ["  " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    if header:
        lines.insert(1, "  " + "  ".join("-" * width for width in widths))
    return lines
