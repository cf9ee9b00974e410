"""Of an attempt of before, nobody has written down how far it came."""


def migrate(cr, version):
    """It may have left, as far as one knows: a person has to look. So may one of a
    server that still runs as before: it leaves the column to its default."""
    cr.execute(
        """UPDATE account_email_delivery SET handed_at = started_at
            WHERE handed_at IS NULL AND state NOT IN ('deferred', 'rejected')"""
    )
    cr.execute(
        """ALTER TABLE account_email_delivery
             ALTER handed_at SET DEFAULT (now() AT TIME ZONE 'utc')"""
    )
