"""What a plan would have done, as rows of a table."""

from datetime import timedelta

from odoo.tools import SQL

from ...providers import registry
from ...rules import EMAIL, RECAP
from ...texts.replay import Empty
from ..planning.plans import step_key

#: Whoever pays so soon may not have needed to be asked.
SOON = timedelta(days=3)
COLUMNS = (
    "company_id",
    "kind",
    "day",
    "partner_id",
    "contact_id",
    "step",
    "step_number",
    "channel",
    "review",
    "move_id",
    "amount",
    "paid_on",
    "days",
    "soon",
)
INSERT = """
    INSERT INTO account_email_followup_replay_line
           (replay_id, create_uid, write_uid, create_date, write_date, %s)
    SELECT %s, %s, %s, now() AT TIME ZONE 'utc', now() AT TIME ZONE 'utc', said.*
      FROM unnest(%s::int[], %s::varchar[], %s::date[], %s::int[], %s::int[],
                  %s::varchar[], %s::int[], %s::varchar[], %s::boolean[], %s::int[],
                  %s::numeric[], %s::date[], %s::int[], %s::boolean[]) AS said
"""
#: Each item once, in full, in the company's currency.
ASKED = """
    SELECT COALESCE(SUM(balance), 0)::float8 FROM account_move_line WHERE id = ANY(%s)
"""
RECEIVABLE = [
    ("account_type", "=", "asset_receivable"),
    ("parent_state", "=", "posted"),
]


def seen(reader, env):
    """The customers (``res.partner``, commercial partners) of whose items *reader*
    sees some, in its companies.

    :param env: with the right to see everything; theirs.
    """
    mine = [*RECEIVABLE, ("company_id", "in", reader.companies.ids)]
    groups = reader["account.move.line"]._read_group(mine, ["partner_id"])
    ids = {partner.id for (partner,) in groups}
    customers = env["res.partner"].browse(ids).commercial_partner_id
    known = reader["res.partner"].with_context(active_test=False)
    return known.search([("id", "in", customers.ids)]).with_env(env)


def values(reader, replay, units, unit, plan, found):
    """What is written of *found* (:class:`.walk.Replayed`): values of *replay*, and
    ``lines``, those of its rows.

    :param units: all that it is about; *unit*: of them that of the replay's company.
    :param plan: as *reader* (the user's environment) has it.
    """
    senders = _senders(units, unit)
    lines = [
        *_would(senders, plan, found.would),
        *(_unreminded(senders, each) for each in found.unreminded),
    ]
    emails = [each for each in found.would if each.channel == EMAIL]
    since = _books_since(replay)
    return {
        "customers": found.customers,
        "emails": len(emails),
        "asked": _asked(replay.env, emails),
        "day_limit": _day_limit(unit.connector),
        "books_since": since,
        "chased_since": found.since,
        "left_alone": found.left_alone,
        "empty": not found.would and _why_empty(replay, plan, found, since).value,
        "lines": lines,
    }


def insert(replay, lines):
    """Write the rows of *replay*, in one statement: without customers who were deleted
    or merged since they were looked at, nor contacts and invoices that were."""
    env = replay.env
    lines = _still_there(env, lines)
    if not lines:
        return
    env.flush_all()
    columns = SQL(", ").join(map(SQL.identifier, COLUMNS))
    mine = replay.id, env.uid, env.uid
    values = map(list, zip(*lines, strict=True))
    env.cr.execute(SQL(INSERT, columns, *mine, *values))
    env["account.email.followup.replay.line"].invalidate_model()


def _still_there(env, lines):
    partner, contact, move = map(COLUMNS.index, ("partner_id", "contact_id", "move_id"))
    partners = _existing(env["res.partner"], lines, partner, contact)
    moves = _existing(env["account.move"], lines, move)
    kept = []
    for line in map(list, lines):
        line[contact] = line[contact] if line[contact] in partners else None
        line[move] = line[move] if line[move] in moves else None
        if line[partner] in partners:
            kept.append(line)
    return kept


def _existing(records, lines, *places):
    ids = {line[place] for line in lines for place in places}
    return set(records.browse(filter(None, ids)).exists().ids)


def _senders(units, unit):
    """{unit id: the company by which a row is told}: the replay's, of all that its
    mailbox sends, as what that takes in a day is for them together."""
    mine, address = unit.company_id, _address(unit)
    return {
        id_: mine if _address(each) == address else id_
        for id_, each in units.units.items()
    }


def _address(unit):
    """What the provider counts by: several companies may be connected with one."""
    return unit.connector.provider, unit.connector.email


def _would(senders, plan, would):
    """The rows of what would have left."""
    title = "name" if plan.mode == RECAP else "display_name"
    names = {step_key(step): (step[title], step.days) for step in plan.step_ids}
    for each in would:
        paid = each.paid_on
        yield (
            senders[each.company_id],
            "would",
            each.day,
            each.partner_id,
            each.contact_id,
            *names[step_key(each.step)],
            each.channel,
            each.review,
            None,
            each.amount,
            paid,
            (paid - each.day).days if paid else None,
            bool(paid) and not each.credited and paid - each.day <= SOON,
        )


def _unreminded(senders, item):
    return (
        senders[item.company_id],
        *("unreminded", item.due, item.partner_id, None, None, None, None, None),
        *(item.move_id, item.amount, item.paid_on, (item.paid_on - item.due).days),
        False,
    )


def _asked(env, emails):
    """What the emails ask for."""
    env.cr.execute(SQL(ASKED, list({id_ for each in emails for id_ in each.lines})))
    return env.cr.fetchone()[0]


def _day_limit(connector):
    """How many emails the mailbox takes in a day; 0: there is none, or nobody says."""
    if not connector:
        return 0
    provider = registry.provider(connector.provider)
    return provider.messages_a_day(connector.smtp_host or "", connector.email) or 0


def _books_since(replay):
    """The day of the first entry of a customer; None: there is none."""
    mine = [*RECEIVABLE, ("company_id", "in", replay.served_ids.ids)]
    lines = replay.env["account.move.line"]
    ((since,),) = lines._read_group(mine, aggregates=["date:min"])
    return since


def _why_empty(replay, plan, found, since):
    """The :class:`...texts.replay.Empty` of a plan by which nothing would have left."""
    if not plan.step_ids:
        return Empty.NO_STEPS
    if not since or since > replay.last:
        return Empty.BEFORE_BOOKS
    if plan.start_date and plan.start_date > replay.last:
        return Empty.STARTS_LATER
    return Empty.NOTHING_DUE if found.customers else Empty.NOBODY
