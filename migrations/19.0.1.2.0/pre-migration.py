"""The record rules of the first versions were never updated: now they are."""


def migrate(cr, version):
    """Let this version, and each later one, put its rules in place of the old ones."""
    cr.execute(
        """UPDATE ir_model_data SET noupdate = FALSE
            WHERE module = 'account_email_connector' AND model = 'ir.rule'"""
    )
