"""The documents say what the product says, and show pictures that are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "readme").glob("*.rst"))]
INDEX = ROOT / "static/description/index.html"
LARGEST = 200_000  # bytes of a picture
PICTURE = re.compile(
    r"!\[[^]]*\]\(([^)]+)\)|\.\. image:: (\S+)|<img\s+src=\"([^\"]+)\""
)


def pictures(page):
    """The files that a page shows."""
    found = PICTURE.findall(page.read_text())
    return [page.parent / next(filter(None, names)) for names in found]


@pytest.mark.parametrize("page", [*PAGES, INDEX], ids=lambda page: page.name)
def test_pictures_are_there_and_small(page):
    for picture in pictures(page):
        assert picture.stat().st_size < LARGEST, picture


def test_the_page_of_the_app_needs_nothing_from_elsewhere():
    html = INDEX.read_text()
    assert pictures(INDEX)
    assert "<script" not in html
    assert "//" not in html


def test_messages_with_a_remedy_are_those_of_the_product():
    page = (ROOT / "readme/ADMINISTRATORS.rst").read_text()
    table = page.partition("* - The mailbox says")[2].partition("\n\nNothing")[0]
    cells = re.findall(r"   \* - (.*?)\n     - ", table, re.DOTALL)
    messages = [
        " ".join(words.strip("… ").split())
        for cell in cells
        for words in re.findall(r"\*([^*]+)\*", cell)
    ]
    assert len(messages) > 20
    texts = [path.read_text() for path in (ROOT / "texts/outcomes").glob("*.py")]
    said = re.sub(r'"\s*\n\s*"', "", "\n".join(texts))
    assert not [words for words in messages if words not in said]


def test_links_lead_somewhere():
    for page in PAGES:
        links = re.findall(r"\]\(([^):]+)\)|<([\w./]+\.(?:rst|md))>", page.read_text())
        for names in links:
            target = next(filter(None, names))
            assert (page.parent / target).exists(), f"{page.name}: {target}"
