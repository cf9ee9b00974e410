"""What somebody has written: the words of an email, out of all its parts.

A picture in the middle, a mailing list's footer or a gateway's warning cuts a text into
several parts. They are read in their order; only of those that say the same in several
ways one is taken: https://www.rfc-editor.org/rfc/rfc2046#section-5.1
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from .html_text import text_of
from .parts import LONGEST_TEXT, Part

MOST_NAMES = 50  # of attachments


@dataclass(frozen=True)
class Content:
    """What a part says, as plain text and as HTML; each empty where there is none."""

    text: str = ""
    html: str = ""

    @cached_property
    def words(self) -> str:
        """It as plain text, however it was written."""
        return self.text or text_of(self.html)


NOTHING = Content()


def content(leaves: Sequence[Part]) -> Content:
    """What an email says.

    :param leaves: its parts, see :func:`~.parts.parts`.
    """
    found = _joined(_children(leaves, 0))
    return Content(found.text[:LONGEST_TEXT], found.html[:LONGEST_TEXT])


def file_names(leaves: Iterable[Part]) -> tuple[str, ...]:
    """What is attached."""
    return tuple([part.file_name for part in leaves if part.file_name][:MOST_NAMES])


def _children(leaves: Sequence[Part], depth: int) -> list[Content]:
    """What each part of a container says.

    :param leaves: what lies in it, or deeper.
    :param depth: how many containers are around its parts.
    """
    return [_container(inside, depth) for inside in _by_child(leaves, depth)]


def _by_child(leaves: Sequence[Part], depth: int) -> list[list[Part]]:
    found: dict[int, list[Part]] = {}
    for leaf in leaves:
        found.setdefault(id(_child(leaf, depth)), []).append(leaf)
    return list(found.values())


def _child(leaf: Part, depth: int) -> Part:
    """The part that it is, or lies in, below so many containers."""
    return leaf.within[depth] if len(leaf.within) > depth else leaf


def _container(leaves: list[Part], depth: int) -> Content:
    """What one part says, which may be a container."""
    part = _child(leaves[0], depth)
    if part is leaves[0]:
        return _leaf(part)
    if part.kind == "multipart/related":
        return _root(part.root_id, leaves, depth + 1)
    inside = _children(leaves, depth + 1)
    return _richest(inside) if part.kind == "multipart/alternative" else _joined(inside)


def _leaf(part: Part) -> Content:
    """A text's words; an attachment has none, nor has an email that is handed on:
    https://www.rfc-editor.org/rfc/rfc2046#section-5.1.5"""
    in_digest = part.within and part.within[-1].kind == "multipart/digest"
    if not part.is_shown or (in_digest and "Content-Type" not in part.fields):
        return NOTHING
    if part.kind == "text/html":
        return Content(html=part.text)
    return Content(part.text) if part.kind == "text/plain" else NOTHING


def _root(root_id: str, leaves: list[Part], depth: int) -> Content:
    """What the part says that the others belong to: the named one, else the first.

    If that has no words, others may have some.
    """
    inside = _by_child(leaves, depth)
    inside.sort(key=lambda each: _child(each[0], depth).content_id != root_id)
    said = (_container(each, depth) for each in inside)
    return next(filter(_says_something, said), NOTHING)


def _richest(several: Sequence[Content]) -> Content:
    """Plain text and HTML of parts that say the same."""
    texts = (each.text for each in several if each.text.strip())
    htmls = (each.html for each in several if each.html.strip())
    return Content(next(texts, ""), next(htmls, ""))


def _joined(several: Iterable[Content]) -> Content:
    """What parts say one after the other; what one repeats is said once."""
    found = list(filter(_says_something, several))
    if len(found) < 2:
        return found[0] if found else NOTHING
    said: dict[str, Content] = {}
    for each in found:
        said.setdefault(" ".join(each.words.split()), each)
    if len(said) > 1:
        said.pop("", None)
    if len(said) < 2:
        return next(iter(said.values()))
    texts = [each.words.strip("\n") for each in said.values()]
    htmls = [each.html for each in said.values() if each.html]
    return Content("\n\n".join(texts), "\n".join(htmls))


def _says_something(content: Content) -> bool:
    return bool(content.text.strip() or content.html.strip())
