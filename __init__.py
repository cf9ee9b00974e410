from . import controllers
from . import models
from . import wizard
from .tools import access_log

access_log.install()


def uninstall_hook(env):
    """Let go of what would hold on to the rest, or be sent a second time.

    A follow-up holds on to its plan and its step, and that to its template. And what a
    mailbox was given already must not go on to Odoo's own mail server: nobody will know
    any more which of its recipients have it. The emails, and what came back, stay: with
    the first invoice that they ask for, where those read them who may.
    """
    env.cr.execute(
        """UPDATE mail_message message
              SET model = 'account.move', res_id = first.move_id
             FROM (SELECT DISTINCT ON (line.followup_id)
                          line.followup_id, move.id AS move_id
                     FROM account_email_followup_line line
                     JOIN account_move move ON move.id = line.move_ref
                 ORDER BY line.followup_id, line.state <> 'chased', line.due_date,
                          line.id) first
            WHERE message.model = 'account.email.followup'
              AND message.res_id = first.followup_id"""
    )
    env.cr.execute(
        """UPDATE mail_mail SET state = 'cancel'
            WHERE state = 'outgoing'
              AND (email_followup_id IS NOT NULL
                   OR id IN (SELECT mail_id FROM account_email_delivery))"""
    )
    env.cr.execute("UPDATE res_company SET email_followup_plan_id = NULL")
    env.cr.execute("DELETE FROM account_email_followup")
    env.invalidate_all()
