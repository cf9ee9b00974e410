"""Which company's mailbox an email of Odoo's belongs to: by what it is about.

A route is a pair: the company (``res.company``), and the kind of email, for which the
mailbox has a switch. Each module here knows the documents of one addon, by name, and
needs none of it; what others know, they say in ``mail.mail._email_connector_routes``
(``readme/DEVELOP.rst``). Who the email is written to is asked afterwards
(:mod:`..recipients`).
"""

from . import credit_control, enterprise, invoices
from .kinds import ACCOUNTING, INVOICE

#: The field of the mailbox that switches a kind on.
SWITCHES = {
    INVOICE: "sends_accounting_emails",
    ACCOUNTING: "sends_other_accounting_emails",
}
#: Of each model: a function of the record and its ``mail.mail``, which returns the
#: route, or None.
KNOWN = {
    "account.move": invoices.of_move,
    "account.payment": invoices.of_payment,
    "credit.control.communication": credit_control.of_communication,
    "res.partner": enterprise.of_partner,
}


def known(mails):
    """Return {id of a mail: its route} of those *mails* that have one.

    A number of queries that does not grow with them.
    """
    found = {}
    for model, route_of in KNOWN.items():
        about = mails.filtered(lambda mail, m=model: mail.model == m and mail.res_id)
        if about and model in mails.env:
            records = mails.env[model].browse(set(about.mapped("res_id"))).exists()
            by_id = {record.id: record for record in records}
            for mail in about:
                record = by_id.get(mail.res_id)
                if record and (route := route_of(record, mail)):
                    found[mail.id] = route
    return found
