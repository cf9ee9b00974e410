"""Between Odoo and the rules: gather facts, write decisions, send what is due."""
