"""The interest and fee that the law of the company's country gives: for a new plan.

A shared plan is every company's: by itself it gets them if all are in one country. Who
counts them has to have the right to see all companies.
"""

from markupsafe import Markup

from odoo import api, fields
from odoo.tools import float_compare

from ...rules import law_of, laws
from ...texts import late_payment as texts


@api.depends("company_id", "interest_rate", "fixed_fee", "fee_currency_id")
@api.depends_context("company", "lang")
def tell(plans):
    """Say what the law is, whose, and whether the plan has something else (computed as
    superuser)."""
    companies = everybody(plans.env)
    for plan in plans:
        law = _law(plan)
        plan.by_law = law and _whose(plan, companies) + _told(plan, law)
        plan.differs_from_law = _differs(plan, suggested(plan))


def suggested(plan):
    """The values that *plan* has by the law of its company's country, else of the
    company in use; empty if no law is known. Without a fee where its currency is not
    active: nobody could invoice it.

    :param plan: ``account.email.followup.plan``, perhaps new, with the right to see all
        companies.
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


def everybody(env):
    """The active companies, all of them: a shared plan may be each one's.

    :param env: with the right to see all companies.
    """
    return env["res.company"].search([("active", "=", True)])


def propose(plan, companies):
    """Put it into the form of a new *plan*, but not over what somebody has typed, nor
    for companies in several countries.

    :param plan: the user's.
    :param companies: of :func:`everybody`.
    """
    if plan._origin or _typed(plan):
        return
    seen = plan.with_env(companies.env)
    currency = _company(seen).currency_id
    nothing = {"interest_rate": 0, "fixed_fee": 0, "fee_currency_id": currency.id}
    one_law = seen.company_id or not _abroad(seen, companies)
    plan.update(nothing | (suggested(seen) if one_law else {}))


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


def _whose(plan, companies):
    """Whose law it is, if other companies that have the plan are elsewhere."""
    if plan.company_id or not _abroad(plan, companies):
        return Markup()
    words = plan.env._(
        "By the law of the country of %(company)s. This plan serves %(count)s "
        "companies, and not all are there.",
        company=_company(plan).name,
        count=len(companies),
    )
    return Markup('<p class="mb-1"><strong>%s</strong></p>') % words


def _abroad(plan, companies):
    """Those that are in another country than the company whose law it is."""
    here = _country(_company(plan))
    return companies.filtered(lambda company: _country(company) != here)


def _told(plan, law):
    env, country = plan.env, _country(_company(plan))
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
    return law_of(_country(_company(plan)).code or "")


def _country(company):
    """A branch without an address is where its company is."""
    return company.country_id or company.root_id.country_id


def _company(plan):
    return plan.company_id or plan.env.company


def _currency(plan, law):
    """Of its fee, active or not; empty if there is no fee."""
    currencies = plan.env["res.currency"].with_context(active_test=False)
    return currencies.search([("name", "=", law.currency)], limit=1)
