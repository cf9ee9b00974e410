"""Our stand-in for Microsoft (identity, Graph mail) and Google (identity, Gmail).

It listens on loopback only and knows nobody outside: see ``README.md`` here.
"""

from .server import StandIn

__all__ = ["StandIn"]
