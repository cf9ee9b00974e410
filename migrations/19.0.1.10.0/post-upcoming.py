"""*Upcoming* is no window any more: Collections answers what goes next."""


def migrate(cr, version):
    """Odoo leaves the table of a removed window behind, also when it is uninstalled."""
    cr.execute("DROP TABLE IF EXISTS account_email_followup_upcoming CASCADE")
