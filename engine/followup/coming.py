"""What comes next to the customers of the worklist: looked at before, or left out."""

from odoo.exceptions import UserError
from odoo.tools.translate import LazyTranslate

from ..planning.decisions import decisions
from ..rights import check_company
from .byhand import row_values
from .ledger import SENDING

_lt = LazyTranslate(__name__)

#: In the context: the day of what the user saw, who may have pressed twice.
SEEN = "email_followup_seen"
CHANGED = _lt("This has changed meanwhile. Open the list again.")
NOTHING_COMES = _lt("Nothing comes to this customer by itself.")


def next_of(env, cases):
    """Return {case id: (:class:`..planning.decisions.Decided`, its
    :class:`...rules.coming.Coming`)}: what comes first, as things are now.

    :param env: with the right to see everything.
    :param cases: ``account.email.followup.case``.
    :raises UserError: if it is one, and nothing comes.
    """
    first = {}
    for decided in decisions(env, cases.company_id, cases.partner_id):
        comes = decided.comes
        for company_id in decided.unit.company_ids if comes else ():
            key = company_id, decided.customer.id
            if key not in first or comes.day < first[key][1].day:
                first[key] = decided, comes
    keys = {case.id: (case.company_id.id, case.partner_id.id) for case in cases}
    found = {id_: first[key] for id_, key in keys.items() if key in first}
    if not found and len(cases) == 1:
        raise UserError(cases.env._(NOTHING_COMES))
    return found


def written(env, comes):
    """The follow-up that is written already, and waits for its day, or for a person;
    perhaps empty."""
    return env["account.email.followup"].browse(comes.written or ())


def skip(cases, known):
    """Leave out what comes to these customers next: the same steps come again later.

    :param cases: with the user's own rights.
    :param known: the same env, with the right to see and write everything.
    :return: of whom it could not be left out, and why: texts.
    :raises UserError: if it could not, and they are one.
    """
    found, skipped, refused = next_of(known, cases), set(), []
    for case in cases:
        decided, comes = found.get(case.id, (None, None))
        try:
            if not comes:
                raise UserError(case.env._(NOTHING_COMES))
            if str(comes.day) != cases.env.context.get(SEEN, str(comes.day)):
                raise UserError(case.env._(CHANGED))
            if decided.key not in skipped:  # one email may be for two companies
                _skip(case.env, known, decided, comes)
                skipped.add(decided.key)
        except UserError as error:
            if len(cases) == 1:
                raise
            refused.append(f"{case.partner_id.name}: {error}")
    return refused


def _skip(env, known, decided, comes):
    followup = written(env, comes) or _write(env, known, decided, comes)
    if followup.state == SENDING:
        raise UserError(env._("A follow-up is being sent right now. Look again soon."))
    followup.action_skip()
    followup.with_env(known).done_on = comes.day  # the gap counts from then


def _write(env, known, decided, comes):
    """The ledger row of one that nobody has planned yet.

    :raises AccessError: if the user has not got the company that sends it.
    """
    check_company(env, env["res.company"].browse(decided.unit.company_id))
    step = known["account.email.followup.step"].browse(comes.step_id)
    values = row_values(decided, step, comes.items, comes.credits)
    return known["account.email.followup"].create(values).with_env(env)
