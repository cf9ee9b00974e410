"""Signing in on an SMTP connection with a password."""

import base64
import binascii
import re
import smtplib

from ..hiding import without
from ..outcomes import AdminActionRequired
from ..progress import Progress, Step
from ..reasons import Reason
from ..settings import SmtpSettings
from .dialogue import Dialogue
from .line import NotSmtp, Reply, as_bytes

# In this order: over TLS a password in clear is safe, and any server knows PLAIN.
MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5")


# "Unrecognized authentication type" is 504 (RFC 4954, 4), or any of those before it:
# https://www.rfc-editor.org/rfc/rfc5321#section-4.2.2
UNKNOWN = (500, 501, 502, 504)
# Exchange says "535 5.7.3 … unsupported authentication mechanism", others 538 or 503.
REFUSED = (503, 530, 534, 535, 538, 550, 554)
_WAY = rb"(mechanism|method|auth(entication)? (type|plain|login)|\bplain|\bcram-md5)"
_NOT = (
    rb"((un|not |n't )(supported|recogni[sz]ed|implemented|available|allowed"
    rb"|permitted|accepted|enabled)|disabled|disallowed|invalid\b(?! cred)|too weak)"
)
UNSUPPORTED = re.compile(
    rb"(un|not )(supported|recogni[sz]ed|implemented)|unknown auth"
    rb"|(no such|unknown|invalid|bad|unsupported) (auth(entication)? )?"
    rb"(mechanism|method|type)"
    rb"|" + _WAY + rb"( (auth(entication)?|mechanism|method))?( is| was)? " + _NOT,
    re.IGNORECASE,
)
# Whoever speaks of these has looked at the password.
LOOKED_AT = re.compile(
    rb"password|credential|user ?name|\b(user|account)\b", re.IGNORECASE
)


def sign_in(dialogue: Dialogue, settings: SmtpSettings) -> None:
    """Try the password once: several wrong ones lock accounts.

    A mechanism that is offered, but not known when it comes to it, is no such attempt:
    then the next one is taken, as smtplib and curl do
    (https://github.com/python/cpython/blob/main/Lib/smtplib.py, ``login``).

    :raises Outcome: whatever stands in the way.
    """
    user, password = settings.user, settings.password
    step = Step.SIGNING_IN
    for mechanism in _mechanisms(dialogue, settings.encryption):
        settings.tell(Progress(step, settings.host))
        step = Step.OTHER_WAY
        with dialogue.step("auth"):
            code, words = _attempt(dialogue, mechanism, user, password)
        if not _is_unknown(code, words):
            break
    dialogue.expect((235,), (code, without(words, password, user)), "auth")


def _attempt(dialogue: Dialogue, mechanism: str, user: str, password: str) -> Reply:
    if mechanism == "PLAIN":
        plain = f"\0{user}\0{password}"
        return _auth(dialogue, mechanism, plain, initial=True)
    if mechanism == "LOGIN":
        return _auth(dialogue, mechanism, user, password)
    return _cram_md5(dialogue, user, password)


def _is_unknown(code: int, words: bytes) -> bool:
    """Whether the mechanism was refused, and the password not looked at."""
    if code in UNKNOWN:
        return True
    is_refused = code in REFUSED and UNSUPPORTED.search(words)
    return bool(is_refused and not LOOKED_AT.search(words))


def _mechanisms(dialogue: Dialogue, encryption: str) -> list[str]:
    """Those that are offered, at least one."""
    offered = dialogue.line.esmtp_features.get("auth", "").upper().split()
    known = [mechanism for mechanism in MECHANISMS if mechanism in offered]
    if known:
        return known
    if offered:  # only XOAUTH2 and the like: passwords are switched off
        reason, detail = Reason.SIGN_IN_DISABLED, f"offers {' '.join(offered)}"
    elif encryption == "none" and dialogue.offers("starttls"):
        reason, detail = Reason.WRONG_ENCRYPTION, "no sign-in without STARTTLS"
    else:
        reason, detail = Reason.AUTH_NOT_OFFERED, ""
    raise AdminActionRequired(reason, detail=detail, service="smtp")


def _auth(
    dialogue: Dialogue, mechanism: str, *answers: str, initial: bool = False
) -> Reply:
    """AUTH (RFC 4954); smtplib's own knows only passwords of ASCII."""
    encoded = [_base64(answer).decode() for answer in answers]
    first = encoded[:1] if initial else []
    reply = dialogue.line.docmd(" ".join(["AUTH", mechanism, *first]))
    for answer in encoded:
        if reply[0] != 334:
            break
        reply = dialogue.line.docmd(answer)
    return reply


def _cram_md5(dialogue: Dialogue, user: str, password: str) -> Reply:
    line = dialogue.line
    line.user, line.password = user, password
    try:
        return line.auth("CRAM-MD5", line.auth_cram_md5)
    except smtplib.SMTPAuthenticationError as error:
        return error.smtp_code, as_bytes(error.smtp_error)
    except binascii.Error:  # a challenge that is no base64
        raise NotSmtp from None
    except UnicodeError:  # whose text would show the password
        return 535, b"5.7.8 CRAM-MD5 takes ASCII only"
    finally:
        del line.user, line.password


def _base64(text: str) -> bytes:
    return base64.b64encode(_utf8(text))


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
