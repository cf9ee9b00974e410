"""The worklist is brought up to date every ten minutes, where it was each hour."""


def migrate(cr, version):
    cr.execute(
        """
        UPDATE ir_cron cron SET interval_number = 10, interval_type = 'minutes'
          FROM ir_model_data known
         WHERE known.module = 'account_email_connector'
           AND known.name = 'ir_cron_cases' AND known.res_id = cron.id
           AND (cron.interval_number, cron.interval_type) = (1, 'hours')
        """
    )
