"""What Odoo shows with ``--with-demo``: customers in several states of the worklist."""
