"""One follow-up of the ledger, as the rules know it."""

from ...rules import EMAIL, Instruction, Past


def past_of(followup):
    """This row, as it is about to be sent."""
    return Past(
        followup.id,
        followup.state,
        followup.planned_date,
        followup.step_id.id or None,
        followup.step_position,
        followup.step_days,
        tuple(followup._chased_lines().mapped("move_line_ref")),
        _channel(followup),
        followup.by_hand,
        addressee=addressee_of(followup),
    )


def addressee_of(followup):
    """The id of the contact that hears about it by itself; None: it is the customer's.

    Of a person who has become a contact of a company since, that person's.
    """
    partner = followup.partner_id
    became = partner if partner != partner.commercial_partner_id else partner.browse()
    return (followup.addressee_id or became).id or None


def _channel(followup):
    """How it is to go: what lacked an address is an email again once there is one.

    What was planned as an email stays one, whatever became of its step.
    """
    return EMAIL if followup.step_id.channel == EMAIL else followup.channel


def instruction_of(followup):
    """What a person has said of it."""
    return Instruction(
        followup.approved,
        followup.at_once,
        followup.decided_on or None,
        tuple((followup.known or "").split(",")),
        _free_since(followup),
    )


def _free_since(followup):
    """The day from which on it has been free to go: nothing has held it back but its
    mailbox, or that nobody was there to send it."""
    retry_at = followup.retry_at
    days = (followup.planned_date, followup.decided_on, retry_at and retry_at.date())
    return max(filter(None, days))
