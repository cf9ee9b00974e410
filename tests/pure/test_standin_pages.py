"""Our stand-in's own pages: what a newcomer sees and clicks."""

import base64
import re

import pytest
from standin import StandIn
from standin_clients import (
    ANNA,
    CLARA,
    ERIK,
    GOOGLE,
    MICROSOFT,
    PAUL,
    Google,
    Microsoft,
    query,
    session,
)
from test_standin_graph import mime, send_mime


@pytest.fixture(scope="module")
def server():
    with StandIn(redirect_bases=["http://127.0.0.1:9999"]) as standin:
        yield standin


@pytest.fixture
def standin(server):
    server.control.reset()
    uris = ["http://127.0.0.1:8069/account_email_connector/microsoft/callback"]
    server.control.app(MICROSOFT[0], redirect_uris=uris)
    return server


@pytest.fixture
def http(standin):
    return session(standin)


def get(standin, http, path):
    """Return the text of a page."""
    answer = http.get(standin.url + path, timeout=10)
    assert answer.status_code == 200, path
    return answer.text


def sent_message(standin, **changes):
    """Let Anna send a message; return its id in her Sent folder."""
    microsoft = Microsoft(standin)
    token = microsoft.sign_in()["access_token"]
    message = mime(to=PAUL)
    for name, value in changes.items():
        del message[name]
        message[name] = value
    message.add_alternative(
        "<p>Pay <script>parent.stolen = 1</script></p>", subtype="html"
    )
    message.add_attachment(
        b"%PDF-1", maintype="application", subtype="pdf", filename="INV 1.pdf"
    )
    assert send_mime(microsoft, token, message).status_code == 202
    return standin.control.mailbox(ANNA)["sent"][0]["id"]


def test_every_page_says_that_it_is_a_stand_in(standin, http):
    sent = sent_message(standin)
    for path in (
        "/",
        "/mailboxes",
        f"/mailboxes/{ANNA}",
        f"/mailboxes/{ANNA}/sent",
        f"/mailboxes/message/{sent}",
        "/admin",
        "/faults",
        "/log",
    ):
        assert "not Microsoft, not Google" in get(standin, http, path)
    assert http.get(f"{standin.url}/mailboxes/nobody@x.example").status_code == 404


def test_redirect_uris_are_those_of_the_command_line(server):
    server.control.reset()
    row = server.control.app(GOOGLE[0])
    assert row["redirect_uris"] == [
        f"http://127.0.0.1:9999/account_email_connector/{path}"
        for path in (
            "microsoft/callback",
            "microsoft/admin_consent",
            "google/callback",
        )
    ]


def test_a_message_can_be_read_without_running_it(standin, http):
    sent = sent_message(standin, Subject='<img src=x onerror="alert(1)">')
    page = get(standin, http, f"/mailboxes/message/{sent}")
    assert "<img" not in page and "&lt;img" in page
    assert '<iframe sandbox=""' in page
    body = http.get(f"{standin.url}/mailboxes/message/{sent}/body", timeout=10)
    policy = body.headers["Content-Security-Policy"]
    assert "sandbox" in policy and "script" not in policy
    assert "default-src 'none'" in policy
    source = http.get(f"{standin.url}/mailboxes/message/{sent}/source", timeout=10)
    row = standin.control.mailbox(ANNA)["sent"][0]
    assert source.content == base64.b64decode(row["source"])
    file = http.get(f"{standin.url}/mailboxes/message/{sent}/attachment/0", timeout=10)
    assert file.content == b"%PDF-1"
    assert file.headers["Content-Disposition"].startswith("attachment;")


def test_reply_and_bounce_by_button(standin, http):
    sent = sent_message(standin)
    url = f"{standin.url}/mailboxes/message/{sent}/answer"
    http.post(
        url, data={"kind": "reply", "text": "Soon", "recipient": PAUL}, timeout=10
    )
    http.post(url, data={"kind": "bounce", "status": "5.2.2"}, timeout=10)
    bounced, reply = standin.control.mailbox(ANNA)["inbox"]
    assert (reply["subject"][:4], reply["text"].strip()) == ("Re: ", "Soon")
    assert bounced["subject"].startswith("Undeliverable: ")
    assert "Zahlungserinnerung" in get(standin, http, f"/mailboxes/{PAUL}/sent")


def test_unread_until_opened(standin, http):
    sent_message(standin)
    (row,) = standin.control.mailbox(PAUL)["inbox"]
    assert 'class="unread"' in get(standin, http, f"/mailboxes/{PAUL}")
    get(standin, http, f"/mailboxes/message/{row['id']}")
    assert 'class="unread"' not in get(standin, http, f"/mailboxes/{PAUL}")


def test_the_administrator_approves_by_button(standin, http):
    Microsoft(standin).callback(ERIK, decide="request", justification="Dunning <b>")
    page = get(standin, http, "/admin")
    assert "Dunning &lt;b&gt;" in page
    path = re.search(r"/admin/request/[0-9a-f-]+", page)[0]
    http.post(standin.url + path, data={"state": "approved"}, timeout=10)
    assert "approved" in get(standin, http, "/admin")
    assert Microsoft(standin).sign_in(ERIK)["access_token"]


def test_consent_for_everybody_by_button_and_back(standin, http):
    url = f"{standin.url}/admin/tenant/5a7d0000-0000-4000-8000-00000000000b"
    data = {"client_id": MICROSOFT[0], "action": "grant"}
    http.post(url, data=data, timeout=10)
    assert Microsoft(standin).sign_in(ERIK)["access_token"]
    http.post(url, data=data | {"action": "withdraw"}, timeout=10)
    _flow, params = Microsoft(standin).callback(ERIK, decide="return")
    assert params["error"] == "access_denied"


def test_faults_by_button(standin, http):
    token = Microsoft(standin).sign_in()["access_token"]
    url = f"{standin.url}/faults"
    form = {
        "action": "add",
        "fault": "graph.sendMail 503",
        "times": "1",
        "retry_after": "9",
        "when": "after",
    }
    assert "graph.sendMail" in http.post(url, data=form, timeout=10).text
    answer = Microsoft(standin).send(token)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "9")
    assert "503" in get(standin, http, "/log")
    slow = {"action": "add", "fault": "*", "endpoint": "graph.me", "delay": "0.1"}
    http.post(url, data=slow, timeout=10)
    assert standin.control.faults()[0]["delay"] == 0.1
    http.post(url, data={"action": "clear"}, timeout=10)
    assert standin.control.faults() == []
    http.post(url, data={"action": "advance", "seconds": "3600"}, timeout=10)
    assert Microsoft(standin).send(token).status_code == 401
    http.post(
        url,
        data={"action": "secret", "client_id": MICROSOFT[0], "expired": "yes"},
        timeout=10,
    )
    assert Microsoft(standin).sign_in()["error"] == "invalid_client"


def test_gmails_links_lead_to_the_message(standin, http):
    page = get(standin, http, f"/mail/u/?authuser={CLARA}")
    assert "/mailboxes/message/" in page
    assert get(standin, http, "/mail/u/0/") == page


def test_google_wants_its_box_ticked(standin):
    uris = ["http://127.0.0.1:8069/account_email_connector/google/callback"]
    standin.control.app(GOOGLE[0], redirect_uris=uris)
    google = Google(standin)
    url, _state = google.flow().authorization_url(prompt="consent")
    start = google.person.http.get(url, timeout=10)
    consent = google.person.http.post(
        start.url, data={"action": "choose", "account": CLARA}, timeout=10
    )
    (box,) = re.findall(r'<input type="checkbox"[^>]*>', consent.text)
    assert "gmail.send" in box and "checked" not in box
    back = google.person.http.post(
        consent.url, data={"action": "accept"}, allow_redirects=False, timeout=10
    )
    assert "gmail.send" not in query(back.headers["Location"])["scope"]
