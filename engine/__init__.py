"""Between Odoo and the rules, a room for each part of the work:

- ``planning/``: gather the facts of all customers, let the rules decide, write it down
- ``followup/``: one follow-up: its states, words, recipients, and what people are told
- ``sending/``: what is due, mailbox by mailbox; the look before, and what becomes of it
- ``incoming/``: what comes back
- ``mailbox/``: one mailbox: connected, at work, in trouble, and what its page shows
- ``app/``: the app that one signs in with
- ``secrets/``: passwords and tokens, from the database to the provider
- ``app/``: the app that is registered at a provider, as its form shows it
- ``compose.py``: the email itself

No model is imported here. Records come with the rights that the work needs: whoever
calls has asked whether the user may, and says so.
"""
