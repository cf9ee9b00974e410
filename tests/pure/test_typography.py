"""How the translations are set: one form of each mark, as in Odoo's own texts."""

import re
from pathlib import Path

import polib
import pytest

I18N = Path(__file__).parents[2] / "i18n"
LANGUAGES = sorted(path.stem for path in I18N.glob("*.po"))
#: What is no text: tags, what a template puts in, addresses.
CODE = re.compile(r"<[^>]*>|\{\{.*?\}\}|&\w+;|https?://\S+")
#: By language: what is not written, and what is instead.
WRONG = {
    "fr": {
        r"’": "the straight apostrophe, as Odoo has it",
        r"\u202f": "U+00A0, as Odoo has it",
        r"(?<=[^\u00a0\d/])[:;](?=\s|$)|(?<=[^\u00a0])[!?»]": "U+00A0 before it",
        r"«(?!\u00a0)": "U+00A0 after it",
    },
    "de": {
        r"Administrator der Buchhaltung": "Buchhaltungsadministrator",
        r"Client-Geheimnis|Geheimnis(?!se)": "Clientschlüssel",
    },
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_mark_has_one_form(lang):
    """Beside Odoo's own texts, on the same screen, ours look like them."""
    wrong = [
        (found[0], instead, entry.msgstr[max(0, found.start() - 20) : found.end() + 5])
        for entry in polib.pofile(str(I18N / f"{lang}.po"))
        for mark, instead in WRONG.get(lang, {}).items()
        if (found := re.search(mark, CODE.sub("", entry.msgstr)))
    ]
    assert not wrong
