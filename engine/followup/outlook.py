"""What the form of a follow-up tells of this moment."""

from odoo import api

from ...rules import REVIEW, SKIP, WAIT
from ...texts import standing_text
from ..sending.recheck import foresee
from . import uncertain
from .ledger import PLANNED, TO_REVIEW, UNKNOWN
from .ledger_reasons import LedgerReason


@api.depends("reason", "reason_detail")
@api.depends_context("lang")
def reason_text(followups):
    """Why it waits, or went no further."""
    for followup in followups:
        came_on = followup.reason_detail
        followup.reason_text = standing_text(
            followup.env, followup.reason, came_on=came_on
        )


@api.depends("state", "partner_id", "line_ids.state")
@api.depends_context("lang", "tz")
def tell(followups):
    """Set the fields that their form shows."""
    followups._origin.check_access("read")  # the rules are asked with more rights
    for followup in followups:
        _tell(followup, followup._origin.sudo())


def _tell(shown, followup):
    """:param followup: *shown*, as it is stored, with the right to see everything."""
    doubtful = followup.state == UNKNOWN
    shown.attempt_text = doubtful and uncertain.told(followup)
    # Logs are searched by it: in a form that is everybody's.
    at = followup.delivery_id.started_at
    shown.tried_at = doubtful and at and f"{at:%Y-%m-%d %H:%M:%S} UTC"
    shown.objection = _objection(followup)


def _objection(followup):
    """Why it would not go now, a sentence; False if it would, or has gone."""
    if followup.state not in (TO_REVIEW, PLANNED):
        return False
    if not followup.company_id.active:
        return standing_text(followup.env, LedgerReason.COMPANY_ARCHIVED)
    env, (action, reason) = followup.env, foresee(followup)
    words = standing_text(env, reason)
    if action == SKIP:
        return env._("As things are, it will be skipped. %s", words)
    if action == WAIT:
        return env._("As things are, it waits. %s", words)
    if action == REVIEW and followup.state == PLANNED:  # else a person is at it
        return env._("As things are, a person looks at it first. %s", words)
    return False
