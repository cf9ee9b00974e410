"""What is done when the addon is installed or uninstalled: https://www.odoo.com/documentation/19.0/developer/reference/backend/module.html"""

from odoo.tools import SQL

from .engine.followup import weekly
from .engine.planning import cases
from .tools import theirs


def pre_init_hook(env):
    """Nobody waits for an invoice while the rest is installed."""
    theirs.add(env.cr)


def post_init_hook(env):
    """What customers owe is written down at once, so that no screen begins empty; who
    of many is to hear what, the scheduled action says within moments."""
    companies = env["res.company"].search([])
    cases.look(env, companies)
    env.ref("account_email_connector.ir_cron_cases")._trigger()


def uninstall_hook(env):
    """Leave the emails to the invoices; let go of what would hold on to the rest."""
    _leave_emails(env)
    _cut_links(env)
    _cancel_what_waits(env)
    weekly.only_ours(env["digest.digest"]).unlink()  # they would have nothing to tell
    _drop_jobs(env)
    _let_go(env)
    _keep_demo_customers(env)
    env.invalidate_all()


def _leave_emails(env):
    """What was sent, and what came back, stays with the first invoice that it asks for.

    Those who may see the invoice in Odoo read it there; a customer who has the link of
    one does not: the email has the links of all.
    """
    env.cr.execute(
        """UPDATE mail_message message
              SET model = 'account.move', res_id = first.move_id,
                  subtype_id = %s, is_internal = TRUE
             FROM (SELECT DISTINCT ON (line.followup_id)
                          line.followup_id, move.id AS move_id
                     FROM account_email_followup_line line
                     JOIN account_move move ON move.id = line.move_ref
                 ORDER BY line.followup_id, line.state <> 'chased', line.due_date,
                          line.id) first
            WHERE message.model = 'account.email.followup'
              AND message.res_id = first.followup_id""",
        [env.ref("mail.mt_note").id],
    )


def _cut_links(env):
    """Notes and to-dos lead to follow-ups: to what is not there any more."""
    link = '<a [^>]*data-oe-model="account.email.followup"[^>]*>[^<]*</a>'
    for table, column in (("mail_message", "body"), ("mail_activity", "note")):
        env.cr.execute(
            SQL(
                """UPDATE %(table)s SET %(column)s = regexp_replace(
                                            %(column)s, %(link)s, '', 'g')
                    WHERE %(column)s LIKE %(mark)s""",
                table=SQL.identifier(table),
                column=SQL.identifier(column),
                link=link,
                mark='%data-oe-model="account.email.followup"%',
            )
        )


def _cancel_what_waits(env):
    """What a mailbox was given already must not go on to Odoo's own mail server: nobody
    will know any more which of its recipients have it."""
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


def _drop_jobs(env):
    """Nobody would know what they are to do: queue_job would try for ever."""
    if "queue.job" in env:
        ours = [("model_name", "=like", "account.email.%")]
        env["queue.job"].search(ours).unlink()


def _let_go(env):
    """A late fee holds on to its follow-up, that to its plan and its step, that to its
    template, and a to-do, even one that is done, to its kind."""
    env.cr.execute("UPDATE res_company SET email_followup_plan_id = NULL")
    env.cr.execute("DELETE FROM account_email_late_charge")
    env.cr.execute("DELETE FROM account_email_followup")
    env.cr.execute("DELETE FROM account_email_followup_plan")
    env.cr.execute(
        """UPDATE mail_activity SET activity_type_id = %s
            WHERE activity_type_id IN (SELECT res_id FROM ir_model_data
                                        WHERE module = 'account_email_connector'
                                          AND model = 'mail.activity.type')""",
        [env.ref("mail.mail_activity_data_todo").id],
    )


def _keep_demo_customers(env):
    """They have invoices, and stay with them: Odoo need not try to delete them, and
    would keep names of ours that lead to them."""
    env.cr.execute(
        """DELETE FROM ir_model_data
            WHERE module = 'account_email_connector' AND model = 'res.partner'"""
    )
