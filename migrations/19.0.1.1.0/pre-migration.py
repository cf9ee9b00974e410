"""The ledger's lines keep numbers where they had a foreign key to the journal item."""


def migrate(cr, version):
    """Carry over what was asked for: the next step of every invoice depends on it."""
    cr.execute(
        """
        ALTER TABLE account_email_followup_line
          DROP CONSTRAINT IF EXISTS account_email_followup_line_move_line_id_fkey
        """
    )
    cr.execute("DROP INDEX IF EXISTS account_email_followup_line__move_line_id_index")
    cr.execute(
        """
        ALTER TABLE account_email_followup_line
          RENAME COLUMN move_line_id TO move_line_ref
        """
    )
    cr.execute(
        """
        ALTER TABLE account_email_followup_line
          ADD COLUMN move_ref int4, ADD COLUMN currency_ref int4
        """
    )
    cr.execute(
        """
        UPDATE account_email_followup_line line
           SET move_ref = item.move_id, currency_ref = item.currency_id
          FROM account_move_line item
         WHERE item.id = line.move_line_ref
        """
    )
