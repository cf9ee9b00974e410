"""Show one email on the follow-up that it belongs to, and heed it."""

from ...providers.incoming import Automatic, Bounce, Reply, parse
from .heed import answered, bounced
from .known import Known
from .show import show

KINDS = {Reply: "reply", Automatic: "automatic", Bounce: "bounce"}


def take(connector, found):
    """Show an email on the follow-up that it belongs to, if to one, and heed it."""
    message = parse(found.raw, found.thread_id)
    if not message:
        return
    known = Known(connector, set(message.refers_to), {message.thread_id})
    followup = known.followup(message.refers_to, message.thread_id)
    if not followup or not _first_time(followup, message):
        return
    show(followup, message)
    if isinstance(message, Bounce):
        bounced(followup, message)
    elif isinstance(message, Reply):
        answered(followup)


def _first_time(followup, message):
    """Write down that this email was dealt with; False if it was before."""
    Incoming = followup.env["account.email.incoming"]
    connector = followup.connector_id
    once = [
        ("connector_id", "=", connector.id),
        ("message_id", "=", message.message_id),
    ]
    if Incoming.search_count(once, limit=1):
        return False
    Incoming.create(
        {
            "connector_id": connector.id,
            "followup_id": followup.id,
            "message_id": message.message_id,
            "kind": KINDS[type(message)],
            "cause": isinstance(message, Bounce) and message.cause.value,
        }
    )
    return True
