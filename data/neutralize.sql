-- A copy of the database must never write to a customer, nor sign in, nor read an Inbox.
-- It holds no secret, and each mailbox is as if somebody had pressed Disconnect.
DELETE FROM account_email_connector_credential;

DELETE FROM account_email_connector_smtp;

DELETE FROM account_email_oauth_flow;

DELETE FROM account_email_inbox;

DELETE FROM account_email_approval;

UPDATE account_email_oauth_app SET sealed_secret = NULL;

UPDATE account_email_connector
   SET state = 'disconnected',
       connected_by_id = NULL,
       connected_at = NULL,
       place = NULL,
       error_reason = NULL,
       error_code = NULL,
       error_detail = NULL,
       error_since = NULL,
       wait_until = NULL,
       unavailable_since = NULL,
       oauth_app_id = NULL,
       oauth_account_id = NULL,
       send_as = NULL,
       sent_items = NULL,
       checked_at = NULL,
       reads_replies = FALSE;

-- Whoever did this to-do would connect the copy to the company's own mailbox.
DELETE FROM mail_activity
 WHERE activity_type_id IN (
       SELECT res_id
         FROM ir_model_data
        WHERE module = 'account_email_connector'
          AND name = 'activity_type_reconnect'
);
