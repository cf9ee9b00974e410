"""Show one email on the follow-up that it belongs to, and heed it."""

from datetime import timedelta

from odoo import fields

from ...providers.incoming import Automatic, Bounce, Reply, parse
from ..followup.ledger import SENDING
from .heed import answered, bounced
from .house import is_ours
from .known import Known
from .show import show

KINDS = {Reply: "reply", Automatic: "automatic", Bounce: "bounce"}
#: An answer of one of us, to all.
OWN = "own"


#: A batch is settled long before.
LEAVING = timedelta(minutes=5)


def take(connector, found):
    """Show an email on the follow-up that it belongs to, if to one, and heed it.

    :return: True if it is to be looked at again: its follow-up is just leaving, and the
        ledger does not know yet that it has left.
    """
    message = parse(found.raw, found.thread_id)
    if not message:
        return False
    known = Known(connector, set(message.refers_to), {message.thread_id})
    followup = known.followup(message.refers_to, message.thread_id)
    if followup and _is_leaving(followup):
        return True
    seen = followup and _first_time(followup, message)
    if not seen:
        return False
    show(followup, message)
    if isinstance(message, Bounce):
        bounced(followup, seen, message)
    elif seen.kind == KINDS[Reply]:
        answered(followup)
    return False


def _is_leaving(followup):
    """Whether it is in a batch of these minutes; not one that a kill has left so."""
    if followup.state != SENDING:
        return False
    lately = ("started_at", ">", fields.Datetime.now() - LEAVING)
    its = ("message_id", "=", followup.message_id_header)
    return bool(followup.env["account.email.delivery"].search_count([its, lately]))


def _first_time(followup, message):
    """Write down that this email was dealt with; nothing if it was before."""
    Incoming = followup.env["account.email.incoming"]
    connector = followup.connector_id
    once = [
        ("connector_id", "=", connector.id),
        ("message_id", "=", message.message_id),
    ]
    if Incoming.search_count(once, limit=1):
        return Incoming
    return Incoming.create(
        {
            "connector_id": connector.id,
            "followup_id": followup.id,
            "message_id": message.message_id,
            "kind": _kind(followup, message),
            **(_of_bounce(followup, message) if isinstance(message, Bounce) else {}),
        }
    )


def _kind(followup, message):
    ours = isinstance(message, Reply) and is_ours(followup, message.sender)
    return OWN if ours else KINDS[type(message)]


def _of_bounce(followup, message):
    """What it said of whom.

    Whoever has our email can make up a bounce; so no other address is believed than
    those that we wrote to.
    """
    written_to = followup.delivery_id._written_to()
    said = zip(message.recipients, message.causes, strict=True)
    failed = {address: cause.value for address, cause in said if address in written_to}
    return {
        "cause": message.cause.value,
        "delivery_id": _attempt(followup, message).id,
        "failed": failed,
    }


def _attempt(followup, message):
    """The attempt that it is about; nothing if an earlier one, or the conversation."""
    delivery = followup.delivery_id
    its_ids = {followup.message_id_header, delivery.seen_message_id}
    return delivery if its_ids & set(message.refers_to) else delivery.browse()
