"""The providers' own client libraries, pointed at our stand-in. Nothing is patched."""

import json
import os
from urllib.parse import parse_qsl, urlsplit

import msal
import requests
from google.oauth2.credentials import Credentials
from google_auth_oauthlib.flow import Flow
from googleapiclient.discovery import build_from_document
from googleapiclient.discovery_cache import get_static_doc
from standin.person import Person

BASE = "http://127.0.0.1:8069/account_email_connector"
MICROSOFT = "5a7d1000-0000-4000-8000-000000000001", "standin-microsoft-secret"
ONE_TENANT = "5a7d1000-0000-4000-8000-000000000002", "standin-single-tenant-secret"
GOOGLE = "standin.apps.googleusercontent.com", "GOCSPX-standin-google-secret"
TESTING = "standin-testing.apps.googleusercontent.com", "GOCSPX-standin-testing-secret"
INTERNAL = (
    "standin-internal.apps.googleusercontent.com",
    "GOCSPX-standin-internal-secret",
)
BLUELAKE = "5a7d0000-0000-4000-8000-00000000000a"
STONEBRIDGE = "5a7d0000-0000-4000-8000-00000000000b"
ANNA, PAUL, ERIK = (
    "anna@bluelake.example",
    "paul@bluelake.example",
    "erik@stonebridge.example",
)
SHARED = "accounts@bluelake.example"
CLARA = "clara@greenfield.example"
GMAIL_SEND = "https://www.googleapis.com/auth/gmail.send"
GMAIL_READ = "https://www.googleapis.com/auth/gmail.readonly"
GOOGLE_SCOPES = (
    "openid",
    "https://www.googleapis.com/auth/userinfo.email",
    GMAIL_SEND,
)
SEND = ("Mail.Send", "User.Read")

# google-auth-oauthlib refuses plain http without this; the stand-in is on loopback.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"


def session(standin):
    """Return an HTTP session that trusts the stand-in, whatever the machine says."""
    http = requests.Session()
    http.trust_env = False
    http.verify = standin.ca_file
    return http


def query(url):
    """Return the query of *url* as a dict."""
    return dict(parse_qsl(urlsplit(url).query))


class Microsoft:
    """A confidential client of the stand-in's Microsoft.

    :param app: (client id, secret); *tenant* ``common`` or a tenant id.
    """

    def __init__(self, standin, app=MICROSOFT, tenant="common"):
        self.standin = standin
        self.http = session(standin)
        self.person = Person(standin.url)
        self.client = msal.ConfidentialClientApplication(
            app[0],
            client_credential=app[1],
            authority=f"{standin.tls_url}/{tenant}",
            instance_discovery=False,
            http_client=self.http,
        )

    def start(self, scopes=SEND, prompt="select_account", **options):
        """Return msal's flow: ``auth_uri`` and what it keeps."""
        uri = f"{BASE}/microsoft/callback"
        return self.client.initiate_auth_code_flow(
            list(scopes), redirect_uri=uri, prompt=prompt, **options
        )

    def callback(self, account=ANNA, scopes=SEND, prompt="select_account", **decision):
        """Click through and return (flow, parameters of the callback)."""
        flow = self.start(scopes, prompt)
        return flow, query(self.person.sign_in(flow["auth_uri"], account, **decision))

    def sign_in(self, account=ANNA, scopes=SEND, **decision):
        """Click through and return msal's token answer."""
        flow, params = self.callback(account, scopes, **decision)
        return self.client.acquire_token_by_auth_code_flow(flow, params)

    def refresh(self, token, scopes=SEND):
        """Redeem a refresh token."""
        return self.client.acquire_token_by_refresh_token(token, list(scopes))

    def graph(self, method, path, token, **options):
        """Call Graph."""
        headers = {"Authorization": f"Bearer {token}"} | options.pop("headers", {})
        url = f"{self.standin.url}/v1.0{path}"
        return self.http.request(method, url, headers=headers, timeout=10, **options)

    def send(self, token, path="/me/sendMail", sender=None, **fields):
        """Send a small message by JSON; return the response."""
        message = mail(**fields)
        if sender:
            message["from"] = {"emailAddress": {"address": sender}}
        return self.graph("POST", path, token, json={"message": message})


def mail(to="customer@outside.example", subject="Reminder", text="Please pay"):
    """Return a Graph message."""
    return {
        "subject": subject,
        "body": {"contentType": "Text", "content": text},
        "toRecipients": [{"emailAddress": {"address": to}}],
    }


class Google:
    """A web client of the stand-in's Google."""

    def __init__(self, standin, app=GOOGLE):
        self.standin = standin
        self.person = Person(standin.url)
        self.app = app
        self.config = {
            "web": {
                "client_id": app[0],
                "client_secret": app[1],
                "auth_uri": f"{standin.url}/o/oauth2/v2/auth",
                "token_uri": f"{standin.url}/token",
            }
        }

    def flow(self, scopes=GOOGLE_SCOPES):
        """Return a Flow of google-auth-oauthlib."""
        uri = f"{BASE}/google/callback"
        return Flow.from_client_config(self.config, list(scopes), redirect_uri=uri)

    def callback(self, account=CLARA, scopes=GOOGLE_SCOPES, options=None, **decision):
        """Click through and return (flow, URL of the callback)."""
        flow = self.flow(scopes)
        options = {
            "access_type": "offline",
            "prompt": "select_account consent",
        } | (options or {})
        url, _state = flow.authorization_url(**options)
        return flow, self.person.sign_in(url, account, **decision)

    def sign_in(self, account=CLARA, scopes=GOOGLE_SCOPES, options=None, **decision):
        """Click through and return google-auth's Credentials."""
        flow, url = self.callback(account, scopes, options, **decision)
        flow.fetch_token(code=query(url)["code"])
        return flow.credentials

    def credentials(self, refresh_token):
        """Return Credentials that have only a refresh token."""
        return Credentials(
            None,
            refresh_token=refresh_token,
            token_uri=f"{self.standin.url}/token",
            client_id=self.app[0],
            client_secret=self.app[1],
        )

    def gmail(self, credentials):
        """Return googleapiclient's Gmail service.

        ``api_endpoint`` would not do: uploads go to the document's rootUrl.
        """
        document = json.loads(get_static_doc("gmail", "v1"))
        document["rootUrl"] = f"{self.standin.url}/"
        return build_from_document(document, credentials=credentials)
