"""What the last sign-in in this browser came to, as its session keeps it."""

import time

from odoo.http import request

from ...providers import registry
from ...providers.outcomes import Outcome
from ...texts import (
    PERHAPS_APPROVAL,
    SAID_AT_SIGN_IN,
    provider_text,
    reason_text,
    said_by,
)
from . import copies, start

KEY = "account_email_connector_notice"
LIFE = 15 * 60  # seconds
NAMES = ("kind", "title", "text", "detail")


def remember(connector, provider, problem=None, address=""):
    """Let the form of *connector* say what a sign-in came to."""
    request.session[KEY] = notice(connector, provider, problem, address)


def forget():
    """The form says nothing of it any more."""
    if request:
        request.session.pop(KEY, None)


def present(connector):
    """The notice that *connector* is to show; an empty dict, if there is none."""
    kept = (request and request.session.get(KEY)) or {}
    if kept.get("until", 0) < time.time():
        return {}
    if kept.get("connector") not in (0, connector.id):
        return {}
    if kept["kind"] == "success":  # as it is now: the callback does not see it yet
        text = start.in_words(connector, connector.sender_address)
        kept = {**kept, "text": f"{text} {copies.where(connector)}"}
    return kept


def notice(connector, provider, problem=None, address=""):
    """What to tell the user after a sign-in.

    :param provider: where it was; a mailbox that is not connected has none yet.
    :param problem: an ``Outcome``, an Odoo error, or None for success.
    :param address: from which follow-ups leave now.
    """
    kind, title, text, detail = _words(connector, provider, problem, address)
    return {
        "connector": connector.id or 0,
        "kind": kind,
        "title": title,
        "text": text,
        "detail": detail,
        "until": int(time.time()) + LIFE,
    }


def _words(connector, provider, problem, address):
    """Kind, title, text and detail."""
    env = connector.env
    if problem is None:
        return "success", env._("Connected"), start.in_words(connector, address), ""
    if not isinstance(problem, Outcome):
        return "warning", env._("This mailbox was not connected"), str(problem), ""
    known = registry.provider(provider)
    asks = known.asks_administrator and problem.reason in PERHAPS_APPROVAL
    title, text = reason_text(env, problem.reason)
    app = connector._find_app(provider) if connector else None
    more = ""
    if problem.reason in SAID_AT_SIGN_IN:
        more = provider_text(env, provider, problem.reason, app)
    # An approval is told by the card of the link, where there is one.
    kind = "approval" if asks else "warning"
    return kind, title, f"{text} {more}".strip(), said_by(problem)
