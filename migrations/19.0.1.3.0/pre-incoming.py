"""How often answers are looked for is the administrator's to say, for good."""


def migrate(cr, version):
    """Each update put the interval back, so far; from now on none does."""
    cr.execute(
        """UPDATE ir_model_data SET noupdate = TRUE
            WHERE module = 'account_email_connector' AND name = 'ir_cron_incoming'"""
    )
