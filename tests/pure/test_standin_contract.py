"""Our stand-in speaks the providers' own descriptions of their APIs.

Gmail: the discovery document inside google-api-python-client. Graph: Microsoft's
TypeScript types, checked by tsc.
"""

import base64
import json
import subprocess
from pathlib import Path

import pytest
from googleapiclient.discovery_cache import get_static_doc
from lib import node
from standin import StandIn
from standin_clients import (
    ANNA,
    CLARA,
    GMAIL_READ,
    GOOGLE_SCOPES,
    SEND,
    Google,
    Microsoft,
    session,
)
from test_standin_graph import mime

TYPES = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}
CONTRACT = Path(node.__file__).parents[1] / "standin/contract"


@pytest.fixture(scope="module")
def standin():
    with StandIn() as standin:
        yield standin


def problems(document, schema, value, where="answer"):
    """Return what in *value* the discovery document does not describe."""
    schema = document["schemas"].get(schema.get("$ref"), schema)
    if not isinstance(value, TYPES[schema.get("type", "object")]):
        return [f"{where} is {type(value).__name__}"]
    if isinstance(value, list):
        found = []
        for index, item in enumerate(value):
            found += problems(document, schema["items"], item, f"{where}[{index}]")
        return found
    if isinstance(value, dict):
        return problems_of_fields(document, schema, value, where)
    if schema.get("format") in ("int64", "uint64") and not value.isdigit():
        return [f"{where} is no number"]
    if schema.get("format") == "byte":
        base64.urlsafe_b64decode(value)
    return []


def problems_of_fields(document, schema, value, where):
    found = []
    for name, item in value.items():
        inner = schema["properties"].get(name)
        if inner is None:
            found.append(f"{where}.{name} is unknown")
        else:
            found += problems(document, inner, item, f"{where}.{name}")
    return found


def test_gmail_answers_as_the_discovery_document_says(standin):
    document = json.loads(get_static_doc("gmail", "v1"))
    google = Google(standin)
    credentials = google.sign_in(scopes=[*GOOGLE_SCOPES, GMAIL_READ])
    http = session(standin)
    headers = {"Authorization": f"Bearer {credentials.token}"}
    base = f"{standin.url}/gmail/v1/users/me"
    message = mime()
    message.add_attachment(
        b"%PDF", maintype="application", subtype="pdf", filename="INV.pdf"
    )
    raw = base64.urlsafe_b64encode(message.as_bytes()).decode()
    sent = http.post(f"{base}/messages/send", json={"raw": raw}, headers=headers)
    standin.control.reply(CLARA)
    standin.control.bounce(CLARA)
    message_id, thread_id = sent.json()["id"], sent.json()["threadId"]
    answers = {"send": ("Message", sent)}
    for path, schema in (
        ("/messages", "ListMessagesResponse"),
        ("/messages?maxResults=1", "ListMessagesResponse"),
        (f"/messages/{message_id}", "Message"),
        (f"/messages/{message_id}?format=raw", "Message"),
        (f"/messages/{message_id}?format=metadata", "Message"),
        (f"/messages/{message_id}?format=minimal", "Message"),
        ("/threads", "ListThreadsResponse"),
        (f"/threads/{thread_id}", "Thread"),
        ("/labels", "ListLabelsResponse"),
        ("/profile", "Profile"),
        ("/settings/sendAs", "ListSendAsResponse"),
    ):
        answer = http.get(base + path, headers=headers, timeout=10)
        answers[path] = (schema, answer)
    for path, (schema, answer) in answers.items():
        assert answer.status_code == 200, path
        body = answer.json()
        assert body and problems(document, {"$ref": schema}, body) == [], path


def bare(value):
    """Return *value* without OData's annotations, which the types do not know."""
    if isinstance(value, list):
        return [bare(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {k: bare(v) for k, v in value.items() if not k.startswith("@odata.")}


def compile_types(directory, checks):
    """Compile values against Microsoft's types; return tsc's output, empty if right.

    :param checks: [(type, JSON value)].
    """
    lines = ['import type * as graph from "@microsoft/microsoft-graph-types";']
    lines += [
        f"export const value{n}: graph.{kind} = {json.dumps(bare(value))};"
        for n, (kind, value) in enumerate(checks)
    ]
    (directory / "check.ts").write_text("\n".join(lines))
    modules = node.modules(CONTRACT)
    (directory / "node_modules").symlink_to(modules)
    command = [node.node(), modules / "typescript/bin/tsc", "--noEmit", "--strict"]
    result = subprocess.run(
        [*command, "check.ts"],
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return result.stdout + result.stderr


@pytest.fixture(scope="module")
def recorded(standin):
    """Return [(Microsoft's name of the type, JSON body)] of a whole conversation."""
    microsoft = Microsoft(standin)
    scopes = [*SEND, "Mail.Read"]
    standin.control.grant("bluelake.example", microsoft.client.client_id, scopes)
    token = microsoft.sign_in(ANNA, scopes)["access_token"]
    message = {
        "subject": "All",
        "importance": "high",
        "body": {"contentType": "html", "content": "<p>Hi</p>"},
        "toRecipients": [{"emailAddress": {"name": "C", "address": "c@x.example"}}],
        "internetMessageHeaders": [{"name": "X-Odoo", "value": "1"}],
        "attachments": [
            {
                "@odata.type": "#microsoft.graph.fileAttachment",
                "name": "INV.pdf",
                "contentType": "application/pdf",
                "contentBytes": "JVBERg==",
            }
        ],
    }
    body = {"message": message, "saveToSentItems": True}
    sent = microsoft.graph("POST", "/me/sendMail", token, json=body)
    assert sent.status_code == 202, "what Microsoft's types allow is accepted"
    standin.control.reply(ANNA)
    # Microsoft's Message knows the general Attachment only
    rows = [("FileAttachment", message.pop("attachments")[0]), ("Message", message)]
    rows.append(("User", microsoft.graph("GET", "/me", token).json()))
    listed = microsoft.graph("GET", "/me/messages", token).json()["value"]
    headers = "/me/messages?$select=internetMessageHeaders"
    listed += microsoft.graph("GET", headers, token).json()["value"]
    rows += [("Message", row) for row in listed]
    folders = microsoft.graph("GET", "/me/mailFolders", token).json()["value"]
    rows += [("MailFolder", row) for row in folders]
    error = microsoft.graph("GET", "/me/messages/none", token).json()
    inner = error["error"].pop("innerError")
    rows.append(("GenericError", error["error"]))
    assert set(inner) == {"date", "request-id", "client-request-id"}
    return rows


def test_graph_speaks_microsofts_types(recorded, tmp_path):
    assert len(recorded) == 10
    assert compile_types(tmp_path, recorded) == ""


def test_the_types_would_find_a_mistake(tmp_path):
    mistakes = [
        ({"subjct": "typo"}, "subjct\"' does not exist"),
        ({"importance": "urgent"}, "'\"urgent\"' is not assignable"),
        ({"toRecipients": [{"address": "x@y.example"}]}, "address\"' does not exist"),
    ]
    found = compile_types(tmp_path, [("Message", value) for value, _words in mistakes])
    lines = found.splitlines()
    assert len(lines) == len(mistakes)
    for line, (_value, words) in zip(lines, mistakes, strict=True):
        assert words in line
