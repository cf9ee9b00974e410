"""What the ledger says of a follow-up besides the reasons of rules and providers.

The value is the key of the text that users see, as with theirs.
"""

from enum import Enum


class LedgerReason(str, Enum):
    """Why a follow-up waits, was skipped or failed: what has happened in Odoo."""

    # It is skipped.
    COMPANY_ARCHIVED = "company_archived"  # its company chases nobody
    STEP_SKIPPED = "step_skipped"  # a person passed over the step
    REPLACED = "replaced"  # a person sent another one instead
    MERGED = "merged"  # the customer was merged with one who has another
    # It waits, or a person looks again.
    BEING_CHANGED = "being_changed"  # another transaction holds an invoice
    FILE_COMING = "file_coming"  # a PDF is still to be made
    FILE_MISSING = "file_missing"  # an attachment has nothing in it
    STATEMENT_MISSING = "statement_missing"  # its PDF is not made yet, or cannot be
    READ_FIRST = "read_first"  # the company has begun anew: a person reads it first
    CHANGED = "changed"  # what was written is not true any more
    # It failed.
    NOT_COMPOSED = "not_composed"  # the template has a mistake
    # There is no follow-up.
    NO_CUSTOMER = "no_customer"  # of an invoice: it names nobody to chase

    def __str__(self):
        return self.value
