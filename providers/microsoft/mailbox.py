"""Sending through Microsoft Graph."""

import base64
import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from urllib.parse import quote

from ..base import OutgoingEmail, Receipt
from ..incoming import Choose, Cursor, Fetched, Filed
from ..oauth.answer import Answer, dicts
from ..oauth.app import Refreshing
from ..oauth.faults import writing
from ..oauth.mailbox import OAuthMailbox
from ..outcomes import AdminActionRequired, Outcome, Rejected, SignInRequired
from ..reasons import Reason
from .codes import graph_outcome
from .inbox import GraphInbox, reading_scopes
from .message import REQUEST_LIMIT, request_body
from .token import TokenSource, graph_url, scopes


class MicrosoftMailbox(OAuthMailbox):
    """A mailbox at Microsoft 365 or Outlook.com. Microsoft files the copy in Sent.

    It may send as a shared mailbox. Whose Sent folder gets the copy then: ``own`` asks
    for Send As only, ``shared`` for Full Access to the shared mailbox as well.
    https://learn.microsoft.com/graph/outlook-send-mail-from-other-user
    """

    attachment_limit = 2_700_000
    finds_filed = True

    _tokens: TokenSource

    def _open_tokens(
        self, token: str, save: Callable[[str], object], refreshing: Refreshing
    ) -> TokenSource:
        return TokenSource(self._app, token, save, self._scopes(), refreshing)

    def _scopes(self, extra: Iterable[str] = ()) -> list[str]:
        return scopes(self._app, shared=bool(self.send_as), extra=extra)

    @property
    def _graph(self) -> str:
        return graph_url(self._app)

    @property
    def _sender(self) -> str:
        """The URL of the mailbox that sends, and keeps the copy."""
        if self.send_as and self._sent_items == "shared":
            return f"{self._graph}/users/{quote(self.send_as)}"
        return f"{self._graph}/me"

    def check(self) -> None:
        """Get a new token and ask Graph who we are. Raises Outcome."""
        self.refresh()
        answer = self._call("GET", f"{self._graph}/me?$select=id")
        if answer.status != 200:
            raise graph_outcome(answer, sending=False)

    def send(self, email: OutgoingEmail) -> Receipt:
        """Hand one :class:`~..base.OutgoingEmail` to Graph, once.

        202 means that Graph took it; nothing says under which ids. A refusal further
        on comes as a bounce into the Inbox.

        :return: a :class:`~..base.Receipt` whose ``provider_message_id`` is the id of
            the request: what Microsoft's support asks for.
        :raises Outcome: see :data:`~.codes.GRAPH_CODES`.
        """
        with writing():
            body, content_type = request_body(email, self.send_as)
        if len(body) > REQUEST_LIMIT:
            raise Rejected(Reason.MESSAGE_TOO_LARGE, code="size")
        self._tokens.token()
        email.leaving()
        answer = self._call("POST", f"{self._sender}/sendMail", body, content_type)
        if answer.status != 202:
            raise self._refusal(answer)
        return Receipt(
            accepted_at=datetime.now(timezone.utc),
            message_id=email.message_id,
            provider_message_id=answer.headers.get("request-id", ""),
        )

    def find_sent(self, message_id: str) -> bool | None:
        """Look in Sent, if reading was granted. Returns True, or None: not to be told.

        :raises Outcome: Graph could not be asked.
        """
        return bool(self.count_sent(message_id)) or None

    def count_sent(self, message_id: str) -> int | None:
        """How often it lies in Sent, up to two; None if reading was not granted.

        :raises Outcome: Graph could not be asked.
        """
        if not self.reads():
            return None
        wanted = quote(
            f"internetMessageId eq '{message_id.replace(chr(39), chr(39) * 2)}'"
        )
        folder = f"{self._sender}/mailFolders/sentitems/messages"
        answer = self._call("GET", f"{folder}?$select=id&$top=2&$filter={wanted}")
        if answer.status != 200:
            raise graph_outcome(answer, sending=False)
        return len(dicts(answer.success().get("value")))

    def reads(self) -> bool:
        """See :meth:`~..base.Mailbox.reads`."""
        return bool({"mail.read", "mail.readwrite"} & self._tokens.granted())

    def account(self) -> str:
        """See :meth:`~..base.Mailbox.account`."""
        answer = self._call("GET", f"{self._graph}/me?$select=mail,userPrincipalName")
        if answer.status != 200:
            raise graph_outcome(answer, sending=False)
        person = answer.success()
        return str(person.get("mail") or person.get("userPrincipalName") or "")

    def fetch_since(self, cursor: Cursor, choose: Choose, limit: int = 50) -> Fetched:
        """See :meth:`~..base.Mailbox.fetch_since`. Needs ``Mail.Read``.

        Answers to a shared mailbox come into its own Inbox.
        """
        whose = f"users/{quote(self.send_as)}" if self.send_as else "me"
        return self._reading(f"{self._graph}/{whose}").fetch_since(
            cursor, choose, limit
        )

    def find_filed(self, message_id: str) -> Filed | None:
        """Where an email that was sent lies; Graph did not say so when it took it.

        :return: a :class:`~..incoming.Filed`, None if it is not found.
        :raises Outcome: reading was not granted, or Graph could not be asked.
        """
        return self._reading(self._sender).find_filed(message_id)

    def _reading(self, base: str) -> GraphInbox:
        """The mailbox at *base*, asked with a token that may read.

        Sending never asks for one: it would end where reading is not allowed any more.
        """
        more = reading_scopes(bool(self.send_as))
        self._tokens.want(self._scopes(extra=more))
        return GraphInbox(self._call, base)

    def _call(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        content_type: str = "",
        longest: int | None = None,
    ) -> Answer:
        """Ask Graph; if it does not take the token (401), once more with a new one."""
        headers = {"Content-Type": content_type} if content_type else None

        def ask(token: str) -> Answer:
            return self._wire.call(
                method, url, token=token, data=body, headers=headers, longest=longest
            )

        answer = ask(self._tokens.token())
        if answer.status != 401:
            return answer
        claims = claims_challenge(answer)
        return ask(self._tokens.token(refresh=True, claims=claims))

    def _refusal(self, answer: Answer) -> Outcome:
        outcome = graph_outcome(answer, sending=True)
        # a mailbox that one may not open is told as if there were none
        no_access = outcome.reason is Reason.NO_MAILBOX or (
            isinstance(outcome, SignInRequired) and answer.status == 403
        )
        if self._sender.endswith("/me") or not no_access:
            return outcome
        return AdminActionRequired(  # signing in again gives no Full Access
            Reason.SHARED_ACCESS_DENIED,
            code=outcome.code,
            detail=outcome.detail,
            correlation_id=outcome.correlation_id,
        )


def claims_challenge(answer: Answer) -> str | None:
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
