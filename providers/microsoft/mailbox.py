"""Sending through Microsoft Graph."""

import base64
import json
import re
from datetime import datetime, timezone
from urllib.parse import quote

from ..base import Mailbox, Receipt
from ..oauth.app import alone
from ..oauth.http import Wire, writing
from ..outcomes import AdminActionRequired, Rejected, SignInRequired
from ..reasons import Reason
from .codes import graph_outcome
from .inbox import GraphInbox, reading_scopes
from .message import REQUEST_LIMIT, request_body
from .token import TokenSource, graph_url, scopes


class MicrosoftMailbox(Mailbox):
    """A mailbox at Microsoft 365 or Outlook.com. Microsoft files the copy in Sent.

    :param app: the :class:`~.oauth.OAuthApp`.
    :param token: the JSON of the :class:`~.oauth.Grant`.
    :param address: the mailbox that was signed in.
    :param on_token_change: called with the new JSON whenever it changed; must make it
        last before it returns.
    :param refreshing: see :func:`~.oauth.alone`.
    :param shared_address: a shared mailbox to send as.
    :param sent_items: whose Sent folder gets the copy then: ``own`` asks for Send As
        only, ``shared`` for Full Access to the shared mailbox as well.
        https://learn.microsoft.com/graph/outlook-send-mail-from-other-user
    :param extra_scopes: what was asked for at the sign-in beyond sending.
    """

    #: bytes of attachments that fit for sure beside a body of 300 kB
    ATTACHMENT_LIMIT = 2_700_000

    def __init__(
        self,
        app,
        token,
        address,
        on_token_change,
        *,
        refreshing=alone,
        shared_address="",
        sent_items="own",
        extra_scopes=(),
    ):
        self.address = address
        self.shared_address = shared_address
        whose = (
            quote(shared_address) if shared_address and sent_items == "shared" else ""
        )
        self._graph = graph_url(app)
        self._sender = f"{self._graph}/users/{whose}" if whose else f"{self._graph}/me"
        wanted = scopes(app, shared=bool(shared_address), extra=extra_scopes)
        self._tokens = TokenSource(app, token, on_token_change, wanted, refreshing)
        more = (*extra_scopes, *reading_scopes(bool(shared_address)))
        self._to_read = scopes(app, shared=bool(shared_address), extra=more)
        self._wire = Wire(app.ca_file)

    def refresh(self):
        """Get a new token: the daily proof that the grant is alive. Raises Outcome."""
        self._tokens.token(refresh=True)

    def check(self):
        """Get a new token and ask Graph who we are. Raises Outcome."""
        self.refresh()
        answer = self._call("GET", f"{self._graph}/me?$select=id")
        if answer.status != 200:
            raise graph_outcome(answer, sending=False)

    def fits(self, email):
        """Return True if Graph takes an email of this size."""
        return len(request_body(email, self.shared_address)[0]) <= REQUEST_LIMIT

    def send(self, email):
        """Hand one :class:`~.base.OutgoingEmail` to Graph, once.

        202 means that Graph took it; nothing says under which ids. A refusal further
        on comes as a bounce into the Inbox.

        :return: a :class:`~.base.Receipt` whose ``provider_message_id`` is the id of
            the request: what Microsoft's support asks for.
        :raises Outcome: see :data:`~.codes.GRAPH_CODES`.
        """
        with writing():
            body, content_type = request_body(email, self.shared_address)
        if len(body) > REQUEST_LIMIT:
            raise Rejected(Reason.MESSAGE_TOO_LARGE, code="size")
        answer = self._call("POST", f"{self._sender}/sendMail", body, content_type)
        if answer.status != 202:
            raise self._refusal(answer)
        return Receipt(
            accepted_at=datetime.now(timezone.utc),
            message_id=email.message_id,
            provider_message_id=answer.headers.get("request-id", ""),
        )

    def find_sent(self, message_id):
        """Look in Sent, if reading was granted. Returns True, or None: not to be told.

        :raises Outcome: Graph could not be asked.
        """
        if not {"mail.read", "mail.readwrite"} & self._tokens.granted():
            return None
        wanted = quote(
            f"internetMessageId eq '{message_id.replace(chr(39), chr(39) * 2)}'"
        )
        folder = f"{self._sender}/mailFolders/sentitems/messages"
        answer = self._call("GET", f"{folder}?$select=id&$top=1&$filter={wanted}")
        if answer.status != 200:
            raise graph_outcome(answer, sending=False)
        return True if answer.success().get("value") else None

    def fetch_since(self, cursor, choose, limit=50):
        """See :meth:`~.base.Mailbox.fetch_since`. Needs ``Mail.Read``.

        Answers to a shared mailbox come into its own Inbox.
        """
        shared = self.shared_address
        whose = f"users/{quote(shared)}" if shared else "me"
        return self._reading(f"{self._graph}/{whose}").fetch_since(
            cursor, choose, limit
        )

    def find_filed(self, message_id):
        """Where an email that was sent lies; Graph did not say so when it took it.

        :return: a :class:`~.incoming.Filed`, None if it is not found.
        :raises Outcome: reading was not granted, or Graph could not be asked.
        """
        return self._reading(self._sender).find_filed(message_id)

    def _reading(self, base):
        """The mailbox at *base*, asked with a token that may read.

        Sending never asks for one: it would end where reading is not allowed any more.
        """
        self._tokens.want(self._to_read)
        return GraphInbox(self._call, base)

    def close(self):
        """Let go of connections."""
        self._tokens.close()
        self._wire.close()

    def _call(self, method, url, body=None, content_type=None, longest=None):
        """Ask Graph; if it does not take the token (401), once more with a new one."""
        headers = {"Content-Type": content_type} if content_type else None
        how = {"data": body, "headers": headers, "longest": longest}
        answer = self._wire.call(method, url, token=self._tokens.token(), **how)
        if answer.status != 401:
            return answer
        token = self._tokens.token(refresh=True, claims=claims_challenge(answer))
        return self._wire.call(method, url, token=token, **how)

    def _refusal(self, answer):
        outcome = graph_outcome(answer, sending=True)
        no_access = isinstance(outcome, SignInRequired) and answer.status == 403
        if self._sender.endswith("/me") or not no_access:
            return outcome
        return AdminActionRequired(  # signing in again gives no Full Access
            Reason.SHARED_ACCESS_DENIED,
            code=outcome.code,
            detail=outcome.detail,
            correlation_id=outcome.correlation_id,
        )


def claims_challenge(answer):
    """Return the JSON of the claims that a 401 asks for, None if it asks for none.

    https://learn.microsoft.com/entra/identity-platform/claims-challenge
    """
    found = re.search(
        r'claims="([\w+/=-]+)"', answer.headers.get("WWW-Authenticate", "")
    )
    if not found:
        return None
    encoded = found[1].replace("-", "+").replace("_", "/")  # both alphabets occur
    try:
        claims = base64.b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
        return claims if isinstance(json.loads(claims), dict) else None
    except ValueError:
        return None
