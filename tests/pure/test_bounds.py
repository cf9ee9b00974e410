"""Whatever a server says, listening to it costs little, and ends with a word."""

import gzip
import json
import ssl
import time
import zlib
from bisect import bisect_left, bisect_right

import pytest
import trustme
from account_email_connector.providers.bounded import Socket
from account_email_connector.providers.imap.inbox import Inbox
from account_email_connector.providers.imap.sent import SentFolder
from account_email_connector.providers.oauth.http import TokenWire, Wire
from account_email_connector.providers.outcomes import (
    AdminActionRequired,
    Outcome,
    OutcomeUnknown,
    Unavailable,
)
from account_email_connector.providers.reasons import Reason
from account_email_connector.providers.smtp import session as smtp_session
from account_email_connector.providers.smtp.mailbox import SmtpMailbox, SmtpSettings
from account_email_connector.providers.smtp.ports import probe_port
from hostile import SECONDS, cheap, cost, drip, flood, serving
from mail_helpers import compose

TOO_LONG = Reason.ANSWER_TOO_LONG
CURSOR = {"at": "2026-01-01T00:00:00+00:00", "validity": 7, "uid": 10}


# -- SMTP ----------------------------------------------------------------------------

GREETINGS = {
    "lines": (b"220-" + b"x" * 4000 + b"\r\n", TOO_LONG),
    "short lines": (b"220-\r\n", TOO_LONG),
    "no line break": (b"x" * 4096, TOO_LONG),
    "no line break after a code": (b"220 x", TOO_LONG),
    "another service": (b"-ERR internal-service token=abc\r\n", "not_a_mail_server"),
    "zeros": (b"\0" * 4096, TOO_LONG),
}


def smtp(port, **changes):
    values = {"host": "127.0.0.1", "port": port, "encryption": "none", "timeout": 5}
    return SmtpMailbox(SmtpSettings(**values | changes))


@pytest.mark.parametrize("kind", GREETINGS)
def test_an_endless_greeting(kind):
    piece, reason = GREETINGS[kind]
    with serving(flood(piece)) as port:
        started = time.monotonic()
        outcome = cheap(smtp(port).check)
        assert probe_port("127.0.0.1", port, 5).state == "shut"
        assert time.monotonic() - started < 6
    assert outcome.reason == reason
    assert "token" not in f"{outcome!r} {outcome.detail} {outcome.code}"


def talking(*replies, last=b"", endless=b""):
    """An SMTP server that gives one reply to each line, and then says *endless*."""

    def talk(sock):
        with sock.makefile("rb") as lines:
            for reply in replies:
                sock.sendall(reply)
                lines.readline()
            sock.sendall(last)
            if endless:
                flood(endless)(sock)
            lines.readline()

    return talk


HELLO = (b"220 hello\r\n", b"250-hello\r\n250 AUTH PLAIN LOGIN CRAM-MD5\r\n")


@pytest.mark.parametrize(
    "endless", [b"250-X\r\n", b"250-" + b"A" * 900 + b"\r\n", b"250-SIZE 1" * 500]
)
def test_endless_extensions(endless):
    with serving(talking(HELLO[0], endless=endless)) as port:
        assert cheap(smtp(port).check).reason == TOO_LONG
        assert probe_port("127.0.0.1", port, 5).encryption == "none"


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
@pytest.mark.parametrize("endless", [b"334 YWJj\r\n", b"334-YWJj\r\n", b"334 !!!\r\n"])
def test_endless_challenges(mechanism, endless):
    hello = b"250-hello\r\n250 AUTH " + mechanism.encode() + b"\r\n"
    with serving(talking(HELLO[0], hello, endless=endless)) as port:
        outcome = cheap(smtp(port, user="u", password="planted").check)
    assert isinstance(outcome, Outcome) and "planted" not in repr(outcome)


@pytest.mark.parametrize("size", ["1" * 5000, "²", "-1", "1e9", "9" * 21])
def test_a_size_that_is_no_number(size):
    hello = f"250-hello\r\n250 SIZE {size}\r\n".encode("latin-1")
    ok = b"250 ok\r\n"
    with serving(talking(HELLO[0], hello, ok, ok, b"354 go\r\n")) as port:
        outcome = cheap(lambda: smtp(port, data_timeout=1).send(compose()))
    assert isinstance(outcome, OutcomeUnknown)


@pytest.mark.parametrize("last", [b"250-ok\r\n", b"x", b"250 ok" * 500])
def test_an_endless_answer_after_the_final_dot_is_unknown(last):
    ok = b"250 ok\r\n"

    def talk(sock):
        with sock.makefile("rb") as lines:
            for reply in (HELLO[0], b"250 hello\r\n", ok, ok):
                sock.sendall(reply)
                lines.readline()
            sock.sendall(b"354 go\r\n")
            while lines.readline() not in (b".\r\n", b""):
                pass
            flood(last)(sock)

    with serving(talk) as port:
        outcome = cheap(lambda: smtp(port).send(compose()))
    assert (type(outcome), outcome.reason) == (OutcomeUnknown, Reason.MAYBE_SENT)


@pytest.mark.parametrize("last", [b"250.ok\r\n", b"250\tok\r\n", b"250\r\n"])
def test_three_digits_do_after_the_final_dot(last):
    """It has been accepted; "perhaps" would be wrong."""
    ok = b"250 ok\r\n"

    def talk(sock):
        with sock.makefile("rb") as lines:
            for reply in (HELLO[0], b"250 hello\r\n", ok, ok):
                sock.sendall(reply)
                lines.readline()
            sock.sendall(b"354 go\r\n")
            while lines.readline() not in (b".\r\n", b""):
                pass
            sock.sendall(last)
            lines.readline()

    with serving(talk) as port, smtp(port) as mailbox:
        assert mailbox.send(compose()).accepted_at


SECRET = "secret-banner"
OTHERS = {  # what it says at first, and to whatever it is told
    "NNTP": ("200 news", "500 What?", Reason.NOT_A_MAIL_SERVER, ""),
    "FTP": ("220 FTP", "500 EHLO unknown", Reason.NOT_A_MAIL_SERVER, ""),
    "FTP without HELO": ("220 FTP", "502 No EHLO", Reason.NOT_A_MAIL_SERVER, ""),
    "FTP that asks": ("220 FTP", "530 USER first", Reason.SIGN_IN_DISABLED, "530"),
    "a refusal": ("421 4.7.0 too many", "", Reason.TOO_FAST, "421 4.7.0"),
    "a refusal for good": ("554 no", "", Reason.CLIENT_REFUSED, "554"),
    "a refusal of the name": ("220 hi", "550 no", Reason.CLIENT_REFUSED, "550"),
    "hanging up": ("220 hi", "421 no", Reason.PROVIDER_DOWN, "421"),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_no_words_before_a_server_is_known_as_a_mail_server(kind, monkeypatch):
    """Else whoever names a host and a port reads what a service says there.

    On the usual mail ports nobody else stands, and the words say what to do.
    """
    hello, answer, reason, code = OTHERS[kind]
    hello, answer = (f"{each} {SECRET}\r\n".encode() for each in (hello, answer))
    with serving(talking(hello, answer, answer)) as port:
        outcome = cheap(smtp(port).check)
        assert (outcome.reason, outcome.code, outcome.detail) == (reason, code, "")
        assert SECRET not in repr(outcome)
        monkeypatch.setattr(smtp_session, "MAIL_PORTS", (port,))
        outcome = cheap(smtp(port).check)
    assert (SECRET in outcome.detail) == (reason is not Reason.NOT_A_MAIL_SERVER)


def test_spaces_cost_no_time():
    """A regular expression may look at each of them from each of them."""
    spaces = b"550-" + b" " * 900 + b"x\r\n"
    with serving(talking(spaces * 60 + b"550 5.7.1 no\r\n")) as port:
        assert cheap(smtp(port).check).reason == Reason.CLIENT_REFUSED


@pytest.mark.parametrize("before", [b"", b"220-hello\r\n220"])
def test_a_server_that_drips(before):
    """There always comes something; all the same it ends in time."""
    with serving(drip(b"220-x\r\n", before, pause=0.2, seconds=8)) as port:
        started = time.monotonic()
        result, seconds, _peak = cost(smtp(port, timeout=0.7).check)
        assert time.monotonic() - started < 6
    assert (result.reason, seconds < SECONDS) == (Reason.SERVER_SILENT, True)


def slowly(*lines, pause):
    """A server that needs that long for each line of its greeting and of its EHLO."""

    def talk(sock):
        with sock.makefile("rb") as heard:
            for reply in lines:
                for line in reply.splitlines(keepends=True):
                    time.sleep(pause)
                    sock.sendall(line)
                heard.readline()
            while heard.readline():
                sock.sendall(b"250 ok\r\n")

    return talk


@pytest.mark.parametrize(
    "hello", [b"220-a\r\n220-b\r\n220-c\r\n220 d\r\n", b"220 hi\r\n"]
)
def test_a_slow_server_is_waited_for(hello):
    """The limit is for each line; a reply of many may take several times as long."""
    extensions = b"250-X\r\n" * 5 + b"250 HELP\r\n"
    with serving(slowly(hello, extensions, pause=0.2)) as port:
        mailbox = smtp(port, timeout=0.5)
        mailbox.check()
        mailbox.close()


def test_patience_is_for_all_replies_together():
    """A sign-in has many of them, and Odoo kills who waits for each one's limit."""
    extensions = b"250-X\r\n" * 30 + b"250 HELP\r\n"
    with serving(
        slowly(b"220-x\r\n" * 9 + b"220 x\r\n", extensions, pause=0.2)
    ) as port:
        started = time.monotonic()
        with pytest.raises(Unavailable) as caught:
            smtp(port, timeout=0.6).check()
        assert time.monotonic() - started < 5 * 0.6 + 1
    assert caught.value.reason == Reason.SERVER_SILENT


# -- IMAP ----------------------------------------------------------------------------


def imap(port, **changes):
    return SmtpSettings(
        **{
            **{"host": "127.0.0.1", "port": 1, "encryption": "none"},
            **{"user": "u", "password": "planted", "timeout": 5},
            **{"imap_host": "127.0.0.1", "imap_port": port, "imap_encryption": "none"},
        }
        | changes
    )


def imap_server(greeting=b"* OK [CAPABILITY IMAP4rev1] hi\r\n", **answers):
    """A server that answers to each command with what stands under its name; a flood
    if that is a tuple of a piece."""

    def talk(sock):
        if isinstance(greeting, tuple):
            return flood(*greeting)(sock)
        sock.sendall(greeting)
        for line in sock.makefile("rb"):
            tag, _space, command = line.strip().partition(b" ")
            name = command.upper().removeprefix(b"UID ").split(b" ")[0].decode()
            answer = answers.get(name, b"")
            if name == "CAPABILITY" and not answer:
                answer = b"* CAPABILITY IMAP4rev1\r\n"
            if name == "EXAMINE" and not answer:
                answer = b"* 4 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n"
            if isinstance(answer, tuple):
                return flood(*answer)(sock)
            sock.sendall(answer + tag + b" OK done\r\n")
        return None

    return talk


def look(port, choose=lambda heads: heads, **changes):
    box = Inbox(imap(port, **changes))
    try:
        return box.fetch_since(CURSOR, choose, 50)
    finally:
        box.close()


FLOODS = {
    "untagged": b"* OK nothing\r\n",
    "numbers": b"* 1 EXISTS\r\n",
    "a long line": b"x" * 4096,
    "a list": b'* LIST (\\A) "/" "folder"\r\n',
    "capabilities": b"* CAPABILITY " + b"X " * 400 + b"\r\n",
    "fetched": b"* 1 FETCH (UID 11 FLAGS ())\r\n",
    "continuations": b"+ \r\n",
    "literals": b"* 1 FETCH (UID 11 X {9}\r\n123456789)\r\n",
}


@pytest.mark.parametrize("kind", FLOODS)
@pytest.mark.parametrize("command", ["LOGIN", "LIST", "FETCH"])
def test_endless_imap(kind, command):
    answers = {"SEARCH": b"* SEARCH 11\r\n", command: (FLOODS[kind],)}
    with serving(imap_server(**answers)) as port:
        if command == "FETCH":
            outcome = cheap(lambda: look(port))
        else:
            outcome = cheap(SentFolder(imap(port)).open)
    assert isinstance(outcome, Outcome), outcome
    assert "planted" not in repr(outcome)


@pytest.mark.parametrize("kind", FLOODS)
def test_an_endless_imap_greeting(kind):
    with serving(imap_server((FLOODS[kind],))) as port:
        assert isinstance(cheap(SentFolder(imap(port)).open), Outcome)


MANY_FOLDERS = b"".join(
    b'* LIST (\\HasNoChildren) "/" "folder %d"\r\n' % number
    for number in range(100_000)
)
WHOLE = {
    "a literal of gigabytes": b"* 1 FETCH (UID 11 X {4000000000}\r\n",
    "a literal of a huge number": b"* 1 FETCH (UID 11 X {" + b"9" * 5000 + b"}\r\n",
    "lists in lists": b"* 1 FETCH " + b"(" * 200_000 + b"\r\n",
    "closed lists": b"* 1 FETCH " + b"(" * 900 + b")" * 900 + b"\r\n",
    "pairs": b"* 1 FETCH " + b"()" * 120_000 + b"\r\n",
    "no end of a text": b'* 1 FETCH (UID 11 X "' + b"\\" * 100_000 + b"\r\n",
    "a body in a list": b"* 1 FETCH (UID 11 BODY[HEADER] (a b))\r\n",
    "a body that is a number": b"* 1 FETCH (UID 11 BODY[HEADER] 4000000000)\r\n",
    "no key": b"* 1 FETCH (UID 11 (1) 2)\r\n",
    "no list": b"* 1 FETCH 5\r\n",
    "an envelope": b"* 1 FETCH (UID 11 ENVELOPE (1))\r\n",
    "a structure": b"* 1 FETCH (UID 11 BODYSTRUCTURE (1 (2)) RFC822.SIZE 4)\r\n",
    "another one's": b"* 9 FETCH (UID 99 BODY[HEADER] {3}\r\nabc)\r\n" * 5000,
    "millions of UIDs": b"* SEARCH" + b" 1234567" * 500_000 + b"\r\n",
    "UIDs that are none": b"* SEARCH 1 x -5 (MODSEQ) " + b"9" * 5000 + b"\r\n",
    "100,000 folders": MANY_FOLDERS,
    "folders without end": b"* LIST ((((((\r\n",
    "folders that are none": b"* LIST 5 6 7\r\n* LIST NIL NIL NIL\r\n* LIST (1) 2\r\n",
}


@pytest.mark.parametrize("kind", WHOLE)
def test_an_imap_answer_of_any_kind(kind):
    answers = {"SEARCH": b"* SEARCH 11\r\n", "FETCH": WHOLE[kind]}
    if b"SEARCH" in WHOLE[kind]:
        answers = {"SEARCH": WHOLE[kind]}
    with serving(imap_server(**answers, LIST=WHOLE[kind])) as port:
        result = cheap(lambda: look(port))
        assert isinstance(cheap(SentFolder(imap(port)).open), Outcome)
    assert isinstance(result, Outcome) or result.found == []


@pytest.mark.parametrize("command", ["greeting", "CAPABILITY", "LIST"])
def test_an_imap_server_that_drips(command):
    def talk(sock):
        if command != "greeting":
            sock.sendall(b"* OK hi\r\n")
        drip(b"* OK x\r\n", pause=0.2, seconds=8)(sock)

    with serving(talk) as port:
        started = time.monotonic()
        outcome, seconds, _peak = cost(SentFolder(imap(port, timeout=0.4)).open)
        assert time.monotonic() - started < 7
    assert isinstance(outcome, Unavailable) and seconds < SECONDS


@pytest.mark.parametrize(
    "greeting",
    [
        b"-ERR internal-service token=abc123\r\n",
        b"220 mail.example ESMTP token=abc123\r\n",
        b"HTTP/1.1 400 token=abc123\r\n\r\n",
        b"* token=abc123\r\n",
        b"* NO token=abc123\r\n",
        b"token=abc123",
        b"\0\1\2token=abc123\n",
    ],
)
def test_of_another_service_nothing_is_shown(greeting):
    def talk(sock):
        sock.sendall(greeting)

    with serving(talk) as port:
        settings = imap(port)
        outcome = cheap(SentFolder(settings).open)
        assert isinstance(outcome, AdminActionRequired)
        assert outcome.reason is Reason.NOT_A_MAIL_SERVER
        assert (outcome.code, outcome.detail) == ("", "")
        if not greeting.startswith(b"220"):
            outcome = cheap(smtp(port).check)
            assert outcome.reason is Reason.NOT_A_MAIL_SERVER
            assert (outcome.code, outcome.detail) == ("", "")


def folder_lines(count, name, *more):
    lines = [b'* LIST (\\HasNoChildren) "/" "' + name % n + b'"' for n in range(count)]
    return b"".join(line + b"\r\n" for line in (*lines, *more))


LONG_NAME = b"&BBoEOwQ4BDUEPQRCBEs- &BDg- &BD8EPgRBBEIEMAQyBEkEOAQ6BDg- " * 3 + b"%04d"
SENT = {
    "by its use": b'* LIST (\\Sent) "/" "Shipped"',
    "by its name": b'* LIST () "/" "Gesendete Objekte"',
    "by a name in other letters": b'* LIST () "/" "&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-"',
    "in a literal": b'* LIST () "/" {4}\r\nSent',
}


@pytest.mark.parametrize("how", SENT)
@pytest.mark.parametrize("count, name", [(2_000, LONG_NAME), (25_000, b"Buyer.%d")])
def test_a_mailbox_with_thousands_of_folders(count, name, how):
    odd = b'* LIST () "/" "R & D\xf6ner"'
    answer = folder_lines(count, name, odd, SENT[how])
    with serving(imap_server(LIST=answer)) as port:
        assert cheap(SentFolder(imap(port)).open) is None


def test_thousands_of_folders_called_sent_are_too_many():
    with serving(imap_server(LIST=folder_lines(20_000, b"%d/Sent"))) as port:
        assert cheap(SentFolder(imap(port)).open).reason == TOO_LONG


def special_use_server(asked, answer):
    """A server with SPECIAL-USE; *asked* gets the arguments of each LIST."""
    capable = b"* CAPABILITY IMAP4rev1 SPECIAL-USE LIST-EXTENDED\r\n"

    def talk(sock):
        sock.sendall(b"* OK hi\r\n")
        for line in sock.makefile("rb"):
            tag, _space, command = line.strip().partition(b" ")
            name, _space, rest = command.partition(b" ")
            done = b" OK done\r\n"
            if name == b"CAPABILITY":
                sock.sendall(capable)
            if name == b"LIST":
                asked.append(rest)
                said, done = answer(rest)
                sock.sendall(said)
            sock.sendall(tag + done)

    return talk


@pytest.mark.parametrize("heeds", [True, False])
def test_only_folders_with_a_use_are_asked_for_first(heeds):
    asked = []

    def answer(rest):
        if rest.startswith(b"(") and not heeds:
            return b"", b" BAD what?\r\n"
        return SENT["by its use"] + b"\r\n", b" OK done\r\n"

    with serving(special_use_server(asked, answer)) as port:
        SentFolder(imap(port)).open()
    all_of_them = [] if heeds else [b'"" "*"']
    assert asked == [b'(SPECIAL-USE) "" "*"', *all_of_them]


def test_no_folders_are_asked_for_if_no_copy_is_wanted():
    asked, nothing = [], lambda rest: (b"", b" OK done\r\n")
    with serving(special_use_server(asked, nothing)) as port:
        folder = SentFolder(imap(port, sent_copy="never"))
        folder.open()
        assert asked == []
        assert folder.find("<a@x.example>") is None
    assert len(asked) == 2, "only for what has to be found"


class BigInbox:
    """An IMAP server whose Inbox has these UIDs; it heeds what a SEARCH asks for."""

    def __init__(self, uids, before=b""):
        self.uids, self.before, self.searches = uids, before, 0

    def talk(self, sock):
        sock.sendall(b"* OK [CAPABILITY IMAP4rev1] hi\r\n")
        for line in sock.makefile("rb"):
            tag, *words = line.decode().split()
            name = words[1] if words[0] == "UID" else words[0]
            sock.sendall(self.before if name == "FETCH" else b"")
            answer = getattr(self, name.lower(), lambda *_: "")(*words[2:])
            sock.sendall(f"{answer}{tag} OK done\r\n".encode())

    def capability(self, *_):
        return "* CAPABILITY IMAP4rev1\r\n"

    def examine(self, *_):
        return f"* {len(self.uids)} EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n"

    def search(self, *words):
        self.searches += 1
        found = []
        if words[0] == "UID":
            first, last = words[1].split(":")
            end = self.uids[-1] if last == "*" else int(last)
            begin = bisect_left(self.uids, min(int(first), self.uids[-1]))
            found = self.uids[begin : bisect_right(self.uids, end)]
        else:
            found = [self.uids[int(words[0]) - 1]]
        return f"* SEARCH {' '.join(map(str, found))}\r\n"

    def fetch(self, uids, what, *_):
        head = "Message-ID: <a@x.example>\r\n\r\n"
        date = 'INTERNALDATE "28-Nov-2036 10:00:00 +0000"'
        lines = []
        for part in uids.split(","):
            first, _colon, last = part.partition(":")
            for uid in range(int(first), int(last or first) + 1):
                item = f"BODY[HEADER] {{{len(head)}}}\r\n{head}"
                item = date if "INTERNALDATE" in what else item
                lines.append(f"* 1 FETCH (UID {uid} {item})\r\n")
        return "".join(lines)


def pages(server, cursor, count=3):
    """The UIDs that are shown by so many looks, one after the other."""
    shown = []
    with serving(server.talk) as port:
        box = Inbox(imap(port))
        for _look in range(count):
            fetched = box.fetch_since(
                cursor, lambda heads: shown.extend(int(h.key) for h in heads) or [], 50
            )
            cursor = fetched.cursor
        box.close()
    return shown, fetched


@pytest.mark.parametrize("step", [1, 9_001])
def test_an_inbox_with_so_many_emails_that_no_answer_holds_their_uids(step):
    uids = [step * number for number in range(1, 400_001)]
    for place in (0, 5, 200_000):
        server = BigInbox(uids)
        shown, fetched = pages(server, CURSOR | {"uid": uids[place]})
        assert shown == uids[place + 1 : place + 151]
        assert fetched.more and server.searches < 30
    shown, fetched = pages(BigInbox(uids), CURSOR | {"uid": uids[-3]})
    assert (shown, fetched.more) == (uids[-2:], False)


@pytest.mark.parametrize("cursor", [{"at": CURSOR["at"]}, CURSOR | {"validity": 6}])
def test_so_many_emails_at_the_first_look(cursor):
    uids = [7 * number for number in range(1, 100_001)]
    shown, fetched = pages(BigInbox(uids), cursor)
    assert (shown, fetched.more) == (uids[:150], True)


def test_thousands_are_deleted_while_we_look():
    server = BigInbox([11, 12], before=b"* 3 EXPUNGE\r\n" * 6000)
    assert pages(server, CURSOR, 1)[0] == [11, 12]


def test_an_inbox_that_claims_to_have_billions_of_emails():
    answers = {"EXAMINE": b"* 4000000000 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n"}
    with serving(imap_server(SEARCH=b"* SEARCH 11\r\n", **answers)) as port:
        assert cheap(lambda: look(port)).found == []


# -- HTTP ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def tls(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture(scope="module")
def ca_file(authority, tmp_path_factory):
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


def get(port, ca_file):
    with Wire(ca_file) as wire:
        return wire.call("GET", f"https://localhost:{port}/", token="t")


def post(port, ca_file):
    with Wire(ca_file) as wire:
        return wire.call("POST", f"https://localhost:{port}/", token="t", data=b"x")


def ask_for_token(port, ca_file):
    with TokenWire(ca_file) as wire:
        try:
            return wire.post(f"https://localhost:{port}/", data={"a": "b"})
        except OSError as error:  # what msal and google-auth expect
            return error


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
ENDLESS_HTTP = {
    "body": (b"x" * 4096, OK + b"\r\n"),
    "a body of terabytes": (b"x" * 4096, OK + b"Content-Length: 9999999999999\r\n\r\n"),
    "chunks": (b"1000\r\n" + b"x" * 4096 + b"\r\n", CHUNKED),
    "small chunks": (b"1\r\nx\r\n", CHUNKED),
    "a chunk's size": (b"1" * 4096, CHUNKED),
    "trailers": (b"A: b\r\n", CHUNKED + b"0\r\n"),
    "headers": (b"A: b\r\n", OK),
    "a header": (b"x" * 4096, OK + b"A: "),
    "a status line": (b"x" * 4096, b"HTTP/1.1 200 "),
    "continue": (b"HTTP/1.1 100 Continue\r\n\r\n", b""),
    "cookies": (b"Set-Cookie: a=" + b"b" * 9000 + b"\r\n", OK),
}


def told(talk):
    """Read the request first: an answer before it is another fault."""

    def answer(sock):
        sock.recv(65536)
        talk(sock)

    return answer


@pytest.mark.parametrize("kind", ENDLESS_HTTP)
def test_an_endless_http_answer(kind, tls, ca_file):
    piece, before = ENDLESS_HTTP[kind]
    with serving(told(flood(piece, before)), tls) as port:
        got = cheap(lambda: get(port, ca_file))
        sent = cheap(lambda: post(port, ca_file))
        token = cheap(lambda: ask_for_token(port, ca_file))
    assert isinstance(got, Unavailable)
    assert isinstance(sent, OutcomeUnknown) or sent.cut
    assert isinstance(token, OSError)


def bomb(size):
    packer = zlib.compressobj(9, wbits=31)
    return packer.compress(b"[" * size) + packer.flush()


WHOLE_HTTP = {
    "a gzip bomb": (b"Content-Encoding: gzip\r\n", bomb(500 * 2**20)),
    "deflate": (b"Content-Encoding: deflate\r\n", zlib.compress(b" " * 2**26)),
    "lists in lists": (b"", b"[" * 1_000_000),
    "objects in objects": (b"", b'{"a":' * 300_000),
    "a million lists": (b"", b'{"value":[' + b"[]," * 600_000 + b"[]]}"),
    "a million objects": (b"", b'{"value":[' + b'{"":0},' * 250_000 + b"{}]}"),
    "a huge number": (b"", b'{"value":' + b"9" * 1_500_000 + b"}"),
    "huge numbers": (b"", b'{"value":[' + (b"9" * 4000 + b",") * 400 + b"1]}"),
    "wide letters": (b"", '{"value":"😀'.encode() + b"x" * 1_900_000 + b'"}'),
    "escapes": (b"", b'{"value":"' + b"\\ud83d" * 300_000 + b'"}'),
    "bytes": (b"Content-Type: text/html\r\n", bytes(range(256)) * 8000),
    "UTF-16": (b"", '{"value":[]}'.encode("utf-16")),
}


@pytest.mark.parametrize("kind", WHOLE_HTTP)
def test_an_http_answer_of_any_kind(kind, tls, ca_file):
    headers, body = WHOLE_HTTP[kind]
    length = f"Content-Length: {len(body)}\r\n\r\n".encode()

    def talk(sock):
        sock.sendall(OK + headers + length + body)

    with serving(told(talk), tls) as port:
        cheap(lambda: get(port, ca_file).json())
        cheap(lambda: ask_for_token(port, ca_file))


def test_small_chunks_of_an_honest_server(tls, ca_file):
    body = json.dumps({"value": "x" * 205_000}).encode()
    pieces = [body[at : at + 16] for at in range(0, len(body), 16)]
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)

    def talk(sock):
        sock.sendall(CHUNKED + chunks + b"0\r\n\r\n")

    with serving(told(talk), tls) as port:
        assert cheap(lambda: get(port, ca_file)).content == body


def test_what_is_packed_all_the_same_is_no_answer(tls, ca_file):
    body = gzip.compress(b'{"value": []}')
    head = b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)

    def talk(sock):
        sock.sendall(OK + head + body)
        sock.recv(65536)  # what else was said; not a reset

    with serving(told(talk), tls) as port:
        outcome = cheap(lambda: get(port, ca_file))
        assert (type(outcome), outcome.reason) == (Unavailable, Reason.PROVIDER_DOWN)
        sent = post(port, ca_file)
        assert (sent.status, sent.cut) == (200, True), "its status tells"


@pytest.mark.parametrize("before", [b"", OK + b"\r\n", OK + b"A: ", CHUNKED])
def test_an_http_server_that_drips(before, tls, ca_file, monkeypatch):
    module = "account_email_connector.providers.oauth.http"
    monkeypatch.setattr(f"{module}.SEND_TIMEOUT", (5, 0.7))
    with serving(told(drip(b"1\r\nx\r\n", before, pause=0.2)), tls) as port:
        started = time.monotonic()
        outcome, seconds, _peak = cost(lambda: get(port, ca_file))
        assert time.monotonic() - started < 6
    assert isinstance(outcome, Unavailable) and seconds < SECONDS


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_token_is_not_asked_for_elsewhere(status, tls, ca_file):
    asked = []
    body = json.dumps({}).encode()

    def talk(sock):
        asked.append(sock.recv(65536).split(b" ")[1])
        head = (
            f"HTTP/1.1 {status} x\r\nLocation: /elsewhere\r\nContent-Length: 2\r\n\r\n"
        )
        sock.sendall(head.encode() + body)
        sock.recv(1)  # what else was said; not a reset

    with serving(talk, tls) as port:
        assert ask_for_token(port, ca_file).status_code == status
    assert asked == [b"/"]


def test_nothing_is_said_unencrypted():
    with pytest.raises(Unavailable), Wire() as wire:
        wire.call("GET", "http://127.0.0.1:1/", token="t")


def test_a_socket_s_own_files_are_bounded():
    with serving(flood(b"x")) as port, Socket() as sock:
        sock.connect(("127.0.0.1", port))
        with sock.makefile("rb") as file, pytest.raises(OSError):
            file.read()
