"""What a mailbox is, and how SMTP, Microsoft and Google send. Nothing of Odoo."""
