"""Why a customer or an invoice is, or is not, chased, and why a follow-up waits."""

from datetime import date, timedelta
from enum import Enum, auto
from typing import NamedTuple

from odoo.tools.translate import LazyTranslate

from ..rules.reasons import Reason
from .days import in_words
from .ledger import SENTENCES as OF_THE_LEDGER
from .outcomes import reason_text

_lt = LazyTranslate(__name__)

#: {reason of the rules: sentence}
SENTENCES = {
    Reason.DUE: _lt("A follow-up is due today."),
    Reason.NOTHING_OPEN: _lt("Nothing is open any more."),
    Reason.NOT_OVERDUE: _lt("Not overdue yet."),
    Reason.SETTLED: _lt("Paid, in payment, credited or cancelled."),
    Reason.CREDIT: _lt("A credit: it is listed and subtracted."),
    Reason.PAID_OUT: _lt(
        "Paid to the customer: nothing to ask for. Reconcile it with what it pays."
    ),
    Reason.UNDER_WAY: _lt("An online payment is under way."),
    Reason.MONEY_BACK: _lt(
        "Money went to the customer, or came back, that no credit explains: find out "
        "what it was for."
    ),
    Reason.PROBABLY_PAID: _lt("Probably paid already: reconcile it."),
    Reason.OTHER_CURRENCY: _lt(
        "The customer has money in another currency: reconcile it, or send by hand."
    ),
    Reason.NOTHING_LEFT: _lt("The customer's own credits cover it."),
    Reason.BELOW_MINIMUM: _lt("Less than the plan's minimum amount is open."),
    Reason.NO_PLAN: _lt("There is no follow-up plan, or it is archived."),
    Reason.EXCLUDED: _lt("This customer is never chased."),
    Reason.HANDED_OVER: _lt("Handed over: somebody else collects the money."),
    Reason.PAUSED: _lt("Follow-ups are paused."),
    Reason.ANSWERED: _lt("The customer has answered: a person takes over."),
    Reason.BLOCKED: _lt("The invoice is blocked for payment."),
    Reason.NO_FOLLOWUP: _lt("Marked as not to be followed up."),
    Reason.DISPUTED: _lt("In dispute."),
    Reason.BEFORE_START: _lt("Left alone: it was due before follow-ups began."),
    Reason.NEVER_SENT: _lt(
        "It was never sent to the customer, or was reset to draft since, or refused by "
        "the e-invoicing network: send it first."
    ),
    Reason.UNSENT: _lt("Odoo has never sent it to the customer."),
    Reason.PROMISED: _lt("The customer has promised to pay."),
    Reason.NOT_YET: _lt("The day of the next step has not come."),
    Reason.TOO_SOON: _lt("The last email to this customer is too recent."),
    Reason.NOT_A_SENDING_DAY: _lt("No follow-ups are sent on this day."),
    Reason.NEXT_FOLLOWUP: _lt("It joins the customer's next follow-up."),
    Reason.ALL_STEPS_DONE: _lt("Every step was sent: a person decides what to do."),
    Reason.MISSED: _lt("Too late to send by itself. Send it by hand."),
    Reason.FOLLOWUP_OPEN: _lt("A follow-up is on its way."),
    Reason.OUTCOME_UNKNOWN: _lt(
        "The last follow-up was perhaps sent: see what is known of it, and decide."
    ),
    Reason.RETRY_LATER: _lt("The last follow-up failed; the same step comes again."),
    Reason.HELD_BACK: _lt("Skipped by a person; proposed again later."),
    Reason.MAILBOX_DISCONNECTED: _lt("The company has no connected mailbox."),
    Reason.NOT_STARTED: _lt("Follow-ups of the company are not started."),
    Reason.BANK_STALE: _lt("The bank statements are too old for anyone to be chased."),
    Reason.NO_ADDRESS: _lt("The customer has no valid email address."),
    Reason.PROMISE_BROKEN: _lt("The promised money has not come."),
    Reason.ELSEWHERE: _lt("It is chased from another mailbox by now."),
    Reason.READDRESSED: _lt(
        "Another contact of the customer is written to about it now."
    ),
    Reason.EMAILED_TODAY: _lt("This customer got an email today."),
    Reason.NO_EMAIL_STEP: _lt("The plan has no step with an email for this."),
    Reason.WAITED_LONG: _lt(
        "It has waited too long to go by itself: look at it again."
    ),
    Reason.STEP_CHANGED: _lt("Another step is due by now."),
}


class Comes(NamedTuple):
    """The next step."""

    day: date  #: on which it comes
    days: int  #: of the step, after a due date
    due: date | None  #: the due date of what it is about; the oldest


#: The same with the day that they are about, where that is known.
WITH_DAY = {
    Reason.PROBABLY_PAID: _lt("Probably paid on %s: reconcile it."),
    Reason.PROMISED: _lt("The customer has promised to pay by %s."),
    Reason.BEFORE_START: _lt("Left alone: it was due before %s."),
}


class Unsent(Enum):
    """Why a customer has not got an invoice, where that is known of it."""

    NEVER = auto()
    REOPENED = auto()
    REFUSED = auto()


UNSENT = {
    Unsent.NEVER: _lt("It was never sent to the customer: send it first."),
    Unsent.REOPENED: _lt("It was reset to draft since it was sent: send it again."),
    Unsent.REFUSED: _lt("The e-invoicing network refused it: send it again."),
}


def unsent_text(env, why):
    """The sentence for *why*, an :class:`Unsent`, in the language of *env*."""
    return env._(UNSENT[why])


#: What one waits for that is written, or would be today; by what there is to do.
WAITS_FOR = {
    "to_review": _lt("A follow-up waits until somebody approves it."),
    "held": _lt("A follow-up waits until the mailbox works again."),
    "not_started": _lt("A follow-up waits until follow-ups are started."),
}


def waits_text(env, todo, reason, works):
    """The sentence for what is on its way, and waits; "" if it does not.

    :param todo: the value of a :class:`..rules.worklist.Todo`.
    :param works: whether the mailbox does: then it is the bank that holds it.
    """
    if reason not in (Reason.DUE, Reason.FOLLOWUP_OPEN):
        return ""
    if todo == "held" and works:
        return env._(SENTENCES[Reason.BANK_STALE])
    sentence = WAITS_FOR.get(todo, "")
    return sentence and env._(sentence)


def standing_text(env, reason, remarks=(), day=None, comes=None):
    """Return the sentence for *reason*, of the rules, the ledger or a provider.

    :param reason: the value of a reason, or False.
    :param remarks: further ones of the rules, a sentence each.
    :param day: that *reason* is about (:data:`WITH_DAY`): on which money came, by
        which the customer has promised to pay, from which on what is due is chased.
    :param comes: :class:`Comes`, if a next step comes by itself.
    :return: str in the language of *env*; empty if there is no reason.
    """
    if remarks:
        rest = [standing_text(env, str(each)) for each in remarks]
        if reason == Reason.FOLLOWUP_OPEN and Reason.NO_ADDRESS in remarks:
            return " ".join(rest)  # what is on its way is a to-do: to enter one
        first = standing_text(env, reason, day=day, comes=comes)
        return " ".join([first, *rest])
    if day and reason in WITH_DAY:
        return _day_text(env, reason, day, comes)
    if comes and reason == Reason.NOT_YET:
        return _comes_text(env, *comes)
    sentence = SENTENCES.get(reason) or OF_THE_LEDGER.get(reason)
    return env._(sentence) if sentence else reason_text(env, reason)[0]


def _day_text(env, reason, day, comes):
    """The sentence of :data:`WITH_DAY`; and what comes if a promise is not kept."""
    words = env._(WITH_DAY[reason])
    text = words % in_words(env, day)
    if not comes or reason != Reason.PROMISED:
        return text
    else_ = env._(
        "If the money does not come, the next step is on %s.", in_words(env, comes.day)
    )
    return f"{text} {else_}"


def _comes_text(env, day, days, due):
    """When the next step comes, and what that counts from, if it is the due date."""
    if due and days > 1 and day == due + timedelta(days=days):
        return env._(
            "Next step: %(day)s, %(days)s days after the due date of %(due)s.",
            day=in_words(env, day),
            days=days,
            due=in_words(env, due),
        )
    return env._("Next step: %s.", in_words(env, day))
