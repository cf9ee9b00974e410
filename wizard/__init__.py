from . import account_email_connector_smtp
