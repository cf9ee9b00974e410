"""What `dev/bench worklist` does inside Odoo."""

from odoo.tools import SQL

from odoo.addons.account_email_connector.engine.planning import cases, forewarning
from odoo.addons.account_email_connector.engine.planning.units import Units

from . import ledger
from .inside_plan import measured

NAME = {"fields": {"display_name": {}}}
CARD = {
    "partner_id": NAME,
    "contact_id": NAME,
    "overdue": {},
    "currency_id": NAME,
    "oldest_due_date": {},
    "reason_text": {},
    "pays_text": {},
    "next_date": {},
    "next_channel": {},
    "next_amount": {},
    "step_id": NAME,
    "user_id": NAME,
    "todo": {},
    "company_id": NAME,
}
LINE = {**CARD, "total": {}, "last_on": {}, "promised_until": {}}
PAGE = {**LINE, "items_html": {}, "story": {}}
OVERDUE = [("overdue", ">", 0)]


def measure(env, companies):
    """What each act takes: {title: (seconds, statements)}."""
    _spread(env, companies)
    found = {"all decided": _measured(env, lambda: _decide_all(env))}
    env.cr.commit()  # pylint: disable=invalid-commit
    env.cr.execute("ANALYZE account_email_followup_case")
    accountant = _accountant(env)
    rows = accountant["account.email.followup.case"]
    acts = {
        "the page is opened: brought up to date": rows.action_open,
        "its cards, by what there is to do": lambda: _cards(rows, "todo", OVERDUE),
        "its cards, by responsible": lambda: _cards(rows, "user_id", OVERDUE),
        "its cards, by company": lambda: _cards(rows, "company_id", []),
        "a customer's account": lambda: rows.search([], limit=1).web_read(PAGE),
        "its list": lambda: rows.web_search_read(OVERDUE, LINE, limit=80),
        "its list, searched by customer": lambda: rows.web_search_read(
            [("partner_id", "child_of", "Customer 77")], LINE, limit=80
        ),
        "its list, searched by invoice": lambda: rows.web_search_read(
            [("numbers", "ilike", "0077")], LINE, limit=80
        ),
    }
    for title, act in acts.items():
        env.invalidate_all()  # whoever has read a record needs no rights for it
        act()  # Odoo knows its views, rights and the user from then on
        found[title] = _measured(env, act)
    found |= _measured_changes(accountant)
    found["the email of what goes tomorrow"] = _forewarn(env)
    return found


def changes(env, companies):
    """The same of nothing but what a change of everybody's plan would do."""
    _spread(env, companies)
    env.cr.execute("ANALYZE")
    accountant = _accountant(env)
    accountant.ref("account_email_connector.plan_default").what_would_change({})
    return _measured_changes(accountant)


def _accountant(env):
    """The environment of somebody who has all companies, and has switched them on."""
    everybody = env["res.company"].search([])
    context = {"allowed_company_ids": everybody.ids, "lang": "en_US"}
    return env(user=env.ref("base.user_admin"), context=context)


def _measured_changes(accountant):
    found = {}
    for title, change in _changes(accountant).items():
        accountant.invalidate_all()
        found[f"what {title} would change"] = _measured(accountant, change)
    return found


def _changes(accountant):
    """What is told of everybody before it is saved: another day for the first step of
    their plan, another plan for all who owe something, by a rule of all companies."""
    plan = accountant.ref("account_email_connector.plan_default")
    other = accountant.ref("account_email_connector.plan_by_invoice")
    step = plan.step_ids[0]
    days = {"step_ids": [(1, step.id, {"days": step.days + 2})]}
    rule = {"plan_id": other.id, "company_id": False, "amount_overdue": 1}
    rules = accountant["account.email.followup.plan.rule"]
    return {
        "a changed plan": lambda: plan.what_would_change(days),
        "a new rule": lambda: rules.what_would_change(rule),
    }


def _forewarn(env):
    """It tells of one in thirty; the others' day is another one of the month."""
    env.cr.execute(
        """UPDATE account_move_line SET date_maturity = CURRENT_DATE + partner_id % 30
            WHERE display_type = 'payment_term'"""
    )
    plans = env["account.email.followup.plan"].search([])
    plans.forewarn = True
    _decide_all(env)
    forewarning.by_reader(env, plans)
    return _measured(env, lambda: forewarning.by_reader(env, plans))


def _cards(rows, group, domain):
    return rows.web_read_group(
        domain,
        [group],
        ["overdue:sum"],
        auto_unfold=True,
        unfold_read_specification=CARD,
        unfold_read_default_limit=20,
    )


def _decide_all(env):
    cases.count(Units(env))
    while cases.decide_some(env):
        pass


def _measured(env, act):
    cost = measured(env, act)
    return cost["seconds"], cost["statements"]


def _spread(env, companies):
    """Deal the customers' items out to so many companies."""
    made = env["res.company"].create(
        [{"name": f"Company {number}"} for number in range(1, companies)]
    )
    env.ref("base.user_admin").company_ids += made
    ids = [env.company.id, *made.ids]
    for company in made:
        ledger.chase(company)
    for table in ("account_move", "account_move_line"):
        env.cr.execute(
            SQL(
                "UPDATE %s SET company_id = (%s::int[])[1 + partner_id %% %s]",
                SQL.identifier(table),
                ids,
                companies,
            )
        )
    env.cr.commit()  # pylint: disable=invalid-commit
    env.invalidate_all()
