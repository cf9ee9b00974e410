"""All that somebody has written is read, however a program has cut it into parts."""

import pytest
from account_email_connector.providers.incoming import parse
from hypothesis import given, settings
from hypothesis import strategies as st
from incoming_samples import OURS


def plain(words, fields=""):
    return f"Content-Type: text/plain; charset=utf-8\n{fields}\n{words}\n"


def html(words, fields=""):
    return f"Content-Type: text/html; charset=utf-8\n{fields}\n<p>{words}</p>\n"


def other(kind, words="x", fields=""):
    return f"Content-Type: {kind}\n{fields}\n{words}\n"


def multi(kind, *inside, fields="", more=""):
    mark = f"b{abs(hash((kind, inside, more)))}"
    body = "".join(f"--{mark}\n{each}\n" for each in inside)
    head = f'Content-Type: multipart/{kind}; boundary="{mark}"{more}\n{fields}'
    return f"{head}\n{body}--{mark}--\n"


def email(part):
    head = f"From: Zoe <pay@x.example>\nIn-Reply-To: {OURS}\nMIME-Version: 1.0\n"
    return (head + part).replace("\n", "\r\n").encode()


INLINE = "Content-Disposition: inline; filename=a.png\n"
PICTURE = other("image/png", fields=INLINE)
ATTACHED = "Content-Disposition: attachment; filename=notes.txt\n"
FORWARDED = other("message/rfc822", f"Subject: x\n\n{plain('Not mine')}")
BOTH = multi("alternative", plain("Paid."), html("<b>Paid.</b>"))

#: An email, and what is read of it as text: all words, in their order.
SHAPES = {
    "text": (plain("Paid."), "Paid."),
    "text, picture, text": (
        multi("mixed", plain("Hello,"), PICTURE, plain("Paid on Friday.")),
        "Hello,\n\nPaid on Friday.",
    ),
    "html, picture, html": (
        multi("mixed", html("Hello,"), PICTURE, html("Paid on Friday.")),
        "Hello,\n\nPaid on Friday.",
    ),
    "an empty text first": (multi("mixed", plain(""), plain("Paid.")), "Paid."),
    "an empty html first": (multi("mixed", html("<br>"), plain("Paid.")), "Paid."),
    "a gateway's warning first": (
        multi("mixed", plain("CAUTION: external email"), BOTH),
        "CAUTION: external email\n\nPaid.",
    ),
    "a warning before an html": (
        multi("mixed", plain("CAUTION"), html("Paid.")),
        "CAUTION\n\nPaid.",
    ),
    "a list's footer": (multi("mixed", BOTH, plain("___ list")), "Paid.\n\n___ list"),
    "one way of several": (BOTH, "Paid."),
    "the same twice": (multi("mixed", plain("Paid."), html("Paid.")), "Paid."),
    "Apple's html in pieces": (
        multi(
            "alternative",
            plain("Hello, paid."),
            multi("mixed", html("Hello,"), other("application/pdf"), html("paid.")),
        ),
        "Hello, paid.",
    ),
    "html in pieces, and an empty text": (
        multi(
            "alternative",
            plain(" "),
            multi("mixed", html("Hello,"), PICTURE, html("paid.")),
        ),
        "Hello,\n\npaid.",
    ),
    "related in alternative": (
        multi("alternative", plain("Paid."), multi("related", html("Paid"), PICTURE)),
        "Paid.",
    ),
    "alternative in related in mixed": (
        multi("mixed", multi("related", BOTH, PICTURE), plain("Bye.")),
        "Paid.\n\nBye.",
    ),
    "related, its root is named": (
        multi(
            "related",
            plain("not this"),
            plain("Paid.", "Content-ID: <r@x>\n"),
            more='; start="<r@x>"',
        ),
        "Paid.",
    ),
    "related, its root is a picture": (multi("related", PICTURE, BOTH), "Paid."),
    "signed": (
        multi("signed", multi("mixed", plain("a"), plain("b")), other("x/sig")),
        "a\n\nb",
    ),
    "an attached text": (
        multi("mixed", plain("Paid.", ""), plain("no", ATTACHED)),
        "Paid.",
    ),
    "an attached text first": (multi("mixed", plain("no", ATTACHED), BOTH), "Paid."),
    "a text that has a name, but is shown": (
        multi("mixed", plain("Paid.", "Content-Disposition: inline; filename=a.txt\n")),
        "Paid.",
    ),
    "a file of text": (
        multi("mixed", plain("Paid."), other("text/plain; name=log.txt", "no")),
        "Paid.",
    ),
    "a calendar": (
        multi("alternative", plain("Paid."), other("text/calendar")),
        "Paid.",
    ),
    "another email attached": (multi("mixed", plain("See."), FORWARDED), "See."),
    "nothing but another email": (multi("mixed", FORWARDED), ""),
    "a digest": (multi("digest", f"\n{FORWARDED}", "\nSubject: y\n\nNot mine"), ""),
}


@pytest.mark.parametrize("part, words", SHAPES.values(), ids=SHAPES)
def test_what_is_read(part, words):
    assert parse(email(part)).text.strip() == words


def test_html_only_stays_html():
    found = parse(email(multi("related", html("Paid."), PICTURE)))
    assert (found.text, found.html.strip()) == ("", "<p>Paid.</p>")
    assert found.attachments == ("a.png",)


@st.composite
def _trees(draw, depth=4):
    """A part, how many words it shows, and what has to be looked at for them."""
    kind = draw(st.sampled_from(["plain", "html", "picture", "mixed", "alternative"]))
    if depth == 0 or kind not in ("mixed", "alternative"):
        word = f"w{draw(st.integers(0, 10**9))}"
        if kind == "picture":
            return PICTURE, []
        return (html if kind == "html" else plain)(word), [word]
    inside = draw(st.lists(_trees(depth - 1), min_size=1, max_size=4))
    part = multi(kind, *(each for each, _words in inside))
    if kind == "mixed":
        return part, [word for _part, words in inside for word in words]
    return part, [tuple(tuple(words) for _part, words in inside if words)]


def _shown(words, text):
    """Whether all of these stand in *text*; of several ways, one whole."""
    return all(
        word in text
        if isinstance(word, str)
        else not word or any(_shown(way, text) for way in word)
        for word in words
    )


@settings(derandomize=True, deadline=None, max_examples=150)
@given(_trees())
def test_no_words_are_lost(tree):
    part, words = tree
    found = parse(email(part))
    assert _shown(words, found.text or found.html)


def test_deep_in_each_other_it_is_read_in_no_time():
    """Each container is looked through once, whatever it says of its root."""
    part = plain("Paid.", "Content-ID: <r>\n")
    for _ in range(18):
        part = multi(
            "related", PICTURE, part, fields="Content-ID: <r>\n", more="; start=r"
        )
    assert parse(email(part)).text.strip() == "Paid."
