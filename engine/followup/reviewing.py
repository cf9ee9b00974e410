"""What a person sees after deciding about follow-ups: what came of it, or the next."""

from ...tools.actions import CLOSE, notify
from . import ledger

#: As many as a person goes through at a time; the pager counts them.
AT_MOST = 500


def told(env, transition, count, left, idle=0):
    """Say what became of many.

    :param count: how many a *transition* of the ledger has taken on.
    :param left: {state, as people read it: how many have stayed as they were}.
    :param idle: of how many customers there was none.
    """
    words = {
        ledger.approve: env._("Approved: %s.", count),
        ledger.skip: env._("Skipped: %s.", count),
    }
    done = words.get(transition) or env._("Done: %s.", count)
    if idle:
        nothing = env._("Customers of whom nothing waits for a review: %s.", idle)
        done = f"{done} {nothing}"
    if not left:
        return notify("success" if count else "warning", done, then=CLOSE)
    others = ", ".join(f"{number} × {state}" for state, number in left.items())
    said = env._("%(done)s Left as they were: %(others)s.", done=done, others=others)
    return notify("warning", said, sticky=True, then=CLOSE)


def go_on(followup):
    """Show the next one that waits for a review; after the last one, the list.

    :param followup: the one that was decided about, with the user's own rights.
    """
    waiting = _waiting(followup)
    if not waiting:
        return notify("success", followup.env._("All reviewed."), then=_client(False))
    here = followup.planned_date, followup.id
    after = waiting.filtered(lambda each: (each.planned_date, each.id) < here)
    return show((after or waiting)[0])


def show(followup):
    """Show *followup* in the form that is open, in the place of the one before."""
    ids = _waiting(followup).ids
    return _client(followup.id, ids if followup.id in ids else followup.ids)


def _client(id_, ids=()):
    """See ``static/src/followup/show_followup.js``."""
    tag = "account_email_connector.show_followup"
    params = {"id": id_, "ids": list(ids)}
    return {"type": "ir.actions.client", "tag": tag, "params": params}


def _waiting(followups):
    return followups.search([("state", "=", ledger.TO_REVIEW)], limit=AT_MOST)
