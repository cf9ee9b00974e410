"""Who an email of Odoo's is written to, and by whom: customers hear from the mailbox.

A note to a colleague stays in the house, and what a customer writes is no word of the
company: both leave as Odoo sends them. Odoo makes an email of its own for the users who
follow a document, and another one for customers, so that each goes its way.
"""

from odoo.tools.mail import email_normalize_all

#: What people write, in Odoo or by email.
WRITTEN_BY_HAND = ("comment", "email")


def to_customers(mails):
    """Return those of *mails* that go to people outside of the house only, and were not
    written by one. One query, and what Odoo reads ahead."""
    colleagues = _colleagues(mails)
    return mails.filtered(
        lambda mail: (
            _leaves_the_house(mail, colleagues) and not _is_written_outside(mail)
        )
    )


def _leaves_the_house(mail, colleagues):
    addresses = _addresses(mail)
    if not (mail.recipient_ids or addresses):
        return False
    partners_are_outside = all(mail.recipient_ids.mapped("partner_share"))
    return partners_are_outside and not addresses & colleagues


def _addresses(mail):
    """Those that are written out in it, besides its ``recipient_ids``."""
    written = f"{mail.email_to or ''},{mail.email_cc or ''}"
    return set(email_normalize_all(written))


def _colleagues(mails):
    """The addresses of internal users among those that are written out."""
    addresses = set().union(*map(_addresses, mails))
    if not addresses:
        return set()
    users = [
        ("email_normalized", "in", list(addresses)),
        ("partner_share", "=", False),
    ]
    return set(mails.env["res.partner"].search(users).mapped("email_normalized"))


def _is_written_outside(mail):
    """Whether a customer wrote it: on the portal, or by email."""
    author = mail.author_id
    if mail.message_type not in WRITTEN_BY_HAND or not author.partner_share:
        return False
    customers = mail.recipient_ids.commercial_partner_id
    return author.commercial_partner_id in customers or any(
        user._is_portal() for user in author.user_ids
    )
