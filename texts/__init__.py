"""What users are told of an outcome, an approval, an app, and why somebody is chased.

Every text says what happened, and what to do next. The reasons themselves know no
language: they are enums of ``providers``, of ``rules`` and of the ledger.
"""

from .approval import APPROVAL_REASONS, PERHAPS_APPROVAL, scope_texts
from .apps import WRONG_CLIENT_ID
from .outcomes import (
    SAID_AT_SIGN_IN,
    TEXTS,
    detail_of,
    failure_text,
    failure_values,
    outcome_text,
    provider_text,
    reason_text,
    said,
    said_by,
)
from .standings import standing_text
