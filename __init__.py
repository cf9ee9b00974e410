from . import controllers
from . import models
from . import wizard
from .tools import access_log

access_log.install()


def uninstall_hook(env):
    """Let go of what would hold on to the rest, or be sent a second time.

    A follow-up holds on to its plan and its step, that to its template, and a to-do,
    even one that is done, to its kind. And what a mailbox was given already must not go
    on to Odoo's own mail server: nobody will know any more which of its recipients have
    it.
    """
    env.cr.execute(
        """WITH canceled AS (
               UPDATE mail_mail SET state = 'cancel'
                WHERE state = 'outgoing'
                  AND (email_followup_id IS NOT NULL
                       OR id IN (SELECT mail_id FROM account_email_delivery))
            RETURNING id)
           UPDATE mail_notification SET notification_status = 'canceled'
            WHERE notification_status IN ('ready', 'process')
              AND mail_mail_id IN (SELECT id FROM canceled)"""
    )
    env.cr.execute("UPDATE res_company SET email_followup_plan_id = NULL")
    env.cr.execute("DELETE FROM account_email_followup")
    env.cr.execute("DELETE FROM account_email_followup_plan")
    env.cr.execute(
        """UPDATE mail_activity SET activity_type_id = %s
            WHERE activity_type_id IN (SELECT res_id FROM ir_model_data
                                        WHERE module = 'account_email_connector'
                                          AND model = 'mail.activity.type')""",
        [env.ref("mail.mail_activity_data_todo").id],
    )
    env.invalidate_all()
