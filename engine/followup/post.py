"""Letters by post, where Odoo's *Snailmail* is installed: its service, its credits."""

from odoo.exceptions import UserError

from ...tools.actions import notify
from . import statement

LETTERS = "snailmail.letter"
REPORT = "account_email_connector.action_report_letter"


def is_installed(env):
    """Whether letters can be sent by post."""
    return LETTERS in env


def send(followups):
    """Hand the letters of *followups* to the service, which posts them soon.

    :param followups: with the right to see everything; the user handles them.
    :return: an action that tells so.
    :raises UserError: without the module or an address, if one is on its way already,
        or nothing is open any more. What is paid until it is printed is left out.
    """
    env = followups.env
    if not is_installed(env):
        raise UserError(env._("Install Snail Mail to send letters by post."))
    for followup in followups:
        _send_one(followup)
    return notify("success", env._("It is sent by post soon."))


def _send_one(followup):
    env = followup.env
    written = statement.of_letter(followup)
    if not written.blocks:
        raise UserError(env._("Nothing is open any more: there is no letter to send."))
    letters = env[LETTERS].with_company(followup.company_id)
    if not letters._is_valid_address(written.address):
        raise UserError(
            env._(
                "%s has no complete address: street, postcode, city and country.",
                written.address.display_name,
            )
        )
    mine = [("model", "=", followup._name), ("res_id", "=", followup.id)]
    if letters.search_count([*mine, ("state", "in", ("pending", "sent"))]):
        raise UserError(env._("This letter was given to the post already."))
    letter = letters.create(
        {
            "model": followup._name,
            "res_id": followup.id,
            "partner_id": written.address.id,
            "company_id": followup.company_id.id,
            "report_template": env.ref(REPORT).id,
            "user_id": env.uid,
        }
    )
    letter._snailmail_print(immediate=False)
