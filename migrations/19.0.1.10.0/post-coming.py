"""What comes next is decided anew: by other rules, and it says from when it counts."""


def migrate(cr, version):
    cr.execute("UPDATE account_email_followup_case SET decided_for = NULL")
