"""Handing over the message itself: DATA, up to the final dot and the last word."""

import smtplib
import time
from collections.abc import Callable

from ..outcomes import OutcomeUnknown, Unavailable, one_line
from ..reasons import Reason
from .dialogue import Dialogue, lost
from .line import LOOSE_LINE

CHUNK = 64 * 1024
# Odoo kills the process after 120 seconds (limit_time_real_cron), with every email on
# its way. The body, then the answer (data_timeout), then the copy must fit into that:
# https://www.odoo.com/documentation/19.0/developer/reference/cli.html
BODY_SECONDS = 40


def transfer(
    dialogue: Dialogue,
    data: bytes,
    timeout: float,
    data_timeout: float,
    leaving: Callable[[], object],
) -> str:
    """Transmit the message.

    :param timeout: see :class:`~..settings.SmtpSettings`, *data_timeout* likewise.
    :param leaving: called before the final dot: without it, no server has a message.
        https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.4
    :return: the server's words after it has accepted.
    :raises OutcomeUnknown: if that failed after the final dot may have left.
    """
    with dialogue.step("data"):
        reply = dialogue.line.docmd("DATA")
    dialogue.expect((354,), reply, "data")
    _stream(dialogue, _stuff_dots(data), timeout, data_timeout)
    _hear_nothing(dialogue)
    _say_that_it_leaves(dialogue, leaving)
    answer_by = time.monotonic() + data_timeout
    try:
        dialogue.wait(data_timeout)
        dialogue.line.standing().sendall(b".\r\n")
        dialogue.wait(max(answer_by - time.monotonic(), 1))
        code, words = dialogue.line.getreply(LOOSE_LINE)
    except (OSError, smtplib.SMTPException) as error:
        dialogue.abandon()
        raise OutcomeUnknown(
            Reason.MAYBE_SENT, detail=lost(error)[1], service="smtp"
        ) from error
    if not dialogue.line.is_clear:
        dialogue.abandon()
        said = one_line(words)
        raise OutcomeUnknown(
            Reason.MAYBE_SENT, detail=said, service="smtp", quoted=True
        )
    dialogue.expect(range(200, 300), (code, words), "dot")
    return words.decode("utf-8", "replace")


def _say_that_it_leaves(dialogue: Dialogue, leaving: Callable[[], object]) -> None:
    try:
        leaving()
    except BaseException:
        dialogue.abandon()  # half a message is on this line
        raise


def _stream(
    dialogue: Dialogue, data: bytes, timeout: float, data_timeout: float
) -> None:
    """Send all but the final dot. If the line is lost here, it was not accepted."""
    deadline = time.monotonic() + BODY_SECONDS
    view, done = memoryview(data), 0
    with dialogue.step("data"):
        while done < len(view):
            left = deadline - time.monotonic()
            if left <= 0:
                raise _too_slow(dialogue, done, len(view))
            dialogue.wait(min(left, data_timeout))
            try:
                done += dialogue.line.standing().send(view[done : done + CHUNK])
            except TimeoutError:
                if left > timeout:
                    raise  # long enough to call the server silent
                raise _too_slow(dialogue, done, len(view)) from None


def _hear_nothing(dialogue: Dialogue) -> None:
    """Who answers before the final dot has not accepted. What comes after it would be
    taken for an answer that belongs to something else."""
    if dialogue.line.has_spoken():
        with dialogue.step("data"):
            reply = dialogue.line.getreply()
        dialogue.abandon()
        dialogue.expect((), reply, "data")


def _too_slow(dialogue: Dialogue, done: int, size: int) -> Unavailable:
    """The line stands, but is too slow for this email; a smaller one may pass."""
    dialogue.abandon()
    return Unavailable(
        Reason.DEFERRED,
        detail=f"only {done} of {size} bytes went out in {BODY_SECONDS} seconds",
        service="smtp",
    )


def _stuff_dots(data: bytes) -> bytes:
    """Double dots at the start of lines, end with a line break (RFC 5321, 4.5.2)."""
    stuffed = (b"\r\n" + data).replace(b"\r\n.", b"\r\n..")[2:]
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"
