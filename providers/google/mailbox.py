"""Sending through the Gmail API."""

import base64
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import Any
from urllib.parse import quote

from googleapiclient.discovery import build
from googleapiclient.http import MediaInMemoryUpload

from ..base import OutgoingEmail, Receipt
from ..incoming import TRACE_HEADER, Choose, Cursor, Fetched
from ..oauth.answer import Json, dicts
from ..oauth.app import Refreshing
from ..oauth.faults import writing
from ..oauth.mailbox import OAuthMailbox
from ..outcomes import Outcome, Rejected, SignInRequired, Unavailable
from ..reasons import Reason
from ..wire_format import whole_bytes
from .api import GmailHttp, Refused, execute
from .codes import gmail_outcome
from .inbox import GMAIL_READONLY, GmailInbox
from .token import TokenSource

#: Each of these lets us look into the mailbox.
SCOPES_THAT_READ = {
    GMAIL_READONLY,
    "https://www.googleapis.com/auth/gmail.modify",
    "https://mail.google.com/",
}
# "up to 3.5 MB" as JSON (EmailEngine's experience), else the upload endpoint, whose
# limit stands in the API's own description (mediaUpload.maxSize)
JSON_LIMIT = 3_500_000
UPLOAD_LIMIT = 36_700_160
LOOK_BACK = 50


class GoogleMailbox(OAuthMailbox):
    """A mailbox at Gmail or Google Workspace. Google files the copy in Sent.

    It may send as an alias. Google silently puts the mailbox's own address in place of
    one that it has not verified.
    """

    #: https://support.google.com/mail/answer/6584
    attachment_limit = 25_000_000

    _tokens: TokenSource
    _gmail: Any = None

    def _open_tokens(
        self, token: str, save: Callable[[str], object], refreshing: Refreshing
    ) -> TokenSource:
        return TokenSource(self._app, token, save, refreshing)

    def check(self) -> None:
        """Get a new token: the permission to send allows to ask Gmail nothing else."""
        self.refresh()

    def alias_verified(self) -> bool | None:
        """See :meth:`~..base.Mailbox.alias_verified`; told where reading was granted.

        https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.settings.sendAs/list
        """
        if not self.reads():
            return None
        found = self._run(self._me().settings().sendAs().list(userId="me"))
        return any(
            str(entry.get("sendAsEmail")).lower() == self.send_as.lower()
            and (
                entry.get("isPrimary") or entry.get("verificationStatus") == "accepted"
            )
            for entry in dicts(found.get("sendAs"))
        )

    def send(self, email: OutgoingEmail) -> Receipt:
        """Hand one :class:`~..base.OutgoingEmail` to Gmail, once.

        :return: a :class:`~..base.Receipt`. Its ``message_id`` is ours, which Gmail is
            known to replace: a later email continues the thread by ``thread_id``.
        :raises Outcome: see :mod:`.codes`.
        """
        with writing():
            raw = as_bytes(email)
        if len(raw) > UPLOAD_LIMIT:
            raise Rejected(Reason.MESSAGE_TOO_LARGE, code="size")
        self._tokens.token()
        email.leaving()
        try:
            answer = self._run(self._sending(raw, email.thread_id), sending=True)
        except (Rejected, Unavailable) as refusal:
            if not (email.thread_id and _knows_no_thread(refusal)):
                raise
            # the user has deleted the conversation, or it was none: begin another one
            answer = self._run(self._sending(raw), sending=True)
        return self._receipt(email, answer)

    def find_sent(self, message_id: str) -> bool | None:
        """Look in Sent, if reading was granted. Returns True, or None: not to be told.

        :raises Outcome: Gmail could not be asked.
        """
        if not self.reads():
            return None
        return any(self._in_sent(message_id)) or None

    def count_sent(self, message_id: str) -> int | None:
        """How often it lies in Sent; None if reading was not granted.

        :raises Outcome: Gmail could not be asked.
        """
        return sum(self._in_sent(message_id)) if self.reads() else None

    def reads(self) -> bool:
        """See :meth:`~..base.Mailbox.reads`."""
        return bool(SCOPES_THAT_READ & self._tokens.granted())

    def account(self) -> str:
        """See :meth:`~..base.Mailbox.account`; told where reading was granted."""
        if not self.reads():
            return ""
        found = self._run(self._me().getProfile(userId="me"))
        return str(found.get("emailAddress") or "")

    def _in_sent(self, message_id: str) -> Iterator[bool]:
        """Of each of the newest in Sent, whether it is that email."""
        messages = self._me().messages()
        listed = messages.list(userId="me", labelIds=["SENT"], maxResults=LOOK_BACK)
        for entry in dicts(self._run(listed).get("messages"))[:LOOK_BACK]:
            found = self._run(
                messages.get(
                    userId="me",
                    id=str(entry.get("id")),
                    format="metadata",
                    metadataHeaders=[TRACE_HEADER, "Message-ID"],
                )
            )
            payload = found.get("payload")
            headers = payload.get("headers") if isinstance(payload, dict) else ()
            yield any(header.get("value") == message_id for header in dicts(headers))

    def fetch_since(self, cursor: Cursor, choose: Choose, limit: int = 50) -> Fetched:
        """See :meth:`~..base.Mailbox.fetch_since`.

        :raises SignInRequired: reading was not granted.
        """
        if not self.reads():
            raise SignInRequired(Reason.PERMISSION_MISSING, code="scope")
        inbox = GmailInbox(self._me().messages(), self._run)
        return inbox.fetch_since(cursor, choose, limit)

    def _me(self) -> Any:
        """Return the API's ``users`` collection, built from the library's own copy."""
        if self._gmail is None:
            gmail = self._app.endpoints.gmail
            endpoint = {"api_endpoint": gmail} if gmail else None
            self._gmail = build(
                "gmail",
                "v1",
                http=GmailHttp(self._wire, self._tokens),
                client_options=endpoint,
                static_discovery=True,
            )
        return self._gmail.users()

    def _sending(self, raw: bytes, thread_id: str = "") -> Any:
        """Return the request that sends *raw*, by upload if it is too big for JSON."""
        thread = {"threadId": thread_id} if thread_id else {}
        messages = self._me().messages()
        if len(raw) > JSON_LIMIT:
            if not raw.isascii():  # googleapiclient cannot say both; References can
                thread = {}
            media = MediaInMemoryUpload(raw, mimetype="message/rfc822")
            return messages.send(userId="me", body=thread or None, media_body=media)
        encoded = base64.urlsafe_b64encode(raw).decode()
        return messages.send(userId="me", body={"raw": encoded, **thread})

    def _run(self, request: Any, *, sending: bool = False) -> Json:
        """Execute a request: never twice, but once more if the token was refused."""
        try:
            return execute(request, sending=sending)
        except Refused as refusal:
            if refusal.answer.status != 401:
                raise gmail_outcome(refusal.answer, sending=sending) from None
        self._tokens.token(refresh=True)
        try:
            return execute(request, sending=sending)
        except Refused as refusal:
            raise gmail_outcome(refusal.answer, sending=sending) from None

    def _receipt(self, email: OutgoingEmail, answer: Json) -> Receipt:
        sent_id = str(answer.get("id") or "")
        link = f"https://mail.google.com/mail/u/?authuser={quote(self.address)}#sent/"
        return Receipt(
            accepted_at=datetime.now(timezone.utc),
            message_id=email.message_id,
            provider_message_id=sent_id,
            thread_id=str(answer.get("threadId") or ""),
            web_link=link + quote(sent_id) if sent_id else "",
        )


def _knows_no_thread(refusal: Outcome) -> bool:
    """Whether it is the conversation that Gmail refuses: "Invalid thread_id value"."""
    return refusal.code in ("404", "notFound") or "thread" in refusal.detail.lower()


def as_bytes(email: OutgoingEmail) -> bytes:
    """Return the message as it goes over the wire, with our trace in it."""
    raw = whole_bytes(email.message)
    if email.message[TRACE_HEADER] or not email.message_id:
        return raw
    return f"{TRACE_HEADER}: {email.message_id}\r\n".encode() + raw
