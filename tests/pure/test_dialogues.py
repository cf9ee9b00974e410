"""A thousand dialogues with servers that misbehave, each as nobody has thought of.

Whatever they do, it ends in time, with success or one of the six outcomes; no email is
sent twice; and of none that was accepted is it said that it was not.
"""

from types import SimpleNamespace

import pytest
from account_email_connector.providers import bounded, deadline
from account_email_connector.providers.base import SentCopy
from account_email_connector.providers.imap import sent as imap_sent
from account_email_connector.providers.imap import session as imap_session
from account_email_connector.providers.incoming import Fetched
from account_email_connector.providers.outcomes import (
    AdminActionRequired,
    Outcome,
    OutcomeUnknown,
    Rejected,
    SignInRequired,
)
from account_email_connector.providers.reasons import Reason
from account_email_connector.providers.smtp import body as smtp_body
from account_email_connector.providers.smtp import line as smtp_line
from account_email_connector.providers.smtp import session as smtp_session
from account_email_connector.providers.smtp.mailbox import SmtpMailbox, SmtpSettings
from dialogues import CUT, IMAP_ANSWERS, STALL, USUAL, Clock, ImapTruth, SmtpTruth, Wire
from hostile import serving
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st
from mail_helpers import compose

SECRET = "planted-secret"
SIX = set(Outcome.__subclasses__())
ATTEMPTS = 3
EMAILS = [compose(f"Reminder {number}", to=["a@b.example"]) for number in range(2)]


def examples(number):
    """So many, the same each time."""
    return settings(
        max_examples=number,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


# -- what a server may do ------------------------------------------------------------

CODES = st.sampled_from(
    [
        *(
            b"250",
            b"250",
            b"220",
            b"354",
            b"334",
            b"235",
            b"251",
            b"421",
            b"450",
            b"451",
        ),
        *(b"452", b"454", b"500", b"501", b"502", b"503", b"504", b"530", b"535"),
        *(b"550", b"550", b"552", b"554", b"100", b"199", b"300", b"600", b"999"),
    ]
)
WORDS = st.sampled_from(
    [
        *(
            b"ok",
            b"",
            b"2.0.0 queued as 1",
            b"4.4.0 lost connection",
            b"4.7.1 too many",
        ),
        *(b"5.1.1 user unknown", b"5.7.1 relaying denied", b"5.7.8 bad password"),
        *(b"4.2.0 greylisted", b"daily sending limit exceeded", b"4.3.0 later"),
        *(b"caf\xe9 \xff\xfe", "Später".encode(), b"\0", b"x" * 600, b"LONG"),
        *(
            b"AUTH PLAIN LOGIN",
            b"SIZE 1",
            b"STARTTLS",
            b"SMTPUTF8",
            b"<1@a.outlook.com>",
        ),
    ]
)
LONG = b"LONG", b"y" * 70_000
ENDS = st.sampled_from([b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r", b""])
REPLY = st.builds(
    lambda code, words, end: code + b" " + words.replace(*LONG) + end,
    *(CODES, WORDS, ENDS),
)
SEVERAL = st.builds(
    lambda rows: b"".join(
        code + (b" " if number == len(rows) - 1 else b"-") + words + b"\r\n"
        for number, (code, words) in enumerate(rows)
    ),
    st.lists(st.tuples(CODES, WORDS), min_size=2, max_size=4),
)
NO_REPLY = st.one_of(
    st.sampled_from(
        [
            *(b"\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-x\r\n", b"25"),
            *(b"+OK\r\n", b"* OK\r\n", b"250-\r\n" * 600, b"250-unfinished\r\n"),
        ]
    ),
    st.binary(max_size=8),
)
PLAUSIBLE = st.sampled_from(
    [
        *(b"550 5.1.1 User unknown\r\n", b"552 5.3.4 Message too large\r\n"),
        *(b"450 4.2.0 Greylisted\r\n", b"421 4.7.0 Try again later\r\n"),
        *(b"535 5.7.8 Bad password\r\n", b"452 4.5.3 Too many recipients\r\n"),
        *(
            b"550 Daily sending limit exceeded\r\n",
            b"554 5.7.1 Relay access denied\r\n",
        ),
        *(b"550 No such user\r\n", b"432 4.3.2 Too many connections\r\n"),
    ]
)
SAID = st.one_of(REPLY, REPLY, PLAUSIBLE, SEVERAL, NO_REPLY)


def cut_short(said, at):
    return said[: at % (len(said) + 1)]


def dripping(said):
    """A byte every three seconds."""
    return [event for byte in said[:200] for event in (3, bytes([byte]))]


DEEDS = st.one_of(
    SAID.map(lambda said: [said]),
    SAID.map(lambda said: [said]),
    # answers before the questions
    st.lists(SAID, min_size=1, max_size=3).map(lambda several: [USUAL, *several]),
    st.lists(SAID, min_size=2, max_size=4).map(lambda several: [b"".join(several)]),
    st.builds(lambda said, at: [cut_short(said, at), CUT], SAID, st.integers(0, 99)),
    st.builds(lambda said, at: [cut_short(said, at), STALL], SAID, st.integers(0, 99)),
    st.builds(
        lambda said, wait: [wait, said], SAID, st.sampled_from([1, 9, 30, 55, 600])
    ),
    REPLY.map(dripping),
    st.sampled_from([[], [CUT], [STALL], [600, CUT], [30, USUAL], [USUAL, CUT]]),
)
STAGES = ("greeting", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "dot", "rset")
TIMES = st.tuples(st.sampled_from([*STAGES, "dot", "dot", "data"]), st.integers(0, 3))
ODD = st.dictionaries(TIMES, st.tuples(DEEDS, st.booleans()), min_size=1, max_size=4)
EXTENSIONS = st.sampled_from(
    [
        (b"SIZE 99999999", b"8BITMIME", b"STARTTLS", b"AUTH PLAIN LOGIN"),
        (b"AUTH LOGIN PLAIN", b"STARTTLS"),
        (b"AUTH CRAM-MD5", b"SIZE", b"STARTTLS", b"SMTPUTF8"),
    ]
)


def connected(patch, module, clock, truth):
    """Let a provider's module talk with that server, whatever its encryption."""

    def connect(*_args, **_options):
        return Wire(clock, truth.connection())

    tls = SimpleNamespace(wrap_socket=lambda sock, **_options: sock)
    patch.setattr(module, "open_socket", connect)
    patch.setattr(module, "encrypt", lambda sock, host, context: sock)
    patch.setattr(module, "tls_context", lambda ca_file="": tls)
    patch.setattr(module, "speaks_tls", lambda *args: False)


# -- SMTP ----------------------------------------------------------------------------


class Run:
    """A mailbox on such a server, and the rule of the journal."""

    def __init__(self, patch, truth, encryption):
        self.clock, self.truth = Clock(), truth
        self.ends, self.longest = [], 0
        self._encryption = encryption
        modules = (bounded, deadline, smtp_line, smtp_body)
        self.clock.patch(patch, *modules)
        connected(patch, smtp_session, self.clock, truth)
        self.box = self._new()

    def _new(self):
        on = {"host": "mail.example", "port": 587, "encryption": self._encryption}
        return SmtpMailbox(SmtpSettings(**on, user="planted-user", password=SECRET))

    def send(self, email):
        """As the journal does: again only where nothing was sent for sure."""
        for _attempt in range(ATTEMPTS):
            taken = self.truth.accepted.count(email.message_id)
            outcome = self._attempt(email)
            if outcome is None:
                return
            if isinstance(outcome, OutcomeUnknown):
                assert not self.box.surely_sent(email.message_id)
                return
            after = self.truth.accepted.count(email.message_id)
            assert after == taken, f"accepted, and said to be not: {outcome!r}"
            if isinstance(outcome, Rejected):
                return
            if isinstance(outcome, (SignInRequired, AdminActionRequired)):
                self.box = self._new()  # a person has mended it

    def _attempt(self, email):
        began = self.clock.now
        try:
            receipt = self.box.send(email)
            assert SECRET not in repr(receipt)
            self.ends.append("sent")
            return None
        except Outcome as outcome:
            assert type(outcome) in SIX and SECRET not in repr(vars(outcome))
            self.ends.append(type(outcome).__name__)
            return outcome
        finally:
            self.longest = max(self.longest, self.clock.now - began)


#: Signing in, an answer for each step until DATA, the body, and the last answer.
IN_TIME = 60 + 5 * 40 + smtp_body.BODY_SECONDS + 40


def after_the_dot(said):
    """It accepts the email, says that, and the line is good for nothing."""
    return example({("dot", 0): ([said], True)}, (b"AUTH PLAIN",), "none")


@examples(1500)
@after_the_dot(b"250-ok\r\n450 Later\r\n")
@after_the_dot(b"421-ok\r\n450 Later\r\n")
@after_the_dot(b"421 2.0.0 queued as 1\r\n")
@given(
    odd=ODD,
    extensions=EXTENSIONS,
    encryption=st.sampled_from(["none", "none", "ssl", "starttls"]),
)
def test_smtp(odd, extensions, encryption):
    truth = SmtpTruth(odd, extensions)
    with pytest.MonkeyPatch.context() as patch:
        run = Run(patch, truth, encryption)
        for email in EMAILS:
            run.send(email)
            taken = truth.accepted.count(email.message_id)
            assert taken <= 1, f"sent {taken} times: {run.ends}"
    assert run.longest <= IN_TIME
    for kind in run.ends:
        event(kind)  # to be seen with --hypothesis-show-statistics


@pytest.mark.parametrize("early", ["450 4.2.0 Later", "550 5.7.1 No", "250 2.0.0 Yes"])
def test_an_answer_before_the_end_is_not_the_answer_to_the_end(early):
    """After it the final dot does not leave: so for sure nothing was accepted."""
    heard = bytearray()

    def talk(sock):
        file = sock.makefile("rb")
        for reply in ("220 hi", "250 hi", "250 ok", "250 ok", "354 go"):
            if not reply.startswith("220"):
                file.readline()
            sock.sendall(reply.encode() + b"\r\n")
        heard.extend(file.readline())
        sock.sendall(early.encode() + b"\r\n")
        heard.extend(file.read())

    with serving(talk) as port:
        on = SmtpSettings("127.0.0.1", port, "none", timeout=5, data_timeout=5)
        with SmtpMailbox(on) as mailbox, pytest.raises(Outcome) as caught:
            mailbox.send(compose(body="y" * 8_000_000))
        assert not isinstance(caught.value, OutcomeUnknown)
        assert caught.value.code == early[: len(caught.value.code)]
    assert b"\r\n.\r\n" not in heard


def test_what_is_said_before_the_encryption_counts_for_nothing():
    """https://nostarttls.secvuln.info"""
    promised = b"250-evil\r\n250 AUTH PLAIN\r\n235 ok\r\n250 ok\r\n250 ok\r\n"
    truth = SmtpTruth({("starttls", 0): ([USUAL, promised], False)}, [b"STARTTLS"])
    with pytest.MonkeyPatch.context() as patch:
        run = Run(patch, truth, "starttls")
        with pytest.raises(AdminActionRequired) as caught:
            run.box.check()
    assert caught.value.reason is Reason.AUTH_NOT_OFFERED


# -- IMAP ----------------------------------------------------------------------------

TAGGED = [b"%T OK done", b"%T NO no", b"%T BAD what", b"%T", b"AAAA99 OK", b"* BYE bye"]
LINES = st.sampled_from(
    [
        *(line + b"\r\n" for line in TAGGED),
        *(b"+ \r\n", b"+ go\r\n", b"* OK hi\r\n", b"* PREAUTH hi\r\n", b"* BYE\r\n"),
        *(b"* 0 EXISTS\r\n", b"* 99999999999 EXISTS\r\n", b"* 1 EXPUNGE\r\n"),
        *(b"* OK [UIDVALIDITY 8] x\r\n", b"* SEARCH\r\n", b"* SEARCH 13 -1 x\r\n"),
        *(b"* SEARCH 4294967296 11\r\n", b"* CAPABILITY IMAP4rev1\r\n"),
        *(b"* CAPABILITY X-GM-EXT-1 AUTH=PLAIN\r\n", b"* LIST () NIL {3}\r\nabc\r\n"),
        *(
            b'* LIST (\\Sent) "/" "\xff\xfe&"\r\n',
            b"* LIST (\r\n",
            b"* NAMESPACE (\r\n",
        ),
        # sizes that lie
        *(b"* 1 FETCH (UID 11 BODY[] {5}\r\nabcdefghij)\r\n",),
        *(b"* 1 FETCH (UID 11 BODY[] {50}\r\nshort)\r\n",),
        *(b"* 1 FETCH (UID 11 BODY[] {4000000000}\r\n", b"* 1 FETCH (UID 11 {-1}\r\n"),
        *(
            b"* 1 FETCH (UID 11 BODY[] {0}\r\n)\r\n",
            b"* 1 FETCH (UID 12 BODY[] NIL)\r\n",
        ),
        *(
            b"* 1 FETCH (UID 77 FLAGS ())\r\n",
            b"* 1 FETCH ((((((\r\n",
            b"* 1 FETCH\r\n",
        ),
        *(b"HTTP/1.1 400 Bad\r\n\r\n", b"220 smtp\r\n", b"\xff\0\r\n", b"\r\n", b"* "),
    ]
)
ANSWER = st.lists(LINES, min_size=1, max_size=4).map(b"".join)
ENDED = ANSWER.map(lambda said: [said + b"%T OK done\r\n"])
FLOOD = st.sampled_from([b"* OK x\r\n" * 12_000, b"* " + b"x" * 300_000 + b"\r\n"])
IMAP_DEEDS = st.one_of(
    *(ENDED, ENDED, ANSWER.map(lambda said: [said])),
    ANSWER.map(lambda said: [USUAL, said]),
    ANSWER.map(lambda said: [said, USUAL]),
    st.builds(lambda said, at: [cut_short(said, at), CUT], ANSWER, st.integers(0, 99)),
    st.builds(
        lambda said, at: [cut_short(said, at), STALL], ANSWER, st.integers(0, 99)
    ),
    st.builds(lambda wait: [wait, USUAL], st.sampled_from([5, 25, 600])),
    *(ANSWER.map(dripping), FLOOD.map(lambda said: [said, USUAL])),
    st.sampled_from([[], [CUT], [STALL], [b"* BYE\r\n", CUT], [USUAL, CUT]]),
)
COMMANDS = st.sampled_from(
    [b"", *IMAP_ANSWERS, b"FILED", b"STARTTLS", b"NOOP", b"CREATE", b"NAMESPACE"]
)
IMAP_ODD = st.dictionaries(
    st.tuples(COMMANDS, st.integers(0, 2)), IMAP_DEEDS, min_size=1, max_size=4
)
AT = "2026-01-01T00:00:00+00:00"
CURSORS = st.sampled_from(
    [{"at": AT}, *({"at": AT, "validity": each, "uid": 10} for each in (7, 8))]
)
#: Some dozen commands, three times the limit at most for each.
LOOK_IN_TIME = 600


@examples(500)
@given(odd=IMAP_ODD, cursor=CURSORS, encryption=st.sampled_from(["ssl", "starttls"]))
def test_imap(odd, cursor, encryption):
    truth, clock = ImapTruth(odd), Clock()
    values = {"host": "mail.example", "port": 465, "encryption": "ssl"}
    account = {"user": "planted-user", "password": SECRET}
    imap = {"imap_host": "mail.example", "imap_encryption": encryption}
    on = SmtpSettings(**values, **account, **imap)
    email = EMAILS[0]
    with pytest.MonkeyPatch.context() as patch:
        clock.patch(patch, bounded, deadline, imap_sent)
        connected(patch, imap_session, clock, truth)
        box = SmtpMailbox(on)
        for action in (
            lambda: box.file_copy(email),
            lambda: box.fetch_since(cursor, lambda heads: heads, 2),
            lambda: box.surely_sent(email.message_id),
            box.sent_folders,
        ):
            began = clock.now
            result = ended(action)
            assert clock.now - began <= LOOK_IN_TIME
            assert SECRET not in repr(result) + repr(getattr(result, "__dict__", ""))
            event(type(result).__name__)
            assert truth.filed <= 1, "a copy was filed twice"
        box.close()


def ended(action):
    """What it ends with: what it returns, or an outcome."""
    try:
        result = action()
    except Outcome as outcome:
        assert type(outcome) in SIX
        return outcome
    if isinstance(result, SentCopy):
        assert result.state in ("filed", "by_provider", "owed", "held", "failed")
    assert isinstance(result, (SentCopy, Fetched, bool, list))
    return result
