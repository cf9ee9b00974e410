"""Days as people write them."""

from odoo.tools import format_date
from odoo.tools.misc import get_lang


def in_words(env, day):
    """*day* with the name of its month, in the language of *env*.

    The first of a month is "1er" in French, which Babel's patterns do not know.
    """
    words = format_date(env, day, date_format="long")
    if get_lang(env).code.startswith("fr") and words.startswith("1 "):
        return f"1er{words[1:]}"
    return words
