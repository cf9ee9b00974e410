"""A live check as a page, and as a text to be sent back."""

import re

from odoo import fields
from odoo.exceptions import UserError

from ...rules import IN_SERVICE
from ...texts import by_hand
from ...tools.locks import Busy
from . import live, live_said
from .page import SUPPORT_LANG


def look(connector):
    """Run it once.

    :param connector: as a superuser's, in the language of whoever reads the page.
    :return: the findings, what is left to a person (pairs), and both as English text.
    :raises UserError: no mailbox is connected, or somebody else runs one on it.
    """
    env = connector.env
    if connector.state not in IN_SERVICE:
        raise UserError(env._("Connect a mailbox first."))
    try:
        parts = live.run(connector)
    except Busy:
        text = env._("A live check of this mailbox is running. Wait until it is over.")
        raise UserError(text) from None
    english = connector.with_context(lang=SUPPORT_LANG)
    found = list(live_said.findings(connector, parts))
    return found, by_hand.steps(connector), "\n".join(_lines(english, parts))


def _lines(connector, parts):
    """For whoever helps: of the mailbox's address, its domain."""
    at = fields.Datetime.now()
    yield f"Live check, {connector.provider}, {at:%Y-%m-%d %H:%M} UTC"
    for found in live_said.findings(connector, parts):
        yield _without_address(connector, found.as_line())
    yield "By hand:"
    for do, see in by_hand.steps(connector):
        yield f"[ ] {do} Expected: {see} Seen:"


def _without_address(connector, line):
    """However it is written; the longer first, for one may be a part of the other."""
    addresses = {connector.email, connector.sender_address} - {False}
    known = sorted(addresses, key=len, reverse=True)
    which = re.compile("|".join(map(re.escape, known)) or r"(?!)", re.IGNORECASE)
    return which.sub(lambda found: f"…@{found[0].rpartition('@')[2]}", line)
