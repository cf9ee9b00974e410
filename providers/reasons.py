"""The reasons that a user can be told. Their texts, translated, are Odoo's business."""

from enum import Enum


class Reason(str, Enum):
    """Why a sign-in or a send did not work; the value is the key of the user's text."""

    # the way to the server
    HOST_NOT_FOUND = "host_not_found"
    DNS_SILENT = "dns_silent"
    ADDRESS_FORBIDDEN = "address_forbidden"
    THIS_MACHINE_FORBIDDEN = "this_machine_forbidden"
    PRIVATE_NETWORK_FORBIDDEN = "private_network_forbidden"
    PORT_FILTERED = "port_filtered"
    PORT_CLOSED = "port_closed"
    WRONG_ENCRYPTION = "wrong_encryption"
    ENCRYPTION_TOO_OLD = "encryption_too_old"
    CERTIFICATE_NOT_TRUSTED = "certificate_not_trusted"
    CERTIFICATE_WRONG_HOST = "certificate_wrong_host"
    CERTIFICATE_EXPIRED = "certificate_expired"
    CONNECTION_LOST = "connection_lost"
    SERVER_SILENT = "server_silent"
    ANSWER_TOO_LONG = "answer_too_long"
    NOT_A_MAIL_SERVER = "not_a_mail_server"
    CLIENT_REFUSED = "client_refused"
    PROVIDER_DOWN = "provider_down"
    # signing in
    AUTH_NOT_OFFERED = "auth_not_offered"
    WRONG_PASSWORD = "wrong_password"  # nosec B105 # a name
    APP_PASSWORD_NEEDED = "app_password_needed"  # nosec B105 # a name
    SIGN_IN_DISABLED = "sign_in_disabled"
    SENT_FOLDER_NOT_FOUND = "sent_folder_not_found"
    CREDENTIAL_LOST = "credential_lost"
    KEY_UNUSABLE = "key_unusable"
    DATABASE_COPIED = "database_copied"
    SIGN_IN_AGAIN = "sign_in_again"
    # sending
    SENDER_REFUSED = "sender_refused"
    SENDER_DOMAIN = "sender_domain"
    RELAY_DENIED = "relay_denied"
    SEND_AS_DENIED = "send_as_denied"
    ALIAS_NOT_VERIFIED = "alias_not_verified"
    RECIPIENT_REFUSED = "recipient_refused"
    MESSAGE_REFUSED = "message_refused"
    MESSAGE_TOO_LARGE = "message_too_large"
    ADDRESS_INVALID = "address_invalid"
    ADDRESS_NOT_SUPPORTED = "address_not_supported"
    MAILBOX_BLOCKED = "mailbox_blocked"
    DAILY_LIMIT = "daily_limit"
    SENDING_LIMIT = "sending_limit"
    TOO_FAST = "too_fast"
    DEFERRED = "deferred"
    ALL_PUT_OFF = "all_put_off"
    PACED = "paced"
    MAYBE_SENT = "maybe_sent"
    # reading what comes back
    READING_FAILED = "reading_failed"
    # signing in at Microsoft or Google
    SIGN_IN_CANCELLED = "sign_in_cancelled"
    SIGN_IN_EXPIRED = "sign_in_expired"
    CALLBACK_INVALID = "callback_invalid"
    SIGN_IN_FREQUENCY = "sign_in_frequency"
    APPROVAL_REQUIRED = "approval_required"
    CONSENT_MISSING = "consent_missing"
    PERMISSION_MISSING = "permission_missing"
    USER_NOT_ASSIGNED = "user_not_assigned"
    POLICY_BLOCKED = "policy_blocked"
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_UNKNOWN = "account_unknown"
    ACCOUNT_OF_ANOTHER_TENANT = "account_of_another_tenant"
    SERVICE_DISABLED = "service_disabled"
    SIGN_IN_SERVER = "sign_in_server"
    WORKSPACE_BLOCKED = "workspace_blocked"
    ORG_INTERNAL = "org_internal"
    # the app's registration, by what is wrong in it
    APP_MISCONFIGURED = "app_misconfigured"
    APP_REDIRECT_URI = "app_redirect_uri"
    APP_PLATFORM = "app_platform"
    APP_CLIENT_ID = "app_client_id"
    APP_TENANT = "app_tenant"
    APP_ONE_TENANT = "app_one_tenant"
    APP_PERSONAL_ACCOUNTS = "app_personal_accounts"
    APP_PERMISSION = "app_permission"
    APP_CREDENTIALS = "app_credentials"
    APP_DELETED = "app_deleted"
    APP_DISABLED = "app_disabled"
    APP_TESTERS = "app_testers"
    APP_SECRET_WRONG = "app_secret_wrong"  # nosec B105 # a name
    APP_SECRET_LOST = "app_secret_lost"  # nosec B105 # a name
    APP_SECRET_EXPIRED = "app_secret_expired"  # nosec B105 # a name
    APP_CERTIFICATE = "app_certificate"
    API_NOT_ENABLED = "api_not_enabled"
    # sending through them
    APP_QUOTA = "app_quota"
    NO_MAILBOX = "no_mailbox"
    MAILBOX_FULL = "mailbox_full"
    SHARED_ACCESS_DENIED = "shared_access_denied"

    def __str__(self) -> str:
        return self.value
