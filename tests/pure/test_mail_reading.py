"""Our own reader of emails: what Python's library writes, it reads."""

from email.message import EmailMessage
from email.policy import SMTP
from functools import partial

import pytest
from account_email_connector.providers.incoming import (
    from_pairs,
    parse,
    read_headers,
    sender,
)
from account_email_connector.providers.mail import charsets
from account_email_connector.providers.mail.fields import read_message
from account_email_connector.providers.mail.html_text import text_of
from account_email_connector.providers.mail.parts import MOST_PARTS, parts
from account_email_connector.providers.mail.words import (
    decode_words,
    parameter,
    parameters,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from processor import spent

# No control characters or surrogates, and nothing that no person can see.
PRINTED = st.characters(exclude_categories=("C", "Z"))
LINES = st.lists(st.text(PRINTED, max_size=90), max_size=6).map("\n".join)
PHRASE = st.lists(st.text(PRINTED, min_size=1, max_size=20), min_size=1, max_size=6)
PHRASE = PHRASE.map(" ".join)


@settings(max_examples=100, deadline=None)
@given(
    text=LINES,
    html=LINES,
    subject=PHRASE,
    names=st.lists(PHRASE, max_size=3),
    encoding=st.sampled_from(["base64", "quoted-printable", "8bit"]),
)
def test_what_pythons_library_writes(text, html, subject, names, encoding):
    message = EmailMessage()
    message["Subject"] = subject
    message["References"] = "<a@acme.example> <b@acme.example>"
    message.set_content(text, cte=encoding)
    message.add_alternative(html, subtype="html", cte=encoding)
    for name in names:
        message.add_attachment(b"PDF", "application", "pdf", filename=name)
    found = parse(message.as_bytes(policy=SMTP))
    # When it folds encoded words, it loses spaces between them.
    assert found.subject.replace(" ", "") == subject.replace(" ", "")
    assert found.text.rstrip("\n") == text.rstrip("\n")
    assert found.html.rstrip("\n") == html.rstrip("\n")
    assert found.refers_to == ("<b@acme.example>", "<a@acme.example>")
    assert list(found.attachments) == names


def the_parts(raw):
    return [(part.kind, part.data) for part in parts(*read_message(raw))]


def test_parts_in_parts():
    raw = b"""Content-Type: multipart/mixed; boundary=a

not shown
--a
Content-Type: multipart/alternative; boundary="b c"

--b c
\tno field
--b c  
Content-Type: TEXT/HTML; charset=x

<p>
--b c--
--b c
after its end
--a
--a
Content-Type: message/rfc822

Content-Type: multipart/mixed; boundary=d

--d

--a--
not shown
--a
"""  # noqa: W291  # spaces after a boundary are none of its own
    assert the_parts(raw) == [
        ("text/plain", b"\tno field"),
        ("text/html", b"<p>"),
        ("text/plain", b""),
        ("message/rfc822", b"Content-Type: multipart/mixed; boundary=d\n\n--d\n"),
    ]


def test_an_outer_boundary_ends_what_is_open():
    raw = b"Content-Type: multipart/x; boundary=a\n\n--a\n"
    raw += (
        b"Content-Type: multipart/x; boundary=b\n\n--b\n\none\n--a\n\ntwo\n--b\nstill"
    )
    assert the_parts(raw) == [
        ("text/plain", b"one"),
        ("text/plain", b"two\n--b\nstill"),
    ]


def test_more_parts_than_anybody_sends():
    raw = b"Content-Type: multipart/x; boundary=a\n\n" + b"--a\n\nx\n" * 1000
    assert len(the_parts(raw)) == MOST_PARTS


def test_headers_end_where_none_stands():
    raw = b"From x\nSubject: a\n b\nnone\nTo: c\n"
    assert read_message(raw)[0].items() == [("Subject", "a b")]
    assert read_message(raw)[1] == b"none\nTo: c\n"


def test_more_headers_than_anybody_sends():
    fields, text = read_message(b"a: b\n" * 1000 + b"c: d\n\nHi\n")
    assert len(fields) == 500
    assert text == b"Hi\n"


@pytest.mark.parametrize(
    "value, name, address",
    [
        ("Zoe Lake <Pay@X.example>", "Zoe Lake", "pay@x.example"),
        ('"Lake, Zoe" <pay@x.example>', "Lake, Zoe", "pay@x.example"),
        ("pay@x.example (Zoe)", "Zoe", "pay@x.example"),
        ("Billing: pay@x.example, b@x.example;", "", "pay@x.example"),
        ("=?iso-8859-1?Q?Zo=EB?= <pay@x.example>", "Zoë", "pay@x.example"),
        ("Zoë <pay@x.example>", "Zoë", "pay@x.example"),
        # more than any author has, and whose it is all the same
        (f"Zoe {'(c) ' * 12}<pay@x.example>", "Zoe", "pay@x.example"),
        (f"{'(c)' * 12} pay@x.example", "", "pay@x.example"),
        (f"{'(' * 40}no@y.example{')' * 40} <pay@x.example>", "", "pay@x.example"),
        (f'"no@y.example (" {"(c) " * 12}<pay@x.example>', ..., "pay@x.example"),
        (f"{'name ' * 1000}<pay@x.example>", "", "pay@x.example"),
        (f'"<no@y.example> {"name " * 3000}" <pay@x.example>', "", "pay@x.example"),
        (f'"{"10:" * 20}" <pay@x.example>', "", "pay@x.example"),
        (f"pay@x.example ({'name ' * 1000})", "", "pay@x.example"),
    ],
)
def test_who_wrote_it(value, name, address):
    headers = read_headers(f"From: {value}\n\n".encode())
    found = sender(headers)
    assert found == (found[0] if name is ... else name, address)


@pytest.mark.parametrize("value", ["(" * 900, "a:" * 480, ":" * 900, "x (" * 900])
def test_who_cannot_be_told(value):
    headers = read_headers(f"From: {value}\n\n".encode())
    assert sender(headers)[1] == ""


@pytest.mark.parametrize("unit", ["(", ")", "()", '"', '\\"', "<", "<@", "<a@b", ":"])
def test_who_wrote_it_is_found_quickly(unit):
    headers = from_pairs([("From", "x" * 5000 + unit * (2**18 // len(unit)) + "\\")])
    found, seconds = spent(lambda: sender(headers))
    assert "@" not in found[1]
    assert seconds < 0.3


@pytest.mark.parametrize(
    "value, text",
    [
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?utf-8?b?R3LD?= =?utf-8?b?vMOfZQ==?=", "Grüße"),  # cut within a character
        ("Re: =?utf-8*de?q?a_b?= c", "Re: a b c"),
        ("=?utf-8?q?a?= =?iso-8859-15?q?=A4?=", "a€"),
        ("=?utf-8?q?Who?=, =?utf-8?q?me??=", "Who, me?"),
        ("=?gb2312?b?1fI=?=", "镇"),
        ("=?punycode?q?a-b?= =?x", "a-b =?x"),
        ("=?utf-8?b?!!!?=", ""),
    ],
)
def test_encoded_words(value, text):
    assert decode_words(value) == text


@pytest.mark.parametrize(
    "told, name",
    [
        ("; filename=a.pdf", "a.pdf"),
        ('; x=";y"; FileName="a \\"b\\";.pdf"', 'a "b";.pdf'),
        ("; filename*=utf-8'de'%C3%BC.pdf; filename=u.pdf", "ü.pdf"),
        ("; filename*0*=iso-8859-1''%FC; filename*1=%41; filename*2*=%FC", "ü%41ü"),
        ("; filename==?utf-8?q?=C3=BC?=", "ü"),
        ('; filename="without an end', "without an end"),
        ("; filename", ""),
        ("; filename*1=a", ""),
    ],
)
def test_file_names(told, name):
    assert parameter(parameters("attachment" + told), "filename") == name


@pytest.mark.parametrize(
    "told, name",
    [
        ("filename=truth.pdf", "truth.pdf"),
        ('filename="the; truth.pdf"; size=3', "the; truth.pdf"),
        ("inline; filename=truth.pdf", "truth.pdf"),
        ("attachment", "?"),
        ("inline", ""),
    ],
)
def test_an_attachment_s_name(told, name):
    """Some programs leave out what kind of disposition it is."""
    raw = f"Content-Type: application/pdf\nContent-Disposition: {told}\n\nx".encode()
    [part] = parts(*read_message(raw))
    assert part.file_name == name


@pytest.mark.parametrize(
    "label, data, text",
    [
        ("iso-8859-1", b"5 \x80", "5 €"),
        ("ISO_8859-1", b"5 \x80", "5 €"),
        ("us-ascii", "ü".encode(), "ü"),
        ("us-ascii", b"\xfc", "ü"),
        ("unknown-8bit", b"\xfc", "ü"),
        ("gb2312", "镕".encode("gbk"), "镕"),
        ("ks_c_5601-1987", "똠".encode("cp949"), "똠"),
        ("shift_jis", "①".encode("cp932"), "①"),
        ("iso-2022-jp", "日本".encode("iso2022_jp"), "日本"),
        ("utf-16", "\ufeff日本".encode("utf-16-le"), "日本"),
        ("utf-8", b"\xef\xbb\xbfa\x00\xed\xa0\x80", "a���"),
        ("punycode", b"mnchen-3ya", "mnchen-3ya"),
        ("rot13", b"abc", "abc"),
        ("unicode_escape", rb"\u0041", r"\u0041"),
        ("utf-7", b"+AEE-", "+AEE-"),
        ("iso-2022-jp-1", "日本丂".encode("iso2022_jp_1"), "日本丂"),
        ("iso-2022-jp-2", "日本é한".encode("iso2022_jp_2"), "日本é한"),
        ("iso-2022-jp-3", "日本①".encode("iso2022_jp_3"), "日本①"),
        ("iso-2022-jp-ext", "日本丂".encode("iso2022_jp_ext"), "日本丂"),
        ("utf-32", "日本".encode("utf-32"), "日本"),
        ("utf-32BE", "日本".encode("utf-32-be"), "日本"),
        ("UTF-32LE", "日本".encode("utf-32-le"), "日本"),
        ("uhc", "똠".encode("cp949"), "똠"),
        ("johab", "똠".encode("johab"), "똠"),
        ("latin9", b"\xa4", "€"),
        ("latin-9", b"\xa4", "€"),
        ("latin-2", b"\xb3", "ł"),
        ("latin-1", b"\xe9", "é"),
        ("macroman", b"\x8e", "é"),
        ("mac-cyrillic", b"\x80", "А"),
        ("koi8-t", "ҷ".encode("koi8_t"), "ҷ"),
        ("ibm855", "Д".encode("cp855"), "Д"),
        ("kz1048", "қ".encode("kz1048"), "қ"),
        ("cp737", "Ω".encode("cp737"), "Ω"),
        ("cp775", "ž".encode("cp775"), "ž"),
        ("cp857", "ğ".encode("cp857"), "ğ"),
        ("cp858", "€".encode("cp858"), "€"),
        ("cp862", "א".encode("cp862"), "א"),
    ],
)
def test_charsets(label, data, text):
    assert charsets.read(data, label) == text


@pytest.mark.parametrize("codec", charsets.CODECS)
def test_each_codec_is_a_quick_one(codec):
    label = charsets.CODECS[codec].split()[0]
    assert charsets.codec(label) == codec
    shifts = (b"\x1b$B", b"\x1b$(D", b"\x1b.A\x1bN", b"\x1b", b"~{", b"\x0e\x0f")
    for unit in (b"\0", b"\xff", b"\x80", *shifts, bytes(range(256))):
        data = unit * (2**18 // len(unit))
        assert spent(partial(charsets.read, data, label))[1] < 0.3


UNKNOWN = "1 < 2 &<€€ &copy &no; &#99999999;"


@pytest.mark.parametrize(
    "html, text",
    [
        ("<p>One<p>Two<br>Three</p>\n<div><div>4</div></div>", "One\nTwo\nThree\n4"),
        ("a<p>&nbsp;</p>b<br><br><br><br>c", "a\n\nb\n\nc"),
        ("<title>no</title><style>p{}</style><script>'<p>'</script>yes", "yes"),
        ("a<!-- <b> -->b<!-->c<![if x]>d<![endif]><?x?>e</ >f", "abcdef"),
        ("<a href=\"x>y\" title='>'>link</a><p don't>!", "link\n!"),
        ("1 < 2 &amp;&lt;&#8364;&#x20ac; &copy &no; &#99999999;", UNKNOWN),
        ("<td>1</td><td>2</td>", "1 2"),
        ("<pre>a\n  b\n</pre>c", "a\nb\nc"),
        ('said <img alt="no end> and more', "said and more"),
        ("said <!-- no end", "said"),
        ("&#0;&#xD800;&#7;a\0", "��a"),
    ],
)
def test_words_in_html(html, text):
    assert text_of(html) == text
