"""Whom to chase: one pass over all customers, in a fixed number of statements."""
