"""A small HTTPS server that answers as told, and misbehaves as told."""

import base64
import json
import socket
import ssl
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import trustme
from account_email_connector.providers.oauth.app import Endpoints, OAuthApp

CLIENT_ID = "11111111-2222-4333-8444-555555555555"
CLIENT_SECRET = "planted~client~secret"
REDIRECT = "https://odoo.example.com/account_email_connector/callback"
TENANT = "5a7d0000-0000-4000-8000-00000000000a"
OID = "0ad00000-0000-4000-8000-000000000001"
ANNA = "anna@bluelake.example"
ACCESS_TOKEN = "planted-access-token"
REFRESH_TOKEN = "planted-refresh-token"
NEW_REFRESH_TOKEN = "planted-rotated-refresh-token"
AUTH_CODE = "planted-authorization-code"
SECRETS = [
    CLIENT_SECRET,
    CLIENT_SECRET.replace("~", "%7E"),
    ACCESS_TOKEN,
    REFRESH_TOKEN,
    NEW_REFRESH_TOKEN,
    AUTH_CODE,
]


@dataclass
class Seen:
    """A request that reached the server, as a whole."""

    method: str
    path: str
    query: dict
    headers: Message
    body: bytes
    port: int

    @property
    def form(self):
        """The body of a form, with one value for each name."""
        return {k: v[0] for k, v in parse_qs(self.body.decode()).items()}

    @property
    def json(self):
        """The body of a JSON request."""
        return json.loads(self.body)


@dataclass
class Reply:
    """What to answer.

    :param body: dict (as JSON), str or bytes.
    :param cut: break the connection after so many bytes of the body; -1: before the
        status line; -2: before the request has been read.
    :param clean: break it by closing, as a server that restarts, not by a reset.
    :param delay: seconds to wait before answering.
    :param echo: repeat the request's form in the error's description.
    """

    status: int = 200
    body: object = field(default_factory=dict)
    headers: dict = field(default_factory=dict)
    cut: int | None = None
    clean: bool = False
    delay: float = 0
    echo: bool = False


class Server(ThreadingHTTPServer):
    """Answers each path with the next of its replies; the last one stays."""

    daemon_threads = True

    def __init__(self, context):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.socket = context.wrap_socket(
            self.socket, server_side=True, do_handshake_on_connect=False
        )
        self.replies = {}
        self.seen = []
        self.drop_connections = 0
        self.ca_file = ""

    @property
    def url(self):
        return f"https://localhost:{self.server_port}"

    def reply(self, path, *replies):
        """From now on answer *path* with these."""
        self.replies[path] = list(replies)

    def calls(self, path):
        """Return the requests that came for *path*."""
        return [seen for seen in self.seen if seen.path == path]

    def handle_error(self, request, client_address):
        """Broken connections are what this server is for."""

    def process_request(self, request, client_address):
        if self.drop_connections:
            self.drop_connections -= 1
            return self.shutdown_request(request)
        return super().process_request(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        """Say nothing."""

    def do_POST(self):
        url = urlsplit(self.path)
        path = unquote(url.path)
        queue = self.server.replies.get(path) or [Reply(404, {"error": "no path"})]
        reply = queue.pop(0) if len(queue) > 1 else queue[0]
        if reply.cut == -2:
            return self._break()
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = {k: v[0] for k, v in parse_qs(url.query).items()}
        port = self.client_address[1]
        seen = Seen(self.command, path, query, self.headers, body, port)
        self.server.seen.append(seen)
        time.sleep(reply.delay)
        if reply.cut == -1:
            return self._break(reply.clean)
        return self._answer(reply)

    do_GET = do_POST

    def _answer(self, reply):
        content = reply.body
        if reply.echo:
            words = " ".join(self.server.seen[-1].form.values())
            content = content | {"error_description": words}
        if isinstance(content, dict):
            content = json.dumps(content)
        if isinstance(content, str):
            content = content.encode()
        self.send_response(reply.status)
        headers = {"Content-Type": "application/json"} | reply.headers
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: reply.cut])
        # heeds no "Connection: close", as some servers do
        self.close_connection = reply.cut is not None

    def _break(self, clean=False):
        """Reset the connection, as a broken line does."""
        self.wfile.flush()
        self.close_connection = True
        if clean:
            return
        linger = b"\1\0\0\0\0\0\0\0"
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        socket.socket.close(self.connection)


@contextmanager
def serving(directory):
    """Run a server; yields it."""
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    server = Server(context)
    server.ca_file = str(directory / "ca.pem")
    ca.cert_pem.write_to_path(server.ca_file)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def microsoft_app(server, **options):
    """Return a Microsoft app whose Microsoft is *server*, which then works."""
    base = f"{server.url}/{options.get('tenant', 'common')}"
    server.reply(
        urlsplit(base).path + "/v2.0/.well-known/openid-configuration",
        Reply(
            body={
                "issuer": f"https://login.microsoftonline.com/{TENANT}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
            }
        ),
    )
    server.reply(urlsplit(base).path + "/oauth2/v2.0/token", Reply(body=ms_tokens()))
    me = {"id": OID, "displayName": "Anna Lake", "mail": ANNA}
    server.reply("/v1.0/me", Reply(body=me))
    server.reply("/v1.0/me/sendMail", accepted())
    endpoints = Endpoints(login=server.url, graph=server.url)
    return OAuthApp(
        "microsoft",
        CLIENT_ID,
        CLIENT_SECRET,
        endpoints=endpoints,
        ca_file=server.ca_file,
        **options,
    )


def accepted():
    """Return what Graph answers to an email it takes."""
    return Reply(202, "", {"request-id": "req-202"})


def ms_tokens(nonce_hash="", scope="Mail.Send User.Read profile openid email", **more):
    """Return a token answer of Microsoft."""
    claims = {
        "aud": CLIENT_ID,
        "oid": OID,
        "tid": TENANT,
        "sub": "pairwise",
        "preferred_username": "anna.lake@bluelake.example",
        "nonce": nonce_hash,
    }
    return {
        "token_type": "Bearer",
        "scope": scope,
        "expires_in": 3599,
        "access_token": ACCESS_TOKEN,
        "refresh_token": REFRESH_TOKEN,
        "id_token": jwt(claims),
        "client_info": _segment({"uid": OID, "utid": TENANT}),
    } | more


def google_app(server):
    """Return a Google app whose Google is *server*, which then works."""
    server.reply("/token", Reply(body=google_tokens()))
    server.reply("/revoke", Reply())
    for path in ("/gmail/v1/users/me/messages/send", UPLOAD):
        server.reply(path, Reply(body={"id": "18c0ffee", "threadId": "18c0ffee"}))
    endpoints = Endpoints(
        google_auth=f"{server.url}/auth",
        google_token=f"{server.url}/token",
        google_revoke=f"{server.url}/revoke",
        gmail=f"{server.url}/",
    )
    return OAuthApp(
        "google", CLIENT_ID, CLIENT_SECRET, endpoints=endpoints, ca_file=server.ca_file
    )


UPLOAD = "/upload/gmail/v1/users/me/messages/send"
GMAIL_SEND = "https://www.googleapis.com/auth/gmail.send"
GOOGLE_SCOPES = f"openid https://www.googleapis.com/auth/userinfo.email {GMAIL_SEND}"


def google_tokens(nonce="", scope=GOOGLE_SCOPES, **more):
    """Return a token answer of Google."""
    claims = {
        "iss": "https://accounts.google.com",
        "aud": CLIENT_ID,
        "sub": "1080",
        "hd": "bluelake.example",
        "email": ANNA,
        "nonce": nonce,
    }
    return {
        "token_type": "Bearer",
        "scope": scope,
        "expires_in": 3599,
        "access_token": ACCESS_TOKEN,
        "refresh_token": REFRESH_TOKEN,
        "id_token": jwt(claims),
    } | more


def jwt(claims):
    """Return a token with these claims, signed by nobody, good until the year 2100."""
    claims = {"exp": 4102444800, **claims}
    return ".".join([_segment({"alg": "RS256"}), _segment(claims), "c2ln"])


def _segment(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
