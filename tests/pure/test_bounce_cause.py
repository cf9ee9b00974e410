"""What a bounce means; only proof gives an address up, or breaks a mailbox."""

import re
from pathlib import Path

import pytest
from account_email_connector.providers.incoming import Bounce, parse
from account_email_connector.providers.mail.about_us import outcome_of
from account_email_connector.providers.mail.cause import Cause, cause_of
from account_email_connector.providers.outcomes import AdminActionRequired, Throttled
from account_email_connector.providers.reasons import Reason
from account_email_connector.providers.smtp.codes import enhanced_code
from account_email_connector.providers.smtp.rule import DAY, HOUR
from bounce_samples import NOTICES, STATUS, report
from hypothesis import given, settings
from hypothesis import strategies as st
from incoming_samples import CUSTOMER
from test_smtp_replies import ROWS as REPLIES
from whose import FULL, PROOFS, THEIRS, TROUBLE, said_of_us

# (status, words): as Postfix, Exim, Sendmail, qmail, Exchange Online, Gmail, Yahoo and
# hosters were seen to say it; the sources stand in the table itself.
SAID = {
    Cause.ADDRESS: [
        ("5.1.1", "550 5.1.1 <spf@buyer.example>: user unknown"),
        ("5.1.1", "550-5.1.1 user unknown; see https://spam.example/policy"),
        ("", "550 host mx.barracuda.example[203.0.113.9] said: 550 user unknown"),
        ("5.0.0", "550 Your message was not delivered: user unknown"),
        ("5.1.1", "550 5.1.1 User unknown"),
        ("5.1.1", ""),
        ("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found"),
        ("5.1.2", "550 Host unknown"),
        ("5.1.3", "553 5.1.3 bad address syntax"),
        ("5.1.6", "551 5.1.6 recipient no longer on server"),
        ("5.1.1", "550-5.1.1 The email account that you tried to reach does not exist"),
        ("5.2.1", "550 5.2.1 The email account that you tried to reach is disabled."),
        ("5.0.0", "550 5.1.1 unknown"),
        ("5.0.0", "550 No such user here"),
        ("", "550 Unrouteable address"),
        ("", "Sorry, no mailbox here by that name."),
        ("5.5.0", "550 Requested action not taken: mailbox not found"),
        ("5.0.0", "554 delivery error: This user doesn't exist - invalid mailbox"),
        ("5.4.4", "Host or domain name not found. Name service error for name=x"),
        ("5.4.310", "550 5.4.310 DNS domain does not exist"),
    ],
    Cause.FULL: [
        ("5.2.2", "552 5.2.2 mailbox full, over quota"),
        ("4.2.2", "452 4.2.2 The email account is over quota"),
        ("5.0.0", "recipient reached disk quota"),
        ("5.1.1", "550 5.1.1 mailbox is full"),
        ("", "User's mailbox is full"),
        ("5.5.0", "552 Requested mail action aborted: exceeded storage allocation"),
        ("5.2.0", "STOREDRV.Deliver; QuotaExceeded"),
        ("4.3.1", "452 4.3.1 Insufficient system storage"),
    ],
    Cause.TOO_LARGE: [
        ("5.3.4", "552 5.3.4 message too large"),
        ("5.2.3", "550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large"),
        ("5.0.0", "552 Message size exceeds fixed maximum message size"),
        ("", "523 the message size exceeds the limit"),
    ],
    Cause.EXPIRED: [
        ("4.4.7", "421 4.4.7 delivery time expired"),
        ("5.4.7", "554 5.4.7 [internal] message too old"),
        ("5.4.300", "550 5.4.300 Message expired"),
        ("4.4.1", "connect to mx.x.example[203.0.113.7]:25: Connection timed out"),
        ("4.4.3", "Host or domain name not found. Name service error: try again"),
        ("5.0.0", "retry timeout exceeded"),
    ],
    Cause.BLOCKED: [
        ("5.7.1", "550 5.7.1 Sender blocked by recipient's personal blocklist"),
        ("", "550 sender rejected by recipient's allow list"),
        ("5.1.1", "550 5.1.1 sender denied by user rule"),
        ("", "550 sender is on the recipient's block list"),
        ("5.7.0", "550 5.7.0 message with spf=pass dkim=pass rejected as bulk, policy"),
        ("5.7.1", "554 5.7.1 blocked using a blocklist, see https://x.example"),
        ("5.7.1", "550 5.7.1 message content rejected"),
        ("5.7.133", "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup"),
        ("5.1.1", "550 5.1.1 rejected as spam"),
        ("5.1.0", "550 5.1.0 rejected by policy, user unknown"),
        ("", "550 high probability of spam"),
        ("4.7.1", "450 4.7.1 greylisted, try again later"),
        ("5.7.0", "552-5.7.0 This message was blocked because its content"),
        ("", "554 Service unavailable; Client host blocked using zen.spamhaus.org"),
    ],
    Cause.US: [
        ("", "550 Your sender domain does not exist"),
        ("", "550 return address does not exist"),
        ("5.0.0", "550 Message count quota exceeded"),
        ("5.7.1", "554 5.7.1 Number messages per hour exceeded"),
        ("5.1.1", "550 5.1.1 Sender address rejected: user unknown"),
        (
            "5.7.1",
            "554 5.7.1 Recipient address rejected: Policy Rejection - Quota Exceeded.",
        ),
        ("5.2.1", "550 5.2.1 Your mailbox is disabled for sending"),
        ("5.7.232", "550 5.7.232 tenant has exceeded its external recipient limit"),
        ("5.7.236", "550 5.7.236 onmicrosoft.com"),
        ("5.7.233", ""),
        ("5.1.8", "550 5.1.8 Access denied, bad outbound sender"),
        ("5.1.90", "550 5.1.90 Your message can't be sent because of your limit"),
        ("5.7.26", "550-5.7.26 Your email has been blocked because unauthenticated"),
        ("5.7.515", "550 5.7.515 Access denied, does not meet the required level"),
        ("5.7.501", "550 5.7.501 Access denied, spam abuse detected"),
        ("5.7.705", "550 5.7.705 tenant has exceeded threshold"),
        ("5.7.708", ""),
        (
            "5.7.750",
            "550 5.7.750 Client blocked from sending from unregistered domains",
        ),
        ("5.7.606", "550 5.7.606 Access denied, banned sending IP"),
        ("5.4.5", "550 5.4.5 Daily user sending limit exceeded"),
        ("5.2.252", "550 5.2.252 SendAsDenied"),
        (
            "5.7.60",
            "550 5.7.60 Client does not have permissions to send as this sender",
        ),
        ("", "550 Domain x has exceeded the max emails per hour (200/200) allowed"),
        ("5.0.0", "552 daily sending limit reached"),
        ("5.1.1", "550 5.1.1 hourly limit of your account"),
        ("5.7.1", "554 5.7.1 <a@b.example>: Relay access denied"),
        ("5.1.0", "550 5.1.0 <a@b.example>: Sender address rejected: not found"),
        ("5.5.4", "550 Sender address is not allowed."),
        ("", "550 SPF check failed"),
        ("4.7.0", "421 4.7.0 unauthenticated email is rate limited: DKIM"),
    ],
    Cause.SOFT: [
        ("", "554 Rejected, see https://help.example/errors/user-unknown"),
        ("5.1.1", "550 5.1.1 recipient unknown: LDAP timeout"),
        ("5.1.1", "550 5.1.1 Mailbox temporarily disabled"),
        ("5.4.4", "5.4.4 temporary DNS failure: host not found"),
        ("", "550 user lookup failed: recipient unknown because LDAP is down"),
        ("", "550 HELO host name not found"),
        ("", "550 too many unknown users from your ip"),
        ("5.2.2", "552 5.2.2 Sender mailbox full"),
        ("5.1.1", "550 5.1.1 Limite d'envoi par heure atteinte"),
        ("", ""),
        ("5.0.0", "554 Transaction failed"),
        ("4.2.1", "450 4.2.1 receiving mail at a rate that prevents"),
        ("5.3.0", "553 5.3.0 cannot be processed"),
        ("4.1.1", "450 4.1.1 user unknown, unverified"),
        ("", "450 mailbox unavailable, user unknown for now"),
        ("5.4.6", "5.4.6 too many hops"),
        ("9.9.9", "550 something"),
        ("5.2.1", "550 5.2.1 mailbox does not accept messages now"),
    ],
}
ALL = [(m, status, words) for m, said in SAID.items() for status, words in said]


@pytest.mark.parametrize("cause, status, words", ALL)
def test_what_it_means(cause, status, words):
    assert cause_of(status, words) is cause


def _texts():
    """(cause, status, words, source) of what bounces of this world say."""
    source = ""
    for line in Path(__file__).with_name("bounce_texts.txt").read_text().split("\n"):
        if line.startswith("https://"):
            source = line
        elif line and not line.startswith("#"):
            said, _is, meant = line.rpartition(" = ")
            status, words = said.split(maxsplit=1)
            yield Cause[meant], status.strip("-"), words, source


TEXTS = list(_texts())


@pytest.mark.parametrize("cause, status, words, source", TEXTS)
def test_what_the_world_says(cause, status, words, source):
    assert source
    assert cause_of(status, words) is cause


# The same words in a reply have the same reason: providers/smtp/codes.py
MAILBOX = [
    ("5.7.232", "550 5.7.232 tenant exceeded", Reason.DAILY_LIMIT, DAY),
    ("5.7.233", "", Reason.DAILY_LIMIT, DAY),
    ("5.7.236", "554 5.7.236 onmicrosoft.com", Reason.DAILY_LIMIT, DAY),
    ("5.4.5", "550-5.4.5 Daily user sending limit", Reason.DAILY_LIMIT, DAY),
    ("5.0.0", "552 daily sending limit reached", Reason.DAILY_LIMIT, DAY),
    ("", "550 exceeded the max emails per hour", Reason.SENDING_LIMIT, HOUR),
    ("5.1.8", "550 5.1.8 bad outbound sender", Reason.MAILBOX_BLOCKED, None),
    ("5.7.708", "", Reason.MAILBOX_BLOCKED, None),
    ("5.7.750", "550 5.7.750 unregistered domains", Reason.MAILBOX_BLOCKED, None),
    ("5.7.501", "550 5.7.501 spam abuse detected", Reason.MAILBOX_BLOCKED, None),
    ("5.7.26", "550-5.7.26 unauthenticated", Reason.SENDER_DOMAIN, None),
    ("5.7.515", "550 5.7.515 Access denied", Reason.SENDER_DOMAIN, None),
    ("5.2.252", "550 5.2.252 SendAsDenied", Reason.SEND_AS_DENIED, None),
    ("5.7.60", "550 5.7.60 permissions to send as", Reason.SEND_AS_DENIED, None),
    ("5.2.0", "554 5.2.0 SendAsDeniedException", Reason.SEND_AS_DENIED, None),
    ("5.7.606", "550 5.7.606 banned sending IP", Reason.CLIENT_REFUSED, None),
]


@pytest.mark.parametrize("status, words, reason, wait", MAILBOX)
def test_what_the_mailbox_does_about_it(status, words, reason, wait):
    outcome = outcome_of(status, words)
    assert (outcome.reason, outcome.retry_after) == (reason, wait)
    assert type(outcome) is (Throttled if wait else AdminActionRequired)
    assert cause_of(status, words) is Cause.US


@pytest.mark.parametrize(
    "status, words",
    [
        ("5.7.1", "554 5.7.1 <a@b.example>: Relay access denied"),
        ("5.7.1", "554 5.7.1 Client host rejected: Access denied"),
        ("5.7.1", "550 5.7.1 SPF check failed"),
        ("5.1.0", "550 5.1.0 <a@b.example>: Sender address rejected: not found"),
        ("", "550 Sender verify failed"),
        ("4.7.0", "421 4.7.0 unauthenticated email is rate limited: DKIM"),
        ("5.1.1", "550 5.1.1 User unknown"),
        ("", ""),
    ],
)
def test_what_may_be_one_server_s_opinion_moves_no_mailbox(status, words):
    assert outcome_of(status, words) is None


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=300), st.sampled_from(["", "5.0.0", "5.1.0", "5.7.1", "4.7.0"]))
def test_words_that_nobody_has_seen_break_nothing(words, status):
    assert not isinstance(outcome_of(status, words), AdminActionRequired)


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=300), st.sampled_from(["", "5.0.0", "5.5.0", "5.3.0", "4.1.1"]))
def test_words_that_nobody_has_seen_give_no_address_up(words, status):
    assert cause_of(status, words) is not Cause.ADDRESS


@pytest.mark.parametrize(
    ("stage", "code", "words", "kind", "reason", "source"),
    [row for row in REPLIES if row[1] >= 500 and row[0] in ("mail", "rcpt", "dot")],
)
def test_a_reply_means_the_same_in_a_bounce(stage, code, words, kind, reason, source):
    """What stops or slows the mailbox gives no address up."""
    cause = cause_of(enhanced_code(words), f"{code} {words}")
    if kind == "Throttled":
        assert cause is Cause.US
    if kind != "Rejected":
        assert cause is not Cause.ADDRESS or "mail action aborted" in words
    assert reason in ("RECIPIENT_REFUSED", "MESSAGE_TOO_LARGE") or (
        cause not in (Cause.ADDRESS, Cause.TOO_LARGE)
    )


STATUSES = st.sampled_from(
    ["", "5.0.0", "5.1.0", "5.1.1", "5.1.2", "5.2.1", "5.4.4", "5.7.1"]
)


@settings(max_examples=400, derandomize=True, deadline=None)
@given(STATUSES, said_of_us())
def test_a_proof_about_our_own_address_gives_nobody_up(status, words):
    assert cause_of(status, f"550 {words}") not in (Cause.ADDRESS, Cause.FULL)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(STATUSES, st.sampled_from(PROOFS), st.sampled_from(TROUBLE))
def test_a_server_that_is_ill_gives_nobody_up(status, proof, trouble):
    assert cause_of(status, f"550 {proof}: {trouble}") is not Cause.ADDRESS


@settings(derandomize=True, deadline=None)
@given(st.sampled_from(["", "5.0.0", "5.1.0"]), st.sampled_from(THEIRS))
def test_a_proof_about_the_recipient_is_one(status, theirs):
    for proof in PROOFS:
        assert cause_of(status, f"550 {theirs.format(proof)}") is Cause.ADDRESS
    for proof in FULL:
        assert cause_of(status, f"550 {theirs.format(proof)}") is Cause.FULL


NAMES = ["spf", "spam", "blocked", "policy", "user-unknown", "sender.rejected", "full"]


@settings(derandomize=True, deadline=None)
@given(
    st.sampled_from(TEXTS),
    st.sampled_from(NAMES),
    st.sampled_from(["dmarc.example", "no-such-user.example", "blocklist.example"]),
)
def test_the_name_of_a_customer_changes_nothing(row, name, domain):
    cause, status, words, _source = row
    named = re.sub(r"[\w.-]+@[\w.-]+\w", f"{name}@{domain}", words)
    assert (
        cause_of(status, f"{named} <{name}@{domain}> https://{domain}/{name}") is cause
    )
    said = f"host mx.{domain}[203.0.113.9] said: {words}"
    assert cause_of(status, said) is cause


@pytest.mark.parametrize(
    "words",
    [words for m in (Cause.US, Cause.FULL, Cause.BLOCKED) for _s, words in SAID[m]],
)
def test_words_against_it_win_over_a_code_of_an_address(words):
    """Servers say 550 5.1.1 for nearly everything."""
    bare = words.replace("5.1.1", "").strip()
    if any(char.isalpha() for char in bare):
        assert cause_of("5.0.0", f"550 {bare}") is not Cause.ADDRESS


def test_a_bounce_has_it():
    found = parse(report())
    assert (type(found), found.cause) == (Bounce, Cause.ADDRESS)
    full = (
        report()
        .replace(b"5.1.1 unknown", b"5.2.2 over quota")
        .replace(b"Status: 5.1.1", b"Status: 5.2.2")
    )
    assert parse(full).cause is Cause.FULL


def test_each_recipient_has_a_reason_of_its_own():
    """Whose mailbox is full is not struck out with another who does not exist."""
    other = "Final-Recipient: rfc822; b@x.example\nAction: failed\nStatus: 5.2.2\n"
    found = parse(report(f"{STATUS}\n{other}"))
    assert found.recipients == (CUSTOMER, "b@x.example")
    assert found.by_cause() == {
        Cause.ADDRESS: (CUSTOMER,),
        Cause.FULL: ("b@x.example",),
    }


def test_of_several_in_one_notice_who_is_meant_stays_open():
    one = NOTICES["qmail"]
    assert parse(one).cause is Cause.ADDRESS
    two = one.replace(
        f"<{CUSTOMER}>:".encode(), f"<b@x.example>:\n<{CUSTOMER}>:".encode()
    )
    assert set(parse(two).recipients) == {CUSTOMER, "b@x.example"}
    assert parse(two).cause is Cause.SOFT


def test_an_ip_address_is_no_status():
    assert cause_of("", "host mx[4.25.134.7] said: 550 user unknown") is Cause.ADDRESS
    assert cause_of("", "said: 550 user unknown (#5.1.1).") is Cause.ADDRESS
