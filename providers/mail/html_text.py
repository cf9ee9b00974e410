"""The words in a stranger's HTML, for people: no markup, and no addresses of anything.

No tree is made, so that it costs the same however deep its elements are nested. Where
something has no end, the rest is read or left out as browsers do, once.
"""

import html
import re
from collections.abc import Iterator

from .charsets import UNSEEN

LONGEST = 100_000  # characters that are read
#: Elements that begin a line, and end one.
BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tr",
        "ul",
    ]
)
#: Elements whose content is no HTML, and which nobody reads.
HIDDEN = {
    name: re.compile(f"</{name}", re.I)
    for name in ("iframe", "noembed", "noframes", "script", "style", "title")
}
BEGIN = re.compile(r"<(?=[a-zA-Z/!?])")
NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9:]{0,30})")
# Elsewhere a quote is none:
# https://html.spec.whatwg.org/multipage/parsing.html#before-attribute-value-state
QUOTE_OR_END = re.compile(r"""=\s*(["'])|>""")
# Of bounded length: Python takes long to read a long number, or refuses to.
REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[a-zA-Z][a-zA-Z\d]{1,31});")
SPACES = re.compile(r"\s+")


def text_of(markup: str) -> str:
    """Return the words in *markup*, line by line."""
    markup = markup[:LONGEST]
    words = "".join(_Words(markup).pieces())
    words = UNSEEN.sub("", REFERENCE.sub(lambda found: html.unescape(found[0]), words))
    lines = [" ".join(line.split()) for line in words.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Words:
    """Reads one text from its beginning to its end."""

    def __init__(self, markup: str) -> None:
        self._markup = markup
        self._fresh = True  # nothing stands in this line so far
        self._quotes = True  # each quote so far had an end
        self._preformatted = False

    def pieces(self) -> Iterator[str]:
        """Yield what stands between the tags, and line breaks in place of some."""
        end = 0
        while end >= 0:
            tag = BEGIN.search(self._markup, end)
            text = self._markup[end : tag.start() if tag else None]
            if text and not text.isspace():
                self._fresh = self._preformatted and text.endswith("\n")
            yield text if self._preformatted else SPACES.sub(" ", text)
            if not tag:
                return
            name = NAME.match(self._markup, tag.end())
            if name:
                yield self._break(name[1].lower())
                end = self._after_tag(name)
            else:
                end = self._after_comment(tag.start())

    def _break(self, name: str) -> str:
        """What a tag of this name looks like."""
        if name == "br" or (name in BLOCKS and not self._fresh):
            self._fresh = True
            return "\n"
        return " " if name in ("td", "th") else ""

    def _after_tag(self, name: re.Match[str]) -> int:
        """Where it ends, and what it hides; -1 if it hides all the rest."""
        end, tag = self._end_of_tag(name.end()), name[1].lower()
        closes = name[0].startswith("/")
        if tag == "pre":
            self._preformatted = not closes
        if closes or tag not in HIDDEN or end < 0:
            return end
        hidden = HIDDEN[tag].search(self._markup, end)
        return self._find(">", hidden.end()) if hidden else -1

    def _end_of_tag(self, start: int) -> int:
        if not self._quotes:
            return self._find(">", start)
        at = start
        while at >= 0:
            found = QUOTE_OR_END.search(self._markup, at)
            if not found:
                break
            if not found[1]:
                return found.end()
            at = self._find(found[1], found.end())
        # Looked for once, else a text of nothing but such tags took long.
        self._quotes = False
        return self._find(">", start)

    def _after_comment(self, start: int) -> int:
        """A comment, a document type, or what browsers take for a comment."""
        if self._markup.startswith("<!--", start):
            return self._find("-->", start + 2)
        return self._find(">", start)

    def _find(self, what: str, start: int) -> int:
        """Where the first of these that comes ends; -1 if none comes."""
        found = self._markup.find(what, start)
        return found + len(what) if found >= 0 else -1
