"""What people do with follow-ups that are written down already.

Callers have seen to it that they may, and hand over records with the right to write.
"""

from collections import Counter

from odoo.exceptions import UserError

from ...rules import OPEN_STATES
from . import ledger, reviewers, telling
from .ledger_reasons import LedgerReason


def act(followups, transition, *details):
    """Take *followups* on by a *transition* of the ledger, with its *details*.

    :raises UserError: if one has moved on, or is being sent at this moment.
    """
    locked = followups.try_lock_for_update()
    if locked < followups or ledger.SENDING in followups.mapped("state"):
        raise UserError(
            followups.env._("A follow-up is being sent right now. Look again soon.")
        )
    if not ledger.allows(transition, followups):
        raise UserError(
            followups.env._(
                "The follow-up has moved on meanwhile. Reload the page and look."
            )
        )
    transition(followups, *details)
    reviewers.tell(followups.env)


def act_on_each(followups, transition, *details):
    """The same with those of many that can be taken on; the others stay as they are.

    :return: those that were taken on; and a Counter of the others by their state, as
        people read it. Whoever is at work on one right now is probably sending it.
    """
    free = followups.try_lock_for_update()
    able = free.filtered(lambda each: ledger.allows(transition, each))
    names = dict(followups._fields["state"]._description_selection(followups.env))
    left = Counter(names[each.state] for each in free - able)
    left[names[ledger.SENDING]] += len(followups - free)
    if able:
        transition(able, *details)
        reviewers.tell(followups.env)
    return able, +left


def make_way(env, company, who):
    """A person sends another follow-up instead of the open one, if there is one.

    :param env: with the right to write follow-ups.
    :param who: the customer, or a contact of it that hears by itself.
    :raises UserError: if the open one is being sent at this moment.
    """
    _give_way(on_its_way(env, company, who), LedgerReason.REPLACED)


def make_all_way(env, company, customer, reason):
    """Nothing more goes to a customer, nor to any of its contacts.

    :param env: with the right to write follow-ups.
    :param customer: a commercial partner.
    :raises UserError: if one is being sent at this moment.
    """
    whose = [("partner_id.commercial_partner_id", "=", customer.id)]
    _give_way(_open_ones(env, company, whose), reason)


def _give_way(open_ones, reason):
    for open_one in open_ones:
        act(open_one, ledger.give_way, reason)
        open_one.flush_recordset()


def retry_from_mail(followups):
    """Somebody pressed "retry" on their emails in the chatter.

    They are planned again instead: each has to be re-checked, and only the connector's
    own run may send it. A customer who has one on the way gets that one, and whoever
    perhaps got it is not sent it again: a person has to say so.
    """
    uncertain = followups.filtered(lambda each: each.state == ledger.UNKNOWN)
    telling.show(uncertain, "exception")
    failed = followups.filtered(lambda each: each.state == ledger.FAILED)
    failed.mail_id.write({"state": "cancel"})
    for followup in failed.sorted("id", reverse=True):
        who = followup.addressee_id or followup.partner_id
        if not on_its_way(followup.env, followup.company_id, who):
            ledger.retry(followup)
    followups.flush_recordset()  # if it clashes, then here, not among others' emails


def on_its_way(env, company, who):
    """The open follow-up to *who*: a customer, or a contact that hears by itself.

    There may be several, if a person with one has become a contact of a company.
    """
    whose = [
        "|",
        ("addressee_id", "=", who.id),
        "&",
        ("addressee_id", "=", False),
        ("partner_id", "=", who.id),
    ]
    return _open_ones(env, company, whose)


def _open_ones(env, company, whose):
    open_ones = [("company_id", "=", company.id), ("state", "in", list(OPEN_STATES))]
    return env["account.email.followup"].search(open_ones + whose)
