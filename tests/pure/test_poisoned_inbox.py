"""One email that cannot be read never hides the others, whoever keeps the mailbox."""

import base64
import gzip
import json
import re
from datetime import datetime, timedelta, timezone

import pytest
from account_email_connector.providers.google.api import GmailHttp, execute
from account_email_connector.providers.google.inbox import GmailInbox
from account_email_connector.providers.imap.inbox import Inbox
from account_email_connector.providers.incoming import parse
from account_email_connector.providers.microsoft.inbox import GraphInbox
from account_email_connector.providers.oauth.answer import Answer
from account_email_connector.providers.outcomes import (
    Outcome,
    OutcomeUnknown,
    Unavailable,
)
from account_email_connector.providers.reasons import Reason
from account_email_connector.providers.smtp.mailbox import SmtpSettings
from account_email_connector.providers.time_cursor import OVERLAP, moved
from googleapiclient.discovery import build
from hostile import cheap, serving

CURSOR = {"at": "2026-01-01T00:00:00+00:00", "validity": 7, "uid": 10}


def mail(uid):
    head = f"Message-ID: <m{uid}@buyer.example>\r\nFrom: pay@buyer.example\r\n"
    return f"{head}In-Reply-To: <ours@acme.example>\r\nSubject: x\r\n\r\n".encode()


PAID = mail(1) + b"Paid.\r\n"


# -- IMAP ----------------------------------------------------------------------------

# What the server does when it is asked for the broken one.
BREAKS = {
    "no": b"%s NO [SERVERBUG] cannot render\r\n",
    "bad": b"%s BAD Command Error. 12\r\n",
    "hangs up": None,
    "says bye": b"* BYE I crash\r\n",
    "nonsense": b"* 2 FETCH (UID 12 BODY[HEADER] (((((\r\n%s OK\r\n",
    "lists in lists": b"* 2 FETCH " + b"(" * 5000 + b"\r\n%s OK\r\n",
    "no IMAP at all": b"what?\r\n%s OK\r\n",
    "a literal of gigabytes": b"* 2 FETCH (UID 12 BODY[HEADER] {4000000000}\r\n",
    "a literal that lies": b"* 2 FETCH (UID 12 BODY[HEADER] {9}\r\nabc)\r\n%s OK\r\n",
}


class Server:
    """The Inbox of uids; *broken* ones are answered by *how*, in *what* is asked."""

    def __init__(self, uids, broken, how, what=b"BODY.PEEK["):
        self.uids, self.broken, self.how, self.what = uids, broken, how, what
        self.sign_ins = 0

    def talk(self, sock):
        sock.sendall(b"* OK [CAPABILITY IMAP4rev1] hi\r\n")
        for line in sock.makefile("rb"):
            tag, _space, command = line.strip().partition(b" ")
            name, _space, rest = command.upper().removeprefix(b"UID ").partition(b" ")
            if name == b"FETCH" and not self.fetch(sock, tag, rest):
                return
            if name == b"LOGIN":
                self.sign_ins += 1
            sock.sendall(self.untagged(name, rest.decode()))
            if name != b"FETCH":
                sock.sendall(tag + b" OK done\r\n")

    def untagged(self, name, rest):
        if name == b"CAPABILITY":
            return b"* CAPABILITY IMAP4rev1\r\n"
        if name == b"EXAMINE":
            return b"* 4 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n"
        if name == b"SEARCH":
            first = re.search(r"(\d+):\*", rest)
            found = self.uids[:1]
            if first:
                found = [uid for uid in self.uids if uid >= int(first[1])]
            return f"* SEARCH {' '.join(map(str, found))}\r\n".encode()
        return b""

    def fetch(self, sock, tag, rest):
        """Whether the line stands."""
        wanted = []
        for part in rest.split()[0].decode().split(","):
            first, _colon, last = part.partition(":")
            wanted += range(int(first), int(last or first) + 1)
        if set(wanted) & set(self.broken) and self.what in rest:
            if self.how:
                sock.sendall(self.how.replace(b"%s", tag))
            return bool(self.how)
        for uid in wanted:
            if uid in self.uids:
                item = b"BODY[]<0>" if b"[]" in rest else b"BODY[HEADER.FIELDS (FROM)]"
                data = mail(uid) + (b"Paid.\r\n" if b"[]" in rest else b"")
                head = b"* %d FETCH (UID %d %s {%d}\r\n" % (uid, uid, item, len(data))
                sock.sendall(head + data + b")\r\n")
        sock.sendall(tag + b" OK done\r\n")
        return True


def look(server, cursor=CURSOR, limit=50):
    """Return what a look brings, and the keys of the emails that were shown."""
    shown = []

    def choose(heads):
        shown.extend(int(head.key) for head in heads)
        return heads

    with serving(server.talk) as port:
        settings = SmtpSettings(
            *("127.0.0.1", 1, "none", "u", "p"),
            imap_host="127.0.0.1",
            imap_port=port,
            imap_encryption="none",
            timeout=1,
        )
        inbox = Inbox(settings)
        try:
            return inbox.fetch_since(cursor, choose, limit), shown
        finally:
            inbox.close()


@pytest.mark.parametrize("how", BREAKS)
def test_imap_headers_that_cannot_be_had(how):
    server = Server([11, 12, 13, 14], [12], BREAKS[how], b"HEADER")
    fetched, shown = look(server)
    assert shown == [11, 13, 14]
    assert [parse(each.raw).message_id for each in fetched.found] == [
        f"<m{uid}@buyer.example>" for uid in (11, 13, 14)
    ]
    assert (fetched.skipped, fetched.more, fetched.cursor["uid"]) == (1, False, 14)
    assert server.sign_ins <= 3


@pytest.mark.parametrize("how", BREAKS)
def test_imap_a_body_that_cannot_be_had(how):
    """Its headers tell that the customer has answered."""
    fetched, shown = look(Server([11, 12, 13], [12], BREAKS[how], b"BODY.PEEK[]"))
    assert shown == [11, 12, 13]
    texts = {parse(f.raw).message_id: parse(f.raw).text for f in fetched.found}
    assert [text.strip() for text in texts.values()] == ["Paid.", "", "Paid."]
    assert (fetched.skipped, fetched.cursor["uid"]) == (1, 13)


def test_imap_a_lone_broken_one_is_passed_over_if_another_can_be_read():
    fetched, shown = look(Server([5, 11], [11], BREAKS["no"]))
    assert (shown, fetched.skipped, fetched.cursor["uid"]) == ([], 1, 11)


def test_imap_a_page_of_broken_ones_is_passed_over():
    server = Server([11, 12, 13], [11, 12], BREAKS["no"])
    fetched, shown = look(server, limit=2)
    assert (shown, fetched.skipped, fetched.more) == ([], 2, True)
    assert look(server, fetched.cursor)[1] == [13]


def test_imap_a_server_that_gives_out_nothing_loses_nothing():
    """Then it is the server that is broken: it is asked again later."""
    server = Server([11, 12], [11, 12], BREAKS["no"])
    with pytest.raises(Unavailable) as caught:
        look(server)
    assert "SERVERBUG" not in caught.value.detail


def test_imap_many_that_break_the_line_are_passed_over_some_at_a_time():
    uids = list(range(11, 31))
    server = Server(uids, [uid for uid in uids if uid % 2], BREAKS["hangs up"])
    cursor, shown = CURSOR, []
    for _look in range(10):
        fetched, some = look(server, cursor)
        shown += some
        assert fetched.cursor["uid"] > cursor["uid"]
        cursor = fetched.cursor
        if not fetched.more:
            break
    assert shown == [uid for uid in uids if not uid % 2]


# -- Graph and Gmail -----------------------------------------------------------------

NOW = datetime.now(timezone.utc).replace(microsecond=0)
BEFORE = {"at": (NOW - timedelta(hours=1)).isoformat()}
NONSENSE = [
    *(None, 5, "x", [], {}, {"id": "a"}, {"id": 5}, {"id": None}, {"id": ["a"]}),
    *({"id": "a", "when": when} for when in (None, "soon", 5e99, {}, "9" * 4000, [])),
    {"id": "a", "when": NOW + timedelta(days=400)},
    {"id": "a", "when": NOW, "headers": [5]},
    {"id": "a", "when": NOW, "headers": "words"},
    {"id": ["a"], "when": NOW},
]


def graph(rows, values=lambda key: Answer(200, {}, PAID)):
    """An Inbox at Graph, in which these rows are listed."""

    def call(method, url, longest=None):
        if "$value" in url:
            return values(url.split("/")[-2])
        return Answer(200, {}, json.dumps({"value": rows}).encode())

    return GraphInbox(call, "https://graph.example/me")


def graph_row(row):
    if not isinstance(row, dict):
        return row
    when = row.get("when")
    when = when.isoformat() if isinstance(when, datetime) else when
    headers = row.get("headers", HEADERS)
    there = {"receivedDateTime": when} if "when" in row else {}
    return {"id": row.get("id"), "internetMessageHeaders": headers} | there


HEADERS = [
    {"name": "Message-ID", "value": "<theirs@buyer.example>"},
    {"name": "In-Reply-To", "value": "<ours@acme.example>"},
    {"name": "From", "value": "pay@buyer.example"},
    {"name": "Subject", "value": "x"},
]
# The latest that a cursor may be at, behind GOOD.
BEHIND = (NOW + timedelta(seconds=2) - OVERLAP).isoformat()
GOOD = [{"id": "g1", "when": NOW}, {"id": "g2", "when": NOW + timedelta(seconds=2)}]


@pytest.mark.parametrize("number", range(len(NONSENSE)))
def test_graph_a_row_of_nonsense(number):
    broken = NONSENSE[number]
    rows = [graph_row(row) for row in (GOOD[0], broken, GOOD[1])]
    seen = []
    fetched = graph(rows).fetch_since(BEFORE, lambda h: seen.extend(h) or h, 50)
    assert [head.key for head in seen] == ["g1", "g2"]
    assert len(fetched.found) == 2
    named = isinstance(broken, dict) and isinstance(broken.get("id"), str)
    assert list(fetched.cursor["seen"]) == ["g1", "g2"]
    assert fetched.cursor.get("passed") == (["a"] if named else None)
    assert BEFORE["at"] < fetched.cursor["at"] <= BEHIND
    assert fetched.skipped == (1 if isinstance(broken, dict) else 0)


@pytest.mark.parametrize("value", [None, 5, "x", {}, {"a": 1}])
def test_graph_no_list_at_all(value):
    assert graph(value).fetch_since(BEFORE, list, 50).found == []


def test_graph_one_that_cannot_be_rendered():
    asked = []

    def values(key):
        asked.append(key)
        if key == "g1":
            return Answer(500, {}, b'{"error": {"code": "ErrorInternalServerError"}}')
        return Answer(200, {}, PAID)

    rows = [graph_row(row) for row in GOOD]
    fetched = graph(rows, values).fetch_since(BEFORE, list, 50)
    assert asked == ["g1", "g1", "g2"]
    first, second = [parse(found.raw) for found in fetched.found]
    assert (first.text.strip(), second.text.strip()) == ("", "Paid.")
    assert fetched.skipped == 1


def test_graph_that_renders_nothing_is_asked_again_later():
    rows = [graph_row(row) for row in GOOD]
    inbox = graph(rows, lambda key: Answer(500, {}, b"{}"))
    with pytest.raises(Unavailable):
        inbox.fetch_since(BEFORE, list, 50)


def test_graph_headers_that_are_too_long_together_are_asked_for_one_by_one():
    def call(method, url, longest=None):
        if "$value" in url:
            return Answer(200, {}, PAID)
        listed = "mailFolders" in url
        if "internetMessageHeaders" in url and (listed or "/g1?" in url):
            raise Unavailable(Reason.ANSWER_TOO_LONG)
        if listed:
            rows = [graph_row(row) | {"internetMessageHeaders": None} for row in GOOD]
            return Answer(200, {}, json.dumps({"value": rows}).encode())
        body = {"internetMessageHeaders": HEADERS}
        return Answer(200, {}, json.dumps(body).encode())

    seen = []
    inbox = GraphInbox(call, "https://graph.example/me")
    fetched = inbox.fetch_since(BEFORE, lambda h: seen.extend(h) or h, 50)
    assert [(head.key, head.headers["Subject"]) for head in seen] == [("g2", "x")]
    assert (fetched.skipped, len(fetched.found)) == (1, 1)


def test_graph_headers_full_of_commas_are_short_all_the_same():
    """Two emails with a hundred kilobytes of them would end all reading, silently."""
    junk = [{"name": "X", "value": sign * 60_000} for sign in (",", '\\",:[')]
    rows = [graph_row(row) for row in GOOD]
    for row, header in zip(rows, junk, strict=True):
        row["internetMessageHeaders"] = [*HEADERS, header]
    fetched = graph(rows).fetch_since(BEFORE, list, 50)
    assert (len(fetched.found), fetched.skipped) == (2, 0)


PARTS = b'{"value": [' + b"[]," * 60_000 + b"[]]}"
NO_ANSWERS = {
    "no JSON": (b"<html>Sign in to the Wi-Fi</html>", Reason.PROVIDER_DOWN),
    "nothing": (b"", Reason.PROVIDER_DOWN),
    "a list": (b"[]", Reason.PROVIDER_DOWN),
    "gzip": (gzip.compress(b'{"value": []}'), Reason.PROVIDER_DOWN),
    "too deep": (b'{"value": ' + b"[" * 90_000, Reason.PROVIDER_DOWN),
    "too many parts": (PARTS, Reason.ANSWER_TOO_LONG),
    "too many texts": (
        b'{"value": [' + b'"",' * 300_000 + b'""]}',
        Reason.ANSWER_TOO_LONG,
    ),
}


@pytest.mark.parametrize("kind", NO_ANSWERS)
def test_graph_no_answer_is_not_an_empty_inbox(kind):
    content, reason = NO_ANSWERS[kind]
    inbox = GraphInbox(lambda *_, **__: Answer(200, {}, content), "https://g/me")
    for ask in (
        lambda: inbox.fetch_since(BEFORE, list, 50),
        lambda: inbox.find_filed("<a@x.example>"),
    ):
        outcome = cheap(ask)
        assert (type(outcome), outcome.reason) == (Unavailable, reason)


class OneAnswer:
    """In the place of a Wire and of the tokens."""

    def __init__(self, content):
        self.content = content

    def token(self):
        return "t"

    def call(self, method, url, **options):
        return Answer(200, {}, self.content)


@pytest.mark.parametrize("kind", NO_ANSWERS)
def test_gmail_no_answer_is_not_an_empty_inbox(kind):
    content, reason = NO_ANSWERS[kind]
    wire = OneAnswer(content)
    gmail = build("gmail", "v1", http=GmailHttp(wire, wire), static_discovery=True)
    messages = gmail.users().messages()
    inbox = GmailInbox(messages, lambda request: execute(request, sending=False))
    outcome = cheap(lambda: inbox.fetch_since(BEFORE, list, 50))
    assert (type(outcome), outcome.reason) == (Unavailable, reason)
    sending = messages.send(userId="me", body={"raw": ""})
    with pytest.raises(OutcomeUnknown):
        execute(sending, sending=True)


def test_graph_what_is_poisoned_is_passed_over_and_the_rest_read():
    def call(method, url, longest=None):
        if "$value" in url:
            return Answer(200, {}, PAID)
        listed = "mailFolders" in url
        if "internetMessageHeaders" in url and (listed or "/g2?" in url):
            return Answer(200, {}, PARTS)
        rows = [graph_row(row) | {"internetMessageHeaders": None} for row in GOOD]
        body = {"value": rows} if listed else {"internetMessageHeaders": HEADERS}
        return Answer(200, {}, json.dumps(body).encode())

    inbox, cursor, counted = GraphInbox(call, "https://g/me"), BEFORE, []
    for found in (1, 0, 0):
        fetched = inbox.fetch_since(cursor, list, 50)
        assert len(fetched.found) == found
        cursor = fetched.cursor
        counted.append(fetched.skipped)
    assert counted == [1, 0, 0]


def looks(make_inbox, count=4):
    """Look so often. Return what was counted as passed over at each."""
    cursor, counted = BEFORE, []
    for _look in range(count):
        fetched = make_inbox().fetch_since(cursor, list, 50)
        cursor = fetched.cursor
        counted.append(fetched.skipped)
    return counted, cursor


def test_graph_a_broken_newest_one_is_counted_once():
    rows = [graph_row(row) for row in (GOOD[0], {"id": "a", "when": None})]
    counted, cursor = looks(lambda: graph(rows))
    assert (counted, cursor["passed"]) == ([1, 0, 0, 0], ["a"])
    later = graph_row(GOOD[1])
    fetched = graph([*rows, later]).fetch_since(cursor, list, 50)
    assert (len(fetched.found), fetched.skipped) == (1, 0)
    fetched = graph([later]).fetch_since(fetched.cursor, list, 50)
    assert "passed" not in fetched.cursor, "it is not listed any more"


def test_gmail_a_broken_newest_one_is_counted_once_and_asked_for_again():
    rows = [gmail_row(row) for row in GOOD]
    counted, cursor = looks(lambda: gmail(rows, {("g2", "metadata")}))
    assert (counted, cursor["passed"]) == ([1, 0, 0, 0], ["g2"])
    fetched = gmail(rows).fetch_since(cursor, list, 50)
    assert (len(fetched.found), fetched.skipped) == (1, 0)
    assert list(fetched.cursor["seen"]) == ["g1", "g2"]
    assert BEFORE["at"] < fetched.cursor["at"] <= BEHIND
    assert "passed" not in fetched.cursor


def test_a_cursor_remembers_so_many_that_were_passed_over():
    keys = [f"k{number}" for number in range(1000)]
    cursor = moved(BEFORE, [], ["x" * 100_000, *keys])
    assert cursor == BEFORE | {"passed": keys[-200:]}
    assert moved(cursor, []) == BEFORE


class Messages:
    """Gmail's collection of messages, as far as we ask it: requests are dicts."""

    def list(self, **options):
        return {"list": True}

    def get(self, **options):
        return options


def gmail(rows, broken=()):
    """An Inbox at Gmail, in which these lie; to ask for one of *broken* is an error."""
    by_id = {
        row["id"]: row
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, dict) and isinstance(row.get("id"), str)
    }

    def run(request):
        if "list" in request:
            return {"messages": rows[::-1] if isinstance(rows, list) else rows}
        key = request["id"]
        if (key, request["format"]) in broken:
            raise Unavailable(Reason.PROVIDER_DOWN, code="backendError")
        row = dict(by_id[key])
        if request["format"] == "raw":
            raw = base64.urlsafe_b64encode(PAID)
            return row | {"raw": raw.decode()}
        return row

    return GmailInbox(Messages(), run)


def gmail_row(row):
    if not isinstance(row, dict):
        return row
    when = row.get("when")
    if isinstance(when, datetime):
        when = str(int(when.timestamp() * 1000))
    headers = row.get("headers", HEADERS)
    there = {"internalDate": when} if "when" in row else {}
    return {"id": row.get("id"), "payload": {"headers": headers}} | there


# 5 is a time to Gmail: some milliseconds after 1970
@pytest.mark.parametrize("number", range(len(NONSENSE)))
def test_gmail_a_row_of_nonsense(number):
    broken = NONSENSE[number]
    rows = [gmail_row(row) for row in (GOOD[0], broken, GOOD[1])]
    seen = []
    fetched = gmail(rows).fetch_since(BEFORE, lambda h: seen.extend(h) or h, 50)
    assert [head.key for head in seen] == ["g1", "g2"]
    assert len(fetched.found) == 2
    assert {"g1", "g2"} <= fetched.cursor["seen"].keys()
    assert BEFORE["at"] < fetched.cursor["at"] <= BEHIND


@pytest.mark.parametrize("rows", [None, 5, "x", {}, [5], [{}]])
def test_gmail_no_list_at_all(rows):
    assert gmail(rows).fetch_since(BEFORE, list, 50).found == []


@pytest.mark.parametrize("what", ["metadata", "raw"])
def test_gmail_one_that_cannot_be_had(what):
    rows = [gmail_row(row) for row in GOOD]
    fetched = gmail(rows, {("g1", what)}).fetch_since(BEFORE, list, 50)
    texts = [parse(found.raw).text.strip() for found in fetched.found]
    assert texts == (["Paid."] if what == "metadata" else ["", "Paid."])
    done = ["g2"] if what == "metadata" else ["g1", "g2"]
    assert (fetched.skipped, list(fetched.cursor["seen"])) == (1, done)


def test_gmail_that_gives_out_nothing_is_asked_again_later():
    rows = [gmail_row(row) for row in GOOD]
    with pytest.raises(Outcome):
        gmail(rows, {("g1", "raw"), ("g2", "raw")}).fetch_since(BEFORE, list, 50)
