"""Where the copies of what a mailbox sends lie: whoever tells of it, asks here."""

from odoo import api

from ...providers import registry


def folder_of(connector):
    """The address whose Sent folder has the copies.

    Microsoft and Google file them in the mailbox that was signed in, whatever address
    it sends as; Microsoft in the shared one, if that was chosen. With a password, the
    server or we file them, by IMAP.

    :return: empty if Odoo sees no Sent folder: then the server's habit is not known.
    """
    known = registry.PROVIDERS.get(connector.provider)
    if known and not known.uses_oauth:
        filed = connector.imap_host and connector.sent_copy != "never"
        return connector.email if filed else ""
    shared = known and known.send_as == "shared" and connector.sent_items == "shared"
    return shared and connector.send_as or connector.email or ""


def where(connector):
    """The same as a sentence."""
    folder = folder_of(connector)
    if folder:
        return connector.env._("Copies lie in the Sent folder of %s.", folder)
    return connector.env._(
        "Odoo files no copy in a Sent folder; many mail servers file one by themselves."
    )


@api.depends("provider", "email", "send_as", "sent_items", "imap_host", "sent_copy")
@api.depends_context("lang")
def page(connectors):
    """For the page of the mailbox."""
    for connector in connectors:
        connector.copies = where(connector)
