"""Each provider is one row that says all that differs."""

import re
from pathlib import Path

import pytest
from account_email_connector.providers.base import Mailbox
from account_email_connector.providers.oauth.app import Grant
from account_email_connector.providers.oauth.mailbox import OAuthMailbox
from account_email_connector.providers.registry import (
    MICROSOFT_A_MINUTE,
    OAUTH,
    PROVIDERS,
    provider,
)

ROOT = Path(__file__).resolve().parents[2]
LITERAL = re.compile(r"""["'](google|microsoft|smtp)["']""")


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_row_is_whole(name):
    row = provider(name)
    assert row.name == name
    assert issubclass(row.mailbox, Mailbox)
    assert issubclass(row.mailbox, OAuthMailbox) == row.uses_oauth == (name in OAUTH)
    assert bool(row.app) == bool(row.reading_scopes(False)) == row.uses_oauth
    assert row.asks_administrator == bool(row.approval_scopes)


def test_a_mailbox_at_microsoft_has_its_pace_however_it_sends():
    pace = provider("smtp").messages_a_minute
    assert pace("SMTP.Office365.com") == MICROSOFT_A_MINUTE
    assert pace("mail.acme.example") is pace("") is None
    assert provider("microsoft").messages_a_minute("") == MICROSOFT_A_MINUTE
    assert provider("google").messages_a_minute("") == 60


DAYS = (
    ("microsoft", "", "anna@acme.example", 10_000),
    ("microsoft", "", "anna@acme.OnMicrosoft.com", 100),
    ("microsoft", "", "anna@outlook.com", None),
    ("microsoft", "", "anna@hotmail.co.uk", None),
    ("microsoft", "", "anna@outlook.com.acme.example", 10_000),
    ("google", "", "clara@acme.example", 2_000),
    ("google", "", "clara@Gmail.com", 500),
    ("google", "", "clara@notgmail.com", 2_000),
    ("smtp", "SMTP.Office365.com", "anna@acme.example", 10_000),
    ("smtp", "smtp.office365.com", "anna@acme.onmicrosoft.com", 100),
    ("smtp", "smtp.gmail.com", "clara@googlemail.com", 500),
    ("smtp", "smtp.gmail.com", "clara@acme.example", 2_000),
    ("smtp", "mail.acme.example", "anna@acme.example", None),
    ("smtp", "", "anna@acme.example", None),
)


@pytest.mark.parametrize(("name", "host", "address", "day"), DAYS)
def test_what_a_mailbox_may_send_in_a_day_where_it_is_published(
    name, host, address, day
):
    assert provider(name).messages_a_day(host, address) == day


def test_a_grant_covers_what_was_granted_however_it_is_written():
    scopes = ("https://graph.microsoft.com/mail.send", "openid")
    grant = Grant("anna@x.example", "1", "", "Anna", scopes, "{}")
    assert grant.covers(["Mail.Send"])
    assert grant.covers([])
    assert not grant.covers(["Mail.Send", "Mail.Read"])


def test_the_engine_knows_no_provider_by_its_name():
    for path in (ROOT / "engine").rglob("*.py"):
        assert not LITERAL.findall(path.read_text()), path.name
