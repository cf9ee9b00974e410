"""The kinds of emails for which a mailbox has a switch; follow-ups need none."""

#: Of customers' invoices, credit notes and payments.
INVOICE = "invoice"
#: Whatever else accounting writes to customers.
ACCOUNTING = "accounting"
