"""Whether scheduled actions run, and whether there are connections enough for them."""

from datetime import timedelta

from odoo import fields
from odoo.tools import config

from .finding import BAD, FACT, GOOD, LOOK, Finding

#: A scheduled action that is later than this is not run by anybody.
LATE = timedelta(hours=1)
#: Of the connections that PostgreSQL takes.
NEARLY_ALL = 0.8


def findings(env):
    """As a superuser."""
    yield _is_live(env)
    yield _scheduler(env)
    yield _connections(env)


def _is_live(env):
    title = env._("Database")
    if env["ir.config_parameter"].get_param("database.is_neutralized"):
        return Finding(
            title, LOOK, env._("Neutralized: no email leaves this copy of a database.")
        )
    return Finding(title, FACT, env.cr.dbname)


def _scheduler(env):
    """Who sends, plans and reads answers."""
    title = env._("Scheduled actions")
    mine = env["ir.model.data"].search(
        [("module", "=", "account_email_connector"), ("model", "=", "ir.cron")]
    )
    crons = env["ir.cron"].with_context(active_test=False).browse(mine.mapped("res_id"))
    if off := crons.filtered(lambda cron: not cron.active):
        return Finding(
            title, BAD, env._("Switched off: %s", ", ".join(off.mapped("name")))
        )
    late = crons.filtered(lambda c: c.nextcall < fields.Datetime.now() - LATE)
    if late:
        return Finding(
            title,
            BAD,
            env._("Nobody runs them. Waiting: %s", ", ".join(late.mapped("name"))),
            env._("See max_cron_threads in odoo.conf, and that Odoo is running."),
        )
    return Finding(title, GOOD, env._("All are on, and run."))


def _connections(env):
    # Of other roles, pg_stat_activity tells less.
    env.cr.execute(
        "SELECT sum(numbackends)::int, current_setting('max_connections')::int"
        "  FROM pg_stat_database"
    )
    used, most = env.cr.fetchone()
    said = env._(
        "In use: %(used)s of %(most)s. Odoo: %(own)s for each process, "
        "%(workers)s workers, %(threads)s threads for scheduled actions",
        used=used,
        most=most,
        own=config["db_maxconn"],
        workers=config["workers"],
        threads=config["max_cron_threads"],
    )
    state = LOOK if used > NEARLY_ALL * most else GOOD
    todo = env._("Raise max_connections of PostgreSQL, or lower db_maxconn of Odoo.")
    title = env._("Database connections")
    return Finding(title, state, said, todo if state == LOOK else "")
