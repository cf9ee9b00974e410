"""The text in the file that says what is what."""

from odoo.tools import format_date


def words(papers, to, left_out):
    """README.txt, in the language of the user who hands the customer over.

    :param papers: :class:`.papers.Papers`.
    :param left_out: names of what is not in the file.
    """
    env = papers.lines.env
    parts = [
        env._(
            "%(customer)s owes money to %(company)s. Handed over to %(name)s on "
            "%(day)s.",
            customer=papers.customer.name,
            company=papers.company.name,
            name=to,
            day=format_date(env, papers.today),
        ),
        env._(
            "items.csv: what is open, with due dates; credits and payments that are "
            "not allocated are negative."
        ),
        env._("statement: the customer's account."),
        env._("invoices: the unpaid invoices."),
        env._("emails: each reminder as it was sent, to be opened by a mail program."),
        env._(
            "receipts.csv: when each of them left, to which addresses, and what the "
            "mail server answered. The server has taken an email; whether it was read "
            "is not known."
        ),
    ]
    if left_out:
        parts.append(missing(env, left_out))
    return "\r\n\r\n".join(parts) + "\r\n"


def missing(env, left_out):
    """What is not in the file, and why."""
    return env._(
        "Not in this file, because it has no PDF, the file would be larger than 50 MB, "
        "or the copy of an email about what was settled was deleted after a year: %s.",
        ", ".join(left_out),
    )
