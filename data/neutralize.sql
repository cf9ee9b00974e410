-- A copy of the database must never write to a customer, nor sign in, nor read an Inbox.
-- It holds no secret, and each mailbox is as if somebody had pressed Disconnect.
-- The code may be newer than the database: what that does not have yet is left out.
DO $$
DECLARE
    query text;
BEGIN
    FOR query IN
        SELECT format('DELETE FROM %I', emptied)
          FROM unnest(ARRAY[
                   'account_email_connector_credential',
                   'account_email_connector_smtp',
                   'account_email_oauth_flow',
                   'account_email_inbox',
                   'account_email_approval'
               ]) AS emptied
         WHERE to_regclass(emptied) IS NOT NULL
    LOOP
        EXECUTE query;
    END LOOP;

    FOR query IN
        SELECT format(
                   'UPDATE %I SET %s',
                   table_name,
                   string_agg(format('%I = %s', column_name, value), ', ')
               )
          FROM (VALUES
                   ('account_email_oauth_app', 'sealed_secret', 'NULL'),
                   ('account_email_oauth_app', 'certificate', 'NULL'),
                   ('account_email_oauth_app', 'next_sealed', 'NULL'),
                   ('account_email_oauth_app', 'next_certificate', 'NULL'),
                   ('account_email_connector', 'state', '''disconnected'''),
                   ('account_email_connector', 'connected_by_id', 'NULL'),
                   ('account_email_connector', 'connected_at', 'NULL'),
                   ('account_email_connector', 'place', 'NULL'),
                   ('account_email_connector', 'connected_in', 'NULL'),
                   ('account_email_connector', 'error_reason', 'NULL'),
                   ('account_email_connector', 'error_code', 'NULL'),
                   ('account_email_connector', 'error_detail', 'NULL'),
                   ('account_email_connector', 'error_since', 'NULL'),
                   ('account_email_connector', 'wait_until', 'NULL'),
                   ('account_email_connector', 'unavailable_since', 'NULL'),
                   ('account_email_connector', 'oauth_app_id', 'NULL'),
                   ('account_email_connector', 'oauth_account_id', 'NULL'),
                   ('account_email_connector', 'send_as', 'NULL'),
                   ('account_email_connector', 'sent_items', 'NULL'),
                   ('account_email_connector', 'checked_at', 'NULL'),
                   ('account_email_connector', 'reads_replies', 'FALSE'),
                   -- One that is connected to try the copy must chase nobody by itself.
                   ('account_email_connector', 'chasing', '''new''')
               ) AS wanted (table_name, column_name, value)
          JOIN information_schema.columns USING (table_name, column_name)
         WHERE table_schema = current_schema
         GROUP BY table_name
    LOOP
        EXECUTE query;
    END LOOP;
END $$;

-- Whoever did this to-do would connect the copy to the company's own mailbox.
DELETE FROM mail_activity
 WHERE activity_type_id IN (
       SELECT res_id
         FROM ir_model_data
        WHERE module = 'account_email_connector'
          AND name = 'activity_type_reconnect'
);
