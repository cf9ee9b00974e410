"""OCA's ``account_credit_control``: https://github.com/OCA/credit-control."""

from .kinds import ACCOUNTING


def of_communication(communication, _mail):
    """Each is written to one customer, about what it owes to one company."""
    return communication.company_id, ACCOUNTING
