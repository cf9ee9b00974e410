"""Our stand-in misbehaves exactly as told, once, and says in its log what happened."""

import base64
import email.utils
import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime, timezone
from pathlib import Path

import pytest
import requests
from googleapiclient.errors import HttpError
from standin.fault_table import AADSTS, GMAIL, GOOGLE, GRAPH
from standin.person import Stopped
from standin_clients import ANNA, CLARA, PAUL, Google, Microsoft, mail, session

DEV = Path(__file__).parents[2] / "dev"


@pytest.fixture
def microsoft(standin):
    return Microsoft(standin)


@pytest.fixture(scope="module")
def signed_in(running):
    """Return (Microsoft, its token answer), signed in once for the parameters below."""
    running.control.reset()
    microsoft = Microsoft(running)
    return microsoft, microsoft.sign_in()


@pytest.mark.parametrize("number", sorted(AADSTS, key=int))
def test_every_number_at_the_token_endpoint(signed_in, number):
    microsoft, answer = signed_in
    control = microsoft.standin.control
    control.add_fault("microsoft.token", f"AADSTS{number}", account=ANNA)
    url = f"{microsoft.standin.url}/common/oauth2/v2.0/token"
    data = {"refresh_token": answer["refresh_token"]}
    refused = microsoft.http.post(url, data=data, timeout=10)
    body = refused.json()
    assert refused.status_code == AADSTS[number].status
    assert body["error"] == AADSTS[number].error
    assert body["error_codes"] == [int(number)]
    assert body.get("suberror", "") == AADSTS[number].suberror
    assert "{" not in body["error_description"]
    assert control.faults() == [], "once"


@pytest.mark.parametrize("number", sorted(AADSTS, key=int))
def test_every_number_at_the_authorize_endpoint(signed_in, number):
    microsoft, _answer = signed_in
    control = microsoft.standin.control
    url = microsoft.start()["auth_uri"]
    for channel in ("page", "callback"):
        control.add_fault("microsoft.authorize", f"AADSTS{number}", channel=channel)
        answer = microsoft.http.get(url, allow_redirects=False, timeout=10)
        called_back = "Location" in answer.headers
        assert called_back == (channel == "callback")
        assert f"AADSTS{number}" in (
            answer.headers["Location"] if called_back else answer.text
        )


@pytest.mark.parametrize("name", sorted(GRAPH))
def test_every_error_of_graph(signed_in, name):
    microsoft, answer = signed_in
    control, before = microsoft.standin.control, len(microsoft.standin.control.log())
    control.add_fault("graph.sendMail", name, retry_after=7)
    refused = microsoft.send(answer["access_token"])
    assert refused.status_code == GRAPH[name].status
    assert refused.json()["error"]["code"] == GRAPH[name].code
    assert refused.headers["Retry-After"] == "7"
    assert len(control.log()) == before, "nothing was accepted"
    assert microsoft.send(answer["access_token"]).status_code == 202, "once"


@pytest.mark.parametrize("name", sorted(GMAIL))
def test_every_error_of_gmail(standin, name):
    google = Google(standin)
    gmail = google.gmail(google.sign_in())
    # a 401 is refreshed once by the library, so it must be there twice
    standin.control.add_fault("gmail.send", name, times=1 + (name == "authError") * 2)
    raw = base64.urlsafe_b64encode(b"To: a@outside.example\n\nx").decode()
    request = gmail.users().messages().send(userId="me", body={"raw": raw})
    with pytest.raises(HttpError) as error:
        request.execute()
    body = json.loads(error.value.content)["error"]
    assert body["code"] == error.value.resp.status == GMAIL[name].status
    assert body["status"] == GMAIL[name].code
    assert "{" not in body["message"]
    assert standin.control.log() == []


@pytest.mark.parametrize("name", sorted(GOOGLE))
def test_every_error_of_googles_sign_in(standin, name):
    http = session(standin)
    standin.control.add_fault("google.token", name)
    refused = http.post(f"{standin.url}/token", data={}, timeout=10)
    assert refused.status_code == GOOGLE[name].status
    assert refused.json()["error"] == GOOGLE[name].code
    standin.control.add_fault("google.authorize", name)
    with pytest.raises(Stopped, match=GOOGLE[name].code):
        Google(standin).callback()


def test_an_unknown_name_is_refused(standin):
    with pytest.raises(ValueError, match="AADSTS1"):
        standin.control.add_fault("microsoft.token", "AADSTS1")
    with pytest.raises(TypeError):
        standin.control.add_fault("microsoft.token", "AADSTS50173", tiems=2)


def test_a_number_instead_of_the_tokens_for_a_code(microsoft):
    microsoft.standin.control.add_fault("microsoft.token", "AADSTS50105")
    assert microsoft.sign_in()["error_codes"] == [50105]


def test_faults_can_be_for_one_account_and_many_calls(microsoft, standin):
    anna = microsoft.sign_in()["access_token"]
    paul = Microsoft(standin).sign_in(PAUL)["access_token"]
    standin.control.add_fault("graph.*", "429", account=PAUL, times=2, retry_after=3)
    assert microsoft.send(anna).status_code == 202
    codes = [microsoft.send(paul).status_code for _ in range(3)]
    assert codes == [429, 429, 202]
    faults = [row["fault"] for row in standin.control.calls("graph.sendMail")]
    assert faults == [None, "429", "429", None]


def test_retry_after_can_be_a_date(microsoft, standin):
    token = microsoft.sign_in()["access_token"]
    standin.control.add_fault(
        "graph.sendMail", "503", retry_after=90, retry_after_date=True
    )
    value = microsoft.send(token).headers["Retry-After"]
    at = email.utils.parsedate_to_datetime(value)
    assert 80 <= (at - datetime.now(timezone.utc)).total_seconds() <= 91


def test_an_error_after_accepting(microsoft, standin):
    token = microsoft.sign_in()["access_token"]
    standin.control.add_fault("graph.sendMail", "504", when="after")
    assert microsoft.send(token).status_code == 504
    assert len(standin.control.log()) == 1
    assert len(standin.control.mailbox(ANNA)["sent"]) == 1


def test_a_literal_answer(microsoft, standin):
    token = microsoft.sign_in()["access_token"]
    standin.control.add_fault(
        "graph.sendMail", status=502, body="<html>Bad gateway", headers={"X-A": "b"}
    )
    answer = microsoft.send(token)
    assert (answer.status_code, answer.text) == (502, "<html>Bad gateway")
    assert answer.headers["X-A"] == "b"


def test_slow(microsoft, standin):
    token = microsoft.sign_in()["access_token"]
    standin.control.add_fault("graph.sendMail", delay=3)
    start = time.monotonic()
    with pytest.raises(requests.Timeout):
        microsoft.http.post(
            f"{standin.url}/v1.0/me/sendMail",
            json={"message": mail()},
            headers={"Authorization": f"Bearer {token}"},
            timeout=1,
        )
    assert time.monotonic() - start < 2.5
    assert len(standin.control.log()) == 1, "accepted, the answer came late"
    assert microsoft.graph("GET", "/me", token).ok, "others are not held up"


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("cut", [0, 1, 8, 20, 100, 300])
def test_cut_at_any_byte_of_the_answer(microsoft, standin, cut, tls):
    token = microsoft.sign_in()["access_token"]
    standin.control.add_fault("graph.me", cut=cut)
    base = standin.tls_url if tls else standin.url
    headers = {"Authorization": f"Bearer {token}"}
    try:
        answer = microsoft.http.get(f"{base}/v1.0/me", headers=headers, timeout=10)
    except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
        pass
    else:
        # Python's ssl may take a reset for the end: headers that were cut are then
        # an empty answer of unknown length.
        assert tls and answer.content == b"" and "Content-Length" not in answer.headers
    assert microsoft.graph("GET", "/me", token).ok


def test_cut_says_what_was_accepted(microsoft, standin):
    token = microsoft.sign_in()["access_token"]
    cases = [
        ({"cut": 0}, 1),  # accepted, no answer
        ({"cut_read": 10}, 0),  # broken off while the request was read
        ({"fault": "503", "cut": 0}, 0),
        ({"fault": "503", "cut": 5, "when": "after"}, 1),
    ]
    for how, accepted in cases:
        before = len(standin.control.log())
        standin.control.add_fault("graph.sendMail", **how)
        with pytest.raises(requests.ConnectionError):
            microsoft.send(token)
        assert len(standin.control.log()) - before == accepted, how
    standin.control.add_fault("connection")
    with pytest.raises(requests.ConnectionError):
        microsoft.send(token)
    assert microsoft.send(token).status_code == 202


def test_commands_over_http(standin):
    http = session(standin)
    control = f"{standin.url}/_control"
    added = http.post(
        f"{control}/faults", json={"endpoint": "graph.*", "fault": "503"}, timeout=10
    )
    assert added.json()["result"] == 1 or added.ok
    assert len(http.get(f"{control}/faults", timeout=10).json()["result"]) == 1
    http.delete(f"{control}/faults", timeout=10)
    assert standin.control.faults() == []
    wrong = http.post(f"{control}/faults", json={"endpoint": "x", "fault": "?"})
    assert (wrong.status_code, "unknown fault" in wrong.text) == (400, True)
    form = http.post(f"{control}/reset", data={"a": "b"}, timeout=10)
    assert form.status_code == 415, "no other web page can command by a form"
    moved = http.post(f"{control}/clock", json={"advance": 60}, timeout=10).json()
    assert moved["result"]["offset"] == 60
    changed = http.post(
        f"{control}/account", json={"address": ANNA, "per_minute": 5}, timeout=10
    )
    assert changed.json()["result"]["per_minute"] == 5
    app = http.post(
        f"{control}/app",
        json={"client_id": "standin.apps.googleusercontent.com"},
        timeout=10,
    )
    assert "secret" not in app.json()["result"]
    box = http.get(f"{control}/mailbox/{CLARA}", timeout=10).json()
    assert box["result"] == {"inbox": [], "sent": []}


def test_many_at_once_are_all_accepted_once(microsoft, standin):
    token = microsoft.sign_in()["access_token"]
    statuses = []

    def work(number):
        client = session(standin)
        for n in range(10):
            answer = client.post(
                f"{standin.url}/v1.0/me/sendMail",
                json={"message": mail(subject=f"{number}-{n}")},
                headers={"Authorization": f"Bearer {token}"},
                timeout=30,
            )
            statuses.append(answer.status_code)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [202] * 80
    subjects = {row["subject"] for row in standin.control.log()}
    assert len(subjects) == len(standin.control.log()) == 80
    assert len({row["id"] for row in standin.control.log()}) == 80


class TestProcess:
    """The stand-in as a program: it keeps accepted mail when it is killed."""

    @pytest.fixture
    def start(self, tmp_path):
        running = []

        def start():
            command = [sys.executable, "-m", "standin", "--port", "0"]
            command += ["--tls-port", "0", "--state", str(tmp_path / "state")]
            process = subprocess.Popen(
                command, cwd=DEV, stdout=subprocess.PIPE, text=True
            )
            running.append(process)
            words = process.stdout.readline().split()
            assert words[0] == "ready"
            place = type("Place", (), {})()
            place.url, place.tls_url, place.ca_file = words[1:4]
            place.process = process
            return place

        yield start
        for process in running:
            process.kill()
            process.wait()
            process.stdout.close()

    def test_mail_and_grants_survive_a_kill(self, start, tmp_path):
        first = start()
        microsoft = Microsoft(first)
        answer = microsoft.sign_in()
        for number in range(20):
            microsoft.send(answer["access_token"], subject=f"Nr {number}")
        os.kill(first.process.pid, signal.SIGKILL)
        first.process.wait()
        with (tmp_path / "state/mail.jsonl").open("a") as journal:
            journal.write('{"messages": [{"id"')  # it was killed while writing
        second = start()
        http = session(second)
        log = http.get(f"{second.url}/_control/log", timeout=10).json()["result"]
        assert [row["subject"] for row in log] == [f"Nr {n}" for n in range(20)]
        again = Microsoft(second)
        assert again.refresh(answer["refresh_token"])["access_token"]
        answer = again.send(answer["access_token"], subject="Nr 20")
        assert answer.status_code == 202
        log = http.get(f"{second.url}/_control/log", timeout=10).json()["result"]
        assert len({row["id"] for row in log}) == 21

    def test_it_ends_when_told(self, start):
        place = start()
        place.process.terminate()
        assert place.process.wait(timeout=10) == 0

    def test_secrets_of_the_state_are_for_the_owner(self, start, tmp_path):
        start()
        for name in ("state.json", "signing.pem", "server.pem"):
            mode = (tmp_path / "state" / name).stat().st_mode & 0o777
            assert mode == 0o600, name
