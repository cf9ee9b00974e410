"""A password that a server repeats is not shown, whatever the server makes of it."""

import base64
import re
import string

import pytest
from account_email_connector.providers.hiding import SHORTEST, without
from account_email_connector.providers.imap.sent import SentFolder
from account_email_connector.providers.outcomes import Outcome
from account_email_connector.providers.reach import EVERYWHERE
from account_email_connector.providers.settings import SmtpSettings
from account_email_connector.providers.smtp.mailbox import SmtpMailbox
from hostile import serving
from hypothesis import given, settings
from hypothesis import strategies as st

USER = "anna@acme.example"
PASSWORDS = [
    *("planted-Secret7", 'pl"anted\\Secret 7'),
    *("pl'an\"t\\ed  Secret", "s3c\"r'\\"),
]
PLACES = [("[", "]"), ("Bad: ", ""), ("", " is wrong")]


def quoted(password):
    return password.replace("\\", "\\\\").replace('"', '\\"')


def encoded(text):
    return base64.b64encode(text.encode()).decode()


#: What a server may make of it.
ECHOES = {
    "clear": lambda password: password,
    "quoted": quoted,
    "base64": encoded,
    "plain": lambda password: encoded(f"\0{USER}\0{password}"),
    "as another": lambda password: encoded(f"{USER}\0{USER}\0{password}"),
    "mail": lambda password: encoded(f"<{USER}> {password}."),
    "mail 2": lambda password: encoded(f"<x{USER}> {password}."),
    "mail 3": lambda password: encoded(f"<xx{USER}> {password}."),
}
#: How much of it is repeated.
CUTS = {"all": slice(None), "no end": slice(-4), "no begin": slice(4, None)}


def shows(text, password):
    """Whether *text* has a part of the password, or of its base64."""
    low = text.split("***")
    forms = [password, quoted(password)]
    for before in range(3):
        form = base64.b64encode(b"\0" * before + password.encode()).decode()
        forms.append(form[before and before + 1 :].rstrip("=")[:-1])
    parts = {form[n : n + SHORTEST] for form in forms for n in range(len(form) - 7)}
    return any(part in piece for part in parts for piece in low)


@settings(derandomize=True, deadline=None)
@given(
    password=st.text(string.printable + "äß日", min_size=1, max_size=20),
    echo=st.sampled_from(sorted(ECHOES)),
    first=st.integers(0, 12),
    last=st.integers(0, 12),
)
def test_no_part_of_a_password_is_shown(password, echo, first, last):
    said = ECHOES[echo](password)
    said = said[first : len(said) - last]
    text = without(f"535 <<{said}>> no".encode(), password, USER).decode()
    if len(password) >= SHORTEST:
        assert not shows(text, password)


@settings(derandomize=True, deadline=None)
@given(password=st.text(string.digits, min_size=1, max_size=20))
def test_what_a_server_says_besides_is_shown(password):
    said = f"Bad <{password}>, said AB".encode()
    assert without(said, password, USER) == b"Bad <***>, said AB"
    said = b"LOGIN failed: wrong user name or password"
    assert without(said, password, USER) == said
    assert without(said, "", USER) == said


def test_much_of_it_takes_no_time():
    said = b"AB" * 100_000
    assert without(said, "planted-Secret7") == said


def imap(password, said, offers, bye):
    """Say *said* to a sign-in by IMAP; return what is shown."""

    def talk(sock):
        lines = sock.makefile("rb")
        sock.sendall(b"* OK [CAPABILITY IMAP4rev1 " + offers + b"] hi\r\n")
        for line in lines:
            tag, name = line.split()[:2]
            if name == b"CAPABILITY":
                sock.sendall(b"* CAPABILITY IMAP4rev1 " + offers + b"\r\n")
                sock.sendall(tag + b" OK done\r\n")
                continue
            if name == b"AUTHENTICATE":
                sock.sendall(b"+ \r\n")
                lines.readline()
            if bye:
                sock.sendall(b"* BYE " + said + b"\r\n")
                return
            sock.sendall(tag + b" NO " + said + b"\r\n")

    with serving(talk) as port:
        values = {"host": "x", "port": 1, "encryption": "none", "timeout": 2}
        ways = {"imap_host": "127.0.0.1", "imap_port": port, "imap_encryption": "none"}
        account = {"user": USER, "password": password}
        folder = SentFolder(SmtpSettings(**values, **ways, **account))
        with pytest.raises(Outcome) as caught:
            folder.open()
    return f"{caught.value} {caught.value!r} {caught.value.detail}"


def smtp(password, said, offers, _bye):
    """The same by SMTP."""

    def talk(sock):
        sock.sendall(b"220 hi\r\n")
        for line in sock.makefile("rb"):
            if line.upper().startswith(b"EHLO"):
                sock.sendall(b"250-x\r\n250 AUTH PLAIN LOGIN\r\n")
            else:
                sock.sendall(b"535 5.7.8 " + said + b"\r\n")

    with serving(talk) as port:
        values = {"host": "127.0.0.1", "port": port, "encryption": "none"}
        account = {"user": USER, "password": password, "timeout": 2}
        box = SmtpMailbox(SmtpSettings(**values, **account, reach=EVERYWHERE))
        with box, pytest.raises(Outcome) as caught:
            box.check()
    return f"{caught.value} {caught.value!r} {caught.value.detail}"


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("echo", ECHOES)
@pytest.mark.parametrize(
    "talk, offers, bye",
    [
        (smtp, b"", False),
        (imap, b"AUTH=PLAIN", False),
        (imap, b"", False),
        (imap, b"AUTH=PLAIN", True),
        (imap, b"", True),
    ],
)
def test_what_a_refused_sign_in_repeats(talk, offers, bye, echo, cut):
    for number, password in enumerate(PASSWORDS):
        before, after = PLACES[number % len(PLACES)]
        said = before + ECHOES[echo](password)[CUTS[cut]] + after
        text = talk(password, said.encode(), offers, bye)
        assert not shows(text, password), text
        assert bye or "***" in text or len(password) < SHORTEST, text
        if len(password) < SHORTEST and echo in ("clear", "quoted") and cut == "all":
            assert not re.search(re.escape(quoted(password)), text), text
            assert password not in text
