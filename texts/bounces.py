"""What is told of a follow-up that came back: what it was, and what to do."""

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
        "A follow-up to %s came back: the server there did not want it. Ask the "
        "customer to let your emails through, or for another address."
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

#: {cause: line in the follow-up's story} of what passes by itself, each with a %s.
NOTES = {
    Cause.FULL: _lt(
        "It did not reach %s: the mailbox is full. The next follow-up comes by the "
        "plan."
    ),
    Cause.EXPIRED: _lt(
        "It did not reach %s: the server there could not be reached. The next "
        "follow-up comes by the plan."
    ),
    Cause.SOFT: _lt(
        "It did not reach %s, for a reason that may pass. The next follow-up comes by "
        "the plan."
    ),
}
#: A to-do, when there were too many of those.
IN_A_ROW = _lt(
    "Follow-ups have not reached %s for more than a week, three or more in a row: call "
    "the customer, and check the address."
)
#: Of one that came back for what is wrong with the mailbox; %s is what that is.
GOES_AGAIN = _lt(
    "The follow-up came back, and not because of the customer: %s. It goes again when "
    "the mailbox may send."
)
