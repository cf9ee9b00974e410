"""Fixtures: a DNS server, and the web server of every domain that ends in .test"""

import pytest
import trustme
from account_email_connector.providers.discovery import Lookup
from account_email_connector.providers.reach import EVERYWHERE
from discovery_helpers import Dns, Web, stand_for
from mailserver_sink import server_context


@pytest.fixture
def world():
    with Dns() as server:
        yield server


@pytest.fixture
def lookup(world, ca_file, web):
    return Lookup(
        resolver=world.resolver(), reach=EVERYWHERE, ca_file=ca_file, port=web.port
    )


@pytest.fixture(scope="session")
def authority():
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_file(authority, tmp_path_factory):
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


@pytest.fixture(scope="session")
def tls(authority):
    """A server's certificate for whatever ends in .test"""
    names = ("*.test", "firm.test", "autoconfig.firm.test", "localhost")
    return server_context(authority.issue_cert(*names))


@pytest.fixture
def web(tls, monkeypatch):
    """The names that end in .test stand for this machine."""
    stand_for(monkeypatch, "127.0.0.1")
    server = Web(tls)
    yield server
    server.stop()
