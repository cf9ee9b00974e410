"""Signing in on an SMTP connection with a password."""

import base64
import binascii
import smtplib

from ..outcomes import AdminActionRequired
from ..reasons import Reason
from .dialogue import Dialogue
from .line import NotSmtp, Reply, as_bytes

# In this order: over TLS a password in clear is safe, and any server knows PLAIN.
MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5")


def sign_in(dialogue: Dialogue, user: str, password: str, encryption: str) -> None:
    """Make one attempt with one mechanism: several wrong ones lock accounts.

    :param encryption: see :class:`~..settings.SmtpSettings`.
    :raises Outcome: whatever stands in the way.
    """
    mechanism = _mechanism(dialogue, encryption)
    with dialogue.step("auth"):
        if mechanism == "PLAIN":
            plain = f"\0{user}\0{password}"
            code, words = _auth(dialogue, mechanism, plain, initial=True)
        elif mechanism == "LOGIN":
            code, words = _auth(dialogue, mechanism, user, password)
        else:
            code, words = _cram_md5(dialogue, user, password)
    dialogue.expect((235,), (code, _without(words, user, password)), "auth")


def _mechanism(dialogue: Dialogue, encryption: str) -> str:
    offered = dialogue.line.esmtp_features.get("auth", "").upper().split()
    for mechanism in MECHANISMS:
        if mechanism in offered:
            return mechanism
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


def _without(words: bytes, user: str, password: str) -> bytes:
    """*words* without the secret, should the server repeat it."""
    plain = _base64(f"\0{user}\0{password}")
    for secret in filter(None, (plain, _base64(password), _utf8(password))):
        words = words.replace(secret, b"***")
    return words


def _base64(text: str) -> bytes:
    return base64.b64encode(_utf8(text))


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
