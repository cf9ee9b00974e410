"""What comes next is decided by other rules than before."""


def migrate(cr, version):
    """What was written down before is decided about again: within the hour."""
    cr.execute("UPDATE account_email_followup_case SET decided_for = NULL")
