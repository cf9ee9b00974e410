"""What need not be kept: the second copy of old emails about what is settled."""

from datetime import timedelta

from odoo import fields
from odoo.tools import SQL

#: So long the email stays as it was, frame and headers: who hands a customer over, or
#: disputes what was paid, has it.
KEPT_DAYS = 365
#: So long ago, at least, it was settled: a payment may be returned, or have been taken
#: for that of another invoice, and it is open again.
SETTLED_DAYS = 90
AT_ONCE = 1000

#: Sent long ago, and its copy is not to be filed yet. Nothing of the invoices that it
#: asked for is open (also in new items, as after other terms of payment), nor was until
#: lately.
OLD = """
    SELECT followup.mail_id
      FROM account_email_followup followup
 LEFT JOIN account_email_delivery delivery ON delivery.id = followup.delivery_id
     WHERE followup.state = 'sent' AND followup.mail_id IS NOT NULL
       AND followup.done_on < %s
       AND (delivery.sent_copy IS NULL OR delivery.sent_copy NOT IN ('owed', 'held'))
       AND NOT EXISTS (
           SELECT FROM account_email_followup_line listed
             JOIN account_move_line item ON item.id = listed.move_line_ref
            WHERE listed.followup_id = followup.id AND item.reconciled IS NOT TRUE)
       AND NOT EXISTS (
           SELECT FROM account_email_followup_line listed
             JOIN account_move_line item ON item.move_id = listed.move_ref
             JOIN account_account account ON account.id = item.account_id
        LEFT JOIN account_full_reconcile settled ON settled.id = item.full_reconcile_id
            WHERE listed.followup_id = followup.id
              AND account.account_type = 'asset_receivable'
              AND (item.reconciled IS NOT TRUE OR settled.create_date > %s))
     LIMIT %s
"""


def forget_old_copies(env):
    """Delete the ``mail.mail`` of such follow-ups. Their message stays in the chatter,
    with subject, words and files, and so does the journal, with recipients and times.

    :param env: with the right to see and delete everything.
    :return: how many were deleted, and whether there are more (for Odoo's vacuum).
    """
    env.flush_all()
    day = fields.Date.today() - timedelta(days=KEPT_DAYS)
    lately = fields.Datetime.now() - timedelta(days=SETTLED_DAYS)
    env.cr.execute(SQL(OLD, day, lately, AT_ONCE))
    mails = env["mail.mail"].browse(id_ for (id_,) in env.cr.fetchall())
    mails.unlink()
    return len(mails), len(mails) == AT_ONCE
