"""What the demo prints."""

from samples import people


def sent(report, mailboxes):
    """A table of what went to whom, and what did not, and why."""
    filed = {
        company: {message["Message-ID"] for message in mailboxes.sent(address)}
        for company, address in people.MAILBOXES.items()
    }
    rows = [("Company", "Customer", "Step", "Open amount", "State", "In Sent")]
    for followup in report["followups"]:
        in_sent = followup["message_id"] in filed.get(followup["company"], ())
        rows.append(
            (
                followup["company"],
                followup["customer"],
                followup["step"],
                followup["amount"],
                followup["state"],
                "yes" if in_sent else "no",
            )
        )
    lines = ["", "What the scheduled action has sent", *_table(rows)]
    for followup in report["followups"]:
        if followup["reason"]:
            lines.append(f"  {followup['customer']}: {followup['reason']}")
    lines += ["", "What it has left alone, and why"]
    why = [(each["customer"], each["why"]) for each in report["left_alone"]]
    to_dos = {
        each["customer"]: f"To-do: {each['summary']}" for each in report["to_dos"]
    }
    rows = [(name, to_dos.get(name, text)) for name, text in dict(why).items()]
    return "\n".join([*lines, *_table(rows, header=False), ""])


def where_to_look(odoo, pages):
    """Addresses, logins, and how to stop."""
    logins = "".join(
        f"\n              {login} / {login}  ({name}, {_may(group)})"
        for login, (name, group) in people.USERS.items()
    )
    return f"""\
Odoo          {odoo}
Sign in as    admin / admin{logins}
Look at       Invoicing > Configuration > Email Connector, and Invoicing > Follow-ups
Mailboxes     {pages}
Stop          Ctrl-C
"""


def verdict(report):
    """The last line of a check that found nothing wrong."""
    count = sum(followup["state"] == "sent" for followup in report["followups"])
    companies = {each["mailbox"] for each in report["followups"]}
    return (
        f"{count} follow-ups of {len(companies)} mailboxes arrived once each, are in "
        "the Sent folders, and agree with Odoo's books. The second run sent nothing."
    )


def _may(group):
    manager = group.endswith("manager")
    return "accounting manager: connects mailboxes" if manager else "billing"


def _table(rows, header=True):
    widths = (
        [max(map(len, column)) for column in zip(*rows, strict=True)] if rows else []
    )
    lines = ["  " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    if header:
        lines.insert(1, "  " + "  ".join("-" * width for width in widths))
    return lines
