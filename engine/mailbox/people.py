"""Whom a mailbox concerns."""

from ..rights import MANAGERS


def managers(connector):
    """The accounting administrators (``res.users``) who may act for the company."""
    return connector.env["res.users"].search(
        [
            ("all_group_ids", "in", connector.env.ref(MANAGERS).ids),
            ("company_ids", "in", connector.company_id.ids),
        ]
    )


def responsible(connector):
    """The person who connected the mailbox, if still a manager; else them all."""
    found = managers(connector)
    return found & connector.connected_by_id or found
