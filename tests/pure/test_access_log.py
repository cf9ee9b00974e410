"""The access log shows that a browser came back, but not what it brought along."""

import logging
from urllib.parse import quote

import pytest
from account_email_connector.tools.access_log import HideQuery

CALLBACK = "/account_email_connector/microsoft/callback?code=0.AX-s3cret&state=St4te"
LOGIN = "/web/login?redirect="
ONCE = LOGIN + quote(CALLBACK, safe="")


def logged(path):
    """What Werkzeug's server logs of a request of *path*."""
    record = logging.makeLogRecord(
        {"msg": '%s - "%s" %s', "args": ("127.0.0.1", f"GET {path} HTTP/1.1", 200)}
    )
    assert HideQuery().filter(record)
    return record.getMessage()


@pytest.mark.parametrize(
    "path",
    [
        CALLBACK,
        LOGIN + CALLBACK,  # Werkzeug 3
        ONCE,  # Werkzeug 2
        ONCE.replace("%2F", "%2f").replace("%3F", "%3f"),
        LOGIN + quote(ONCE, safe=""),
        LOGIN + quote(LOGIN + quote(ONCE, safe=""), safe=""),
    ],
)
def test_code_and_state_are_cut_off(path):
    line = logged(path)
    assert "s3cret" not in line and "St4te" not in line
    assert "account_email_connector" in line and "callback" in line


def test_other_addresses_are_left_alone():
    for path in ("/odoo/email-connector/1?debug=1", "/web/login?redirect=%2Fodoo%3F"):
        assert path in logged(path)
