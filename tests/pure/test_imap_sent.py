"""The Sent folder as servers have it: created, chosen, and filled by whom."""

import re
import time
import unicodedata
from datetime import datetime, timezone

import pytest
from account_email_connector.providers.imap import sent
from account_email_connector.providers.imap.folder_names import (
    may_be_sent,
    named,
    readable,
)
from account_email_connector.providers.imap.line import Namespaces
from account_email_connector.providers.imap.sent import SentFolder
from account_email_connector.providers.imap.sent_names import ELSE, NAMES, OTHERS, RANKS
from account_email_connector.providers.outcomes import AdminActionRequired
from account_email_connector.providers.reasons import Reason
from account_email_connector.providers.settings import SmtpSettings
from hostile import serving
from hypothesis import given, settings
from hypothesis import strategies as st
from imapclient.imap_utf7 import encode

DATE = datetime(2026, 2, 2, tzinfo=timezone.utc)


class Server:
    """An IMAP server with these folders (``{name: flags}``) and these habits.

    :param refuses: commands that it answers with NO.
    :param files_after: it files each email by itself at its so-manieth command SEARCH.
    :param top: below which all folders have to be.
    """

    def __init__(self, folders, mark=b"/", namespace=b"", **habits):
        self.folders, self.mark, self.namespace = dict(folders), mark, namespace
        self.refuses = habits.pop("refuses", ())
        self.silent = habits.pop("silent", ())
        self.files_after = habits.pop("files_after", None)
        self.top = habits.pop("top", b"")
        self.commands, self.kept = [], []
        self.searches = 0

    def talk(self, sock):
        lines = sock.makefile("rb")
        sock.sendall(b"* OK [CAPABILITY " + self.capabilities() + b"] hi\r\n")
        for line in lines:
            tag, _, command = line.strip().partition(b" ")
            name, _, rest = command.removeprefix(b"UID ").partition(b" ")
            self.commands.append((name, rest))
            if name in self.silent:
                continue
            if name == b"APPEND":
                sock.sendall(b"+ go\r\n")
                size = int(re.search(rb"{(\d+)}", rest)[1])
                self.kept.append(lines.read(size))
                lines.readline()
            said = self.untagged(name, rest)
            words = b"NO no\r\n" if self.no(name, rest) else b"OK done\r\n"
            sock.sendall(said + tag + b" " + words)

    def capabilities(self):
        return b"IMAP4rev1" + (b" NAMESPACE" if self.namespace else b"")

    def no(self, name, rest):
        if name == b"CREATE":
            folder = rest.strip(b'"')
            if not folder.startswith(self.top):
                return True
            self.folders[folder] = b""
        return name in self.refuses

    def untagged(self, name, rest):
        say = getattr(self, f"say_{name.decode().lower()}", lambda rest: b"")
        return say(rest)

    def say_capability(self, rest):
        return b"* CAPABILITY " + self.capabilities() + b"\r\n"

    def say_namespace(self, rest):
        return b"* NAMESPACE " + self.namespace + b"\r\n"

    def say_list(self, rest):
        return b"".join(
            b'* LIST (%s) "%s" "%s"\r\n' % (flags, self.mark, folder)
            for folder, flags in self.folders.items()
        )

    def say_examine(self, rest):
        return b"* %d EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n" % len(self.kept)

    def say_search(self, rest):
        if b"SEARCH" in self.refuses:
            return b""
        self.searches += 1
        if self.searches == self.files_after:
            self.kept.append(rest)
        wanted = re.search(rb"<[^>]+>", rest)[0]
        uids = [str(n) for n, raw in enumerate(self.kept, 1) if wanted in raw]
        return f"* SEARCH {' '.join(uids)}\r\n".encode()

    def say_fetch(self, rest):
        found = []
        for number, raw in enumerate(self.kept, 1):
            id_ = re.search(rb"Message-ID: <[^>]+>", raw)[0]
            item = b"* %d FETCH (UID %d BODY[HEADER.FIELDS (MESSAGE-ID)] {%d}\r\n"
            found.append(item % (number, number, len(id_)) + id_ + b")\r\n")
        return b"".join(found)

    def asked(self, name):
        return [rest for command, rest in self.commands if command == name]


@pytest.fixture
def folder_on():
    """Make a SentFolder of a server."""
    ends = []

    def make(server, **changes):
        ways = serving(server.talk)
        port = ways.__enter__()
        settings = {"imap_port": port, "sent_habit": "ours", "timeout": 2} | changes
        values = {"host": "mail.x.example", "port": 1, "encryption": "none"}
        folder = SentFolder(
            SmtpSettings(
                **values | settings,
                user="u",
                password="p",
                imap_host="127.0.0.1",
                imap_encryption="none",
            )
        )
        ends.append((folder, ways))
        return folder

    yield make
    for folder, ways in ends:
        folder.close()
        ways.__exit__(None, None, None)


def file(folder, number=1):
    id_ = f"<{number}@x.example>"
    raw = f"Message-ID: {id_}\r\n\r\nx\r\n".encode()
    return folder.file(raw, [id_], DATE)


NEW = {b"INBOX": b"", b"Drafts": b"", b"Corbeille": b"", b"Foo": b"\\Junk"}


def test_a_new_mailbox_gets_one_and_subscribes_to_it(folder_on):
    server = Server(NEW)
    assert file(folder_on(server)).state == "filed"
    assert server.asked(b"CREATE") == [b'"Sent"']
    assert server.asked(b"SUBSCRIBE") == [b'"Sent"']


@pytest.mark.parametrize(
    "namespace, top, mark, wanted",
    [
        (b'(("INBOX." ".")) NIL NIL', b"INBOX.", b".", b"INBOX.Sent"),
        (b'(("Mail/" "/")) (("~" "/")) NIL', b"Mail/", b"/", b"Mail/Sent"),
        (b"", b"INBOX.", b".", b"INBOX.Sent"),
        (b"", b"INBOX/", b"/", b"INBOX/Sent"),
    ],
)
def test_it_is_created_where_folders_may_be(folder_on, namespace, top, mark, wanted):
    server = Server({b"INBOX": b""}, mark, namespace, top=top)
    assert file(folder_on(server)).state == "filed"
    assert server.asked(b"CREATE")[-1] == b'"' + wanted + b'"'
    assert wanted in server.asked(b"APPEND")[0]


def test_it_is_not_created_beside_a_folder_that_may_be_it(folder_on):
    server = Server(NEW | {b"Kua tukuna": b""})
    copy = file(folder_on(server))
    assert (copy.state, "sent_folder_not_found" in copy.warning) == ("owed", True)
    assert not server.asked(b"CREATE")


def test_one_that_cannot_be_created_is_said_with_the_servers_words(folder_on):
    folder = folder_on(Server(NEW, refuses=[b"CREATE"]))
    with pytest.raises(AdminActionRequired) as caught:
        folder.open()
    assert caught.value.reason is Reason.SENT_FOLDER_NOT_FOUND
    assert "no" in caught.value.detail


def test_what_may_be_chosen_is_listed_even_where_sent_is_not_found(folder_on):
    folders = {
        **{b"INBOX": b"", b"Kua tukuna": b"", b"\xc3\x89t\xc3\xa9": b"", b"7": b""},
        **{b"&AMk-t&AOk-": b"", b"Shared": b"\\Noselect", b"user.boss.Sent": b""},
    }
    namespace = b'(("" ".")) (("user." ".")) NIL'
    folder = folder_on(Server(folders, b".", namespace))
    assert folder.choices() == ["7", "Kua tukuna", "Été"]


@pytest.mark.parametrize(
    "chosen, on_server",
    [("Kua tukuna", b"Kua tukuna"), ("Été", b"&AMk-t&AOk-"), ("Été", "Été".encode())],
)
def test_the_chosen_one_is_taken(folder_on, chosen, on_server):
    server = Server({b"INBOX": b"", b"Sent": b"\\Sent", on_server: b""})
    assert file(folder_on(server, sent_folder=chosen)).state == "filed"
    assert on_server in server.asked(b"APPEND")[0]
    assert not server.asked(b"CREATE")


def test_and_created_if_it_is_not_there(folder_on):
    server = Server({b"INBOX": b"", b"Stuff": b""})
    assert file(folder_on(server, sent_folder="Envoyés 2")).state == "filed"
    assert server.asked(b"CREATE") == [b'"Envoy&AOk-s 2"']


def test_none_is_created_where_the_server_files_by_itself(folder_on):
    """Gmail's can be hidden from IMAP."""
    server = Server({b"INBOX": b"", b"[Gmail]": b"\\Noselect"})
    copy = file(folder_on(server, host="smtp.gmail.com"))
    assert (copy.state, "sent_folder_not_found" in copy.warning) == ("owed", True)
    assert not server.asked(b"CREATE")


def test_the_chosen_one_is_where_an_email_is_looked_for(folder_on):
    server = Server({b"INBOX": b"", b"Sent": b"\\Sent", b"Kua tukuna": b""})
    folder = folder_on(server, sent_folder="Kua tukuna", sent_copy="never")
    assert folder.find("<1@x.example>") is False
    assert server.asked(b"EXAMINE") == [b'"Kua tukuna"']


def test_a_colleagues_folder_is_not_ours_though_it_is_marked(folder_on):
    folders = {b"INBOX": b"", b"user/boss/Sent": b"\\Sent", b"Gesendet": b""}
    server = Server(folders, b"/", b'(("" "/")) (("user/" "/")) (("" "/"))')
    assert file(folder_on(server)).state == "filed"
    assert b'"Gesendet"' in server.asked(b"APPEND")[0]


def test_whose_a_folder_is():
    """https://www.cyrusimap.org/imap/reference/admin/namespaces.html"""
    cyrus = Namespaces((b"INBOX.",), (b"user.", b""))
    assert cyrus.is_own(b"INBOX.Sent")
    assert not cyrus.is_own(b"user.boss.Sent")
    assert not cyrus.is_own(b"public")
    assert Namespaces().is_own(b"Sent")


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_known_however_it_is_written(name):
    for raw in (name.encode(), encode(name)):
        for path in (raw, b"INBOX/" + raw):
            assert may_be_sent(b"", b"/", path), path
            assert named([((), b"/", path)]) == path


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    st.sampled_from([name for name in NAMES if len(name) > 6]),
    st.sampled_from([str, str.upper, str.title]),
    st.sampled_from(" _-"),
    st.booleans(),
)
def test_people_leave_out_accents_and_join_words(name, cased, mark, bare):
    written = unicodedata.normalize("NFD", cased(name)).replace(" ", mark)
    if bare:
        written = re.sub("[\u0300-\u036f]", "", written)
    assert named([((), b"/", written.encode())]) == written.encode()
    assert may_be_sent(b"", b"/", encode(written))


@pytest.mark.parametrize(
    "name",
    ["Sent_Items", "sent-mail", "SentMail", "Envoyes", "Elements-envoyes", "Wyslane"]
    + ["Odeslane", "ENVOYE\u0301S", "Gonderilmis_Ogeler", "Sent\u00a0Items"],
)
def test_a_usual_name_as_people_write_it(name):
    assert named([((), b"/", encode(name))]) == encode(name)


@pytest.mark.parametrize(
    "name",
    ["Sent to archive", "Sent_to_Bob", "Not-sent", "Unsent", "Resent", "Sent 2024"]
    + ["Sandi", "Sant", "Presents", "Sent-Archive", "Sending", "Essential", "_", "-"]
    + list(OTHERS),
)
def test_a_name_that_only_resembles_one(name):
    assert named([((), b"/", encode(name))]) == b""
    assert not may_be_sent(b"", b"/", encode(name))


def test_names_are_of_one_use_only():
    assert not RANKS.keys() & ELSE


@pytest.mark.parametrize(
    "raw", [b"\xff\xfe", b"&", b"&AMk", b"&!!-", b"\xc3&AOk-", b"&2D0-", b""]
)
def test_a_name_of_any_bytes_is_readable(raw):
    assert isinstance(readable(raw), str)
    assert may_be_sent(b"", b"/", raw) is False


# -- By whom it is filled ------------------------------------------------------------


@pytest.mark.parametrize("way", ["refuses", "silent"])
def test_a_server_that_does_not_search_is_asked_for_the_newest(folder_on, way):
    server = Server({b"INBOX": b"", b"Sent": b""}, **{way: [b"SEARCH"]})
    folder = folder_on(server, timeout=0.5)
    copies = [file(folder, number) for number in (1, 2, 1)]
    states = [copy.state for copy in copies]
    assert states == ["filed", "filed", "by_provider"], copies
    assert len(server.kept) == 2
    assert len(server.asked(b"SEARCH")) == 1, "it has said so"
    assert folder.find("<2@x.example>") is True
    assert folder.find("<3@x.example>") is None, "it may be further down"


def test_what_a_server_does_by_itself_is_learnt_by_waiting(folder_on):
    server = Server({b"INBOX": b"", b"Sent": b""}, files_after=2)
    folder = folder_on(server, sent_habit="")
    copy = file(folder)
    assert (copy.state, copy.habit) == ("by_provider", "provider")
    assert len(server.kept) == 1


def test_or_by_looking_once_more(folder_on, monkeypatch):
    """It files an email when we have filed it."""
    monkeypatch.setattr(sent, "WAITS", (0,))
    server = Server({b"INBOX": b"", b"Sent": b""})
    folder = folder_on(server, sent_habit="")
    assert file(folder).habit == "ours"
    server.kept += [server.kept[0], b"Message-ID: <2@x.example>"]
    copy = file(folder, 2)
    assert (copy.state, copy.habit) == ("by_provider", "provider")
    assert len(server.kept) == 3


def test_a_server_that_leaves_it_to_us_is_waited_for_once(folder_on, monkeypatch):
    waited = []
    monkeypatch.setattr(time, "sleep", waited.append)
    server = Server({b"INBOX": b"", b"Sent": b""})
    folder = folder_on(server, sent_habit="")
    assert [file(folder, n).habit for n in range(5)] == ["ours"] * 5
    assert waited == list(sent.WAITS[1:])
    assert len(server.kept) == 5


def test_a_server_that_has_stopped_to_file_loses_no_copy(folder_on, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    server = Server({b"INBOX": b"", b"Sent": b""})
    folder = folder_on(server, sent_habit="provider")
    first = file(folder, 1)
    assert (first.state, bool(first.warning), first.habit) == ("by_provider", True, "")
    second = file(folder, 2)
    assert (second.state, second.habit) == ("filed", "ours")
    assert [raw.split()[1] for raw in server.kept] == [
        *(b"<1@x.example>", b"<2@x.example>")
    ]


def test_the_next_session_knows_what_this_one_has_learnt(folder_on, monkeypatch):
    waited = []
    monkeypatch.setattr(time, "sleep", waited.append)
    server = Server({b"INBOX": b"", b"Sent": b""})
    first = folder_on(server, sent_habit="")
    assert file(first, 1).state == "filed"
    assert sum(waited) == 3
    waited.clear()
    following = folder_on(server, sent_habit=first.habit)
    assert [file(following, n).state for n in (2, 3)] == ["filed"] * 2
    assert waited == []
    assert len(server.kept) == 3


def test_nor_are_there_two_copies_where_the_server_files(folder_on, monkeypatch):
    server = Server({b"INBOX": b"", b"Sent": b""}, files_after=2)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    first = folder_on(server, sent_habit="")
    assert file(first, 1).state == "by_provider"
    assert first.habit == "provider"
    server.files_after = server.searches + 2  # it takes a moment for the next one too
    following = folder_on(server, sent_habit=first.habit)
    assert file(following, 2).state == "by_provider"
    assert len(server.kept) == 2


@pytest.mark.parametrize("comes", [True, False])
def test_the_last_one_of_a_session_has_one_copy(folder_on, monkeypatch, comes):
    """The server files late, or has stopped to file: no other email comes after it."""
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    server = Server({b"INBOX": b"", b"Sent": b""})
    folder = folder_on(server, sent_habit="provider")
    assert file(folder, 1).state == "by_provider"
    server.files_after = server.searches + 2 if comes else None
    folder.finish()
    assert len(server.kept) == 1
    assert folder.habit == ("provider" if comes else "")
    folder.finish()
    assert len(server.kept) == 1


def test_what_cannot_be_finished_is_not_in_the_way(folder_on, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    server = Server({b"INBOX": b"", b"Sent": b""})
    folder = folder_on(server, sent_habit="provider")
    file(folder, 1)
    server.refuses = (b"APPEND",)
    folder.finish()


def test_always_asks_for_no_habit(folder_on, monkeypatch):
    monkeypatch.setattr(time, "sleep", pytest.fail)
    server = Server({b"INBOX": b"", b"Sent": b""})
    folder = folder_on(server, sent_habit="", sent_copy="always")
    assert file(folder).state == "filed"


# -- One email in each session -------------------------------------------------------


class Filing(Server):
    """It files what is sent by itself, so many seconds *later*; never if None."""

    def __init__(self, clock, later, **habits):
        super().__init__({b"INBOX": b"", b"Sent": b""}, **habits)
        self.clock, self.later, self.coming = clock, later, []

    def accept(self, number):
        if self.later is not None:
            raw = b"Message-ID: <%d@x.example>\r\n\r\nx\r\n" % number
            self.coming.append((self.clock.now + self.later, raw))

    def arrive(self):
        self.kept += [raw for at, raw in self.coming if at <= self.clock.now]
        self.coming = [each for each in self.coming if each[0] > self.clock.now]

    def untagged(self, name, rest):
        self.arrive()
        return super().untagged(name, rest)


class World:
    """Emails on a clock of their own, through one mailbox."""

    def __init__(self, folder_on, monkeypatch):
        self.now, self.slept, self.folder_on = 1e9, [], folder_on
        self.habit, self.emails = "", 0
        monkeypatch.setattr(time, "sleep", self.sleep)
        monkeypatch.setattr(time, "time", lambda: self.now)

    def sleep(self, seconds):
        self.now += seconds
        self.slept[-1] += seconds

    def run(self, server, emails=1, apart=3600.0):
        """One session; the next one comes after *apart* seconds."""
        folder = self.folder_on(server, sent_habit=self.habit)
        self.slept.append(0)
        for _number in range(emails):
            self.emails += 1
            server.accept(self.emails)
            file(folder, self.emails)
        folder.finish()
        folder.close()
        self.habit = folder.remembered
        assert len(self.habit) < 500
        self.now += apart

    def doubled(self, server):
        """How many emails lie there twice."""
        server.arrive()
        counts = [
            sum(b"<%d@x" % number in raw for raw in server.kept)
            for number in range(1, self.emails + 1)
        ]
        assert {*counts} <= {1, 2}, "none is lost"
        return counts.count(2)


@pytest.fixture
def world(folder_on, monkeypatch):
    return World(folder_on, monkeypatch)


@pytest.mark.parametrize("emails, searches", [(1, True), (3, True), (1, False)])
@pytest.mark.parametrize("later", [None, 0, 0.5, 2, 5, 8, 20, 59, 600, 3000])
def test_no_server_has_two_copies_for_ever(world, later, emails, searches):
    server = Filing(world, later, refuses=() if searches else [b"SEARCH"])
    for _session in range(6):
        world.run(server, emails)
    # The emails of the session in which it is learnt, and no other.
    assert world.doubled(server) <= (emails if (later or 0) > 2 else 0)
    assert world.slept[0] <= 3 * emails
    # Once it is learnt, nobody waits but where what is awaited comes.
    assert sum(world.slept[1:]) <= (0 if later in (None, 0) or later > 3 else 3 * 18)


def test_who_never_files_is_looked_at_twice_and_then_left_alone(world):
    server = Filing(world, None)
    world.run(server)
    assert world.habit == "ours 1000000003 <1@x.example>"
    world.run(server, apart=10)
    assert (world.habit, world.slept) == ("ours", [3, 0])
    searches = len(server.asked(b"SEARCH"))
    world.run(server)
    assert world.habit == "ours"
    assert len(server.asked(b"SEARCH")) == searches + 1, "is it there already?"


def test_sessions_that_follow_each_other_at_once_learn_it_a_little_later(world):
    server = Filing(world, 30)
    for _session in range(8):
        world.run(server, apart=10)
    world.now += 60
    assert world.doubled(server) <= 4
    assert world.habit.startswith("provider_late")


@pytest.mark.parametrize("emails", [1, 3])
@pytest.mark.parametrize("slow", [4, 20, 600, 1800])
def test_who_is_slow_once_is_not_doubted_for_ever(world, slow, emails):
    server = Filing(world, 1)
    for _session in range(2):
        world.run(server, emails)
    assert world.habit == "provider"
    server.later = slow
    world.run(server, emails)
    server.later = 1
    for _session in range(4):
        world.run(server, emails)
    assert world.doubled(server) <= emails
    assert world.habit.startswith("provider")


def test_one_that_does_not_come_is_filed_and_nothing_is_known_then(world):
    """Its server had lost that copy only."""
    server = Filing(world, 1)
    world.run(server)
    server.later = None
    world.run(server)
    assert world.habit.startswith("unknown ")
    server.later = 1
    for _session in range(3):
        world.run(server)
    assert (world.habit, world.doubled(server)) == ("provider", 0)


def test_a_late_server_that_stops_is_noticed(world):
    server = Filing(world, 20)
    for _session in range(2):
        world.run(server)
    assert world.habit.startswith("provider_late ")
    server.later = None
    first = world.emails + 1
    for _session in range(4):
        world.run(server)
    kept = b"".join(server.kept)
    lost = [n for n in range(1, world.emails + 1) if b"<%d@x" % n not in kept]
    assert lost == [first], "its copy is gone by the time that we know"
    assert world.habit == "ours"


@pytest.mark.parametrize(
    "text", ["ours ", "ours x", "ours 5", "ours 5 x", "unknown 9 <>", " ", "x 1 <a@b>"]
)
def test_what_is_remembered_may_be_anything(world, text):
    server = Filing(world, 20)
    world.habit = text
    for _session in range(4):
        world.run(server)
    # What we know for good is not looked at again.
    assert world.doubled(server) <= (4 if text[:4] == "ours" else 1)


@pytest.mark.parametrize("id_", [f"<{'x' * 900}@x.example>", "<a b@x.example>", "a"])
def test_an_id_that_cannot_be_remembered_is_in_nobodys_way(folder_on, id_):
    folder = folder_on(Filing(World, None), sent_habit="ours")
    folder._habit.is_ours()
    folder._habit.watch([id_])
    assert folder.remembered == "ours"
