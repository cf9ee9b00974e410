"""The week's figures of one company by email: a digest of Odoo's own.

Odoo lets only administrators make one. Of theirs, one that has these figures and no
others counts as well: nobody gets them twice, and who ends it loses nothing else.
"""

from .digest_figures import ACTIONS


def is_subscribed(digests, company, user):
    """Whether *user* gets the figures of *company* by email.

    :param digests: ``digest.digest``, a superuser's; in what follows, too.
    """
    return user in only_ours(digests, company).user_ids


def subscribe(digests, company, user):
    """Send *user* the week's figures of *company* from now on."""
    if is_subscribed(digests, company, user):
        return
    known = only_ours(digests, company)
    weekly = known.filtered(lambda each: each.periodicity == "weekly")
    digest = weekly[:1] or _make(digests, company)
    digest._action_subscribe_users(user)


def unsubscribe(digests, company, user):
    """Send *user* none of these figures any more."""
    for digest in only_ours(digests, company):  # of several, Odoo would mix the readers
        digest._action_unsubscribe_users(user)


def only_ours(digests, company=None):
    """The digests that tell these figures, and no others: of *company*, those at work;
    or all."""
    domain = [(name, "=", True) for name in ACTIONS]
    if company:
        domain += [("company_id", "=", company.id), ("state", "=", "activated")]
    found = digests.search(domain, order="id")
    return found.filtered(lambda each: set(each._get_kpi_fields()) == ACTIONS.keys())


def _make(digests, company):
    return digests.create(
        {
            "name": digests.env._("Follow-ups of %s", company.name),
            "company_id": company.id,
            "periodicity": "weekly",
            **dict.fromkeys(ACTIONS, True),
        }
    )
