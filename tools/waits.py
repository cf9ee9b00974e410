"""How long is waited where nobody says for how long."""

#: Seconds until something is tried again: a mailbox, an email, a look at its invoices.
RETRY_AFTER = 15 * 60
