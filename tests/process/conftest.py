"""A throwaway Odoo database for the session; a copy and a mail server for each test."""

import env
import office
import pytest
from mailserver import MailServer

NUMBERS = pytest.StashKey()


@pytest.fixture(scope="session")
def box():
    with env.sandbox() as box:
        yield box


@pytest.fixture(scope="session")
def template(box):
    """The database with two companies, connected mailboxes and unpaid invoices."""
    name = office.create(box)
    box.warm_up(name)
    return name


@pytest.fixture
def mail():
    """A mail server of its own for each test."""
    with MailServer(office.ACCOUNTS) as server:
        yield server


@pytest.fixture
def database(box, template, mail):
    return office.copy(box, template, mail)


@pytest.fixture
def say(request):
    """Print a line at the end of the run, where it is not overlooked."""
    return request.config.stash.setdefault(NUMBERS, []).append


def pytest_terminal_summary(terminalreporter, config):
    for line in config.stash.get(NUMBERS, []):
        terminalreporter.write_line(line)
