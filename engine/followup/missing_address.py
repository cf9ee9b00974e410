"""A customer without an address that can be written to: who enters one, and how."""

from odoo.exceptions import UserError

from .addresses import addresses

#: As many as are named who may enter it.
NAMED = 3


def note(contact, address):
    """Write down the *address* of *contact*, with the user's own rights.

    :raises UserError: if nothing can be sent to it.
    """
    contact.email = (address or "").strip()
    if not addresses(contact):
        raise UserError(
            contact.env._("No email can be sent to this address. Enter another one.")
        )


def who_may(env, company):
    """Say who may enter it; None if the user may."""
    contacts = env["res.partner"]
    if contacts.has_access("write"):
        return None
    editors = env["res.users"].search(
        [
            ("all_group_ids", "in", env.ref("base.group_partner_manager").ids),
            ("company_ids", "in", company.ids),
            ("share", "=", False),
        ],
        limit=NAMED,
    )
    names = ", ".join(editors.mapped("name"))
    if not names:
        return env._("You may not edit contacts. Ask an administrator to enter it.")
    return env._("You may not edit contacts. These can enter it: %s.", names)
