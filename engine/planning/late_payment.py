"""The interest and fee that the law of the company's country gives: for a new plan."""

from markupsafe import Markup

from odoo import api, fields
from odoo.tools import float_compare

from ...rules import law_of, laws
from ...texts import late_payment as texts


@api.depends("company_id", "interest_rate", "fixed_fee", "fee_currency_id")
@api.depends_context("company", "lang")
def tell(plans):
    """Say what the law is, and whether the plan has something else."""
    for plan in plans:
        law = _law(plan)
        plan.by_law = law and _told(plan, law)
        plan.differs_from_law = _differs(plan, suggested(plan))


def suggested(plan):
    """The values that *plan* has by the law of its company's country, else of the
    company in use; empty if no law is known. Without a fee where its currency is not
    active: nobody could invoice it.

    :param plan: ``account.email.followup.plan``, perhaps new.
    """
    law = _law(plan)
    if not law:
        return {}
    values = {"interest_rate": float(law.rate)}
    if not law.fees:
        return values | {"fixed_fee": 0.0}
    currency = _currency(plan, law)
    if not currency.active:
        return values
    return values | {
        "fixed_fee": float(law.fees[0]),
        "fee_currency_id": currency.id,
    }


def propose(plan):
    """Put it into the form of a new *plan*, but not over what somebody has typed."""
    if plan._origin or _typed(plan):
        return
    currency = _company(plan).currency_id
    nothing = {"interest_rate": 0, "fixed_fee": 0, "fee_currency_id": currency.id}
    plan.update(nothing | suggested(plan))


def _typed(plan):
    """Whether it has something else than no interest, or what another law gives."""
    rates = {0.0} | {float(law.rate) for law in laws().values()}
    fees = {0.0} | {float(law.fees[0]) for law in laws().values() if law.fees}
    return plan.interest_rate not in rates or plan.fixed_fee not in fees


def _differs(plan, values):
    """Whether *plan* has others than these *values*."""
    currency = values.get("fee_currency_id", plan.fee_currency_id.id)
    amounts = (name for name in ("interest_rate", "fixed_fee") if name in values)
    return plan.fee_currency_id.id != currency or any(
        float_compare(plan[name], values[name], precision_digits=2) for name in amounts
    )


def _told(plan, law):
    env, country = plan.env, _company(plan).country_id
    today = fields.Date.context_today(plan)
    gives = texts.what_it_gives(env, law, country.name, _currency(plan, law))
    return Markup('<p class="mb-1">%s %s</p><p class="mb-0 text-muted">%s %s</p>') % (
        gives,
        _link(law.source, law.name),
        texts.what_to_heed(env, law, today),
        law.reference and _link(law.published_at, env._("The rate of today")) or "",
    )


def _link(url, words):
    link = Markup('<a href="%s" target="_blank" rel="noopener">%s</a>')
    return link % (url, words)


def _law(plan):
    return law_of(_company(plan).country_id.code or "")


def _company(plan):
    return plan.company_id or plan.env.company


def _currency(plan, law):
    """Of its fee, active or not; empty if there is no fee."""
    currencies = plan.env["res.currency"].with_context(active_test=False)
    return currencies.search([("name", "=", law.currency)], limit=1)
