"""A person asks to try a plan on the past: what may be asked, what is kept of it."""

import json

from dateutil.relativedelta import relativedelta

from odoo.exceptions import UserError
from odoo.fields import Command

from .. import cron, rights
from ..planning.draft import draft_of, said_of
from ..planning.supposed import Supposed
from ..planning.units import ONE_DAY, Units

#: Longer than that nothing is tried.
MONTHS = 24
#: What a form has is kept only if it is not longer than this, as JSON.
LONGEST_FORM = 100_000
#: In JSON; PostgreSQL cannot store it.
NUL = "\\u0000"
#: Of one person.
UNDER_WAY = ("waiting", "running")


def basis_of(plan, values):
    """How the plan is: as it is saved, changed, or a new one.

    :param values: what its form would save; {}: nothing.
    """
    if not plan:
        return "new"
    return "changed" if values else "saved"


def kept(plan, values):
    """What is kept of what a form has: what a plan is made of.

    :param values: as they came from a browser.
    :raises UserError: if they are no form's.
    """
    said = said_of(plan, values) if isinstance(values, dict) else None
    text = json.dumps(said, default=str).replace(r"\\", "")  # now \ is an escape
    if said is None or len(text) > LONGEST_FORM or NUL in text:
        raise UserError(plan.env._("The form of the plan could not be read."))
    return said


def plan_tried(plan, values):
    """The plan as it is to be tried; see :func:`..planning.draft.draft_of`.

    :param plan: ``account.email.followup.plan`` as the user's, empty for a new one.
    :raises AccessError: if the user may not read it, or not change what is changed.
    :raises ValidationError: if it could not be saved.
    """
    if basis_of(plan, values) != "saved":
        return draft_of(plan, values)
    plan.ensure_one()
    plan.check_access("read")
    return plan


def values_of(replay, env):
    """What the form had that is to be tried, as *replay* (a superuser's) keeps it.

    :param env: the user's, for its words.
    :raises UserError: if its plan was deleted, or saved since: these values too,
        perhaps, and a new step would come twice.
    """
    check_there(replay, env)
    if is_saved_since(replay):
        raise UserError(env._("The plan was saved meanwhile: try it from its form."))
    return replay.form_values or {}


def values_again(replay, env):
    """The same, to try it once more: {} if its plan was saved since.

    :raises UserError: if it was deleted.
    """
    check_there(replay, env)
    return {} if is_saved_since(replay) else replay.form_values or {}


def check_there(replay, env):
    """
    :raises UserError: if its plan was deleted.
    """
    if replay.basis != "new" and not replay.plan_id:
        raise UserError(env._("The plan was deleted meanwhile."))


def is_saved_since(replay):
    """Whether a plan was tried with changes, and saved after that, or a step of it."""
    if replay.basis != "changed":
        return False
    plan = replay.plan_id
    saved = [plan.write_date, *plan.step_ids.mapped("write_date")]
    return max(saved) > replay.create_date


def days_of(today, months):
    """The first and the last of so many months that are over."""
    last = today - ONE_DAY
    return last - relativedelta(months=months) + ONE_DAY, last


def check_days(env, first, last, today):
    """
    :raises UserError: if no plan can be tried on these days.
    """
    if not first or not last:
        raise UserError(env._("Choose the first and the last day."))
    if first > last:
        raise UserError(env._("The first day is after the last one."))
    if last >= today:
        raise UserError(env._("Choose days that are over: yesterday is the last one."))
    if first <= last - relativedelta(months=MONTHS):
        raise UserError(env._("Choose 24 months at most."))


def chasers(reader, env, company, plan):
    """Who tries a plan for *company*: whoever chases for it, and those branches that do
    so by themselves, by this plan, and are the reader's.

    :param reader: the user's environment.
    :param env: the same, with the right to see everything.
    :param plan: as :func:`plan_tried` has it.
    :return: the :class:`..planning.units.Units`, and of them the company's.
    :raises UserError: if the company is archived.
    """
    units = Units(env, company)
    if company.id not in units.unit_of:
        raise UserError(
            env._(
                "%s is archived: unarchive it to see its customers' accounts.",
                company.name,
            )
        )
    unit, plan = units.unit_for(company.id), plan.with_env(env)
    mine = env["res.company"].browse([*unit.company_ids, *reader.companies.ids])
    below = mine.search([("id", "child_of", unit.company_id), ("id", "in", mine.ids)])
    units = Units(env, below, supposed=Supposed.by_plan(plan, unit.company_id))
    units.units = {
        id_: each
        for id_, each in units.units.items()
        if id_ == unit.company_id
        or (each.plan == plan and {*each.company_ids} <= {*mine.ids})
    }
    return units, units.unit_for(company.id)


def begin(reader, known, asked):
    """Note that a plan is to be tried; it begins in the background.

    :param reader: the user's environment.
    :param known: the same, with the right to see everything.
    :param asked: a wizard (``account.email.followup.replay.start``) of the user's, with
        the right to see everything.
    :return: ``account.email.followup.replay``, with that right.
    :raises UserError: if it cannot be tried, or not now.
    """
    rights.check_accountant(reader)
    values = asked.form_values or {}
    plan = plan_tried(asked.plan_id.with_env(reader), values)
    units, unit = chasers(reader, known, asked.company_id, plan)
    served = known["res.company"].browse(units.company_ids())
    for company in served:
        rights.check_company(reader, company.with_env(reader))
    _check_now(reader, known)
    replay = known["account.email.followup.replay"].create(
        {
            "company_id": unit.company_id,
            "served_ids": [Command.set(served.ids)],
            "user_id": reader.uid,
            "plan_id": asked.plan_id.id,
            "plan_name": plan.name,
            "basis": basis_of(asked.plan_id, values),
            "form_values": values,
            "first": asked.first,
            "last": asked.last,
        }
    )
    cron.run_replays(known)
    return replay


def _check_now(reader, known):
    """
    :raises UserError: if nothing can be tried for the reader now.
    """
    mine = [("user_id", "=", reader.uid), ("state", "in", UNDER_WAY)]
    if known["account.email.followup.replay"].search_count(mine, limit=1):
        raise UserError(
            reader._(
                "A plan is being tried for you already. Wait until that is done, or "
                "stop it."
            )
        )
    if not cron.runs_replays(known):
        raise UserError(
            reader._(
                "Scheduled actions are switched off on this server: an administrator "
                "can switch on the one that tries plans on the past."
            )
        )
