"""Which customers a rule is about, and why a customer has its plan."""

from odoo.tools import format_list, formatLang


def customers_of(rule):
    """The conditions of *rule* (``account.email.followup.plan.rule``) as a sentence."""
    env = rule.env
    parts = [*_among(env, rule), *_amounts(env, rule)]
    if not parts:
        return env._("Nobody yet: set at least one condition.")
    return env._("Customers %(conditions)s", conditions=", ".join(parts))


def _among(env, rule):
    """Tags, countries, salespersons: any of them each."""
    if rule.tag_ids:
        yield env._("with the tag %(tags)s", tags=_any_of(rule.tag_ids))
    if rule.country_ids:
        yield env._("in %(countries)s", countries=_any_of(rule.country_ids))
    if rule.salesperson_ids:
        people = _any_of(rule.salesperson_ids)
        yield env._("whose salesperson is %(people)s", people=people)


def _amounts(env, rule):
    if rule.amount_overdue:
        currency = rule.company_id.sudo().currency_id
        amount = formatLang(env, rule.amount_overdue, currency_obj=currency or None)
        yield env._("with %(amount)s or more overdue", amount=amount)
    if rule.days_late:
        yield env._(
            "who on average pay %(days)s or more days late", days=rule.days_late
        )


def _any_of(records):
    return format_list(records.env, records.mapped("display_name"), style="or")


def plan_text(env, plan, own, rule):
    """Why a customer has *plan*, and its steps, in the language of *env*.

    :param plan: ``account.email.followup.plan``; empty: none, or it is archived.
    :param own: whether it was chosen for the customer.
    :param rule: by which it has it, perhaps empty.
    """
    name = plan.with_context(lang=env.lang).name
    if rule:
        rule = rule.with_context(lang=env.lang).display_name
        if not plan:
            return env._("Archived plan, by the rule “%(rule)s”", rule=rule)
        why = env._("“%(plan)s” by the rule “%(rule)s”", plan=name, rule=rule)
    elif not plan:
        return own and env._("Archived plan, chosen for this customer")
    elif own:
        why = env._("“%(plan)s”, chosen for this customer", plan=name)
    else:
        why = env._("“%(plan)s”, the company's", plan=name)
    return _with_steps(env, plan, why)


def company_plan_text(env, plan, why):
    """By which plan a company chases, its steps, and why, in the language of *env*.

    :param plan: ``account.email.followup.plan``; empty: none, or it is archived.
    :param why: "chosen", "parent" (chosen for a parent of it) or "shared".
    """
    if not plan and why == "shared":
        return env._("None: nobody is chased")
    if not plan:
        return env._("An archived plan: nobody is chased")
    name = plan.with_context(lang=env.lang).name
    reasons = {
        "chosen": lambda: env._("“%(plan)s”, chosen for this company", plan=name),
        "parent": lambda: env._("“%(plan)s”, its parent company's", plan=name),
        "shared": lambda: env._("“%(plan)s”, the first shared one", plan=name),
    }
    return _with_steps(env, plan, reasons[why]())


def steps_text(plan):
    """The steps of *plan*, one after the other."""
    return " → ".join(plan.step_ids.mapped("display_name"))


def _with_steps(env, plan, why):
    steps = steps_text(plan.with_context(lang=env.lang))
    return f"{why} · {steps}" if steps else why
