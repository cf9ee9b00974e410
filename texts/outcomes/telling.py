"""Tell a user of an outcome: our words for its reason, and those of the provider."""

from odoo.tools.translate import LazyTranslate

from ...providers.outcomes import Unavailable
from ...providers.reasons import Reason
from . import oauth, registration, sending, server, signing_in

_lt = LazyTranslate(__name__)

#: {reason: (title, text)}
TEXTS = {
    **server.TEXTS,
    **signing_in.TEXTS,
    **sending.TEXTS,
    **oauth.TEXTS,
    **registration.TEXTS,
}
GIVEN_UP = _lt(
    "Odoo has tried for two days, and does not try again by itself. Retry it once what "
    "stands in the way is mended."
)
UNKNOWN = (
    _lt("Something went wrong"),
    _lt("Read what the server said, or ask your administrator."),
)


def reason_text(env, reason, by_hand=False):
    """Return title and text for *reason* (a ``Reason``, its value, or False).

    :param by_hand: whether somebody has tried it, and nobody else does it again.
    :return: two str in the language of *env*; empty if there is no reason.
    """
    if not reason:
        return "", ""
    try:
        reason = Reason(str(reason))
        title, text = TEXTS[reason]
    except (KeyError, ValueError):
        title, text = UNKNOWN
    if by_hand:
        text = sending.BY_HAND.get(reason, text)
    told = [env._(text)]
    if reason in server.PASSES:
        told.append(env._(server.BY_HAND if by_hand else server.BY_ITSELF))
    return env._(title), " ".join(told)


def said(code, detail):
    """Return code and words of a provider as one line, without saying it twice.

    A plain small word is a code of our own, and no help to anybody.
    """
    code, detail = code or "", detail or ""
    if code.isalpha() and code.islower():
        return detail
    return detail if code in detail else f"{code} {detail}".strip()


def detail_of(outcome):
    """Return the provider's words, and what its support and administrators search for:
    a policy's refusal is found in Entra by its correlation ID.
    """
    if not outcome.correlation_id:
        return outcome.detail
    return f"{outcome.detail} (Correlation ID {outcome.correlation_id})".strip()


def said_by(outcome):
    """Return all that the provider said with *outcome*, as one line."""
    return said(outcome.code, detail_of(outcome))


def outcome_text(env, outcome, more="", by_hand=False):
    """Return all that a user is told of an ``Outcome``, as one text.

    :param more: what :func:`.besides.provider_text` has to add.
    :param by_hand: see :func:`reason_text`.
    """
    title, text = reason_text(env, outcome.reason, by_hand)
    return f"{title}\n\n{text}{more}\n\n{said_by(outcome)}".strip()


def failure_text(env, outcome, given_up=False):
    """Return why an email did not leave: our words and those of the server.

    :param given_up: whether it was tried for long enough, so that nobody does it again.
    """
    title, text = reason_text(env, outcome.reason)
    if given_up:
        text = env._(GIVEN_UP)
    return " ".join(filter(None, [f"{title}.", text, said_by(outcome)]))


def failure_values(env, outcome):
    """Return what a form is told that somebody has filled in: the values of its fields.

    Words of ours are for who has to mend something. What passes has said all by its
    title; they would only seem to be the server's.
    """
    title, text = reason_text(env, outcome.reason, by_hand=True)
    shown = outcome.quoted or not isinstance(outcome, Unavailable)
    return {
        "failure_title": title,
        "failure_text": text,
        "failure_detail": shown and said_by(outcome),
    }
