"""What can happen when a mailbox is asked to sign in or to send.

Every provider turns its own errors into one of these six outcomes, so that the
connector decides by type alone:

=====================  ======================================================
SignInRequired         only a person signing in again helps
AdminActionRequired    an administrator of the tenant, app or server must act
Throttled              the provider asks to wait; not an error
Unavailable            proven not accepted, may work later
Rejected               this one email is refused
OutcomeUnknown         it may have been sent: never resend by itself
=====================  ======================================================
"""

from .reasons import Reason


class Outcome(Exception):
    """An attempt that did not end in a receipt.

    :param reason: a name of :class:`~.reasons.Reason`: what to tell the user.
    :param code: the provider's own code (``535 5.7.8``, ``AADSTS65001``, …).
    :param detail: the provider's own words, cut and free of secrets.
    :param correlation_id: what the provider's support asks for, if it gave one.
    :param retry_after: seconds to wait before the next attempt, if known.
    :param service: which server of the mailbox it was, where there are several:
        ``smtp`` or ``imap``.
    :param quoted: whether *detail* is what the other side said. Words of our own have
        no code, so by default that tells; nobody is told that a server said those.
    """

    def __init__(
        self,
        reason: Reason,
        *,
        code: str = "",
        detail: object = "",
        correlation_id: str = "",
        retry_after: int | None = None,
        service: str = "",
        quoted: bool | None = None,
    ) -> None:
        self.reason = reason
        self.service = service
        self.code = code
        self.detail = one_line(detail)
        self.quoted = bool(code) if quoted is None else quoted
        self.correlation_id = correlation_id
        self.retry_after = retry_after
        super().__init__(" ".join(filter(None, [str(reason), code, self.detail])))


class SignInRequired(Outcome):
    """Stop sending, keep the queue, and ask a person to sign in again."""


class AdminActionRequired(Outcome):
    """Stop sending, keep the queue, and say which administrator must do what."""


class Throttled(Outcome):
    """Wait for :attr:`retry_after` seconds, then send the same email again."""


class Unavailable(Outcome):
    """Proven not accepted: back off and send the same email again."""


class Rejected(Outcome):
    """This email will never be accepted as it is; others may be."""


class OutcomeUnknown(Outcome):
    """It may have been sent: look it up, or ask a person. Never resend."""


class StillUnknown(OutcomeUnknown):
    """It was tried before. Now nothing was sent, so nothing is said of the provider."""


def one_line(text: object, limit: int = 500) -> str:
    """Return *text*, perhaps bytes, as one printable line, cut to *limit* characters.

    What a server says goes to logs and screens: without its line breaks and control
    characters it cannot forge a log line.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    text = str(text)[: 10 * limit]  # a megabyte of it is not looked at for one line
    words = "".join(c if c.isprintable() else " " for c in text).split()
    line = " ".join(words)
    return line if len(line) <= limit else line[: limit - 1] + "…"
