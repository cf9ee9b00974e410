"""What users are told of each reason of :mod:`...providers.reasons`, by subject."""

from .besides import SAID_AT_SIGN_IN, provider_text
from .telling import (
    TEXTS,
    detail_of,
    failure_text,
    failure_values,
    outcome_text,
    reason_text,
    said,
    said_by,
)
