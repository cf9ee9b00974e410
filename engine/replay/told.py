"""The page of a plan that was tried on the past: what it would have done, beside what
was really sent."""

from functools import partial
from math import ceil

from odoo.tools import format_date, format_list, formatLang

from ...texts.days import in_words
from ...texts.replay import EMPTY, Empty
from ...texts.then import AS_TODAY, BY_DATE, LEFT_OUT
from ...tools.actions import listing
from . import chart
from .happened import LEFT

TEMPLATE = "account_email_connector.followup_replay"
LINE = "account.email.followup.replay.line"
FOLLOWUP = "account.email.followup"
WOULD = [("kind", "=", "would")]
EMAILS = [*WOULD, ("channel", "=", "email")]

#: Which rows are behind a number of the page: {its name: their domain}.
ROWS = {
    "would": lambda *_which: WOULD,
    "emails": lambda *_which: EMAILS,
    "todos": lambda *_which: [*WOULD, ("channel", "=", "todo")],
    "review": lambda *_which: [*WOULD, ("review", "=", True)],
    "soon": lambda *_which: [*WOULD, ("soon", "=", True)],
    "step": lambda _replay, value: [*WOULD, *_of_step(value)],
    "step_soon": lambda _replay, value: [
        *WOULD,
        *_of_step(value),
        ("soon", "=", True),
    ],
    "day": lambda replay, value: [*_of_mailbox(replay), ("day", "=", value)],
    "unreminded": lambda *_which: [("kind", "=", "unreminded")],
}


def _of_mailbox(replay):
    """The domain of the emails that the mailbox of its company would have sent."""
    return [*EMAILS, ("company_id", "=", replay.company_id.id)]


def _of_step(value):
    """The domain of a row of the table of steps; see :func:`_steps`."""
    channel, _colon, number = (value or "").partition(":")
    return [("channel", "=", channel), ("step_number", "=", int(number or 0))]


def page(replay, known):
    """What came of it, as HTML; "" while nothing has.

    :param replay: ``account.email.followup.replay`` as its reader's.
    :param known: the same, with the right to see everything.
    """
    if replay.state != "done":
        return ""
    env = replay.env
    values = {
        "replay": replay,
        "days": days(replay),
        "companies": format_list(env, known.served_ids.mapped("name")),
        "number": partial(formatLang, env, digits=0),
        "asked": replay.asked and replay.currency_id.with_env(env).format(replay.asked),
        "basis": dict(replay._fields["basis"]._description_selection(env))[
            replay.basis
        ],
        "empty": replay.empty and env._(EMPTY[Empty(replay.empty)]),
        "notes": list(filter(None, [_begins(replay), _chases(replay)])),
        **_would(replay),
        **_unreminded(replay),
        **_sent(replay, known),
        "left_out": [env._(text) for text in LEFT_OUT.values()],
        "as_today": [env._(text) for text in AS_TODAY.values()],
        "by_date": [env._(text) for text in BY_DATE.values()],
    }
    values["chart"] = chart.drawn(env, _known_from(replay), replay.last, values)
    return env["ir.qweb"]._render(TEMPLATE, values)


def rows(replay, known, which, value=None):
    """The action that shows the rows behind a number of the page.

    :param known: as of :func:`page`.
    :param which: a key of :data:`ROWS`, or ``sent``.
    :param value: which step (as :func:`_steps` has it), or day (as ISO 8601 has it).
    """
    env = replay.env
    if which == "sent":
        return listing(env._("What was really sent"), FOLLOWUP, _of_ledger(known))
    action = env["ir.actions.act_window"]._for_xml_id(
        "account_email_connector.action_followup_replay_unreminded"
        if which == "unreminded"
        else "account_email_connector.action_followup_replay_line"
    )
    chosen = ROWS.get(which, ROWS["would"])(replay, value)
    return {**action, "domain": [("replay_id", "=", replay.id), *chosen]}


# -- what would have gone --------------------------------------------------------------


def _would(replay):
    """The numbers of what would have left."""
    lines = replay.env[LINE]
    mine = [("replay_id", "=", replay.id), *WOULD]
    by_day = lines._read_group(
        mine, ["day:day", "channel", "step_number", "step"], ["__count"]
    )
    by_channel = {
        channel: (count, customers)
        for channel, count, customers in lines._read_group(
            mine, ["channel"], ["__count", "partner_id:count_distinct"]
        )
    }
    return {
        "by_day": by_day,
        "emails": by_channel.get("email", (0, 0)),
        "todos": by_channel.get("todo", (0, 0))[0],
        "review": lines.search_count([*mine, ("review", "=", True)]),
        "soon": _soon(replay, mine),
        "steps": _steps(replay, mine),
        "busiest": _busiest(replay),
    }


def _soon(replay, mine):
    """How many follow-ups were for nothing, and to how many customers."""
    ((count, customers),) = replay.env[LINE]._read_group(
        [*mine, ("soon", "=", True)],
        aggregates=["__count", "partner_id:count_distinct"],
    )
    return count, customers


def _steps(replay, mine):
    """The rows of the table: one for each step."""
    lines, step = replay.env[LINE], ["step_number", "step", "channel"]
    soon = {
        tuple(which): count
        for *which, count in lines._read_group(
            [*mine, ("soon", "=", True)], step, ["__count"]
        )
    }
    channels = dict(lines._fields["channel"]._description_selection(replay.env))
    return [
        {
            "name": name,
            "value": f"{channel}:{number}",
            "channel": channels[channel],
            "count": count,
            "customers": customers,
            "soon": soon.get((number, name, channel), 0),
        }
        for number, name, channel, count, customers in lines._read_group(
            mine, step, ["__count", "partner_id:count_distinct"], order="step_number"
        )
    ]


def _busiest(replay):
    """The day with the most emails, beside what the mailbox takes in a day. Of a branch
    that sends from another address it takes none."""
    mine = [("replay_id", "=", replay.id), *_of_mailbox(replay)]
    emails = dict(replay.env[LINE]._read_group(mine, ["day:day"], ["__count"]))
    if not emails:
        return None
    env, limit = replay.env, replay.day_limit
    day, count = max(emails.items(), key=lambda each: (each[1], each[0]))
    if not limit:
        text = env._("What the mailbox takes in a day is not known.")
    elif count <= limit:
        text = env._("The mailbox takes %s in a day.", limit)
    else:
        text = env._(
            "The mailbox takes %(limit)s in a day: that would have taken %(days)s "
            "days.",
            limit=limit,
            days=ceil(count / limit),
        )
    return {
        "count": count,
        "day": in_words(env, day),
        "value": day.isoformat(),
        "text": text,
        "too_many": bool(limit) and count > limit,
    }


def _unreminded(replay):
    """What was paid late, and would never have been asked for."""
    ((count, customers, amount),) = replay.env[LINE]._read_group(
        [("replay_id", "=", replay.id), ("kind", "=", "unreminded")],
        aggregates=["__count", "partner_id:count_distinct", "amount:sum"],
    )
    money = replay.currency_id.with_env(replay.env).format(amount or 0)
    return {"unreminded": (count, customers, money)}


# -- what was really sent --------------------------------------------------------------


def _of_ledger(known):
    """The emails that left on these days, by whatever plan: of all companies that it is
    about, some of which may have written by themselves then."""
    return [
        ("company_id", "in", known.served_ids.ids),
        ("channel", "=", "email"),
        ("state", "in", list(LEFT)),
        ("done_on", ">=", known.first),
        ("done_on", "<=", known.last),
    ]


def _sent(replay, known):
    followups, mine = replay.env[FOLLOWUP], _of_ledger(known)
    by_day = followups._read_group(mine, ["done_on:day"], ["__count"])
    ((customers,),) = followups._read_group(
        mine, aggregates=["partner_id:count_distinct"]
    )
    count = sum(each for _day, each in by_day)
    return {"sent_by_day": by_day, "sent": (count, customers)}


# -- in words --------------------------------------------------------------------------


def days(replay):
    """The first and the last of its days, in words."""
    env = replay.env
    first, last = (format_date(env, day) for day in (replay.first, replay.last))
    return f"{first} – {last}"


def _chases(replay):
    """That old debts are left alone, and how much of that was paid late."""
    env, since = replay.env, replay.chased_since
    if not since:
        return ""
    day = in_words(env, since)
    if not replay.left_alone:
        return env._("What was due before %s is left alone.", day)
    return env._(
        "What was due before %(day)s is left alone. Of that, paid more than 30 days "
        "late: %(count)s.",
        day=day,
        count=formatLang(env, replay.left_alone, digits=0),
    )


def _begins(replay):
    """That there is nothing in the books of the first days."""
    since = replay.books_since
    if not since or since <= replay.first:
        return ""
    return replay.env._(
        "The first entry of a customer is of %s: nothing is known of the days before.",
        in_words(replay.env, since),
    )


def _known_from(replay):
    """The first of its days of which the books know something."""
    since = replay.books_since
    return max(replay.first, min(since, replay.last)) if since else replay.first
