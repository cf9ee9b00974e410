"""As whom a mailbox writes."""

from odoo.tools import formataddr

from ...providers.envelope import with_ascii_domain


def sender_of(connector, person=""):
    """The ``From`` of an email: the name that customers see, the address.

    :param person: who of the house wrote it with their own hand, if somebody did
        (:func:`writer_of`); then the name is "Anna Berg (Acme)".
    """
    name = connector.sender_name or connector.company_id.name
    if person:
        name = f"{person} ({name})"
    return formataddr((" ".join(name.split()), connector.sender_address))


def writer_of(mail):
    """The name of the person whose words *mail* (``mail.mail``) brings; or "".

    It goes with Odoo's signature: what ends with a person's comes from that person, a
    message on an invoice, say. What a template words (Send & Print, a receipt, a
    follow-up) has none, and comes from the company, whoever pressed the button.
    """
    if mail.message_type != "comment" or not mail.email_add_signature:
        return ""
    author = mail.author_id
    is_colleague = any(not user.share for user in author.user_ids)
    return author.name if is_colleague else ""


def domain_of(connector):
    """The part of the address after the @, in ASCII: it is for Message-IDs.

    https://www.rfc-editor.org/rfc/rfc5322#section-3.6.4
    """
    return with_ascii_domain(connector.sender_address).rpartition("@")[2]
