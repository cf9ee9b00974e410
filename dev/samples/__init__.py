"""Sample data: companies, customers and invoices, dated relative to today.

Run inside Odoo, on a database with the addon and without demo data, with dev/ on the
Python path:

    from samples import build, mailboxes
    pdfs = build.create(env)
    mailboxes.connect(env, "Lindgren Timber", email=…, password=…, host=…, port=…)

What is expected of each customer stands beside the data, in `people`, without Odoo.
"""
