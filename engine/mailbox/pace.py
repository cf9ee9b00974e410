"""Keep to what the provider lets one mailbox send in a minute."""

from datetime import timedelta

from odoo import fields

from ...providers import registry
from . import counts

A_MINUTE = timedelta(minutes=1)


def room(connector):
    """How many emails the mailbox may send before it has to pause; None: any number.

    Our own transaction has to see what was sent.
    """
    limit = _limit(connector)
    if not limit:
        return None
    since = fields.Datetime.now() - A_MINUTE
    return max(limit - counts.accepted_since(connector, since), 1)


def seconds_to_pause(connector):
    """How long the mailbox has to pause, by what the journal says it has sent.

    :return: seconds; 0 if it need not.
    """
    limit = _limit(connector)
    if not limit:
        return 0
    now = fields.Datetime.now()
    accepted_at = counts.when_accepted(connector, limit, now - A_MINUTE)
    return max(61 - (now - accepted_at).total_seconds(), 1) if accepted_at else 0


def _limit(connector):
    provider = registry.provider(connector.provider)
    return provider.messages_a_minute(connector.smtp_host or "")
