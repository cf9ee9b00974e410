"""What the journal says of a mailbox: how much it has sent, and what it has not.

All companies and workers are counted, whatever address they send as: a provider counts
so, too. Each is one statement, by the journal's index (sender, accepted_at), so that
its cost does not grow with what was sent in former years.
"""

from contextlib import nullcontext
from datetime import timedelta
from typing import NamedTuple

from odoo import fields
from odoo.tools import SQL

from ...providers.envelope import with_ascii_domain
from ...tools.apart import lines

AN_HOUR = timedelta(hours=1)
A_DAY = timedelta(days=1)


class Sent(NamedTuple):
    """How many emails a mailbox has sent in the last hour and the last 24 hours, and
    when the last one (a datetime in UTC, or None)."""

    hour: int
    day: int
    last: object


def sent(connector, now_seen=False):
    """Return :class:`Sent` of the mailbox of *connector*.

    :param now_seen: what our own transaction sees is enough.
    """
    mailbox, now = _Mailbox(connector), fields.Datetime.now()
    query = SQL(
        """SELECT count(*) FILTER (WHERE accepted_at > %s), count(*), %s
             FROM account_email_delivery WHERE %s AND accepted_at > %s""",
        now - AN_HOUR,
        mailbox.last_accepted,
        mailbox.its_rows,
        now - A_DAY,
    )
    return Sent(*_row(connector.env, query, now_seen))


def accepted_since(connector, since):
    """How many it has sent since then, as our own transaction sees it."""
    query = SQL(
        "SELECT count(*) FROM account_email_delivery WHERE %s AND accepted_at > %s",
        _Mailbox(connector).its_rows,
        since,
    )
    return _row(connector.env, query, now_seen=True)[0]


def when_accepted(connector, rank, since):
    """When the email was accepted that is the last but *rank* since then; or None."""
    query = SQL(
        """SELECT accepted_at FROM account_email_delivery
            WHERE %s AND accepted_at > %s
         ORDER BY accepted_at DESC OFFSET %s LIMIT 1""",
        _Mailbox(connector).its_rows,
        since,
        rank - 1,
    )
    row = _row(connector.env, query)
    return row and row[0]


def last_accepted(connectors):
    """When the mailbox of *connectors*, which share it, last got rid of an email: a
    datetime in UTC, or None. As our own transaction sees it."""
    query = SQL("SELECT %s", _Mailbox(connectors[:1]).last_accepted)
    return _row(connectors.env, query, now_seen=True)[0]


def put_off(connector):
    """How many recipients were put off since the mailbox last got rid of an email.

    Recipients, not emails: the server of one of them may be away.

    :return: all of them, those with a reply that means "never" (5xx), and how many
        domains they are at.
    """
    mailbox = _Mailbox(connector)
    query = SQL(
        """SELECT count(DISTINCT recipients),
                  count(DISTINCT recipients) FILTER (WHERE code LIKE '5%%'),
                  count(DISTINCT lower(substring(recipients FROM '@([^@]*)$')))
             FROM account_email_delivery
            WHERE %(its_rows)s AND accepted_at IS NULL AND state = 'deferred'
              AND started_at >= COALESCE(
                  (SELECT max(started_at) FROM account_email_delivery
                    WHERE %(its_rows)s AND accepted_at = %(last)s), '-infinity')""",
        its_rows=mailbox.its_rows,
        last=mailbox.last_accepted,
    )
    return _row(connector.env, query)


class _Mailbox:
    """Where the journal's rows of one mailbox are, as SQL.

    :ivar its_rows: a condition.
    :ivar last_accepted: when it got rid of an email last, or NULL.
    """

    def __init__(self, connector):
        sharing = connector | connector.search(
            [("email", "=", connector.email), ("provider", "=", connector.provider)]
        )
        addresses = {connector.email, *sharing.mapped("sender_address")}
        # as in the envelope
        senders = tuple({with_ascii_domain(each) for each in addresses})
        ids = tuple(sharing.ids)
        self.its_rows = SQL("sender IN %s AND connector_id IN %s", senders, ids)
        # Address by address, so that the index leads to the one row of each.
        self.last_accepted = SQL(
            """(SELECT max(latest.accepted_at)
                  FROM unnest(%s) AS its (address),
                       LATERAL (SELECT accepted_at FROM account_email_delivery
                                 WHERE sender = its.address AND connector_id IN %s
                                   AND accepted_at IS NOT NULL
                              ORDER BY accepted_at DESC LIMIT 1) AS latest)""",
            list(senders),
            ids,
        )


def _row(env, query, now_seen=False):
    """The first row of *query*, read in a transaction of its own: ours may have begun
    before the journal's last rows."""
    with nullcontext(env) if now_seen else lines(env) as own:
        own.cr.execute(query)
        return own.cr.fetchone()
