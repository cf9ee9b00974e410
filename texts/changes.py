"""What a changed plan changes, in words."""

from odoo.tools.translate import LazyTranslate

from ..rules.difference import Change

_lt = LazyTranslate(__name__)

#: {change: the heading of those for whom it is so}
TITLES = {
    Change.STARTS: _lt("A follow-up where there was none"),
    Change.STOPS: _lt("No follow-up any more"),
    Change.EARLIER: _lt("Earlier"),
    Change.LATER: _lt("Later"),
    Change.STEP: _lt("Another step"),
    Change.ITEMS: _lt("Other invoices, or another amount"),
    Change.READ: _lt("Read first, or no longer"),
    Change.TEXT: _lt("Another text, or other attachments"),
}


def title(env, change):
    """The heading, in the language of *env*."""
    return env._(TITLES[change])
