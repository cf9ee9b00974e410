"""What the numbers of Microsoft's identity platform mean, by kind.

Microsoft may change them at any time; :mod:`.codes` goes by ``suberror`` and ``error``
where a number is not here.
https://learn.microsoft.com/entra/identity-platform/reference-error-codes
"""

from ..oauth.meaning import Meaning
from ..outcomes import (
    AdminActionRequired,
    SignInRequired,
    Throttled,
    Unavailable,
)
from ..reasons import Reason


def _administrator(reason: Reason) -> Meaning:
    return Meaning(AdminActionRequired, reason)


SIGN_IN_AGAIN = Meaning(SignInRequired, Reason.SIGN_IN_AGAIN)
SIGN_IN_CANCELLED = Meaning(SignInRequired, Reason.SIGN_IN_CANCELLED)
CONSENT_MISSING = _administrator(Reason.CONSENT_MISSING)
APPROVAL_REQUIRED = _administrator(Reason.APPROVAL_REQUIRED)
SIGN_IN_FREQUENCY = Meaning(SignInRequired, Reason.SIGN_IN_FREQUENCY)
POLICY_BLOCKED = _administrator(Reason.POLICY_BLOCKED)
ACCOUNT_UNKNOWN = _administrator(Reason.ACCOUNT_UNKNOWN)
SERVICE_DISABLED = _administrator(Reason.SERVICE_DISABLED)
ACCOUNT_DISABLED = _administrator(Reason.ACCOUNT_DISABLED)
APP_MISCONFIGURED = _administrator(Reason.APP_MISCONFIGURED)
APP_PERSONAL = _administrator(Reason.APP_PERSONAL_ACCOUNTS)
PROVIDER_DOWN = Meaning(Unavailable, Reason.PROVIDER_DOWN)
TOO_FAST = Meaning(Throttled, Reason.TOO_FAST, wait=60, spread=30)

_KINDS: tuple[tuple[Meaning, tuple[int, ...]], ...] = (
    # A person has to sign in again: which session or account, password, second factor
    (SIGN_IN_AGAIN, (16001, 16002, 160021, 50058, 50064, 50085, 50089, 50132, 50133)),
    (SIGN_IN_AGAIN, (50135, 50136, 50139, 50140, 50143, 50168, 50173, 50180, 50192)),
    (SIGN_IN_AGAIN, (50197, 50199, 51006, 54005, 70000, 70008, 700005, 700020, 70019)),
    (SIGN_IN_AGAIN, (700082, 501481, 140000, 140001, 90119, 90120)),
    (SIGN_IN_AGAIN, (50053, 50055, 50056, 50125, 50126, 50144, 80012, 80013)),
    (SIGN_IN_AGAIN, (120000, 120002, 120003, 120004, 120005, 120008, 120011, 120012)),
    (SIGN_IN_AGAIN, (120016, 120018, 120020)),
    (SIGN_IN_AGAIN, (50072, 50074, 50076, 50078, 50079, 50086, 500121, 50158)),
    (SIGN_IN_AGAIN, (130004, 130005, 130006, 17003)),
    (SIGN_IN_AGAIN, (81004, 81005, 81006, 81007, 81009, 81010, 81011, 81012)),
    # of the token, of the session: https://login.microsoftonline.com/error?code=70044
    (SIGN_IN_FREQUENCY, (70043, 70044)),
    # The person went back: perhaps to wait for an approval, so never "you refused"
    (SIGN_IN_CANCELLED, (65004,)),
    # Consent and approval
    (CONSENT_MISSING, (65001, 90008, 9002341)),
    (APPROVAL_REQUIRED, (90093, 90094, 90095, 90099, 900941, 900981)),
    (_administrator(Reason.USER_NOT_ASSIGNED), (50105,)),
    # Policies: of the device, of Conditional Access, between tenants, of age
    (POLICY_BLOCKED, (50005, 50097, 50127, 50129, 50155, 50187, 130007, 130008)),
    (POLICY_BLOCKED, (135011, 221000, 240001)),
    (POLICY_BLOCKED, (50131, 50161, 50170, 50177, 50178, 53000, 53001, 53002, 53003)),
    (POLICY_BLOCKED, (53004, 53010, 53011, 530003, 530032, 530034, 530035)),
    (POLICY_BLOCKED, (50002, 500021, 500022, 500212, 500213, 1000104, 90084, 90123)),
    (POLICY_BLOCKED, (50015, 54000)),
    # a device that was deleted, a kind of account that this service does not know
    (POLICY_BLOCKED, (700003, 500207)),
    # The account
    (ACCOUNT_DISABLED, (50057, 500571, 120014, 120015)),
    (ACCOUNT_UNKNOWN, (50034, 500341, 51004, 90125, 90126)),
    (
        _administrator(Reason.ACCOUNT_OF_ANOTHER_TENANT),
        (16000, 16003, 50014, 50020, 500208, 90072),
    ),
    # What the tenant lacks, or its own server for signing in
    (SERVICE_DISABLED, (50001, 500011, 500014, 51000, 650052, 650054, 90085)),
    # The tenant itself is blocked: https://aka.ms/TenantLifecycle
    (SERVICE_DISABLED, (5000224, 5000225)),
    (
        _administrator(Reason.SIGN_IN_SERVER),
        (20001, 20012, 20033, 40008, 40009, 40015, 50006, 50008, 5000819, 50017)
        + (50107, 50169, 80007, 80010, 90081, 90082, 90086, 90087),
    ),
    # The app's registration
    (_administrator(Reason.APP_SECRET_WRONG), (50012, 70002, 7000215)),
    (_administrator(Reason.APP_SECRET_EXPIRED), (7000222,)),
    # not uploaded, removed, or over; a signature that is of another one
    (_administrator(Reason.APP_CERTIFICATE), (700027, 1000502)),
    (
        _administrator(Reason.APP_REDIRECT_URI),
        (50011, 500112, 500113, 70004, 90102, 900971),
    ),
    (
        _administrator(Reason.APP_ONE_TENANT),
        (50059, 50194, 9001023, 90124, 90130),
    ),
    (APP_PERSONAL, (500201, 9002332, 90027)),
    (
        _administrator(Reason.APP_TENANT),
        (50029, 50049, 50128, 90002, 900023, 90019, 90038, 900382, 90043, 900432)
        + (90051,),
    ),
    (_administrator(Reason.APP_CLIENT_ID), (65002, 70001, 700011, 700016)),
    (_administrator(Reason.APP_DISABLED), (7000112, 1000031)),
    (
        _administrator(Reason.APP_PERMISSION),
        (28002, 28003, 65005, 650053, 650056, 650057, 70011, 700022, 700023),
    ),
    # https://github.com/AzureAD/microsoft-authentication-library-for-js/issues/2458
    (
        _administrator(Reason.APP_PLATFORM),
        (700025, 7000218, 700084, 9002325, 9002326, 9002327),
    ),
    (
        APP_MISCONFIGURED,
        (50003, 50007, 50010, 50146, 501461, 70003, 700030, 70005, 700054)
        + (70007, 7000114, 900144, 90023, 9002313),
    ),
    # Microsoft's own trouble, or that of a server it asks: over at the next try
    (PROVIDER_DOWN, (40010, 50000, 50033, 50087, 50166, 501621, 51005, 70012)),
    (PROVIDER_DOWN, (80001, 80002, 80005, 80014, 120013, 120021, 230109, 220501)),
    (PROVIDER_DOWN, (90006, 90012, 90024, 90025, 90033, 90036, 90090, 90091, 90092)),
    (TOO_FAST, (50088, 50196, 90055)),
)
AADSTS = {number: meaning for meaning, numbers in _KINDS for number in numbers}

#: What Conditional Access says has these numbers, and more of them year by year.
OF_POLICIES = (range(53000, 53100), range(530000, 531000))


def meaning_of(number: int) -> Meaning | None:
    """What *number* means; None if nobody has told."""
    if any(number in family for family in OF_POLICIES):
        return AADSTS.get(number, POLICY_BLOCKED)
    return AADSTS.get(number)


#: What Microsoft promises to keep: OAuth's own words, and what its libraries go by.
#: https://learn.microsoft.com/dotnet/api/microsoft.identity.client.uirequiredexceptionclassification
IDENTITY_ERRORS = {
    "access_denied": SIGN_IN_CANCELLED,
    "bad_token": SIGN_IN_AGAIN,
    "basic_action": SIGN_IN_AGAIN,
    "cancel": SIGN_IN_CANCELLED,
    "consent_required": CONSENT_MISSING,
    "device_authentication_failed": POLICY_BLOCKED,
    "interaction_required": SIGN_IN_AGAIN,
    "invalid_client": APP_MISCONFIGURED,
    "invalid_grant": SIGN_IN_AGAIN,
    "invalid_request": APP_MISCONFIGURED,
    "invalid_resource": APP_MISCONFIGURED,
    "invalid_scope": _administrator(Reason.APP_PERMISSION),
    "invalid_tenant": _administrator(Reason.APP_TENANT),
    "login_required": SIGN_IN_AGAIN,
    "message_only": POLICY_BLOCKED,  # "cannot be resolved"; the page only says why
    "protection_policy_required": POLICY_BLOCKED,
    "server_error": PROVIDER_DOWN,
    "temporarily_unavailable": PROVIDER_DOWN,
    "token_expired": SIGN_IN_AGAIN,
    "unauthorized_client": APP_MISCONFIGURED,
    "unsupported_grant_type": APP_MISCONFIGURED,
    "unsupported_response_type": APP_MISCONFIGURED,
    "user_password_expired": SIGN_IN_AGAIN,
}
#: Words (patterns, of small letters) that say more than the number or error beside
#: them: for the most part what no sign-in mends, whatever ``error`` they come with.
IDENTITY_WORDS = {
    # https://support.nylas.com/hc/en-us/articles/31722903701533
    "service abuse mode": _administrator(Reason.MAILBOX_BLOCKED),
    # https://github.com/microsoftgraph/msgraph-sample-nodeexpressapp/issues/152
    "not enabled for consumers": APP_PERSONAL,
    # https://github.com/dotnet/AspNetCore.Docs/issues/19795
    "'useraudience' configuration": APP_PERSONAL,
    # https://github.com/heymind/OneDrive-Index-Cloudflare-Worker/issues/51
    "'single-page application'": _administrator(Reason.APP_PLATFORM),
    # https://learn.microsoft.com/answers/questions/5781383/aadsts5000225-this-tenant-has-been-blocked-due-to
    "tenant (is|has been) (blocked|deactivated|disabled)": SERVICE_DISABLED,
    # https://login.microsoftonline.com/error?code=500341
    "account .{1,200} deleted from the ": ACCOUNT_UNKNOWN,
    # https://login.microsoftonline.com/error?code=700003
    "deleted this device|device object was not found": POLICY_BLOCKED,
    "sign-in frequency": SIGN_IN_FREQUENCY,
}
#: Numbers beside which another one, or the suberror, tells what it was:
#: https://github.com/PartnerCenterSamples/Reseller-Web-Application/issues/73
GENERAL = {50012, 70000, 70001, 70002, 90023}
