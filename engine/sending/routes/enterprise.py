"""The follow-ups of Odoo Enterprise (``account_followup``).

They are posted on the customer itself, as other emails to it are; nothing in them says
what they are. Taken for one is only what has all the marks of its ``message_post``: a
notification that was posted as a note, in the light layout, to contacts of this very
customer, where that app is installed. Whatever a person writes there is a comment.
"""

from .kinds import ACCOUNTING

#: The app's levels: they are there where it is installed.
INSTALLED = "account_followup.followup.line"
LAYOUT = "mail.mail_notification_light"


def of_partner(partner, mail):
    """:return: the route of a follow-up; None for any other email of a contact."""
    company = mail.record_company_id
    if INSTALLED in mail.env and company and _is_followup(partner, mail):
        return company, ACCOUNTING
    return None


def _is_followup(partner, mail):
    if mail.message_type != "notification" or mail.email_layout_xmlid != LAYOUT:
        return False
    customers = mail.recipient_ids.commercial_partner_id
    is_note = mail.subtype_id == mail.env.ref("mail.mt_note")
    return is_note and customers == partner.commercial_partner_id
