"""How a mailbox does, for its page: what it has sent, why it waits, what it was told.

What it has sent is counted when somebody looks. Stored is only what its provider says
when it takes nothing: the field ``wait_reason``, and ``said``, a dict of ``reason``,
``code``, ``words`` and ``at``, of ``over``: whether that trouble is, and of ``full``:
how many the mailbox had sent in an ``hour`` or a ``day`` when the provider said last
that this was enough.

The functions with ``api.depends`` are the ``compute`` of the connector's fields.
"""

import re
from datetime import timedelta

from babel.dates import format_timedelta

from odoo import api, fields
from odoo.tools import babel_locale_parse, formatLang, get_lang

from ...providers import registry
from ...providers.reasons import Reason
from ...texts import detail_of, reason_text
from ...texts import said as one_line
from ..rights import for_reader
from . import counts, ways

LIMITS = (Reason.DAILY_LIMIT, Reason.SENDING_LIMIT)
#: A limit that is waited for so long is one of a day, else of an hour (seconds).
A_LONG_WAIT = 6 * 60 * 60
ADDRESS = re.compile(r"[^\s<>()\[\]:;,\"']+@[^\s<>()\[\]:;,\"']+")


# -- what the provider says ------------------------------------------------------------


def heard(connector, outcome, reason):
    """Return what is stored of an *outcome* that is about the mailbox.

    Who says nothing (a server that is out of reach) does not take back what was said:
    words of our own for that are no words of the server.

    :param reason: why the mailbox waits then.
    :return: dict, for the field ``said``.
    """
    found = dict(connector.said or {})
    words = without_customers(connector, detail_of(outcome))
    if outcome.quoted and one_line(outcome.code, words):
        found.update(
            reason=str(reason),
            code=outcome.code,
            words=words,
            at=fields.Datetime.to_string(fields.Datetime.now()),
            over=False,
        )
    if outcome.reason in LIMITS:
        found["full"] = {**found.get("full", {}), **_full(connector, outcome)}
    return found


def past(connector):
    """Return what is stored once the trouble that was told of is over."""
    return {**connector.said, "over": True} if connector.said else connector.said


def told_too(connector, other):
    """Return what is stored with *other*, another company's connector of the mailbox,
    of what *connector* was told: not the words, in which there may be a customer."""
    told, own = connector.said or {}, other.said or {}
    if told.get("at", "") > own.get("at", ""):
        own = {name: value for name, value in told.items() if name != "words"}
    full = {**own.get("full", {}), **told.get("full", {})}
    return {**own, "full": full} if full else own


def without_customers(connector, words):
    """Who may only look at the mailbox is not told whom it writes to."""
    own = {connector.email, connector.sender_address}
    return ADDRESS.sub(lambda a: a[0] if a[0].lower() in own else "…", words)


def _full(connector, outcome):
    """How many the mailbox has sent when its provider says that this is enough."""
    sent_by_now = counts.sent(connector)
    if (outcome.retry_after or 0) > A_LONG_WAIT:
        return {"day": sent_by_now.day} if sent_by_now.day else {}
    return {"hour": sent_by_now.hour} if sent_by_now.hour else {}


# -- what the page shows ---------------------------------------------------------------


@api.depends(
    *("state", "error_reason", "wait_until", "approved_at"), "company_id.active"
)
def health(connectors):
    """How it is, as one looks at it: what a person has to do, if anything."""
    for connector in connectors:
        connector.health = _health(connector)


def _health(connector):
    goes_on = for_reader(connector).company_id.active
    if connector.state != "disconnected" and not goes_on:
        return "archived"  # it is disconnected soon: engine/closing/company.py
    if connector.is_waiting:
        return "waiting"
    if connector.state == "pending_approval":
        return "approved" if connector.approved_at else "approval"
    return "sign_in" if ways.needs_sign_in(connector) else connector.state


@api.depends("state", "email", "send_as", "smtp_host", "said")
@api.depends_context("lang")
def sent(connectors):
    """What it has sent, against what its provider lets it send, as far as that is
    known: published, or by what it has said."""
    for connector in connectors:
        in_use = connector.email and connector.state in ("connected", "error")
        number = in_use and counts.sent(connector, now_seen=True)
        full = (connector.said or {}).get("full", {})
        connector.sent_day = in_use and _against(
            connector.env, number.day, _a_day(connector), full.get("day")
        )
        connector.sent_hour = in_use and _against(
            connector.env, number.hour, None, full.get("hour")
        )
        connector.last_sent_at = in_use and number.last


@api.depends("last_sent_at")
@api.depends_context("lang")
def last_sent(connectors):
    """When it got rid of an email last, as people say it."""
    for connector in connectors:
        at = connector.last_sent_at
        connector.last_sent = at and _ago(connector.env, at)


def _ago(env, at):
    """How long ago *at* was, in the language of *env*."""
    locale = babel_locale_parse(get_lang(env).code)
    # Odoo's now is cut to the second: what has just been would be "in 0 seconds".
    since = min(at - fields.Datetime.now(), timedelta(seconds=-1))
    return format_timedelta(since, add_direction=True, locale=locale)


def _a_day(connector):
    provider = registry.provider(connector.provider)
    return provider.messages_a_day(connector.smtp_host or "", connector.email)


def _against(env, number, limit, full):
    """*number* in words.

    :param limit: what is published, or None.
    :param full: how many it were when the provider said that this is enough, or None.
        Where that was sooner than is published, it is what holds. Once more than that
        have left, it is no limit any more.
    """
    if full and number > full:
        full = None
    sent = formatLang(env, number, digits=0) if number else "0"
    if limit and not (full and full < limit):
        limit = formatLang(env, limit, digits=0)
        return env._("%(sent)s of %(limit)s", sent=sent, limit=limit)
    if full:
        full = formatLang(env, full, digits=0)
        return env._(
            "%(sent)s (the limit was reached at %(full)s)", sent=sent, full=full
        )
    return sent


@api.depends("state", "wait_until", "wait_reason", "said", "connected_at")
@api.depends_context("lang")
def words(connectors):
    """Why it waits, with all that the provider said, to be shown to IT; of one at work,
    what it said last, and what troubled it last: there its code is for those who search
    for it."""
    for connector in connectors:
        last = connector.said or {}
        whole = one_line(last.get("code"), last.get("words"))
        quote = last.get("words") or whole
        is_why = last.get("reason") == connector.wait_reason and not last.get("over")
        connector.wait_text = connector.is_waiting and _why(connector, is_why and whole)
        at = fields.Datetime.to_datetime(last.get("at"))
        is_news = quote and _is_news(connector, at)
        connector.said_last = is_news and quote
        connector.said_code = is_news and last.get("code")
        over = connector.state == "connected" and not connector.is_waiting
        title, _text = reason_text(connector.env, over and at and last.get("reason"))
        connector.last_problem = title and f"{title} ({_ago(connector.env, at)})"


def _is_news(connector, at):
    """Whether nothing has shown since that what the provider said is over."""
    if connector.state != "connected" or connector.is_waiting:
        return False
    return at >= max(connector.connected_at or at, connector.last_sent_at or at)


def _why(connector, quote):
    env = connector.env
    lines = [_ours(connector), quote and env._("The server said: %s", quote)]
    if connector.wait_reason in LIMITS:
        lines.append(
            env._(
                "This ends then, not by a test email: while a limit holds, a provider "
                "may still accept one."
            )
        )
    return "\n".join(filter(None, lines))


def _ours(connector):
    """Why it waits, in our words."""
    env = connector.env
    if connector.wait_reason == Reason.MAYBE_SENT:
        return env._(
            "It did not come out whether an email that was handed over was sent: a "
            "follow-up is then under “Perhaps sent”. The others are tried later."
        )
    title, text = reason_text(env, connector.wait_reason)
    return title and f"{title}. {text}"
