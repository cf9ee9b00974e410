"""Between Odoo and the rules: gather the facts, write the decisions, send what is due."""
