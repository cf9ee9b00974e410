"""Who is told that follow-ups wait for a person, and how.

A hundred may wait: there is one to-do for all that a person has to read of a mailbox,
as long as any is left.
"""

from collections import Counter

from markupsafe import Markup

from odoo.tools.translate import LazyTranslate

from ...rules import Reason
from ..mailbox.people import responsible
from ..rights import is_accountant
from . import todo
from .ledger import TO_REVIEW

_lt = LazyTranslate(__name__)

ACTIVITY = "account_email_connector.activity_type_review"
LIST = "/odoo/action-account_email_connector.action_followup_to_review"
SUMMARY = _lt("Follow-ups wait until you have read them")
NOTE = _lt("None of them goes before you approve it.")
#: Why one that was to go by itself does not any more.
TOO_LATE = [Reason.WAITED_LONG.value, Reason.MISSED.value]
LINK = _lt("Review them")


def tell(env):
    """Give a to-do to those for whom something waits; take the others' back.

    It says how many are late: one that says another number is brought up to date.
    """
    kind = env.ref(ACTIVITY, raise_if_not_found=False)
    if not kind:  # somebody wants no such to-dos
        return
    notes = {
        (connector, user): _note(connector, user, late)
        for (connector, user), late in _reviewers(env).items()
    }
    todo.keep(kind, SUMMARY, notes)


def _reviewers(env):
    """For which (connector, user) follow-ups wait, and how many are late.

    :return: a Counter.
    """
    groups = env["account.email.followup"]._read_group(
        [("state", "=", TO_REVIEW)],
        ["connector_id", "plan_id", "step_id", "reason"],
        ["__count"],
    )
    found = Counter()
    for connector, plan, step, reason, count in groups:
        user = reviewer(connector, plan, step.user_id)
        if user:
            found[connector, user] += count if reason in TOO_LATE else 0
    return found


def reviewer(connector, plan, first=()):
    """The responsible, if that person may approve; else a manager of the mailbox.

    :param first: who is asked before (``res.users``, at most one), if anybody.
    """
    for user in (*first, plan.responsible_id, connector.connected_by_id):
        mine = connector.company_id in user.company_ids
        if user.active and mine and is_accountant(user):
            return user
    return responsible(connector)[:1]


def _note(record, user, late):
    env = record.with_context(lang=user.lang).env
    words = env._(NOTE)
    if late:
        words += " " + env._(
            "Too late to go by themselves, because they could not leave in time: %s. "
            "Approve what is still right, and skip the rest.",
            late,
        )
    note = Markup('<p>%s</p><p><a href="%s">%s</a></p>')
    return note % (words, LIST, env._(LINK))
