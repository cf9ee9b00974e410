"""A throwaway Odoo database for the session; a copy and a mail server for each test."""

from contextlib import ExitStack

import env
import office
import pytest
from mailserver import MailServer
from oauth_world import PASSWORD

NUMBERS = pytest.StashKey()
FOR_THE_MANAGER = """
env["ir.config_parameter"].set_param("web.base.url", {url!r})
env["ir.config_parameter"].set_param("web.base.url.freeze", "True")
manager = env["res.users"].search([("login", "=", "manager")])
manager.write({{"password": {password!r}, "odoobot_state": "disabled"}})
"""


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
def open_office(box, database, mail):
    """A function that serves the database, in which the manager can sign in with
    ``PASSWORD``: given the number of cron threads, and what else is set up."""
    with ExitStack() as stack:

        def serve(cron_threads, setup=""):
            (port,) = env.free_ports()
            url = f"http://127.0.0.1:{port}"
            begin = FOR_THE_MANAGER.format(url=url, password=PASSWORD)
            box.shell(database, f"{begin}{setup}\nenv.cr.commit()\n")
            options = {"port": port, "env": office.trust(mail)}
            threads = f"--max-cron-threads={cron_threads}"
            return stack.enter_context(box.serve(database, threads, **options))

        yield serve


@pytest.fixture
def say(request):
    """Print a line at the end of the run, where it is not overlooked."""
    return request.config.stash.setdefault(NUMBERS, []).append


def pytest_terminal_summary(terminalreporter, config):
    for line in config.stash.get(NUMBERS, []):
        terminalreporter.write_line(line)
