"""Who is told that follow-ups wait for a person, and how.

A hundred may wait: there is one to-do for all that a person has to read of a mailbox,
as long as any is left.
"""

from markupsafe import Markup

from odoo.tools.translate import LazyTranslate

from ..mailbox.people import responsible
from ..rights import is_accountant
from .ledger import TO_REVIEW

_lt = LazyTranslate(__name__)

ACTIVITY = "account_email_connector.activity_type_review"
LIST = "/odoo/action-account_email_connector.action_followup_to_review"
SUMMARY = _lt("Follow-ups wait until you have read them")
NOTE = _lt("None of them goes before you approve it.")
LINK = _lt("Review them")


def tell(env):
    """Give a to-do to those for whom something waits; take the others' back."""
    kind = env.ref(ACTIVITY, raise_if_not_found=False)
    if not kind:  # somebody wants no such to-dos
        return
    waits_for = _reviewers(env)
    for activity in env["mail.activity"].search([("activity_type_id", "=", kind.id)]):
        told = activity.res_id, activity.user_id
        if told in waits_for:
            waits_for.remove(told)
        else:
            activity.unlink()
    for connector_id, user in waits_for:
        _ask(env["account.email.connector"].browse(connector_id), user)


def _reviewers(env):
    """The pairs (connector id, user) for which follow-ups wait."""
    groups = env["account.email.followup"]._read_group(
        [("state", "=", TO_REVIEW)], ["connector_id", "plan_id", "step_id"]
    )
    found = {
        (connector.id, _reviewer(connector, plan, step))
        for connector, plan, step in groups
    }
    return {(connector_id, user) for connector_id, user in found if user}


def _reviewer(connector, plan, step):
    """The responsible, if that person may approve; else a manager of the mailbox."""
    for user in (step.user_id, plan.responsible_id, connector.connected_by_id):
        mine = connector.company_id in user.company_ids
        if user.active and mine and is_accountant(user):
            return user
    return responsible(connector)[:1]


def _ask(connector, user):
    # "quick update": no email for each new to-do.
    connector = connector.with_context(lang=user.lang, mail_activity_quick_update=True)
    say = connector.env._
    note = Markup('<p>%s</p><p><a href="%s">%s</a></p>')
    connector.activity_schedule(
        ACTIVITY,
        user_id=user.id,
        summary=say(SUMMARY),
        note=note % (say(NOTE), LIST, say(LINK)),
    )
