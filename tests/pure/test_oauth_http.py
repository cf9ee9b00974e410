"""A send reaches the server at most once, whatever happens to the line."""

import socket
from functools import partialmethod

import pytest
import requests
from account_email_connector.providers.oauth.http import TokenWire, Wire
from account_email_connector.providers.outcomes import OutcomeUnknown, Unavailable
from account_email_connector.providers.reasons import Reason
from oauth_server import ACCESS_TOKEN, Reply, serving
from urllib3.connectionpool import HTTPConnectionPool

BIG = b"x" * 1_000_000


@pytest.fixture
def server(tmp_path):
    with serving(tmp_path) as found:
        yield found


def post(server, body=b"hello"):
    with Wire(server.ca_file) as wire:
        return wire.call("POST", f"{server.url}/send", token=ACCESS_TOKEN, data=body)


@pytest.mark.parametrize("body", [b"hello", BIG])
def test_an_answer_arrives(server, body):
    server.reply("/send", Reply(202, "", {"request-id": "r1"}))
    answer = post(server, body)
    assert (answer.status, answer.headers["Request-Id"]) == (202, "r1")
    assert server.calls("/send")[0].body == body
    assert server.calls("/send")[0].headers["Authorization"] == f"Bearer {ACCESS_TOKEN}"


@pytest.mark.parametrize("clean", [False, True])
def test_line_cut_after_the_request_is_unknown_and_sent_once(server, clean):
    server.reply("/send", Reply(cut=-1, clean=clean), Reply(202))
    with pytest.raises(OutcomeUnknown) as caught:
        post(server)
    assert caught.value.reason is Reason.MAYBE_SENT
    assert len(server.calls("/send")) == 1


def test_line_cut_within_a_big_request_is_unknown_and_sent_once(server):
    server.reply("/send", Reply(cut=-2), Reply(202))
    with pytest.raises(OutcomeUnknown):
        post(server, BIG)
    assert len(server.replies["/send"]) == 1
    assert server.calls("/send") == []


def test_line_cut_before_the_request_is_provably_not_sent(server):
    server.reply("/send", Reply(202))
    server.drop_connections = 1
    with pytest.raises(Unavailable) as caught:
        post(server)
    assert caught.value.reason is Reason.CONNECTION_LOST
    assert server.calls("/send") == []


def test_silence_after_the_request_is_unknown(server, monkeypatch):
    monkeypatch.setattr(
        "account_email_connector.providers.oauth.http.SEND_TIMEOUT", (5, 0.3)
    )
    server.reply("/send", Reply(202, delay=1))
    with pytest.raises(OutcomeUnknown):
        post(server)


@pytest.mark.parametrize("cut", [0, 1, 9])
def test_a_status_counts_although_its_words_were_cut(server, cut):
    server.reply(
        "/send", Reply(429, {"error": {"code": "x"}}, {"Retry-After": "7"}, cut)
    )
    answer = post(server)
    assert (answer.status, answer.headers["Retry-After"]) == (429, "7")
    assert answer.json() == {}
    assert len(server.calls("/send")) == 1


@pytest.fixture(params=[True, False], ids=["as of urllib3 2", "before"])
def counted(request, monkeypatch):
    """Whether urllib3 by itself counts what has come, or takes it for all of it."""
    asked = partialmethod(
        HTTPConnectionPool.urlopen, enforce_content_length=request.param
    )
    monkeypatch.setattr(HTTPConnectionPool, "urlopen", asked)


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize("cut", [0, 1, 30])
def test_an_answer_that_was_cut_is_none(server, cut):
    words = "a text of which some would be taken for all"
    server.reply("/send", Reply(200, words, cut=cut, clean=True))
    assert (post(server).cut, post(server).content) == (True, b"")
    with pytest.raises(Unavailable), Wire(server.ca_file) as wire:
        wire.call("GET", f"{server.url}/send", token=ACCESS_TOKEN)


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize("cut", [0, 20])
def test_a_token_that_was_cut_is_an_error_of_the_line(server, cut):
    """It is read at once, by msal and google-auth."""
    words = '{"error": "x"}' + " " * 99  # what has come makes sense
    server.reply("/token", Reply(200, words, cut=cut, clean=True))
    with pytest.raises(requests.RequestException), TokenWire(server.ca_file) as wire:
        wire.request("POST", f"{server.url}/token", data={"code": "x"})


@pytest.mark.parametrize("words", ["<html>Welcome</html>", "[]", '{"scope": 1}'])
def test_a_token_that_is_none_is_an_error_of_the_line(server, words):
    """For msal and google-auth, which know those; with the oldest requests, too."""
    server.reply("/token", Reply(200, words))
    with pytest.raises(requests.RequestException), TokenWire(server.ca_file) as wire:
        wire.request("POST", f"{server.url}/token", data={"code": "x"})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(server, status):
    server.reply("/send", Reply(status, "", {"Location": "/elsewhere"}))
    assert post(server).status == status
    assert server.calls("/elsewhere") == []


def test_nobody_listens(server):
    server.server_close()
    with pytest.raises(Unavailable) as caught:
        post(server)
    assert caught.value.reason is Reason.CONNECTION_LOST


def test_no_such_host(server):
    with pytest.raises(Unavailable) as caught, Wire() as wire:
        wire.call("POST", "https://nowhere.invalid/", token="t", data=b"x")
    assert caught.value.reason is Reason.HOST_NOT_FOUND
    assert "nowhere.invalid" in caught.value.detail


def test_a_dns_that_does_not_answer(server, monkeypatch):
    """The name is right: nobody is sent to look for typing errors."""

    def no_answer(*_args, **_options):
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", no_answer)
    with pytest.raises(Unavailable) as caught, Wire() as wire:
        wire.call("POST", "https://graph.example/", token="t", data=b"x")
    assert caught.value.reason is Reason.DNS_SILENT


def test_a_certificate_nobody_vouches_for(server, monkeypatch):
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    with pytest.raises(Unavailable) as caught, Wire() as wire:
        wire.call("POST", f"{server.url}/send", token="t", data=b"x")
    assert caught.value.reason is Reason.CERTIFICATE_NOT_TRUSTED
    assert server.calls("/send") == []


def test_a_netrc_file_does_not_replace_the_token(server, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.reply("/send", Reply(202))
    post(server)
    assert server.calls("/send")[0].headers["Authorization"] == f"Bearer {ACCESS_TOKEN}"


def test_each_send_has_a_connection_of_its_own(server):
    """An idle one may be closed just when the next email is on its way."""
    server.reply("/send", Reply(202))
    with Wire(server.ca_file) as wire:
        for _send in range(3):
            wire.call("POST", f"{server.url}/send", token="t", data=b"hello")
    ports = {seen.port for seen in server.calls("/send")}
    assert len(ports) == 3
