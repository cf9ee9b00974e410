"""Keep authorization codes out of the server's access log.

A callback's address holds the code and the state. Both are spent once it is answered,
but what is in no log need not be explained. A proxy in front has a log of its own.
"""

import logging
import re

# As the callback's own address, and quoted in that of the login page, where an expired
# session leads to. How much of it is decoded in the log depends on Werkzeug's version.
_SLASH, _QUERY = "(?:/|%(?:25)*2F)", r"(?:\?|%(?:25)*3F)"
_CALLBACK = re.compile(
    rf"({_SLASH}account_email_connector(?:{_SLASH}\w+){{2}}){_QUERY}\S*", re.IGNORECASE
)


class HideQuery(logging.Filter):
    """Cuts the query off the callbacks' addresses. Lets every record pass."""

    def filter(self, record):
        if isinstance(record.args, tuple):
            record.args = tuple(map(_hide, record.args))
        record.msg = _hide(record.msg)
        return True


def _hide(value):
    return _CALLBACK.sub(r"\1?…", value) if isinstance(value, str) else value


def install():
    """Put the filter on the logger of the web server."""
    logging.getLogger("werkzeug").addFilter(HideQuery())
