"""What is new in an Inbox: over real IMAP, and at our stand-in for Graph and Gmail."""

import logging
import time
from datetime import datetime, timedelta, timezone

import incoming_samples as samples
import pytest
from account_email_connector.providers.google import signin as google_signin
from account_email_connector.providers.google.mailbox import GoogleMailbox
from account_email_connector.providers.incoming import (
    LONGEST,
    Bounce,
    Reply,
    may_be_report,
    parse,
    references,
)
from account_email_connector.providers.microsoft import signin as microsoft_signin
from account_email_connector.providers.microsoft.mailbox import MicrosoftMailbox
from account_email_connector.providers.outcomes import (
    AdminActionRequired,
    SignInRequired,
    Unavailable,
)
from account_email_connector.providers.reasons import Reason
from account_email_connector.providers.smtp.mailbox import SmtpMailbox, SmtpSettings
from incoming_samples import OURS
from mail_helpers import ACCOUNT, PASSWORD
from mailserver import MailServer, closed_port
from oauth_samples import an_email
from standin import StandIn, delivery
from standin.person import Person
from test_imap import signed_in
from test_oauth_standin import (
    ANNA,
    CLARA,
    GOOGLE_CALLBACK,
    MICROSOFT_CALLBACK,
    SHARED,
    app,
    params,
)

READONLY = "https://www.googleapis.com/auth/gmail.readonly"
BASE = "http://127.0.0.1:8069"


def now(**later):
    return {"at": (datetime.now(timezone.utc) + timedelta(**later)).isoformat()}


def a_moment_ago():
    """A cursor before whatever this test has put into the Inbox."""
    return now(minutes=-1)


def ours(heads):
    """What the engine chooses: whatever may be about our email."""
    return [
        h for h in heads if OURS in references(h.headers) or may_be_report(h.headers)
    ]


def everything(heads):
    return heads


def nothing(heads):
    return []


# -- IMAP ----------------------------------------------------------------------------


@pytest.fixture
def server():
    with MailServer({ACCOUNT: PASSWORD}) as running:
        yield running


@pytest.fixture
def california(monkeypatch):
    """This machine's local time is that of California."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "America/Los_Angeles")
        time.tzset()
        yield
    time.tzset()


def imap_mailbox(server, **changes):
    return SmtpMailbox(SmtpSettings(**server.settings(ACCOUNT, **changes)))


def arrives(server, *mails):
    with signed_in(server) as client:
        for mail in mails:
            client.append("INBOX", mail)


def test_imap_from_one_look_to_the_next(server):
    arrives(server, samples.reply(), samples.unrelated(), samples.postfix_bounce())
    with imap_mailbox(server) as box:
        first = box.fetch_since(a_moment_ago(), ours)
        assert [type(parse(found.raw)) for found in first.found] == [Reply, Bounce]
        assert first.more is False
        again = box.fetch_since(first.cursor, everything)
        assert again.found == []
        arrives(server, samples.outlook())
        later = box.fetch_since(again.cursor, ours)
        assert [parse(found.raw).sender for found in later.found] == [samples.CUSTOMER]


def test_imap_looks_at_headers_first(server):
    arrives(server, samples.unrelated())
    seen = []

    def choose(heads):
        seen.extend(heads)
        return []

    with imap_mailbox(server) as box:
        assert box.fetch_since(a_moment_ago(), choose).found == []
    [head] = seen
    assert head.headers["Subject"] == "Re: Your open invoices"
    assert "PRIVATE-WORDS" not in head.headers.as_string()


def test_imap_changes_nothing(server):
    arrives(server, samples.reply())
    with imap_mailbox(server) as box:
        assert len(box.fetch_since(a_moment_ago(), ours).found) == 1
    with signed_in(server) as client:
        client.select_folder("INBOX", readonly=True)
        [flags] = client.get_flags(client.search()).values()
    assert b"\\Seen" not in flags


def test_imap_page_by_page(server):
    arrives(server, *[samples.reply(own=f"<{n}@x.example>") for n in range(5)])
    cursor, ids, pages = a_moment_ago(), [], 0
    with imap_mailbox(server) as box:
        while True:
            fetched = box.fetch_since(cursor, ours, limit=2)
            assert len(fetched.found) <= 2
            ids += [parse(found.raw).message_id for found in fetched.found]
            cursor, pages = fetched.cursor, pages + 1
            if not fetched.more:
                break
    assert ids == [f"<{n}@x.example>" for n in range(5)]
    assert pages == 3


def test_imap_after_uidvalidity_has_changed(server):
    arrives(server, samples.reply())
    with imap_mailbox(server) as box:
        cursor = box.fetch_since(a_moment_ago(), nothing).cursor
        assert box.fetch_since(cursor, ours).found == []
        other = {**cursor, "validity": cursor["validity"] + 1}
        assert len(box.fetch_since(other, ours).found) == 1, "better twice than never"
        long_ago = {**other, "at": now(days=3)["at"]}
        assert box.fetch_since(long_ago, ours).found == [], "not the whole mailbox"


def test_imap_reads_nothing_from_before_it_was_switched_on(server):
    begin = datetime.now(timezone.utc)
    seen = []
    with signed_in(server) as client:
        for seconds in (-3600, -1, 1):
            arrived = begin + timedelta(seconds=seconds)
            client.append("INBOX", samples.reply(own=f"<{seconds}@x>"), (), arrived)
    with imap_mailbox(server) as box:
        box.fetch_since({"at": begin.isoformat()}, lambda h: seen.extend(h) or [])
    assert [head.headers["Message-ID"] for head in seen] == ["<1@x>"]


def test_imap_misses_nothing_in_the_hour_that_comes_twice(server, california):
    begin = datetime(2025, 11, 2, 9, 30, tzinfo=timezone.utc)  # 1:30 once more there
    with signed_in(server) as client:
        client.append("INBOX", samples.reply(), (), begin + timedelta(minutes=1))
    with imap_mailbox(server) as box:
        assert len(box.fetch_since({"at": begin.isoformat()}, ours).found) == 1


def test_imap_reads_the_beginning_of_a_huge_one(server):
    arrives(server, samples.huge())
    with imap_mailbox(server) as box:
        [found] = box.fetch_since(a_moment_ago(), ours).found
    assert len(found.raw) <= LONGEST
    assert parse(found.raw).text.strip() == "See the film."


def test_imap_logs_nobodys_email(server, caplog):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("imapclient.imaplib").setLevel(logging.DEBUG)
    arrives(server, samples.reply(), samples.unrelated())
    with imap_mailbox(server) as box:
        box.fetch_since(a_moment_ago(), everything)
    assert "PRIVATE-WORDS" not in caplog.text
    assert "We paid on Friday" not in caplog.text


def test_imap_wrong_password_is_tried_once(server):
    with imap_mailbox(server, password="wrong") as box:
        for _ in range(2):
            with pytest.raises(SignInRequired) as caught:
                box.fetch_since(a_moment_ago(), nothing)
    assert caught.value.reason is Reason.WRONG_PASSWORD


def test_imap_out_of_reach(server):
    with (
        imap_mailbox(server, imap_port=closed_port()) as box,
        pytest.raises(Unavailable),
    ):
        box.fetch_since(a_moment_ago(), nothing)


def test_without_imap_there_is_nothing_to_read(server):
    with imap_mailbox(server, imap_host="") as box:
        cursor = now()
        assert box.fetch_since(cursor, everything) == ([], cursor, False, 0)


# -- Graph and Gmail -----------------------------------------------------------------


@pytest.fixture(scope="module")
def running():
    with StandIn(redirect_bases=[BASE], state=None) as found:
        yield found


@pytest.fixture
def standin(running):
    running.control.reset()
    return running


def microsoft(standin, extra=("Mail.Read",), shared="", address=ANNA):
    if extra:  # else Microsoft's default policy asks for an administrator's approval
        standin.control.tenant("bluelake.example", consent="user")
    found = app(standin, "microsoft")
    begun = microsoft_signin.start(
        found, MICROSOFT_CALLBACK, shared=bool(shared), extra_scopes=extra
    )
    callback = Person(standin.url).sign_in(begun.url, address)
    grant = microsoft_signin.finish(found, begun.kept, params(callback))
    return MicrosoftMailbox(
        found, grant.token, address, lambda token: None, shared_address=shared
    )


def google(standin, extra=(READONLY,), ticks="all"):
    found = app(standin, "google")
    begun = google_signin.start(found, GOOGLE_CALLBACK, extra_scopes=extra)
    url = begun.url.replace(standin.tls_url, standin.url)
    callback = Person(standin.url).sign_in(url, CLARA, ticks=ticks)
    grant = google_signin.finish(found, begun.kept, params(callback))
    return GoogleMailbox(found, grant.token, CLARA, lambda token: None)


MAILBOXES = pytest.mark.parametrize(
    "sign_in, address", [(microsoft, ANNA), (google, CLARA)], ids=["graph", "gmail"]
)


@MAILBOXES
def test_api_from_one_look_to_the_next(standin, sign_in, address):
    with sign_in(standin) as box:
        receipt = box.send(an_email())
        cursor = a_moment_ago()
        assert box.fetch_since(cursor, everything).found == []
        standin.control.reply(address, text="Paid.")
        standin.control.bounce(address)
        first = box.fetch_since(cursor, everything)
        kinds = {type(parse(found.raw, found.thread_id)) for found in first.found}
        assert kinds == {Reply, Bounce}
        assert box.fetch_since(first.cursor, everything).found == []
        standin.control.reply(address, text="Really.")
        [later] = box.fetch_since(first.cursor, everything).found
        assert parse(later.raw).text.strip() == "Really."
        if receipt.thread_id:
            assert later.thread_id == receipt.thread_id


@MAILBOXES
def test_api_page_by_page(standin, sign_in, address):
    with sign_in(standin) as box:
        box.send(an_email())
        for n in range(5):
            standin.control.reply(address, text=f"Answer {n}")
        cursor, texts = a_moment_ago(), []
        for _ in range(5):
            fetched = box.fetch_since(cursor, everything, limit=2)
            assert len(fetched.found) <= 2
            texts += [parse(found.raw).text.strip() for found in fetched.found]
            cursor = fetched.cursor
            if not fetched.more:
                break
    assert sorted(texts) == [f"Answer {n}" for n in range(5)]


@MAILBOXES
def test_api_reads_no_body_that_was_not_chosen(standin, sign_in, address):
    with sign_in(standin) as box:
        box.send(an_email())
        standin.control.reply(address)
        before = len(standin.control.calls())
        seen = []
        box.fetch_since(a_moment_ago(), lambda heads: seen.extend(heads) or [])
    [head] = seen
    assert references(head.headers)
    assert "Thank you" not in head.headers.as_string()
    assert len(standin.control.calls()) - before <= 2


@MAILBOXES
def test_api_reads_nothing_from_before_it_was_switched_on(standin, sign_in, address):
    seen = []
    with sign_in(standin) as box:
        box.send(an_email())
        arrived = standin.control.reply(address, text="Nobody shall see this.")["at"]
        begin = datetime.fromtimestamp(int(arrived) + 1, timezone.utc)
        box.fetch_since({"at": begin.isoformat()}, lambda h: seen.extend(h) or [])
    assert seen == []


def test_graph_knows_the_conversation(standin):
    with microsoft(standin) as box:
        email = an_email()
        box.send(email)
        standin.control.reply(ANNA)
        [found] = box.fetch_since(a_moment_ago(), everything).found
        filed = box.find_filed(email.message_id)
        assert filed.thread_id == found.thread_id
        assert "/mailboxes/message/" in filed.web_link
        assert box.find_filed("<nobody's@x>") is None


def test_graph_answers_to_a_shared_mailbox(standin):
    """They come into its own Inbox."""
    extra = ("Mail.Read", "Mail.Read.Shared")
    delivery.put(standin.store, SHARED, "inbox", samples.reply())
    delivery.put(standin.store, ANNA, "inbox", samples.unrelated())
    with microsoft(standin, extra, shared=SHARED) as box:
        [found] = box.fetch_since(a_moment_ago(), everything).found
    assert parse(found.raw).refers_to[0] == OURS


def test_graph_without_the_permission(standin):
    refusals = (SignInRequired, AdminActionRequired)
    with microsoft(standin, extra=()) as box, pytest.raises(refusals):
        box.fetch_since(now(), everything)
    with microsoft(standin, extra=()) as box:
        box.check()
        box.send(an_email())
    assert len(standin.control.log()) == 1, "sending goes on"


def test_gmail_without_the_permission(standin):
    with google(standin, extra=()) as box:
        with pytest.raises(SignInRequired) as caught:
            box.fetch_since(now(), everything)
        assert caught.value.reason is Reason.PERMISSION_MISSING
        box.send(an_email())
    assert len(standin.control.log()) == 1, "sending goes on"


@MAILBOXES
def test_off_means_off(standin, sign_in, address):
    """Whoever has not switched it on is asked for nothing more."""
    with sign_in(standin, ()) as box:
        box.refresh()
        granted = box._tokens.granted()
    assert not any(
        "read" in scope.lower().replace("user.read", "") for scope in granted
    )
