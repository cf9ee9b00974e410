"""A customer who was handed over rests, until they are taken back."""

from datetime import timedelta

from markupsafe import Markup

from odoo.tools import format_date

from ...rules import Reason
from ..followup import person
from ..planning import ends


def hand_over(customer, company, to, user):
    """Leave *customer* to others from today on. What was on its way is skipped.

    :param customer: a commercial partner, with the right to write everything.
    :param to: who collects the money, as the person calls them.
    :param user: the ``res.users`` who says so.
    :raises UserError: if a follow-up is being sent at this moment.
    """
    for peer in company._email_followup_peers():
        person.make_all_way(customer.env, peer, customer, Reason.HANDED_OVER)
    today = company._email_followup_today()
    customer._email_followup_note(
        {
            "email_followup_handed_over_on": today,
            "email_followup_handed_over_to": to,
        },
        company,
    )
    env = customer.with_context(lang=user.lang).env
    words = env._(
        "Handed over to %(name)s: %(company)s sends no follow-ups any more.",
        name=to,
        company=company.name,
    )
    _log(customer, words, user)
    ends.take_back(customer.env, customer)


def take_back(customers, companies, user):
    """Chase *customers* again, from where it had stopped: as after a pause.

    :param companies: of these, and of those that share their emails.
    """
    for customer in customers:
        since = [
            _let_go(customer.with_company(company), company)
            for company in companies._email_followup_peers()
        ]
        if not any(since):
            continue
        env = customer.with_context(lang=user.lang).env
        words = env._(
            "Taken back: it was handed over on %s. Follow-ups go on.",
            format_date(env, min(filter(None, since))),
        )
        _log(customer, words, user)


def _let_go(customer, company):
    """Return the day on which it was handed over; None if it was not.

    How late a step is counts from today: the pause ended yesterday.
    """
    since = customer.email_followup_handed_over_on
    if not since:
        return None
    yesterday = company._email_followup_today() - timedelta(days=1)
    paused = customer.email_followup_paused_until
    customer.write(
        {
            "email_followup_handed_over_on": False,
            "email_followup_handed_over_to": False,
            "email_followup_paused_until": max(paused or yesterday, yesterday),
        }
    )
    return since


def _log(customer, words, user):
    """Say it where everybody reads it who sees the customer: no amounts."""
    body = Markup("<p>%s</p>") % words
    customer._message_log(body=body, author_id=user.partner_id.id)
