"""What the form of a follow-up tells of this moment."""

from odoo import api

from ...rules import REVIEW, SKIP, WAIT, Reason
from ...texts import standing_text
from ...texts.standings import WITH_DAY
from ..mailbox import copies
from ..rights import for_reader
from ..sending.recheck import foresee
from . import uncertain
from .ledger import PLANNED, TO_REVIEW, UNKNOWN
from .ledger_reasons import LedgerReason


@api.depends("reason", "reason_detail")
@api.depends_context("lang")
def reason(followups):
    """Say why it was skipped or failed, or what it waits for."""
    for followup in followups:
        day = followup.reason in WITH_DAY and followup.reason_detail
        text = standing_text(followups.env, followup.reason, day=day)
        followup.reason_text = text


@api.depends("state", "partner_id", "line_ids.state")
@api.depends_context("lang", "tz")
def tell(followups):
    """Set the fields that their form shows."""
    for followup, known in zip(followups, for_reader(followups), strict=True):
        _tell(followup, known._origin)


def _tell(shown, followup):
    """:param followup: *shown*, as it is stored, with the right to see everything."""
    doubtful = followup.state == UNKNOWN
    shown.attempt_text = doubtful and uncertain.told(followup)
    shown.copy_text = copies.told(followup)
    # Logs are searched by it: in a form that is everybody's.
    at = followup.delivery_id.started_at
    shown.tried_at = doubtful and at and f"{at:%Y-%m-%d %H:%M:%S} UTC"
    why, shown.objection = _objection(followup)
    shown.can_insist = why in (Reason.PROBABLY_PAID, Reason.OTHER_CURRENCY)


def _objection(followup):
    """Why it would not go now: the reason and a sentence; both False if it would, or
    has gone."""
    env = followup.env
    if followup.state not in (TO_REVIEW, PLANNED):
        return False, False
    if not followup.company_id.active:
        why = LedgerReason.COMPANY_ARCHIVED
        return why, standing_text(env, why)
    action, why, day = foresee(followup)
    words = standing_text(env, why, day=day)
    if action == SKIP:
        text = env._("As things stand, it will be skipped. %s", words)
    elif action == WAIT:
        text = env._("As things stand, it waits. %s", words)
    elif action == REVIEW and followup.state == PLANNED:  # else a person is at it
        text = env._("As things stand, a person looks at it first. %s", words)
    elif followup.channel == "email" and not followup.goes_to:
        why = Reason.NO_ADDRESS
        words = standing_text(env, why)
        text = env._("As things stand, it becomes a to-do. %s", words)
    else:
        return False, False
    return why, text
