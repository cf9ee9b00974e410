"""The week's figures of one company by email: a digest of Odoo's own.

Odoo lets only administrators make one. What an administrator has made for the company,
with these figures, counts as well: nobody gets them twice.
"""

from .digest_figures import ACTIONS


def is_subscribed(digests, company, user):
    """Whether *user* gets the figures of *company* by email.

    :param digests: ``digest.digest``, a superuser's; in what follows, too.
    """
    return bool(digests.search_count([*_of(company), ("user_ids", "in", user.ids)]))


def subscribe(digests, company, user):
    """Send *user* the week's figures of *company* from now on."""
    if is_subscribed(digests, company, user):
        return
    weekly = [*_of(company), ("periodicity", "=", "weekly")]
    digest = digests.search(weekly, order="id", limit=1) or _make(digests, company)
    digest._action_subscribe_users(user)


def unsubscribe(digests, company, user):
    """Send *user* none of these figures any more."""
    digests.search(_of(company))._action_unsubscribe_users(user)


def _of(company):
    figures = [(name, "=", True) for name in ACTIONS]
    return [("company_id", "=", company.id), ("state", "=", "activated"), *figures]


def _make(digests, company):
    return digests.create(
        {
            "name": digests.env._("Follow-ups of %s", company.name),
            "company_id": company.id,
            "periodicity": "weekly",
            **dict.fromkeys(ACTIONS, True),
        }
    )
