"""No email of an Inbox is lost or handed out twice, whatever the lists look like.

Emails arrive in generated lists: late, out of order, at once, with dates in the future,
some of them broken. Each is looked at exactly once: by IMAP, at Graph and at Gmail.
"""

import base64
import json
import re
from datetime import datetime, timedelta, timezone
from typing import NamedTuple
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import pytest
from account_email_connector.providers import time_cursor
from account_email_connector.providers.google.inbox import GmailInbox
from account_email_connector.providers.imap import inbox as imap_inbox
from account_email_connector.providers.imap.inbox import Inbox
from account_email_connector.providers.microsoft.inbox import GraphInbox
from account_email_connector.providers.oauth.answer import Answer
from account_email_connector.providers.outcomes import Unavailable
from account_email_connector.providers.reasons import Reason
from account_email_connector.providers.settings import SmtpSettings
from account_email_connector.providers.time_cursor import MOST_SEEN, OVERLAP
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from imapclient.exceptions import IMAPClientError

NOW = datetime.now(timezone.utc).replace(microsecond=0)
BEGIN = NOW - timedelta(days=2)
FIRST = {"at": BEGIN.isoformat()}
MINUTES = int(OVERLAP.total_seconds() // 60)


class Email(NamedTuple):
    """When it arrives, as the provider says, and at which look it is listed first."""

    key: str
    at: datetime
    look: int
    broken: bool = False


# -- Providers that list what they are told to ---------------------------------------


class Graph:
    """Graph, with pages of at most *most*."""

    def __init__(self, most=1000):
        self.emails, self.most, self.calls = [], most, 0

    def inbox(self):
        return GraphInbox(self.call, "https://graph.example/me")

    def call(self, method, url, longest=None):
        self.calls += 1
        parts = urlsplit(url)
        if "mailFolders" not in parts.path:
            return self.one(parts.path.split("/")[3])
        asked = {name: value for name, [value] in parse_qs(parts.query).items()}
        rows = self.listed(asked)
        skip, top = int(asked.get("$skip", 0)), min(int(asked["$top"]), self.most)
        page = [self.row(each) for each in rows[skip : skip + top]]
        more = {"@odata.nextLink": "x"} if len(rows) > skip + top else {}
        return self.answer({"value": page} | more)

    def one(self, key):
        if any(each.broken for each in self.emails if each.key == key):
            raise Unavailable(Reason.PROVIDER_DOWN)
        return self.answer({"internetMessageHeaders": []})

    def listed(self, asked):
        since = asked["$filter"].removeprefix("receivedDateTime ge ")
        since = datetime.fromisoformat(since.replace("Z", "+00:00"))
        heads = "internetMessageHeaders" in asked["$select"]
        rows = [e for e in self.emails if e.at >= since and not (heads and e.broken)]
        return sorted(rows, key=lambda each: each.at)

    def row(self, email):
        return {"id": email.key, "receivedDateTime": email.at.isoformat()}

    def answer(self, body):
        return Answer(200, {}, json.dumps(body).encode())


class Gmail:
    """Gmail, which lists the newest first, or as *shuffle* says."""

    def __init__(self, shuffle=lambda rows: None):
        self.emails, self.shuffle, self.calls = [], shuffle, 0

    def inbox(self):
        return GmailInbox(self, self.run)

    def run(self, answer):
        self.calls += 1
        if isinstance(answer, Exception):
            raise answer
        return answer

    def list(self, q, maxResults, pageToken="0", **_):
        bounds = {name: int(at) for name, at in re.findall(r"(\w+):(\d+)", q)}
        rows = [
            each
            for each in self.emails
            if bounds["after"] < each.at.timestamp() < bounds.get("before", 9e99)
        ]
        rows.sort(key=lambda each: each.at, reverse=True)
        self.shuffle(rows)
        start = int(pageToken)
        page = [{"id": each.key} for each in rows[start : start + maxResults]]
        more = len(rows) > start + maxResults
        return {"messages": page} | (
            {"nextPageToken": str(start + maxResults)} if more else {}
        )

    def get(self, id, **_):  # as Google calls it
        [email] = [each for each in self.emails if each.key == id]
        if email.broken:
            return Unavailable(Reason.PROVIDER_DOWN)
        at = str(int(email.at.timestamp() * 1000))
        return {"id": id, "internalDate": at, "payload": {"headers": []}, "raw": RAW}


RAW = base64.urlsafe_b64encode(b"Subject: x\r\n\r\n").decode()


class Imap:
    """An IMAP server's Inbox, as IMAPClient shows it: keys are UIDs."""

    def __init__(self):
        self.emails, self.validity, self.calls = [], 7, 0

    def inbox(self):
        box = Inbox(SmtpSettings("x", 1, "none", imap_host="x"))
        box._client = self
        return box

    def noop(self):
        pass

    def select_folder(self, name, readonly):
        uids = [int(each.key) for each in self.emails]
        next_ = max(uids, default=0) + 1
        return {
            **{b"UIDVALIDITY": self.validity, b"EXISTS": len(uids)},
            b"UIDNEXT": next_,
        }

    def search(self, asked):
        self.calls += 1
        uids = sorted(int(each.key) for each in self.emails)
        if asked[0] != "UID":
            return [uids[int(asked[0]) - 1]] if uids else []
        first, end = asked[1].split(":")
        last = max(uids, default=0)
        between = range(min(int(first), last), (last if end == "*" else int(end)) + 1)
        found = [uid for uid in uids if uid in between]
        return self.since(asked[3], found) if len(asked) > 2 else found

    def since(self, day, uids):
        dates = {int(each.key): each.at for each in self.emails}
        return [uid for uid in uids if dates[uid].date() >= day]

    def fetch(self, uids, items):
        self.calls += 1
        emails = {int(each.key): each for each in self.emails}
        if any(emails[uid].broken for uid in uids if uid in emails):
            raise IMAPClientError("NO [SERVERBUG]")
        if items == ["INTERNALDATE"]:
            return {uid: {b"INTERNALDATE": emails[uid].at} for uid in uids}
        return {uid: {items[0].replace(".PEEK", "").encode(): b"A: b"} for uid in uids}


# -- Looks ----------------------------------------------------------------------------


def look_till_the_end(provider, cursor, limit, most=2000):
    """The keys that are handed out until there is no more, the cursor, and how many
    were skipped."""
    keys, skipped = [], 0
    for _page in range(most):
        fetched = provider.inbox().fetch_since(
            cursor, lambda heads: keys.extend(head.key for head in heads) or [], limit
        )
        cursor = json.loads(json.dumps(fetched.cursor))
        skipped += fetched.skipped
        if not fetched.more:
            return keys, cursor, skipped
    raise AssertionError("there is no end to it")


def handed_out(provider, emails, looks, limit):
    """What is handed out in so many looks."""
    cursor, keys, skipped = FIRST, [], 0
    for number in range(looks):
        provider.emails = [each for each in emails if each.look <= number]
        some, cursor, passed_over = look_till_the_end(provider, cursor, limit)
        keys += some
        skipped += passed_over
    return keys, skipped


LOOKS = 6
# Looks are two minutes apart: an email is listed at most four of them late.
LATE = 4


@st.composite
def lists(draw):
    """Emails that arrive between looks, and are listed then, or some looks later."""
    found = []
    for number in range(draw(st.integers(0, 25))):
        arrives = draw(st.integers(0, LOOKS - 1))
        seconds = draw(st.sampled_from([1, 1, 2, 30, 59, 119]))
        at = NOW - timedelta(hours=1) + timedelta(minutes=2 * arrives, seconds=seconds)
        late = draw(st.integers(0, min(LATE, LOOKS - 1 - arrives)))
        if draw(st.integers(0, 9)) == 0:
            at = NOW + timedelta(hours=draw(st.integers(1, 20)))
        found.append(Email(f"key{number}", at, arrives + late))
    return found


fast = settings(
    deadline=None,
    derandomize=True,
    max_examples=40,
    suppress_health_check=list(HealthCheck),
)


def once_each(keys, emails):
    assert sorted(keys) == sorted(each.key for each in emails)


@fast
@given(lists(), st.integers(1, 7), st.integers(2, 40))
def test_graph_hands_out_each_once(emails, limit, most):
    keys, skipped = handed_out(Graph(max(most, limit + 1)), emails, LOOKS, limit)
    once_each(keys, emails)
    assert skipped == 0


@fast
@given(lists(), st.integers(1, 7), st.randoms(use_true_random=False))
def test_gmail_hands_out_each_once_in_whatever_order_it_lists(emails, limit, random):
    keys, skipped = handed_out(Gmail(random.shuffle), emails, LOOKS, limit)
    once_each(keys, emails)
    assert skipped == 0


@fast
@given(lists(), st.integers(1, 7), st.data())
def test_imap_hands_out_each_once(emails, limit, data):
    """Some UIDs are listed late: the order of UIDs is not that of the looks."""
    uids = data.draw(st.permutations(range(1, len(emails) + 1)))
    found = [
        each._replace(key=str(uid)) for each, uid in zip(emails, uids, strict=True)
    ]
    # A first look at an empty Inbox: from there on UIDs count.
    later = [each._replace(look=each.look + 1) for each in found]
    keys, skipped = handed_out(Imap(), later, LOOKS + 1, limit)
    once_each(keys, found)
    assert skipped == 0


@fast
@given(lists(), st.integers(2, 7), st.sets(st.integers(0, 24), max_size=4))
def test_one_that_is_broken_is_counted_and_hides_no_other(emails, limit, broken):
    marked = [each._replace(broken=n in broken) for n, each in enumerate(emails)]
    good = [each for each in marked if not each.broken]
    # One that can be read is there at each page: else it is the server that is broken.
    for provider in (Graph(), Gmail()):
        try:
            keys, skipped = handed_out(provider, marked, LOOKS, limit)
        except Unavailable:
            continue
        once_each(keys, good)
        assert skipped == len(marked) - len(good)


PROVIDERS = pytest.mark.parametrize("kind", [Graph, Gmail, Imap])


def many(count, at=NOW - timedelta(hours=1), step=0.0):
    return [
        Email(str(number + 1), at + timedelta(seconds=int(step * number)), 1)
        for number in range(count)
    ]


@PROVIDERS
@pytest.mark.parametrize("step", [0.5, 10])
def test_seven_hundred_at_once(kind, step):
    emails = many(700, NOW - timedelta(hours=3), step)
    provider = kind()
    keys, _skipped = handed_out(provider, emails, 3, 50)
    once_each(keys, emails)


@PROVIDERS
def test_more_within_the_overlap_than_can_be_remembered(kind):
    emails = many(3 * MOST_SEEN, NOW - timedelta(hours=1), 0.1)
    keys, _skipped = handed_out(kind(), emails, 2, 50)
    once_each(keys, emails)


@pytest.mark.parametrize("kind", [Graph, Gmail])
def test_a_folder_of_a_hundred_thousand(kind):
    """Of which all are new, and nobody waits for the end of it."""
    step = timedelta(days=1.9) / 100_000
    emails = [Email(f"k{n}", BEGIN + n * step, 0) for n in range(1, 100_001)]
    provider, cursor, keys = kind(), FIRST, []
    provider.emails = emails
    for _look in range(3):
        fetched = provider.inbox().fetch_since(
            cursor, lambda heads: keys.extend(head.key for head in heads) or [], 50
        )
        cursor = fetched.cursor
        assert fetched.more
    assert sorted(keys) == sorted(each.key for each in emails[:150])
    assert provider.calls < 500
    assert len(json.dumps(cursor)) < 10_000


@pytest.mark.parametrize("kind", [Graph, Gmail])
def test_a_date_in_the_future_hides_nothing(kind):
    far = Email("far", NOW + timedelta(hours=20), 0)
    later = [Email(f"k{n}", NOW - timedelta(minutes=40 - n), n) for n in range(1, 6)]
    keys, _skipped = handed_out(kind(), [far, *later], 6, 50)
    once_each(keys, [far, *later])


@pytest.mark.parametrize("kind", [Graph, Gmail])
def test_the_cursor_is_never_later_than_now(kind):
    provider = kind()
    provider.emails = [Email("far", NOW + timedelta(hours=20), 0)]
    _keys, cursor, _skipped = look_till_the_end(provider, FIRST, 50)
    assert time_cursor.moment(cursor) <= datetime.now(timezone.utc) - OVERLAP


@pytest.mark.parametrize("kind", [Graph, Gmail])
def test_a_cursor_of_before_is_understood(kind):
    at = NOW - timedelta(hours=1)
    provider = kind()
    provider.emails = [Email("a", at, 0), Email("b", at, 0)]
    old = {"at": at.isoformat(), "seen": ["a"]}
    assert look_till_the_end(provider, old, 50)[0] == ["b"]


def test_an_imap_cursor_of_before_is_understood():
    provider = Imap()
    provider.emails = many(5)
    old = {"at": NOW.isoformat(), "validity": 7, "uid": 3}
    keys, cursor, _skipped = look_till_the_end(provider, old, 50)
    assert keys == ["4", "5"]
    assert (cursor["uid"], cursor["from"], cursor["seen"]) == (5, 3, [4, 5])


def test_imap_forgets_what_is_far_behind():
    provider = Imap()
    provider.emails = many(1000)
    old = {"at": NOW.isoformat(), "validity": 7, "uid": 0}
    _keys, cursor, _skipped = look_till_the_end(provider, old, 50)
    assert cursor["seen"] == list(range(1001 - imap_inbox.BACK, 1001))


def test_imap_uidvalidity_changes_in_the_middle_of_a_backlog():
    """What was not looked at yet is older than the last look."""
    provider, keys = Imap(), []
    days = [Email(str(n), NOW - timedelta(days=10 - n), 0) for n in range(1, 10)]
    provider.emails = days
    start = {"at": (NOW - timedelta(days=10)).isoformat(), "validity": 7, "uid": 0}

    def choose(heads):
        keys.extend(head.key for head in heads)
        return []

    fetched = provider.inbox().fetch_since(start, choose, 2)
    assert (fetched.more, fetched.cursor["at"]) == (True, start["at"])
    provider.validity = 8
    keys += look_till_the_end(provider, fetched.cursor, 2)[0]
    assert {each.key for each in days} == {*keys}


def test_imap_a_date_that_is_refused_at_the_first_look():
    provider = Imap()
    emails = many(40)
    provider.emails = [*emails[:7], emails[7]._replace(broken=True), *emails[8:]]
    keys, cursor, skipped = look_till_the_end(provider, FIRST, 50)
    once_each(keys, emails[:7] + emails[8:])
    assert (skipped, cursor["uid"]) == (1, 40)


def test_imap_one_that_is_listed_before_it_can_be_had():
    provider = Imap()
    provider.emails = many(3)
    fetch = provider.fetch

    def without(uids, items):
        return {uid: row for uid, row in fetch(uids, items).items() if uid != 2}

    start = {"at": NOW.isoformat(), "validity": 7, "uid": 0}
    with mock.patch.object(provider, "fetch", without):
        keys, cursor, skipped = look_till_the_end(provider, start, 50)
    assert (keys, skipped) == (["1", "3"], 0)
    assert look_till_the_end(provider, cursor, 50)[0] == ["2"]
