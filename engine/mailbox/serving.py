"""Which mailbox serves which company."""

from ...rules import IN_SERVICE


def connector_of(company):
    """The connector that serves *company*: its own, or its nearest parent's.

    One that waits for an approval sends nothing yet: until it is connected, a branch
    goes on with its parent's.

    :param company: a ``res.company``, as a superuser's.
    :return: an ``account.email.connector``; empty if there is none.
    """
    for candidate in reversed(company.parent_ids):
        if candidate.email_connector_id.state in IN_SERVICE:
            return candidate.email_connector_id
    return company.env["account.email.connector"]
