"""Plans are tried on the past in the background, one after the other.

The days are walked over in a transaction that only reads. How far it is, is written
apart: pages see it, and a person can stop it. What came of it is written at the end, in
a transaction that has heard of everything since. Of one that was interrupted, as by a
restart, the next run begins anew.
"""

import logging

import psycopg2

from odoo.exceptions import UserError

from ...tools import bus
from ...tools.apart import apart
from . import asking, rows
from .walk import replay as walk

_logger = logging.getLogger(__name__)

BUS_TYPE = "account_email_connector/replay"
#: So often one is begun that is interrupted.
ATTEMPTS = 3


class Stopped(Exception):
    """It was stopped, or deleted."""


def run(replays):
    """Try all that wait, while the scheduled action has time: one at least.

    :param replays: the model, a superuser's, in the scheduled action's transaction.
    """
    cron, seconds = replays.env["ir.cron"], 1
    # Nobody else runs this action: what is under way was interrupted.
    waiting = [("state", "in", asking.UNDER_WAY)]
    while seconds > 0 and (replay := replays.search(waiting, order="id", limit=1)):
        _try(replay)
        left = replays.search_count(waiting)
        seconds = cron._commit_progress(1, remaining=left)


def stop(replays):
    """Let these end without a result, as soon as they hear of it.

    :param replays: with the right to write them.
    """
    replays.filtered(_is_under_way).state = "stopped"
    _tell(replays)


def _is_under_way(replay):
    return replay.state in asking.UNDER_WAY


def _try(replay):
    """One of them, whatever becomes of it. Commits."""
    env = replay.env
    if replay.attempts == ATTEMPTS:
        _end(replay, {"problem": _interrupted(_as_user(replay).env)})
        return
    replay.write({"state": "running", "attempts": replay.attempts + 1})
    _tell(replay)
    env["ir.cron"]._commit_progress()
    ended = _ended(replay)
    env["ir.cron"]._commit_progress()  # what was heard meanwhile is seen from here on
    _end(replay, ended)


def _ended(replay):
    """The values of what became of it; {}: it was stopped."""
    try:
        return _walked(replay.with_context(lang=replay.user_id.lang))
    except Stopped:
        return {}
    except UserError as error:
        problem = str(error)
    except Exception:
        _logger.exception("A plan could not be tried on the past: %s", replay.id)
        problem = ""
    replay.env.cr.rollback()
    reader = _as_user(replay).env
    return {"problem": problem or _see_log(reader)}


def _see_log(env):
    return env._("An error: the server's log says more.")


def _interrupted(env):
    return env._(
        "It was interrupted again and again: the server was restarted, or it took "
        "longer than a scheduled action may (limit_time_real_cron). Try fewer days."
    )


def _as_user(replay):
    """As whoever has asked, in their language, with the companies that it is about."""
    user = replay.user_id
    context = {"lang": user.lang, "allowed_company_ids": replay.served_ids.ids}
    return replay.with_user(user).with_context(**context)


def _walked(replay):
    """The values of what came of it, with its rows.

    :param replay: in the language of whoever has asked.
    :raises Stopped: if nobody wants it any more.
    :raises UserError: if it cannot be tried any more.
    """
    reader, env = _as_user(replay).env, replay.env
    values = asking.values_of(replay, reader)
    plan = asking.plan_tried(replay.plan_id.with_env(reader), values)
    units, unit = asking.chasers(reader, env, replay.company_id, plan)
    if set(units.company_ids()) - set(replay.served_ids.ids):
        raise UserError(
            reader._("Since it began, the company chases for others: try it again.")
        )
    found = walk(
        units,
        unit,
        plan.with_env(env),
        replay.first,
        replay.last,
        partners=rows.seen(reader, env),
        heard=_Heard(replay).heard,
    )
    return rows.values(reader, replay, units, unit, plan, found)


def _end(replay, ended):
    """Write down what came of it, unless it was stopped or deleted meanwhile. Commits.

    :param ended: its values; ``lines``, those of its rows; {}: it was stopped.
    """
    try:
        _write(replay, ended)
    except psycopg2.Error:  # somebody has just deleted, or stopped, what it is about
        _logger.exception("The result of a trial was not written: %s", replay.id)
        replay.env.cr.rollback()
        _write(replay, {"problem": _see_log(_as_user(replay).env)})


def _write(replay, ended):
    mine = replay.exists().filtered(_is_under_way)
    if mine and ended:
        lines = ended.pop("lines", ())
        mine.write({"state": "failed" if "problem" in ended else "done", **ended})
        rows.insert(mine, lines)
        _tell(mine)
    replay.env["ir.cron"]._commit_progress()


def _percent(done, total):
    return 100 * done // max(total, 1)


class _Heard:
    """Writes down how far it is, and hears whether it was stopped."""

    def __init__(self, replay):
        self._replay, self._percent = replay, None

    def heard(self, done, total):
        """
        :raises Stopped: if it was.
        """
        percent = _percent(done, total)
        if percent == self._percent:
            return
        self._percent = percent
        try:
            self._write(done, total)
        except psycopg2.OperationalError:  # somebody stops it just now: heard next time
            _logger.info("Progress was not written: %s", self._replay.id)

    def _write(self, done, total):
        with apart(self._replay.env) as own:
            mine = self._replay.with_env(own).exists()
            if mine.state != "running":
                raise Stopped
            mine.write({"done": done, "total": total})
            _tell(mine)


def _tell(replays):
    """Open pages hear of it: how far, not of how many customers, as others of the
    company hear it as well."""
    for replay in replays:
        percent = _percent(replay.done, replay.total)
        said = {"id": replay.id, "state": replay.state, "percent": percent}
        bus.send(replay.company_id, BUS_TYPE, said)
