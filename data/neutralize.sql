-- A copy of the database must never write to a customer.
DELETE FROM account_email_connector_credential;

DELETE FROM account_email_connector_smtp;

DELETE FROM account_email_oauth_flow;

UPDATE account_email_connector
   SET state = 'disconnected',
       wait_until = NULL;

UPDATE account_email_oauth_app SET sealed_secret = NULL;
