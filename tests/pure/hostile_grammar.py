"""Emails by the thousand, each made out of one number: nested, and full of lies.

They follow the grammar of emails closely enough to get past the first look at them.
"""

import base64
import quopri
from random import Random

from account_email_connector.providers.incoming import HEADERS, LONGEST
from account_email_connector.providers.mail.charsets import CODECS
from hostile_samples import CODECS_OF_PYTHON, MARKUP, UNITS

NAMES = [
    *(name.encode() for name in HEADERS),
    *(b"Content-Disposition", b"Content-Transfer-Encoding", b"X-Autoreply", b"To"),
    *(b"X-Auto-Response-Suppress", b"Received", b"From", b"From", b"Subject "),
]
NO_NAMES = [b"x" * 120, b"\xff", b"", b"--b0", b" "]
AUTHORS = [
    *(
        b'"Zo\xc3\xab" <%s>',
        b"%s (Zoe)",
        b"=?utf-8?q?Zo=C3=AB?= <%s>",
        b"a: %s;",
        b"%s",
    ),
    *(b"MAILER-DAEMON@x (Mail, %s)", b"postmaster@%s", b"<postmaster@b>, %s"),
]
KINDS = [
    *(b"text/plain", b"text/html", b"TEXT/Plain (a)", b"text", b"", b"image/png"),
    *(b"message/rfc822", b"message/delivery-status", b"text/rfc822-headers"),
    *(b"message/global-delivery-status", b"multipart/mixed", b"application/pdf"),
]
CONTAINERS = [b"multipart/mixed", b"multipart/alternative", b"multipart/report"]
CHARSETS = [name.encode() for name in [*CODECS_OF_PYTHON, *CODECS, "gb2312", "x"]]
ENCODINGS = [
    b"7bit",
    b"8bit",
    b"base64",
    b"quoted-printable",
    b"x-uuencode",
    b"no",
    b"",
]
WORDS = [
    *("Paid.", "Grüße", "已付款", "\0", "\u2028", "<a@b.example>", "--b0", "--b0--"),
    *("Hi. This is the ", "Message-ID: <o@a>", "> quoted", "=?utf-8?q?=C3?=", "%41"),
]


class Stranger:
    """Writes one email.

    :param seed: any number; the same one writes the same email.
    """

    def __init__(self, seed):
        self._random = Random(seed)
        # Most are small, some as long as what we read, or longer.
        self._size = self._random.choices((600, 20_000, LONGEST), (95, 4, 1))[0]
        self._left = 30  # parts

    def email(self):
        kind = self._random.random()
        whole = self._fields(8) + (self._tree(0) if kind < 0.9 else self._noise())
        if self._random.random() < 0.2:  # cut off anywhere
            whole = whole[: self._random.randrange(len(whole) + 1)]
        if self._random.random() < 0.2:  # something is written over it
            at = self._random.randrange(len(whole) + 1)
            whole = whole[:at] + self._noise(6) + whole[at + 6 :]
        if self._random.random() < 0.1:
            whole = whole.replace(b"\n", self._random.choice((b"\r\n", b"\r", b"\n\n")))
        return whole

    def _one(self, several):
        return self._random.choice(several)

    def _noise(self, size=None):
        """A repetition of something, now and then random bytes."""
        size = self._random.randrange(size or self._size)
        if self._random.random() < 0.1:
            return self._random.randbytes(min(size, 20_000))
        unit = self._one(UNITS) + (
            self._one(UNITS) if self._random.random() < 0.5 else b""
        )
        return (unit * (size // len(unit) + 1))[:size]

    def _words(self):
        words = " ".join(self._random.choices(WORDS, k=self._random.randrange(8)))
        return words.encode(self._one(("utf-8", "utf-16", "gb18030")), "replace")

    def _coded(self):
        """An encoded word, or something like it."""
        text = self._one((self._words, self._noise))()[:3000]
        how = self._one((b"q", b"B", b"x"))
        coded = base64.b64encode(text) if how == b"B" else quopri.encodestring(text)
        return b"=?" + self._one(CHARSETS) + b"?" + how + b"?" + coded + b"?="

    def _value(self):
        make = self._random.choices(
            (self._words, self._coded, self._noise, self._ids, self._author),
            (4, 3, 1, 3, 4),
        )[0]
        times = self._random.choices((1, 2, 30), (8, 3, 1))[0]
        value = self._one((b" ", b"\n ", b", ", b"")).join(make() for _ in range(times))
        value = value[: self._size]
        return value.replace(b"\n", b"\n ") if self._random.random() < 0.98 else value

    def _ids(self):
        naked = b"%d.%d@acme.example" % (self._random.random() * 9, self._size)
        return self._one((b"<%s>", b"%s", b"<%s", b"<<%s>>")) % naked

    def _author(self):
        return self._one(AUTHORS) % self._one((b"a@b.example", self._ids()))

    def _name(self):
        return self._one(NAMES if self._random.random() < 0.98 else NO_NAMES)

    def _fields(self, most):
        lines = [
            self._name() + b":" + self._value() + b"\n"
            for _ in range(self._random.randrange(most))
        ]
        return b"".join(lines) * self._random.choices((1, 200), (60, 1))[0]

    def _type(self, kinds):
        value = self._one(kinds)
        for name in (b"charset", b"name", b"name*0*", b"boundary"):
            if self._random.random() < 0.2:
                told = self._one(CHARSETS) if name == b"charset" else self._value()
                value += self._one((b"; ", b";")) + name + b"=" + told[:5000]
        return b"Content-Type: " + value

    def _tree(self, depth):
        """The fields and the content of a part, perhaps with parts in it."""
        self._left -= 1
        if depth < 30 and self._left > 0 and self._random.random() < 0.5:
            boundary = self._one((b"b0", b"b1", b"b%d" % depth, b"", b"b" * 300))
            head = self._type(CONTAINERS) + b';boundary="' + boundary + b'"\n\n'
            line = b"--" + boundary + b"\n"
            inner = [self._tree(depth + 1) for _ in range(self._random.randrange(1, 4))]
            end = self._one((b"--" + boundary + b"--\n", b"", line * 50))
            return head + line + line.join(inner) + end
        encoding = self._one(ENCODINGS)
        head = self._type(KINDS) + b"\nContent-Transfer-Encoding: " + encoding + b"\n"
        return head + self._fields(3) + b"\n" + self._content(encoding) + b"\n"

    def _content(self, encoding):
        content = self._one((self._words, self._noise, self._blocks, self._markup))()
        if self._random.random() < 0.3:  # it says so, and it is not so
            return content
        if encoding == b"base64":
            return base64.encodebytes(content)
        return quopri.encodestring(content) if encoding[:1] == b"q" else content

    def _blocks(self):
        """A report of a mail server."""
        block = b"Final-Recipient: rfc822; %s\nAction: %s\nStatus: 5.1.1\n%s\n" % (
            self._ids(),
            self._one((b"failed", b"Failed", b"delayed")),
            self._fields(3),
        )
        return block * self._random.choices((1, 3, self._size // 100), (8, 3, 1))[0]

    def _markup(self):
        found = "".join(self._random.choices(MARKUP, k=self._random.randrange(1, 6)))
        times = self._random.choices((1, 5, self._size // len(found)), (8, 3, 1))[0]
        return (found * times).encode()
