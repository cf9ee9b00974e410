"""How an email says to pay: to which account, with which reference, by QR code, online.

What is asked for in a currency is :attr:`Asked.total`, for the table, the transfers,
the QR codes and the page to pay on alike.
"""

from .asked import Asked, asked_of
from .transfers import Transfer, transfers

__all__ = ["Asked", "Transfer", "asked_of", "transfers"]
