"""An app's secret that no key opens is no wrong one: it has a reason of its own."""


def migrate(cr, version):
    cr.execute(
        """UPDATE account_email_connector
              SET error_reason = 'app_secret_lost', error_code = NULL
            WHERE error_reason = 'app_secret_wrong' AND error_code = 'lost'"""
    )
