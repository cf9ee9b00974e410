"""Keep to what the provider lets one mailbox send in a minute."""

from datetime import timedelta

from odoo import fields

from ...providers import registry
from ...providers.envelope import with_ascii_domain
from ...tools.apart import apart

A_MINUTE = timedelta(minutes=1)


def seconds_to_pause(connector):
    """How long the mailbox has to pause, by what the journal says it has sent.

    All companies and workers are counted, whatever address they send as.

    :return: seconds; 0 if it need not.
    """
    provider = registry.provider(connector.provider)
    limit = provider.messages_a_minute(connector.smtp_host or "")
    if not limit:
        return 0
    now = fields.Datetime.now()
    accepted_at = _when_accepted(connector, limit, now - A_MINUTE)
    return max(61 - (now - accepted_at).total_seconds(), 1) if accepted_at else 0


def _when_accepted(connector, rank, since):
    """When the email was accepted that is the last but *rank* since then; or None.

    The journal is read in a transaction of its own, because ours may have begun before
    its last rows.
    """
    sharing = connector | connector.search(
        [("email", "=", connector.email), ("provider", "=", connector.provider)]
    )
    addresses = {connector.email, *sharing.mapped("sender_address")}
    senders = {with_ascii_domain(each) for each in addresses}  # as in the envelope
    with apart(connector.env) as own:
        own.cr.execute(
            """SELECT accepted_at FROM account_email_delivery
                WHERE connector_id IN %s AND accepted_at > %s
                  AND sender IN %s  -- for its index
             ORDER BY accepted_at DESC OFFSET %s LIMIT 1""",
            [tuple(sharing.ids), since, tuple(senders), rank - 1],
        )
        row = own.cr.fetchone()
    return row and row[0]
