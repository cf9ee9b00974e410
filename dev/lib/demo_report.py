"""What the demo prints."""

from samples import people


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


def where_to_look(odoo, pages, standin):
    """Addresses, logins, what to try, and how to stop."""
    logins = "".join(
        f"\n              {login} / {login}  ({name}, {_may(group)})"
        for login, (name, group) in people.USERS.items()
    )
    signed_in = "".join(
        f"\n              {company}: {address} ({provider.capitalize()})"
        for company, (provider, address) in people.SIGN_INS.items()
    )
    return f"""\
Odoo          {odoo}
Sign in as    admin / admin{logins}
Look at       Invoicing > Customers > Collections: whom to deal with, and why
              Invoicing > Customers > Follow-ups: what was sent
              Invoicing > Configuration > Email Connector: the mailbox
Mailboxes     {pages}
Stand-in for Microsoft and Google
              {standin}/mailboxes  Sent and Inbox
              {standin}/admin      approve a request, or withdraw it
              {standin}/faults     what shall go wrong next
Signed in     with it, nothing to do with the real ones:{signed_in}
Try it        {people.STONE_BRIDGE} is not connected. As manager, switch to it, open
              Email Connector, Sign in with Microsoft as {people.NEWCOMER},
              and request the approval. Approve it in the stand-in's /admin, or open
              Odoo's link in another browser as {people.APPROVER}.
              Then: Reconnect.
Stop          Ctrl-C
"""


def verdict(report):
    """The last line of a check that found nothing wrong."""
    count = sum(followup["state"] == "sent" for followup in report["followups"])
    companies = {each["mailbox"] for each in report["followups"]}
    return (
        f"{count} follow-ups of {len(companies)} mailboxes ({len(people.SIGN_INS)} at "
        "Microsoft and Google) arrived once each, are in the Sent folders, and agree "
        "with Odoo's books. The second run sent nothing."
    )


def _may(group):
    manager = group.endswith("manager")
    return "accounting administrator: connects mailboxes" if manager else "billing"


def _table(rows, header=True):
    widths = (
        [max(map(len, column)) for column in zip(*rows, strict=True)] if rows else []
    )
    lines = ["  " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    if header:
        lines.insert(1, "  " + "  ".join("-" * width for width in widths))
    return lines
