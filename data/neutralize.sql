-- A copy of the database must never write to a customer.
DELETE FROM account_email_connector_credential;

UPDATE account_email_connector
   SET state = 'disconnected',
       wait_until = NULL;

UPDATE account_email_oauth_app SET sealed_secret = NULL;
