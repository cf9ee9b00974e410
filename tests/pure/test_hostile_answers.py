"""Thousands of dialogues that nobody has thought of end cheaply, and with a word."""

import base64
import io
import json
import re
import time

import pytest
import urllib3
from account_email_connector.providers.google import signin as google_signin
from account_email_connector.providers.google.mailbox import GoogleMailbox
from account_email_connector.providers.imap import session as imap_session
from account_email_connector.providers.imap.inbox import Inbox
from account_email_connector.providers.imap.sent import SentFolder
from account_email_connector.providers.microsoft import signin as microsoft_signin
from account_email_connector.providers.microsoft.mailbox import MicrosoftMailbox
from account_email_connector.providers.oauth.app import OAuthApp
from account_email_connector.providers.outcomes import Outcome
from account_email_connector.providers.smtp import ports
from account_email_connector.providers.smtp import session as smtp_session
from account_email_connector.providers.smtp.mailbox import SmtpMailbox, SmtpSettings
from account_email_connector.providers.smtp.ports import probe_port
from hostile import Line, cheap
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mail_helpers import compose
from oauth_samples import an_email, google_token, microsoft_token
from oauth_server import ANNA, CLIENT_ID, CLIENT_SECRET

LONGEST = 300_000


def examples(number):
    """So many, the same each time, and as slow as the machine is."""
    return settings(
        max_examples=number,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def repeated(piece, times):
    """*piece*, so often or until it is long."""
    return piece * min(times, LONGEST // max(len(piece), 1))


def words_of(*known):
    """Pieces of a language, in any order and number, nested and repeated."""
    piece = st.one_of(st.sampled_from(known), st.binary(max_size=6))
    return st.recursive(
        piece,
        lambda inner: st.one_of(
            st.lists(inner, max_size=5).map(b"".join),
            st.builds(repeated, inner, st.sampled_from([2, 3, 30, 999, 50_000])),
        ),
        max_leaves=8,
    )


# -- SMTP ----------------------------------------------------------------------------

CODES = [b"220", b"250", b"235", b"334", b"354", b"421", b"451", b"535", b"550", b"999"]
WORDS = words_of(
    *(b" ", b"-", b"\r\n", b"\n", b"\0", b"\xff", b"=", b"AUTH PLAIN LOGIN CRAM-MD5"),
    *(b"AUTH CRAM-MD5", b"AUTH LOGIN", b"SIZE 9", b"SIZE 99999999", b"SMTPUTF8"),
    *(b"8BITMIME", b"5.7.8", b"4.7.0 ", b"<a@b.outlook.com>", b"YWJj", b"try later"),
    *(b"too many", b"app password", b"((", b"250-", b"250 ", b"-ERR", b"HTTP/1.1"),
)
LINE = st.builds(
    lambda code, sign, words: code + sign + words + b"\r\n",
    st.sampled_from(CODES),
    st.sampled_from([b" ", b" ", b"-", b""]),
    WORDS,
)
GOOD_HELLO = b"250-hello\r\n250-SIZE 99999999\r\n250 AUTH PLAIN LOGIN CRAM-MD5\r\n"
REPLY = st.one_of(
    st.lists(LINE, min_size=1, max_size=3).map(b"".join),
    WORDS,
    st.sampled_from([b"", b"250 ok\r\n", GOOD_HELLO, b"334 YWJj\r\n"]),
)
# what a good server would say, so that the odd thing comes late, too
SMTP_DIALOGUE = [b"220 hi\r\n", GOOD_HELLO, b"235 ok\r\n", *[b"250 ok\r\n"] * 2]
SMTP_DIALOGUE += [b"354 go\r\n", b"250 ok\r\n"]


class SmtpServer:
    """Says what a good one would, but for some of its turns."""

    def __init__(self, odd):
        self.odd, self.turn, self.body = odd, 0, False

    def __call__(self, line):
        if self.body and line != b".":
            return b""
        turn, self.turn = self.turn, self.turn + 1
        usual = SMTP_DIALOGUE[turn] if turn < len(SMTP_DIALOGUE) else b"221 bye\r\n"
        said = self.odd.get(turn, usual)
        self.body = said.startswith(b"354 ") and line == b"DATA"
        return said


def connected_to(monkeypatch, module, make):
    monkeypatch.setattr(module, "open_socket", lambda *args, **options: Line(make()))
    # which takes longer than the dialogue
    monkeypatch.setattr(module, "tls_context", lambda ca_file="": None)


@examples(1050)
@given(odd=st.dictionaries(st.integers(0, 7), REPLY, min_size=1, max_size=3))
def test_smtp_dialogues(odd):
    email = compose()

    def dialogue():
        values = {"host": "mail.example", "port": 587, "encryption": "none"}
        account = {"user": "planted-user", "password": "planted-secret"}
        mailbox = SmtpMailbox(SmtpSettings(**values, **account))
        try:
            return mailbox.send(email)
        finally:
            mailbox.close()

    with pytest.MonkeyPatch.context() as patch:
        connected_to(patch, smtp_session, lambda: SmtpServer(odd))
        connected_to(patch, ports, lambda: SmtpServer(odd))
        patch.setattr(smtp_session, "speaks_tls", lambda *args: False)
        result = cheap(dialogue)
        probed = cheap(lambda: probe_port("mail.example", 587, 1))
    assert "planted-secret" not in repr(result)
    assert probed.state in ("open", "shut")
    if isinstance(result, Outcome):
        assert len(result.detail) <= 500 and result.detail.isprintable()


# -- IMAP ----------------------------------------------------------------------------

IMAP_WORDS = words_of(
    *(b" ", b"(", b")", b"[", b"]", b'"', b"\\", b"{3}\r\nabc", b"{9}\r\nabc"),
    *(b"{4000000000}\r\n", b"{0}\r\n", b"NIL", b"1", b"11", b"-1", b"4294967296"),
    *(b"UID 11", b"BODY[HEADER.FIELDS (FROM)]", b"BODY[]<0>", b"FLAGS ()", b"ENVELOPE"),
    *(b"INTERNALDATE", b'"01-Feb-2026 10:00:00 +0000"', b"* ", b"+ ", b"\r\n", b"\n"),
    *(b"\\Sent", b"\\HasNoChildren", b'"/"', b"INBOX", b"&AOk-", b"&", b"\xff", b"\0"),
    *(b"AUTH=PLAIN", b"X-GM-EXT-1", b"[UIDVALIDITY 7]", b"[CAPABILITY X]", b"9" * 50),
)
UNTAGGED = st.builds(
    lambda kind, words: b"* " + kind + b" " + words + b"\r\n",
    st.sampled_from(
        [
            *(b"OK", b"NO", b"BAD", b"BYE", b"PREAUTH", b"CAPABILITY IMAP4rev1"),
            *(b"LIST", b'LIST (\\Sent) "/"', b"SEARCH", b"SEARCH 11 12", b"FLAGS"),
            *(b"1 FETCH", b"1 FETCH (UID 11", b"4 EXISTS", b"0 RECENT", b"1 EXPUNGE"),
        ]
    ),
    IMAP_WORDS,
)
TAGGED = st.sampled_from(
    [b"%T OK done\r\n"] * 5 + [b"%T NO no\r\n", b"%T BAD\r\n", b""]
)
IMAP_ANSWER = st.one_of(
    st.builds(
        lambda lines, words, tagged: b"".join(lines) + words + tagged,
        *(
            st.lists(UNTAGGED, max_size=3),
            st.sampled_from([b"", b"", b"+ \r\n"]),
            TAGGED,
        ),
    ),
    IMAP_WORDS,
)
HEADER = b"From: a@b\r\n\r\n"
USUAL = {
    b"CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n",
    b"AUTHENTICATE": b"+ \r\n",
    b"EXAMINE": b"* 4 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n",
    b"SELECT": b"* 4 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n",
    b"SEARCH": b"* SEARCH 11 12\r\n",
    b"LIST": b'* LIST (\\Sent) "/" Sent\r\n',
    b"APPEND": b"+ go\r\n",
    b"FETCH": b"* 1 FETCH (UID 11 BODY[HEADER.FIELDS (FROM)] {%d}\r\n" % len(HEADER)
    + HEADER
    + b" BODY[]<0> NIL)\r\n",
}


class ImapServer:
    """Says what a good one would, but for some commands."""

    def __init__(self, odd):
        self.odd = odd

    def __call__(self, line):
        if not line:
            return self.odd.get(b"", b"* OK hi\r\n")
        tag, _space, command = line.partition(b" ")
        name = command.upper().removeprefix(b"UID ").split(b" ")[0]
        if not re.fullmatch(rb"[A-P]{4}[0-9]+", tag):
            return b""
        usual = USUAL.get(name, b"") + b"%T OK done\r\n"
        return self.odd.get(name, usual).replace(b"%T", tag)


LOOKS = (
    {"at": "2026-01-01T00:00:00+00:00", "validity": 7, "uid": 10},
    {"at": "2026-01-01T00:00:00+00:00", "validity": 8, "uid": 10},
    {"at": "2026-01-01T00:00:00+00:00"},
)


@examples(1050)
@given(
    odd=st.dictionaries(st.sampled_from([b"", *USUAL]), IMAP_ANSWER, min_size=1),
    cursor=st.sampled_from(LOOKS),
)
def test_imap_dialogues(odd, cursor):
    account = {"user": "planted-user", "password": "planted-secret"}
    values = {"host": "mail.example", "port": 587, "encryption": "none"}
    imap = {"imap_host": "mail.example", "imap_encryption": "none"}
    on = SmtpSettings(**values, **account, **imap)

    def look():
        box = Inbox(on)
        try:
            return box.fetch_since(cursor, lambda heads: heads, 2)
        finally:
            box.close()

    def file():
        folder = SentFolder(on)
        copy = folder.file(b"From: a@b\r\n\r\nhello", ["<1@x>"], None)
        found = folder.find("<1@x>")
        folder.close()
        return copy, found

    with pytest.MonkeyPatch.context() as patch:
        connected_to(patch, imap_session, lambda: ImapServer(odd))
        patch.setattr(imap_session, "speaks_tls", lambda *args: False)
        # a Sent folder that may fill itself is looked into again after a while
        patch.setattr(time, "sleep", lambda seconds: None)
        fetched = cheap(look)
        filed = cheap(file)
    assert "planted-secret" not in f"{fetched!r} {filed!r}"
    assert filed[0].state in ("filed", "by_provider", "owed", "held", "failed")


# -- HTTP ----------------------------------------------------------------------------

NUMBER = st.one_of(
    *(st.integers(-10, 10), st.floats(), st.integers(), st.just(10**4000)),
    *(st.just(-(10**400)), st.just(1e308), st.just(float("inf"))),
)
SCALAR = st.one_of(st.none(), st.booleans(), NUMBER, st.text(max_size=8))
KNOWN = st.sampled_from(
    [
        *("id", "value", "messages", "error", "code", "message", "errors", "reason"),
        *("details", "status", "innerError", "request-id", "threadId", "payload"),
        *("headers", "name", "receivedDateTime", "internalDate", "sizeEstimate", "raw"),
        *("internetMessageHeaders", "conversationId", "webLink", "snippet", "sendAs"),
        *("sendAsEmail", "access_token", "refresh_token", "expires_in", "scope"),
        *("token_type", "id_token", "client_info", "error_description", "error_codes"),
        *("suberror", "authorization_endpoint", "token_endpoint", "issuer", "mail"),
        *("userPrincipalName", "displayName", "refresh_in", "ext_expires_in"),
    ]
)


def encoded(**claims):
    claims = {"aud": CLIENT_ID, "iss": "x", "sub": "1", "nonce": "n"} | claims
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"{part}.{part}.{part}"


TEXTS = st.sampled_from(
    [
        *("Mail.Send", "https://www.googleapis.com/auth/gmail.send", "invalid_grant"),
        *("2026-11-28T10:00:00Z", "1790000000000", "a.b.c", "eyJ9.e30.x", "m1", "3600"),
        *("quotaExceeded", "Retry after 2026-13-45T99:99:99.000Z", "AADSTS70008: x"),
        *(encoded(), encoded(exp="x"), "https://localhost/token", ANNA, "\ud800"),
    ]
)
VALUE = st.recursive(
    st.one_of(SCALAR, TEXTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(KNOWN, st.text(max_size=4)), inner, max_size=8),
    ),
    max_leaves=25,
)
OBJECT = st.dictionaries(KNOWN, VALUE, max_size=8)


def dumped(value):
    """As JSON; numbers of more digits than Python wants to write are allowed."""
    text = json.dumps(value, default=str) if not _is_huge(value) else '{"id": 1}'
    return text.encode()


def _is_huge(value):
    return isinstance(value, int) and abs(value) > 10**4299


JSON_WORDS = words_of(
    *(b"[", b"]", b"{", b"}", b'"', b":", b",", b"\\ud83d", b"null", b"1e999", b"NaN"),
    *(b'{"value":', b'{"error":', b'"id":"a"', b"9" * 300, b"\xf0\x9f\x98\x80", b"\0"),
)
BODY = st.one_of(OBJECT.map(dumped), OBJECT.map(dumped), VALUE.map(dumped), JSON_WORDS)
FIELD = st.one_of(
    st.sampled_from(
        [
            *(b"Retry-After: 9", b"Retry-After: " + b"9" * 60, b"Retry-After: \xb2"),
            *(b"Retry-After: Wed, 99 Foo 99999 99:99:99 +9999", b"Date: x"),
            *(b"Content-Encoding: gzip", b"Content-Type: text/html; charset=x-y"),
            *(b"Content-Type: text/html; charset=punycode", b"Location: http://[::1"),
            *(b"Content-Length: 5", b"Content-Length: -5", b"Content-Length: x"),
            *(b"Transfer-Encoding: chunked", b"Set-Cookie: a=b; expires=x"),
            b'WWW-Authenticate: Bearer claims="e30="',
            b'WWW-Authenticate: Bearer claims="' + b"=" * 300,
            b"request-id: r",
        ]
    ),
    WORDS,
)
STATUS = st.sampled_from(
    [*[b"200"] * 8, b"202", b"100", b"204", b"301", b"400", b"401", b"403", b"404"]
    + [b"413", b"429", b"500", b"503", b"999", b"x", b"-1"]
)
HTTP_ANSWER = st.one_of(
    st.builds(
        lambda status, fields, body: (
            b"HTTP/1.1 "
            + status
            + b" x\r\n"
            + b"".join(field + b"\r\n" for field in fields)
            + b"\r\n"
            + body
        ),
        *(STATUS, st.lists(FIELD, max_size=3), BODY),
    ),
    WORDS,
)
CURSOR = {"at": "2026-01-01T00:00:00+00:00"}
GMAIL_SCOPES = "https://www.googleapis.com/auth/gmail.readonly " + (
    "https://www.googleapis.com/auth/gmail.send"
)


class Http(Line):
    """A connection that answers as soon as the request's headers have come."""

    def __init__(self, said):
        super().__init__(lambda line: b"")
        self._said = io.BytesIO(said)

    def fileno(self):
        return -1


def answering(patch, answers):
    """Let each HTTPS connection give the next of these; the last one stays."""
    answers = list(answers)
    patch.setattr(time, "sleep", lambda seconds: None)  # google-auth tries again

    def connect(connection):
        said = answers.pop(0) if len(answers) > 1 else answers[0]
        connection.sock = Http(said)
        connection.is_verified = True

    patch.setattr(urllib3.connection.HTTPSConnection, "connect", connect)


def microsoft(expires_in):
    app = OAuthApp("microsoft", CLIENT_ID, CLIENT_SECRET)
    scope = "Mail.Send User.Read Mail.Read"
    token = microsoft_token(expires_in=expires_in, scope=scope)
    return MicrosoftMailbox(app, token, ANNA, lambda token: None)


def google(expires_in):
    app = OAuthApp("google", CLIENT_ID, CLIENT_SECRET)
    token = google_token(expires_in=expires_in, scope=GMAIL_SCOPES)
    return GoogleMailbox(app, token, ANNA, lambda token: None, send_as="b@x.example")


DISCOVERED = (
    b"HTTP/1.1 200 OK\r\n\r\n"
    + json.dumps(
        {
            "issuer": "https://login.microsoftonline.com/common/v2.0",
            "authorization_endpoint": "https://login.microsoftonline.com/authorize",
            "token_endpoint": "https://login.microsoftonline.com/token",
        }
    ).encode()
)
ACTIONS = {
    "send": lambda box: box.send(an_email()),
    "refresh": lambda box: box.refresh(),
    "check": lambda box: box.check(),
    "find sent": lambda box: box.find_sent("<1@x>"),
    "look": lambda box: box.fetch_since(CURSOR, lambda heads: heads, 3),
    "alias": lambda box: box.alias_verified(),
    "find filed": lambda box: box.find_filed("<1@x>"),
}


@examples(1050)
@given(
    make=st.sampled_from([microsoft, google]),
    action=st.sampled_from(list(ACTIONS)),
    expires_in=st.sampled_from([3000, 3000, -5]),
    answers=st.lists(HTTP_ANSWER, min_size=1, max_size=3),
    discovered=st.booleans(),
)
def test_http_answers(make, action, expires_in, answers, discovered):
    def ask():
        first = [DISCOVERED] if discovered and make is microsoft else []
        with pytest.MonkeyPatch.context() as patch, make(expires_in) as box:
            answering(patch, [*first, *answers])
            return ACTIONS[action](box)

    result = cheap(ask)
    if isinstance(result, Outcome):
        assert len(result.detail) <= 500 and len(result.code) <= 80
        assert not isinstance(result.retry_after, float)
    assert CLIENT_SECRET not in repr(result)


MICROSOFT_KEPT = {
    "provider": "microsoft",
    "client_id": CLIENT_ID,
    "state": "s",
    "nonce": "n",
    "code_verifier": "v",
    "redirect_uri": "https://odoo.example/x",
    "scope": ["Mail.Send"],
}
GOOGLE_KEPT = MICROSOFT_KEPT | {"provider": "google"}


@examples(200)
@given(
    provider=st.sampled_from(["microsoft", "google"]),
    answers=st.lists(HTTP_ANSWER, min_size=1, max_size=3),
)
def test_sign_ins(provider, answers):
    app = OAuthApp(provider, CLIENT_ID, CLIENT_SECRET)
    params = {"state": "s", "code": "c"}

    def finish():
        with pytest.MonkeyPatch.context() as patch:
            if provider == "google":
                answering(patch, answers)
                return google_signin.finish(app, GOOGLE_KEPT, params)
            answering(patch, [DISCOVERED, *answers])
            return microsoft_signin.finish(app, MICROSOFT_KEPT, params)

    started = time.monotonic()
    result = cheap(finish)
    assert time.monotonic() - started < 20
    assert CLIENT_SECRET not in repr(result)
