"""Days as people write them."""

from babel.dates import format_skeleton

from odoo.tools import babel_locale_parse, format_date
from odoo.tools.misc import get_lang


def with_weekday(env, day):
    """*day* in a table of days: the weekday, the day and the month, as the language of
    *env* orders and abbreviates them."""
    lang = get_lang(env).code
    words = format_skeleton("MMMEd", day, locale=babel_locale_parse(lang))
    return words.replace(" 1 ", " 1er ") if lang.startswith("fr") else words


def in_words(env, day):
    """*day* with the name of its month, in the language of *env*.

    The first of a month is "1er" in French, which Babel's patterns do not know.
    """
    words = format_date(env, day, date_format="long")
    if get_lang(env).code.startswith("fr") and words.startswith("1 "):
        return f"1er{words[1:]}"
    return words
