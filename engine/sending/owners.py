"""Which of Odoo's emails belong to which mailbox."""

from ..mailbox import elsewhere
from ..mailbox.serving import connector_of
from . import recipients
from .routes import SWITCHES


def owners(mails):
    """Return {id of a mail: connector} for those of *mails* that a mailbox sends.

    What was once handed to a mailbox stays with it: only its journal knows who has got
    it already.

    :param mails: ``mail.mail``, as a superuser's.
    """
    tried, found = _tried(mails), {}
    for mail in mails:
        if mail.email_followup_id:
            found[mail.id] = mail.email_followup_id.connector_id
        elif mail.id in tried:
            found[mail.id] = tried[mail.id]
        elif mail.email_incident_id:
            found[mail.id] = elsewhere.mailbox_for(mail)
    return found | _routed(mails.filtered(lambda mail: mail.id not in found))


def _tried(mails):
    """{id of a mail: connector} of what the journal knows.

    Looked up by Message-ID, which has an index; but the emails of one message, to
    colleagues and to customers, share it.
    """
    journal = mails.env["account.email.delivery"].search(
        [("message_id", "in", mails.mapped("message_id"))]
    )
    return {delivery.mail_id: delivery.connector_id for delivery in journal}


def _routed(mails):
    """{id: connector} of those to customers, of a kind that the mailbox sends."""
    routes, found = mails._email_connector_routes(), {}
    about = _by_readers(mails.browse(routes))
    for mail in recipients.to_customers(about):
        company, kind = routes[mail.id]
        # What waits for a mailbox does so when that is disconnected, too: perhaps it is
        # on its way to another address.
        connector = connector_of(company) or mail.email_waits_for_id
        if connector and kind in SWITCHES and connector[SWITCHES[kind]]:
            found[mail.id] = connector
    return found


def _by_readers(mails):
    """Those of *mails* that no colleague has made who may not read what they are about:
    for them the mailbox does not speak. Odoo asks less of whoever sends a template.

    What customers bring about, by paying for example, Odoo makes for them.
    """
    found = mails.browse()
    for (maker, model), some in mails.grouped(_maker_and_model).items():
        records = some.env[model].browse(some.mapped("res_id"))
        if maker and not maker._is_superuser() and maker._is_internal():
            theirs = {"allowed_company_ids": list(maker._get_company_ids())}
            records = records.with_user(maker).with_context(**theirs)
            records = records._filtered_access("read")
        found |= some.filtered(lambda mail, ids=set(records.ids): mail.res_id in ids)
    return found


def _maker_and_model(mail):
    return mail.create_uid, mail.model
