"""Of an attempt that an update cut off, nobody has written down how far it came."""


def migrate(cr, version):
    """It may have left, as far as one knows: a person has to look."""
    cr.execute(
        """UPDATE account_email_delivery SET handed_at = started_at
            WHERE state = 'sending' AND handed_at IS NULL"""
    )
