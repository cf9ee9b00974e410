"""Odoo's own `odoo-bin`, which Debian's package lacks under that name."""

import sys

sys.path.pop(0)  # this directory: its modules are not Odoo's

import odoo.cli

odoo.cli.main()
