"""The errors that the providers are known to answer, by name.

AADSTS texts: learn.microsoft.com/entra/identity-platform/reference-error-codes, and
captures in public issues where the page has none. ``where`` is what a person sees when
it happens while signing in: Microsoft's own ``page`` (no callback) or a ``callback``.
"""

from typing import NamedTuple


class Aadsts(NamedTuple):
    """One of Microsoft's sign-in errors."""

    error: str
    text: str
    suberror: str = ""
    where: str = "callback"
    status: int = 400


class Api(NamedTuple):
    """One error of an API: HTTP status, the provider's code or reason, its text."""

    status: int
    code: str
    text: str
    extra: dict = {}


_AGAIN = "invalid_grant"
_ADMIN = (
    "Admin consent is required for the permissions requested by this application. "
    "Ask an administrator of your organization."
)

AADSTS = {
    # a person signs in again
    "50055": Aadsts(_AGAIN, "The password is expired.", "user_password_expired"),
    "50076": Aadsts(
        _AGAIN,
        "Due to a configuration change made by your administrator, or because you moved"
        " to a new location, you must use multi-factor authentication to access"
        " '00000003-0000-0000-c000-000000000000'.",
        "basic_action",
    ),
    "50078": Aadsts(
        _AGAIN, "Presented multi-factor authentication has expired.", "basic_action"
    ),
    "50079": Aadsts(
        _AGAIN, "You must enroll in multi-factor authentication.", "basic_action"
    ),
    "50132": Aadsts(_AGAIN, "The session is not valid: the password has changed."),
    "50133": Aadsts(_AGAIN, "The session is not valid due to a password change."),
    "50144": Aadsts(_AGAIN, "The user's Active Directory password has expired."),
    "50173": Aadsts(
        _AGAIN,
        "The provided grant has expired due to it being revoked, a fresh auth token is"
        " needed. The user might have changed or reset their password.",
        "bad_token",
    ),
    "70008": Aadsts(
        _AGAIN,
        "The provided authorization code or refresh token has expired due to"
        " inactivity. Send a new interactive authorization request for this user and"
        " resource.",
    ),
    "70043": Aadsts(
        _AGAIN,
        "The refresh token has expired or is invalid due to sign-in frequency checks by"
        " conditional access.",
        "bad_token",
    ),
    "700082": Aadsts(
        _AGAIN,
        "The refresh token has expired due to inactivity. The token was inactive for"
        " 90.00:00:00.",
        "bad_token",
    ),
    "54005": Aadsts(
        _AGAIN,
        "OAuth2 Authorization code was already redeemed, please retry with a new valid"
        " code or use an existing refresh token.",
    ),
    "50058": Aadsts(
        "login_required",
        "A silent sign-in request was sent but no user is signed in.",
    ),
    # consent
    "65001": Aadsts(
        _AGAIN,
        "The user or administrator has not consented to use the application with ID"
        " '{client_id}' named '{app}'. Send an interactive authorization request for"
        " this user and resource.",
        "consent_required",
    ),
    "65004": Aadsts("access_denied", "User declined to consent to access the app."),
    "90093": Aadsts(
        "access_denied",
        "{app} is requesting one or more permissions that you are not authorized to"
        " grant. Contact an administrator, who can consent to this application on your"
        " behalf.",
        where="page",
    ),
    "90094": Aadsts("access_denied", _ADMIN, where="page"),
    "90095": Aadsts("access_denied", _ADMIN, where="page"),
    "900941": Aadsts(
        "access_denied", "Administrator consent is required: risky app.", where="page"
    ),
    "900981": Aadsts(
        "access_denied", "An admin consent request was received: risky app.", "", "page"
    ),
    "50105": Aadsts(
        _AGAIN,
        "Your administrator has configured the application {app} ('{client_id}') to"
        " block users unless they are specifically granted ('assigned') access to the"
        " application. The signed-in user '{account}' is blocked.",
        where="page",
    ),
    # policy
    "50020": Aadsts(
        "access_denied",
        "User account '{account}' does not exist in tenant '{tenant}' and cannot access"
        " the application '{client_id}' in that tenant. Sign in with a different"
        " account.",
        where="page",
    ),
    "50034": Aadsts("access_denied", "We couldn't find an account with that username."),
    "50057": Aadsts(_AGAIN, "The user account is disabled.", where="page"),
    "50131": Aadsts(
        _AGAIN, "Request blocked due to suspicious activity.", "message_only", "page"
    ),
    "53000": Aadsts(
        "interaction_required", "Device is not compliant.", "message_only", "page"
    ),
    "53001": Aadsts(
        "interaction_required", "Device is not domain joined.", "message_only", "page"
    ),
    "53003": Aadsts(
        "interaction_required",
        "Access has been blocked by Conditional Access policies. The access policy does"
        " not allow token issuance.",
        "message_only",
        "page",
    ),
    "530032": Aadsts(
        "interaction_required", "Blocked by security policy.", "message_only", "page"
    ),
    "530035": Aadsts(
        "interaction_required",
        "Access has been blocked by security defaults.",
        "message_only",
        "page",
    ),
    # the application's configuration
    "7000215": Aadsts(
        "invalid_client",
        "Invalid client secret provided. Ensure the secret being sent in the request is"
        " the client secret value, not the client secret ID, for a secret added to app"
        " '{client_id}'.",
        status=401,
    ),
    "700027": Aadsts(
        "invalid_client",
        "The certificate with identifier used to sign the client assertion is not"
        " registered on application '{client_id}', or the signature is invalid.",
        status=401,
    ),
    "700021": Aadsts(
        "invalid_client",
        "Client assertion application identifier doesn't match 'client_id' parameter.",
        status=401,
    ),
    "700024": Aadsts(
        "invalid_client",
        "Client assertion is not within its valid time range.",
        status=401,
    ),
    "1000502": Aadsts(
        "invalid_client",
        "The provided certificate is not within its specified validity period.",
        status=401,
    ),
    "7000218": Aadsts(
        "invalid_client",
        "The request body must contain the following parameter: 'client_assertion' or"
        " 'client_secret'.",
        status=401,
    ),
    "7000222": Aadsts(
        "invalid_client",
        "The provided client secret keys for app '{client_id}' are expired.",
        status=401,
    ),
    "700016": Aadsts(
        "unauthorized_client",
        "Application with identifier '{client_id}' was not found in the directory"
        " '{tenant}'.",
        where="page",
    ),
    "7000112": Aadsts(
        "unauthorized_client",
        "Application '{client_id}'({app}) is disabled.",
        where="page",
    ),
    "50011": Aadsts(
        "invalid_request",
        "The redirect URI '{redirect_uri}' specified in the request does not match the"
        " redirect URIs configured for the application '{client_id}'.",
        where="page",
    ),
    "900971": Aadsts("invalid_request", "No reply address provided.", where="page"),
    "900023": Aadsts(
        "invalid_request",
        "Specified tenant identifier '{tenant}' is neither a valid DNS name, nor a"
        " valid external domain.",
        where="page",
    ),
    "90002": Aadsts(
        "invalid_request",
        "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID"
        " and are signing into the correct cloud.",
        where="page",
    ),
    "50194": Aadsts(
        "invalid_request",
        "Application '{client_id}'({app}) is not configured as a multi-tenant"
        " application. Usage of the /common endpoint is not supported for such apps"
        " created after '10/15/2018'. Use a tenant-specific endpoint or configure the"
        " application to be multi-tenant.",
        where="page",
    ),
    "65005": Aadsts(
        "invalid_resource",
        "The application '{app}' asked for permissions to access a resource that it"
        " has not listed in its required resource access.",
    ),
    "650056": Aadsts("invalid_client", "Misconfigured application."),
    "650057": Aadsts("invalid_resource", "Invalid resource."),
    "650053": Aadsts(
        "invalid_client",
        "The application '{app}' asked for scope '{scope}' that doesn't exist on the"
        " resource '00000003-0000-0000-c000-000000000000'.",
    ),
    "70011": Aadsts(
        "invalid_scope",
        "The provided request must include a 'scope' input parameter.",
    ),
    "900144": Aadsts(
        "invalid_request",
        "The request body must contain the following parameter: '{parameter}'.",
    ),
    "70003": Aadsts(
        "unsupported_grant_type", "The app requested an unsupported grant type."
    ),
    "700054": Aadsts(
        "unsupported_response_type",
        "response_type '{response_type}' is not enabled for the application.",
    ),
    "9002313": Aadsts(_AGAIN, "Invalid request. Request is malformed or invalid."),
    "9002325": Aadsts(
        "invalid_request",
        "Proof Key for Code Exchange is required for authorization code redemption.",
    ),
    "501481": Aadsts(
        _AGAIN,
        "The Code_Verifier does not match the code_challenge supplied in the"
        " authorization request.",
    ),
    "500112": Aadsts(
        _AGAIN,
        "The reply address '{redirect_uri}' does not match the reply address provided"
        " when requesting Authorization code.",
    ),
    # it may work later
    "50033": Aadsts("server_error", "Retryable error.", status=500),
    "90006": Aadsts("server_error", "External server retryable error.", status=500),
    "90012": Aadsts("temporarily_unavailable", "Request has timed out.", status=503),
    "90024": Aadsts("temporarily_unavailable", "Transient error.", status=503),
    "90033": Aadsts(
        "temporarily_unavailable",
        "A transient error has occurred. Please try again.",
        status=503,
    ),
    "90090": Aadsts(
        "temporarily_unavailable", "Transient error of Microsoft Graph.", status=503
    ),
    "90055": Aadsts(
        "temporarily_unavailable", "There are too many incoming requests.", status=429
    ),
    "50196": Aadsts(
        _AGAIN,
        "The server terminated an operation because it encountered a client request"
        " loop. Please contact your app vendor.",
    ),
}

# Errors of Microsoft's sign-in without a number, by their OAuth name.
MICROSOFT_NAMED = {
    "interaction_required": Aadsts("interaction_required", "A person must sign in."),
    "login_required": Aadsts("login_required", "A person must sign in."),
    "consent_required": Aadsts("consent_required", "Consent is required."),
    "access_denied": Aadsts("access_denied", "The user declined."),
    "cancel": Aadsts("access_denied", "The user canceled the authentication."),
    "server_error": Aadsts("server_error", "Unexpected error.", status=500),
    "temporarily_unavailable": Aadsts(
        "temporarily_unavailable", "The service is busy.", status=503
    ),
    "invalid_grant": Aadsts(_AGAIN, "The grant is not valid."),
    "invalid_client": Aadsts("invalid_client", "The client is not valid.", status=401),
}

GRAPH = {
    "InvalidAuthenticationToken": Api(
        401, "InvalidAuthenticationToken", "Access token has expired or is not valid."
    ),
    "ErrorAccessDenied": Api(
        403, "ErrorAccessDenied", "Access is denied. Check credentials and try again."
    ),
    "Authorization_RequestDenied": Api(
        403,
        "Authorization_RequestDenied",
        "Insufficient privileges to complete the operation.",
    ),
    "ErrorSendAsDenied": Api(
        403,
        "ErrorSendAsDenied",
        "The user account which was used to submit this request does not have the right"
        " to send mail on behalf of the specified sending account., Cannot submit"
        " message.",
    ),
    "MailboxNotEnabledForRESTAPI": Api(
        404,
        "MailboxNotEnabledForRESTAPI",
        "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
    ),
    "ErrorQuotaExceeded": Api(
        403, "ErrorQuotaExceeded", "The mailbox has exceeded its storage quota."
    ),
    "ErrorExceededMessageLimit": Api(
        429,
        "ErrorExceededMessageLimit",
        "Cannot send mail. Follow the instructions in your Inbox to verify your"
        " account., WASCL UserAction verdict is not None.",
    ),
    "ErrorMessageSubmissionBlocked": Api(
        403,
        "ErrorMessageSubmissionBlocked",
        "Cannot send mail. Follow the instructions in your Inbox to verify your"
        " account.",
    ),
    "ErrorMessageSizeExceeded": Api(
        413, "ErrorMessageSizeExceeded", "The message exceeds the maximum size."
    ),
    "RequestEntityTooLarge": Api(
        413, "RequestEntityTooLarge", "The request is too large."
    ),
    "ErrorInvalidRecipients": Api(
        400,
        "ErrorInvalidRecipients",
        "At least one recipient is not valid., Recipient '{recipient}' is not"
        " resolved.",
    ),
    "ErrorMimeContentInvalidBase64String": Api(
        400,
        "ErrorMimeContentInvalidBase64String",
        "The MIME content is not a valid base64 string.",
    ),
    "ErrorInvalidUser": Api(
        404, "ErrorInvalidUser", "The requested user '{user}' is invalid."
    ),
    "ErrorItemNotFound": Api(
        404, "ErrorItemNotFound", "The specified object was not found in the store."
    ),
    "RequestBodyRead": Api(400, "RequestBodyRead", "{why}"),
    "BadRequest": Api(400, "BadRequest", "{why}"),
    "InvalidInternetMessageHeader": Api(
        400,
        "InvalidInternetMessageHeader",
        "The internet message header name '{header}' should start with 'x-' or 'X-'.",
    ),
    "InvalidInternetMessageHeaderCollection": Api(
        400,
        "InvalidInternetMessageHeaderCollection",
        "The maximum number of internet message headers is 5.",
    ),
    "429": Api(
        429,
        "ApplicationThrottled",
        "Application is over its MailboxConcurrency limit.",
    ),
    "500": Api(500, "ErrorInternalServerError", "An internal server error occurred."),
    "502": Api(502, "BadGateway", "Bad gateway."),
    "503": Api(503, "ErrorServerBusy", "The server is busy. Try again later."),
    "504": Api(504, "GatewayTimeout", "The operation timed out."),
}

_USAGE = {"domain": "usageLimits"}
GMAIL = {
    "authError": Api(
        401,
        "UNAUTHENTICATED",
        "Request had invalid authentication credentials. Expected OAuth 2 access token,"
        " login cookie or other valid authentication credential.",
        {"message": "Invalid Credentials"},
    ),
    "insufficientPermissions": Api(
        403,
        "PERMISSION_DENIED",
        "Request had insufficient authentication scopes.",
        {"message": "Insufficient Permission"},
    ),
    "accessNotConfigured": Api(
        403,
        "PERMISSION_DENIED",
        "Gmail API has not been used in this project before or it is disabled.",
        _USAGE,
    ),
    "domainPolicy": Api(
        403,
        "PERMISSION_DENIED",
        "The domain administrators have disabled Gmail apps.",
    ),
    "failedPrecondition": Api(400, "FAILED_PRECONDITION", "Mail service not enabled"),
    "rateLimitExceeded": Api(
        429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."
    ),
    "userRateLimitExceeded": Api(
        403, "RESOURCE_EXHAUSTED", "User Rate Limit Exceeded", _USAGE
    ),
    "mailSending": Api(
        429,
        "RESOURCE_EXHAUSTED",
        "User-rate limit exceeded.  Retry after {retry_time} (Mail sending)",
        {"reason": "rateLimitExceeded"},
    ),
    "dailyLimitExceeded": Api(
        403, "RESOURCE_EXHAUSTED", "Daily Limit Exceeded", _USAGE
    ),
    "invalidArgument": Api(400, "INVALID_ARGUMENT", "{why}"),
    "notFound": Api(404, "NOT_FOUND", "Requested entity was not found."),
    "413": Api(
        413,
        "INVALID_ARGUMENT",
        "Request Entity Too Large",
        {"reason": "uploadTooLarge"},
    ),
    "429": Api(
        429,
        "RESOURCE_EXHAUSTED",
        "Too many concurrent requests for user.",
        {"reason": "rateLimitExceeded", **_USAGE},
    ),
    "500": Api(500, "INTERNAL", "Internal error.", {"reason": "backendError"}),
    "502": Api(502, "UNAVAILABLE", "Bad gateway.", {"reason": "backendError"}),
    "503": Api(
        503,
        "UNAVAILABLE",
        "The service is currently unavailable.",
        {"reason": "backendError"},
    ),
    "504": Api(
        504, "DEADLINE_EXCEEDED", "Deadline exceeded.", {"reason": "backendError"}
    ),
}

# Google's sign-in: what the token endpoint answers, or what the page says.
GOOGLE = {
    "invalid_grant": Api(400, "invalid_grant", "Token has been expired or revoked."),
    "invalid_rapt": Api(
        400,
        "invalid_grant",
        "reauth related error (invalid_rapt)",
        {
            "error_subtype": "invalid_rapt",
            "error_uri": "https://support.google.com/a/answer/9368756",
        },
    ),
    "admin_policy_enforced": Api(
        400,
        "admin_policy_enforced",
        "Your Google Account is unable to authorize one or more of the requested scopes"
        " due to the policies of your Google Workspace administrator.",
    ),
    "account_disabled": Api(400, "invalid_grant", "Account has been deleted"),
    "org_internal": Api(
        403,
        "org_internal",
        "This client is restricted to users within its organization.",
    ),
    "access_denied": Api(
        403,
        "access_denied",
        "The app has not completed verification and is only open to test users.",
    ),
    "invalid_client": Api(
        401, "invalid_client", "The provided client secret is invalid."
    ),
    "client_not_found": Api(401, "invalid_client", "The OAuth client was not found."),
    "deleted_client": Api(401, "deleted_client", "The OAuth client was deleted."),
    "disabled_client": Api(401, "disabled_client", "The OAuth client was disabled."),
    "redirect_uri_mismatch": Api(
        400,
        "redirect_uri_mismatch",
        "The redirect URI in the request did not match a registered redirect URI.",
    ),
    "invalid_request": Api(400, "invalid_request", "{why}"),
    "invalid_scope": Api(
        400, "invalid_scope", "Some requested scopes were invalid. {why}"
    ),
    "unsupported_grant_type": Api(
        400, "unsupported_grant_type", "Invalid grant_type: {why}"
    ),
    "invalid_token": Api(400, "invalid_token", "Token expired or revoked"),
    "server_error": Api(500, "internal_failure", "Internal error."),
    "429": Api(429, "rate_limit_exceeded", "Too many requests."),
    "500": Api(500, "internal_failure", "Internal error."),
    "503": Api(503, "backend_error", "The service is unavailable."),
}
