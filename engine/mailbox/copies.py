"""Where the copies of what a mailbox sends lie: whoever tells of it, asks here."""

from odoo import api

from ...providers import registry

#: What a mailbox of a mail server keeps of it.
BY_SERVER = ("smtp_host", "imap_host", "sent_copy", "sent_folder")


def folder_of(connector):
    """The address whose Sent folder has the copies.

    Microsoft and Google file them in the mailbox that was signed in, whatever address
    it sends as; Microsoft in the shared one, if that was chosen. With a password, the
    server or we file them, by IMAP.

    :return: empty if Odoo sees no Sent folder: then the server's habit is not known.
    """
    known = registry.PROVIDERS.get(connector.provider)
    if known and not known.uses_oauth:
        return connector.email if _is_seen(connector) else ""
    shared = known and known.send_as == "shared" and connector.sent_items == "shared"
    return shared and connector.send_as or connector.email or ""


def _is_seen(connector):
    """Whether Odoo has its Sent folder in sight, by IMAP."""
    return connector.imap_host and connector.sent_copy != "never"


def chosen(connector):
    """The name of the folder that a person chose, where the copies do lie there.

    A server that is known to file what it sends has a folder of its own, unless it is
    not asked.

    :return: empty where it is the Sent folder, whatever that is called.
    """
    known = registry.PROVIDERS.get(connector.provider)
    if not known or known.uses_oauth or not _is_seen(connector):
        return ""
    by_server = known.files_sent(connector.smtp_host or "")
    filed_there = by_server and connector.sent_copy == "auto"
    return "" if filed_there else connector.sent_folder or ""


def where(connector):
    """The same as a sentence."""
    address, folder = folder_of(connector), chosen(connector)
    if folder:
        told = {"folder": folder, "address": address}
        return connector.env._(
            "Copies lie in the folder %(folder)s of %(address)s.", **told
        )
    if address:
        return connector.env._("Copies lie in the Sent folder of %s.", address)
    return connector.env._(
        "Odoo files no copy in a Sent folder; many mail servers file one by themselves."
    )


@api.depends("provider", "email", "send_as", "sent_items", *BY_SERVER)
@api.depends_context("lang")
def page(connectors):
    """For the page of the mailbox."""
    for connector in connectors:
        connector.copies = where(connector)
