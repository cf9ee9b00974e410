"""Emails by which a stranger would like to keep us busy: one of each kind, by its name.

Each is made when it is needed: together they are larger than what a test may take.
"""

from functools import partial

from account_email_connector.providers.incoming import LONGEST

HEAD = (
    b"From: a@b.example\nMessage-ID: <m@b.example>\nIn-Reply-To: <ours@acme.example>\n"
)
REPORT = HEAD.replace(b"a@b", b"mailer-daemon@b")
SAMPLES = {}


def fill(unit, size=LONGEST):
    return (unit * (size // len(unit) + 1))[:size]


def field(name, unit, before=b"", after=b"", head=HEAD):
    """An email with one huge header."""
    size = LONGEST - len(HEAD) - 500
    return name + b": " + before + fill(unit, size) + after + b"\n" + head + b"\nHi\n"


def body(kind, content, encoding=b"", head=HEAD):
    """An email with a huge body of this Content-Type."""
    head += b"Content-Type: " + kind + b"\n"
    if encoding:
        head += b"Content-Transfer-Encoding: " + encoding + b"\n"
    return (head + b"\n" + content)[:LONGEST]


def subject(word):
    return HEAD + b"Subject: " + fill(word, 200_000) + b"\n\nHi\n"


def add(name, make, *args, **kwargs):
    SAMPLES[name] = partial(make, *args, **kwargs)


# -- headers ---------------------------------------------------------------------------

UNITS = [
    *(b"(", b"a:", b":", b"<", b"\\", b'"', b"@", b"a@", b",", b"[", b";", b"()"),
    *(b"=?", b"=?utf-8?q?a?= ", b"=?a?q?", b" ", b"\n\t", b"\xff", b"x", b"<a@b> "),
    *(b"\0", b"%41", b"'", b"<@@@", b"; a*0=b", b';a="\\\\', b"/", b"=", b"\r"),
    *(b"a@b,", b"<<", b"-", b"no "),
]
NAMES = [
    *(b"From", b"References", b"In-Reply-To", b"Subject", b"Content-Type", b"Date"),
    *(b"Content-Disposition", b"Content-Transfer-Encoding", b"Message-ID"),
    *(b"X-Failed-Recipients", b"Auto-Submitted", b"Return-Path", b"Precedence"),
]
for unit in UNITS:
    for name in NAMES:
        add(f"{name.decode()} of {unit}", field, name, unit)
    kind = b'multipart/mixed; boundary="'
    add(f"boundary of {unit}", field, b"Content-Type", unit, kind, b'"')
    for kind in (b"attachment; filename=", b"attachment; filename*=utf-8''"):
        add(f"{kind.decode()} of {unit}", field, b"Content-Disposition", unit, kind)
for piece in (b"; name*%d=%%41", b"; name*%d*=%%41", b";p%d=1"):
    pieces = b"".join(piece % n for n in range(20_000))
    add(f"pieces {piece}", field, b"Content-Type", pieces, b"text/plain")
    add(f"pieces {piece} of a file", field, b"Content-Disposition", pieces, b"x")
for name, fields in {
    "thousands": b"".join(b"A%d: b\n" % n for n in range(20_000)),
    "tiny": b"a:\n" * 80_000,
    "authors": b"From: b@b.example\n" * 14_000,
    "folded": b"a: b\n c\n" * 30_000,
    "one folded": b"a:" + b"\n " * 130_000,
    "no colon": b"a" * LONGEST,
    "colons": b":" * LONGEST,
    "NULs": b"\0" * LONGEST,
    "line ends": b"\n" * LONGEST,
    "CR": HEAD.replace(b"\n", b"\r") + b"\r" * 200_000,
    "lone surrogates": b"Subject: \xed\xa0\x80\n\n\xed\xa0\x80",
    "nothing": b"",
}.items():
    add(f"fields: {name}", bytes, fields)
    add(f"fields: {name}, at the end", (HEAD + fields).__add__, b"\nHi\n")

# -- charsets and encodings ------------------------------------------------------------

CODECS_OF_PYTHON = [
    *("punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "rot13"),
    *("base64", "zlib", "bz2", "uu", "mbcs", "utf-7", "hex", "quopri", "utf-32"),
]
CHARSETS = ["utf-8", "gb2312", "iso-2022-jp", "utf-16", "iso-8859-7"]  # the slowest
for charset in [*CODECS_OF_PYTHON, *CHARSETS, "x" * 1000]:
    label = charset.encode()
    for unit in (b"a", b"\xff", b"a-", b"\x1b$B", b"\\u", bytes(range(256))):
        name = f"{charset[:20]} of {unit[:9]}"
        add(name, body, b"text/plain; charset=" + label, fill(unit))
    add(f"word in {charset[:20]}", subject, b"=?" + label + b"?q?=FF=1B$Ba-?= ")
    add(f"words in {charset[:20]}", subject, b"=?" + label + b"?b?" + b"gGE" * 2000)
for encoding in (b"base64", b"quoted-printable", b"x-uuencode", b"uue", b"klingon"):
    for unit in (
        *(b"QUJD", b"=", b"A=\n", b"\n", b"=FF", b" ", b"=\n", b"\xff", b"M"),
        b"begin 644 x\n" + b"M\n" * 130_000,
        b"begin 644 x\n" + b" \n" * 130_000,
        b"begin ",
    ):
        name = f"{encoding.decode()} of {unit[:14]}"
        add(name, body, b"text/plain; charset=utf-8", fill(unit), encoding)

# -- parts -----------------------------------------------------------------------------

MIXED = b"multipart/mixed; boundary=a"


def nested(depth, content=b""):
    each = b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n"
    return HEAD + b"".join(each % (n, n) for n in range(depth)) + content


add("nested", nested, 3000)
add("nested, empty lines", nested, 200, b"\n" * 240_000)
add("nested, nearly boundaries", nested, 19, b"--\n" * 80_000)
add("nested, nearly ends", nested, 19, b"--xx--\n" * 30_000)
same = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n"
add("nested, one boundary", (HEAD + same * 5000).__add__, b"")
rfc822 = b"Content-Type: message/rfc822\n\n"
add("email in email", (HEAD + rfc822 * 8000).__add__, b"")
for name, each in {
    "empty": b"",
    "containers": b"Content-Type: multipart/x; boundary=b\n\n",
    "fields": b"a:\n" * 400,
    "texts": b"Content-Type: text/plain; charset=gb2312\n\n" + b"\xff" * 1200 + b"\n",
    "parameters": b"Content-Type: x/y" + b";a=b" * 300 + b"\n\n",
    "names": b'Content-Disposition: x; filename="' + b"=?utf-8?q?a?= " * 80 + b'"\n\n',
    "bad names": b'Content-Disposition: x; filename="' + b"=?a?q?" * 180 + b'"\n\n',
    "attachments": b"Content-Disposition: attachment\n\n",
}.items():
    add(f"parts: {name}", body, MIXED, fill(b"--a\n" + each))
add("no boundary", body, b"multipart/mixed", b"--\n" * 80_000)
add("empty boundary", body, b"multipart/mixed; boundary=", b"--\n\n" * 60_000)
add("dashes", body, MIXED, b"-" * LONGEST)
add("dashes and spaces", body, MIXED, b"--" + b" x" * LONGEST)
long = b"b" * 100_000
add("long boundary", body, b'multipart/mixed; boundary="' + long + b'"', b"--" + long)

# -- reports ---------------------------------------------------------------------------

failed = b"Final-Recipient: rfc822;a@b\nAction: failed\n\n"
for kind in (b"message/delivery-status", b"message/global-delivery-status"):
    begin = b"--a\nContent-Type: " + kind + b"\n\n"
    for name, content in {
        "blocks": begin + failed * 10_000,
        "tiny blocks": begin + b"a:\n\n" * 60_000,
        "blank lines": begin + b" \n" * 130_000,
        "parts": (begin + failed * 10) * 400,
    }.items():
        report = b"multipart/report; boundary=a"
        add(f"{kind.decode()}: {name}", body, report, content, head=REPORT)
ids = b"--a\nContent-Type: message/rfc822\n\nReferences: " + b"<a@b> " * 1000 + b"\n\n"
add("originals", body, b"multipart/report; boundary=a", ids * 40, head=REPORT)
empty = b"--a\nContent-Type: message/rfc822\n\n"
add("no originals", body, b"multipart/report; boundary=a", empty * 6000, head=REPORT)
for unit in (
    b"@",
    b"a@",
    b"Message-ID:\n",
    b"Message-ID:<",
    b"\n",
    b"\n ",
    b"<a@b>:\n",
):
    for begin in (b"Hi. This is the \n<", b"Message-ID: <", b"Message-ID: "):
        name = f"report {begin} of {unit}"
        add(name, body, b"text/plain", begin + fill(unit), head=REPORT)

# -- HTML ------------------------------------------------------------------------------

MARKUP = [
    *("<div>", "<table><tr><td>", "<a b=c d='e' ", "&amp;", "&a", "&#1", "<!--", "<"),
    *("<![CDATA[", "<style>", "</", "<!", "<?", '<a b="', "<script><!--<script>"),
    *("<title>", " ", "<p>\n", "<a =", "<a = ", "<br>", "&" + "a" * 31, "<pre>\n"),
    *("<!-- -->", "<style></style>", "<a '>", "&nbsp;", "&#xD800;", "&#0;", "</div>"),
]
for markup in MARKUP:
    add(f"HTML of {markup}", body, b"text/html", fill(markup.encode()))
