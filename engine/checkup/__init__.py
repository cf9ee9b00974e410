"""What a system administrator wants to know of this server and a mailbox, on one page.

Each file looks at one thing, and makes findings of it. Nothing here is secret, for the
page is copied into emails to whoever helps: no password, token, key or client ID.
"""
