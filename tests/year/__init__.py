"""A simulated year of an accounts office with 300 customers.

:mod:`.office` lets customers and the bookkeeper live their days, :mod:`.mailbox` is
the mailbox with its good and bad days, and :mod:`.auditor` proves from the outside,
with Odoo's own figures and the emails' own text, that nobody was chased wrongly.
"""
