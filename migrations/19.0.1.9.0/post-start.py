"""Whoever chases already goes on: nothing changes for them."""


def migrate(cr, version):
    """In service, or with follow-ups of its own: disconnected it may be just now."""
    cr.execute(
        """UPDATE account_email_connector connector SET chasing = 'on'
            WHERE state IN ('connected', 'error')
               OR EXISTS (SELECT FROM account_email_followup
                           WHERE connector_id = connector.id)"""
    )
