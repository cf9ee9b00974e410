"""One follow-up of the ledger, from its planning to its receipt."""
