"""Why an invoice or a customer is, or is not, chased.

The value is the key of the text that users see; the texts, translated, are Odoo's
business. The same reasons answer for a customer (:class:`~.answers.Decision`) and for
one open item (:class:`~.answers.Standing`).
"""

from enum import Enum


class Reason(str, Enum):
    """One sentence each: said of a customer, of an item, or of both."""

    # It goes out.
    DUE = "due"  # both: a follow-up goes out today; the item is in it
    # Nothing to ask for.
    NOTHING_OPEN = "nothing_open"  # customer: no open item at all
    NOT_OVERDUE = "not_overdue"  # both: nothing is overdue yet; the date says when
    SETTLED = "settled"  # item: paid, in payment, reversed, or no residual left
    CREDIT = "credit"  # item: a credit or payment; listed, and subtracted
    PAID_OUT = "paid_out"  # item: our own payment to the customer; set against credits
    UNDER_WAY = "under_way"  # both: an online payment is pending or authorized
    MONEY_BACK = "money_back"  # both: paid to the customer, or returned: beyond credits
    NOTHING_LEFT = "nothing_left"  # both: the customer's own credits cover it
    BELOW_MINIMUM = "below_minimum"  # both: less than the plan's minimum amount
    # Somebody said no.
    NO_PLAN = "no_plan"  # both: no plan for customer or company, or it is archived
    EXCLUDED = "excluded"  # both: this customer is never chased
    HANDED_OVER = "handed_over"  # both: somebody else, a lawyer say, collects it
    PAUSED = "paused"  # both: not before the day after the pause
    ANSWERED = "answered"  # both: the customer replied; a person takes over
    BLOCKED = "blocked"  # item: the invoice is blocked for payment
    NO_FOLLOWUP = "no_followup"  # item: marked "no follow-up" in Odoo
    DISPUTED = "disputed"  # item: in dispute
    BEFORE_START = "before_start"  # item: due before the plan's, or company's, start
    NEVER_SENT = "never_sent"  # both: the customer was never sent the invoice
    PROBABLY_PAID = "probably_paid"  # both: an unmatched bank transaction looks like it
    PROMISED = "promised"  # both: the customer has promised to pay; not yet broken
    # In good time.
    NOT_YET = "not_yet"  # both: overdue; the date of the next step has not come
    TOO_SOON = "too_soon"  # both: the last email is too recent
    NOT_A_SENDING_DAY = "not_a_sending_day"  # both: weekend or public holiday
    NEXT_FOLLOWUP = "next_followup"  # item: joins its customer's next follow-up
    ALL_STEPS_DONE = "all_steps_done"  # both: every step was sent; a person decides
    MISSED = "missed"  # both: too late to send by itself; send it by hand
    # Something is in the way.
    FOLLOWUP_OPEN = "followup_open"  # both: one is waiting to be reviewed or sent
    OUTCOME_UNKNOWN = "outcome_unknown"  # both: the last may have been sent; look
    RETRY_LATER = "retry_later"  # both: the last failed; same step again on the date
    HELD_BACK = "held_back"  # both: a person skipped the last; proposed again later
    MAILBOX_DISCONNECTED = "mailbox_disconnected"  # both: no mailbox to send from
    NOT_STARTED = "not_started"  # both: follow-ups are not started, or were stopped
    BANK_STALE = "bank_stale"  # both: bank statements too old to chase anyone by
    OTHER_CURRENCY = "other_currency"  # both: their money in a currency not owed
    # Remarks on a decision, and what the re-check says.
    NO_ADDRESS = "no_address"  # remark: no email address, so a to-do instead
    UNSENT = "unsent"  # remark: Odoo never sent the invoice; it goes another way
    PROMISE_BROKEN = "promise_broken"  # remark: the promised money has not come
    ELSEWHERE = "elsewhere"  # re-check: another company's mailbox asks for it by now
    READDRESSED = "readdressed"  # re-check: another contact hears about it by now
    EMAILED_TODAY = "emailed_today"  # by hand: one email a day is enough
    NO_EMAIL_STEP = "no_email_step"  # by hand: the plan has to-dos only
    WAITED_LONG = "waited_long"  # re-check: it could not leave for days
    STEP_CHANGED = "step_changed"  # re-check: another step is right by now

    def __str__(self) -> str:
        return self.value
