"""What is waited for at an administrator becomes a record of its own."""

from odoo.tools import SQL

MOVED = (
    "approval_asked_at",
    "approval_asked_by_id",
    "approved_at",
    "approval_send_as",
    "approval_sent_items",
)


def migrate(cr, version):
    """Carry over the columns of the mailboxes that wait, then let go of them."""
    cr.execute(
        """INSERT INTO account_email_approval (
                  connector_id, asked_at, asked_by_id, approved_at, send_as, sent_items,
                  create_uid, create_date, write_uid, write_date)
           SELECT id, approval_asked_at, approval_asked_by_id, approved_at,
                  approval_send_as, approval_sent_items,
                  write_uid, write_date, write_uid, write_date
             FROM account_email_connector
            WHERE approval_asked_at IS NOT NULL"""
    )
    for column in MOVED:
        cr.execute(
            SQL(
                "ALTER TABLE account_email_connector DROP COLUMN %s",
                SQL.identifier(column),
            )
        )
