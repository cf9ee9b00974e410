"""What else a follow-up's row says: what has happened in Odoo, or a person has done."""

from odoo.tools.translate import LazyTranslate

from ..engine.followup.ledger_reasons import LedgerReason

_lt = LazyTranslate(__name__)

#: {reason: sentence}
SENTENCES = {
    LedgerReason.NO_CUSTOMER: _lt("It names no customer who could be chased."),
    LedgerReason.COMPANY_ARCHIVED: _lt("The company is archived: it chases nobody."),
    LedgerReason.BEING_CHANGED: _lt("An invoice was being changed: tried again soon."),
    LedgerReason.STEP_SKIPPED: _lt("A person passed over this step."),
    LedgerReason.REPLACED: _lt("A person sent another follow-up instead."),
    LedgerReason.MERGED: _lt(
        "The customer was merged with another, who has one on its way."
    ),
    LedgerReason.READ_FIRST: _lt("The first emails are read before they go."),
    LedgerReason.CHANGED: _lt(
        "What is open has changed since the email was written: look at it again."
    ),
    LedgerReason.FILE_COMING: _lt("Its PDFs are being made: it goes soon."),
    LedgerReason.FILE_MISSING: _lt(
        "A file that goes with it is empty, or missing on this server: ask your "
        "administrator to restore it. Tried again soon."
    ),
    LedgerReason.STATEMENT_MISSING: _lt(
        "The PDF that goes with it, the statement of account, could not be made yet: "
        "tried again soon, three times in all. If you approve the email after that, it "
        "goes without."
    ),
    LedgerReason.NOT_COMPOSED: _lt("The email could not be made."),
}
