"""What is said on an SMTP connection, and what each of its steps can end with.

https://www.rfc-editor.org/rfc/rfc5321
"""

import smtplib
from collections.abc import Container, Iterator
from contextlib import contextmanager, suppress

from ..bounded import TooMuch
from ..outcomes import Unavailable
from ..reasons import Reason
from .codes import classify
from .line import NotSmtp, Reply, SmtpLine


class Dialogue:
    """The steps of one connection.

    :param line: the connection, which stands.
    :param is_known: whether a mail server is at its other end for sure: then its words
        may be shown.
    """

    def __init__(self, line: SmtpLine, is_known: bool) -> None:
        self.line = line
        self.is_known = is_known

    def offers(self, extension: str) -> bool:
        """Whether the server knows an extension of SMTP."""
        return self.line.has_extn(extension)

    def wait(self, seconds: float) -> None:
        """Let each further step take that long."""
        if self.line.sock:
            self.line.sock.settimeout(seconds)

    def expect(self, codes: Container[int], reply: Reply, stage: str) -> None:
        """Go on after one of *codes*.

        :raises Outcome: the reply is another one.
        """
        code, words = reply
        if code in codes:
            return
        if code == 421:  # the server hangs up
            self.abandon()
        raise classify(code, words, stage, shown=self.is_known)

    @contextmanager
    def step(self, stage: str) -> Iterator[None]:
        """Losing the line before the final dot proves that nothing was accepted."""
        try:
            yield
        except NotSmtp as error:
            self.abandon()
            raise classify(-1, "", stage) from error
        except (OSError, smtplib.SMTPException) as error:
            self.abandon()
            reason, words = lost(error)
            detail = f"{words} ({stage})"
            raise Unavailable(reason, detail=detail, service="smtp") from error

    def abandon(self) -> None:
        """Cut the line."""
        self.line.close()

    def quit(self) -> None:
        """Take leave, without waiting long."""
        with suppress(OSError, smtplib.SMTPException):
            if self.line.sock:
                self.wait(2)
                self.line.quit()
        self.line.close()


def lost(error: BaseException) -> tuple[Reason, str]:
    """Why no answer came: the reason, and words for it."""
    cause = error.__context__ or error
    if isinstance(cause, TimeoutError):
        return Reason.SERVER_SILENT, "no answer in time"
    if isinstance(cause, TooMuch):
        return Reason.ANSWER_TOO_LONG, "the answer had no end"
    return Reason.CONNECTION_LOST, "the connection was lost"
