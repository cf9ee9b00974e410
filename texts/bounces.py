"""What a to-do says of a follow-up that came back: what it was, and what to do."""

from odoo.tools.translate import LazyTranslate

from ..providers.incoming import Cause

_lt = LazyTranslate(__name__)

#: {cause: summary}, each with a %s for whom it did not reach
TODOS = {
    Cause.ADDRESS: _lt("A follow-up to %s came back: correct the address."),
    Cause.FULL: _lt(
        "A follow-up to %s came back: the mailbox is full. Tell the customer in "
        "another way, or send it again later."
    ),
    Cause.TOO_LARGE: _lt(
        "A follow-up to %s came back: it was too large. Send it again with fewer "
        "attachments."
    ),
    Cause.EXPIRED: _lt(
        "A follow-up to %s came back: the server there could not be reached. Check the "
        "address, or send it again later."
    ),
    Cause.BLOCKED: _lt(
        "A follow-up to %s came back: the server there did not want it. Read what it "
        "says, and tell the customer in another way."
    ),
    Cause.US: _lt(
        "A follow-up to %s came back, and the customer's address is not to blame: your "
        "own mailbox or domain was refused. Read what the server says."
    ),
    Cause.SOFT: _lt(
        "A follow-up to %s came back. Read why, then send it again, or tell the "
        "customer in another way."
    ),
}
