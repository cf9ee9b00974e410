"""googleapiclient over a wire of ours: what it asks is asked once."""

from collections.abc import Mapping
from typing import Any

import httplib2

from ..oauth.answer import Answer, Json, parsed
from ..oauth.http import Wire
from ..oauth.mailbox import AccessTokens
from ..outcomes import OutcomeUnknown, Unavailable
from ..reasons import Reason


class Refused(Exception):
    """An answer that is no success."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__(f"HTTP {answer.status}")


class GmailHttp:
    """What googleapiclient expects of httplib2, by way of a :class:`Wire`.

    httplib2 itself sends a request a second time when the server closes the connection
    without an answer, and offers no way to forbid it: each such email would go twice.
    """

    def __init__(self, wire: Wire, tokens: AccessTokens) -> None:
        self._wire = wire
        self._tokens = tokens

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **_options: object,
    ) -> tuple[httplib2.Response, bytes]:
        """As :meth:`httplib2.Http.request`.

        :raises Refused: the answer is no success: googleapiclient would stumble over
            one that Google did not write.
        :raises Outcome: no answer came; or nothing was sent, and the answer is none.
        """
        data = body.encode() if isinstance(body, str) else body
        ours = {k: v for k, v in (headers or {}).items() if k != "content-length"}
        token = self._tokens.token()
        answer = self._wire.call(method, uri, token=token, data=data, headers=ours)
        if answer.status != 200:
            raise Refused(answer)
        content = answer.content
        if answer.cut:
            content = b"{}"
        elif method == "GET":
            answer.success()
        elif not isinstance(parsed(content), dict):
            content = b"null"
        return httplib2.Response({"status": answer.status}), content

    def close(self) -> None:
        """Nothing to close: the wire is the mailbox's."""


def execute(request: Any, *, sending: bool) -> Json:
    """Execute a request of googleapiclient once, and return its answer, a dict.

    :raises Outcome: it is none.
    """
    answer = request.execute(num_retries=0)
    if isinstance(answer, dict):
        return answer
    if sending:
        raise OutcomeUnknown(Reason.MAYBE_SENT, code="200")
    raise Unavailable(Reason.PROVIDER_DOWN, code="200")
