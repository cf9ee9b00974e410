"""The codes of Graph's errors, and what each means for a mailbox that sends.

What is about the mailbox stops it, what passes is waited for, and only what proves
something about this one email fails it. A code that nobody has listed waits, but for
those of a 401 and a 403 that say, by their words, that this mailbox may not.
https://learn.microsoft.com/graph/errors and, for the codes of Exchange behind it,
https://learn.microsoft.com/exchange/client-developer/web-service-reference/responsecode
"""

from ..oauth.meaning import Meaning
from ..outcomes import (
    AdminActionRequired,
    OutcomeUnknown,
    Rejected,
    SignInRequired,
    Throttled,
    Unavailable,
)
from ..reasons import Reason
from .aadsts import (
    ACCOUNT_DISABLED,
    PROVIDER_DOWN,
    SIGN_IN_AGAIN,
    TOO_FAST,
)

A_DAY = 24 * 3600

NO_MAILBOX = Meaning(AdminActionRequired, Reason.NO_MAILBOX)
MAILBOX_BLOCKED = Meaning(AdminActionRequired, Reason.MAILBOX_BLOCKED)
PERMISSION_MISSING = Meaning(SignInRequired, Reason.PERMISSION_MISSING)
MESSAGE_REFUSED = Meaning(Rejected, Reason.MESSAGE_REFUSED)
MESSAGE_TOO_LARGE = Meaning(Rejected, Reason.MESSAGE_TOO_LARGE)
RECIPIENT_REFUSED = Meaning(Rejected, Reason.RECIPIENT_REFUSED)
SENDING_LIMIT = Meaning(Throttled, Reason.SENDING_LIMIT, wait=3600, spread=600)
DEFERRED = Meaning(Unavailable, Reason.DEFERRED)
MAYBE_SENT = Meaning(OutcomeUnknown, Reason.MAYBE_SENT)

GRAPH_CODES = {
    # permissions and sign-in
    "ErrorAccessDenied": PERMISSION_MISSING,
    "Authorization_RequestDenied": PERMISSION_MISSING,
    "NoPermissionsInAccessToken": PERMISSION_MISSING,
    "ErrorPasswordChangeRequired": SIGN_IN_AGAIN,
    "ErrorPasswordExpired": SIGN_IN_AGAIN,
    "ErrorSendAsDenied": Meaning(AdminActionRequired, Reason.SEND_AS_DENIED),
    "ErrorInvalidUser": Meaning(AdminActionRequired, Reason.SHARED_ACCESS_DENIED),
    # The mailbox is gone, has no license, is a guest's, or is not in the cloud. The
    # same one is told by several of them:
    # https://github.com/microsoftgraph/microsoft-graph-docs/issues/10481
    "Authorization_IdentityNotFound": NO_MAILBOX,
    "Directory_ObjectNotFound": NO_MAILBOX,
    "ErrorMailboxConfiguration": NO_MAILBOX,
    "ErrorMissingEmailAddress": NO_MAILBOX,
    "ErrorNonExistentMailbox": NO_MAILBOX,
    "MailboxNotEnabledForRESTAPI": NO_MAILBOX,
    "MailboxNotFound": NO_MAILBOX,
    "MailboxNotHostedInExchangeOnline": NO_MAILBOX,
    "MailboxNotSupportedForRESTAPI": NO_MAILBOX,
    "OrganizationFromTenantGuidNotFound": NO_MAILBOX,
    "Request_ResourceNotFound": NO_MAILBOX,
    "ErrorAccountDisabled": ACCOUNT_DISABLED,
    "ErrorAccountSuspend": MAILBOX_BLOCKED,
    "ErrorMessageSubmissionBlocked": MAILBOX_BLOCKED,
    "ErrorQuotaExceeded": Meaning(AdminActionRequired, Reason.MAILBOX_FULL),
    # over by itself
    "ErrorADOperation": PROVIDER_DOWN,
    "ErrorADUnavailable": PROVIDER_DOWN,
    "ErrorConnectionFailed": PROVIDER_DOWN,
    "ErrorInternalServerTransientError": PROVIDER_DOWN,
    "ErrorMailboxFailover": PROVIDER_DOWN,
    "ErrorMailboxMoveInProgress": PROVIDER_DOWN,
    "ErrorMailboxStoreUnavailable": PROVIDER_DOWN,
    "ErrorServerBusy": TOO_FAST,
    "ErrorTimeoutExpired": PROVIDER_DOWN,
    "ErrorTooManyObjectsOpened": TOO_FAST,
    "MailboxInfoStale": PROVIDER_DOWN,
    # limits
    "ErrorExceededMessageLimit": Meaning(Throttled, Reason.DAILY_LIMIT, wait=A_DAY),
    "ErrorSubmissionQuotaExceeded": SENDING_LIMIT,
    # this one email
    "ErrorInvalidRecipients": RECIPIENT_REFUSED,
    "ErrorInvalidSmtpAddress": RECIPIENT_REFUSED,
    "ErrorMailRecipientNotFound": RECIPIENT_REFUSED,
    "ErrorAttachmentSizeLimitExceeded": MESSAGE_TOO_LARGE,
    "ErrorMessageSizeExceeded": MESSAGE_TOO_LARGE,
    "ErrorContentConversionFailed": MESSAGE_REFUSED,
    "ErrorMimeContentConversionFailed": MESSAGE_REFUSED,
    "ErrorMimeContentInvalid": MESSAGE_REFUSED,
    "ErrorMimeContentInvalidBase64String": MESSAGE_REFUSED,
    "InvalidInternetMessageHeader": MESSAGE_REFUSED,
}
#: An email names nothing in the store, so what is missing there is the mailbox's own;
#: whoever reads one that is deleted meanwhile gets the same codes.
ABOUT_SENDING = {"ErrorItemNotFound": NO_MAILBOX, "ResourceNotFound": NO_MAILBOX}
#: Graph does not know on which machine the mailbox is: nobody took the email.
#: https://github.com/microsoftgraph/microsoft-graph-explorer-v4/issues/3143
NEVER_REACHED = {(503, "MailboxInfoStale"), (503, "ErrorMailboxMoveInProgress")}

# 509: "Your app has been throttled", says https://learn.microsoft.com/graph/errors
GRAPH_STATUSES = {401: SIGN_IN_AGAIN, 429: TOO_FAST, 509: TOO_FAST}
SENDING_STATUSES = {413: MESSAGE_TOO_LARGE}
