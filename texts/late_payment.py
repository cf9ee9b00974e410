"""What is told of a country's law about late payment, beside a plan's interest."""

from odoo.tools import format_list, formatLang
from odoo.tools.translate import LazyTranslate

from ..rules import Reference
from ..rules.late_payment import half_year
from .days import in_words

_lt = LazyTranslate(__name__)

REFERENCES = {
    Reference.BNR: _lt("the policy rate of the National Bank of Romania"),
    Reference.BUNDESBANK: _lt("the base rate of the Bundesbank"),
    Reference.CNB: _lt("the repo rate of the Czech National Bank"),
    Reference.ECB: _lt("the main refinancing rate of the European Central Bank"),
    Reference.ENGLAND: _lt("the base rate of the Bank of England"),
    Reference.MNB: _lt("the base rate of the National Bank of Hungary"),
    Reference.NATIONALBANKEN: _lt("the lending rate of Danmarks Nationalbank"),
    Reference.NBP: _lt("the reference rate of the National Bank of Poland"),
    Reference.NORGES_BANK: _lt("the policy rate of Norges Bank"),
    Reference.OENB: _lt("the base rate of the National Bank of Austria"),
    Reference.RIKSBANK: _lt("the reference rate of the Riksbank"),
}


def what_it_gives(env, law, country, currency):
    """Interest and fee, and how they are made, in the language of *env*.

    :param law: :class:`~..rules.Law`
    :param country: its name.
    :param currency: of its fees, ``res.currency``; empty: there is none, or Odoo has
        not that currency.
    """
    sentences = [_interest(env, law, country), *_fees(env, law, currency)]
    return " ".join(sentences)


def what_to_heed(env, law, today):
    """What one has to check before using it."""
    sentences = []
    if law.is_outdated(today):
        sentences.append(
            env._(
                "The rate changes each half-year: since %(day)s another may hold.",
                day=in_words(env, half_year(today)),
            )
        )
    elif law.reference:
        sentences.append(env._("The rate changes each half-year."))
    sentences.append(
        env._("Check whether it still holds, and what you and your customers agreed.")
    )
    return " ".join(sentences)


def _interest(env, law, country):
    rate = _number(env, law.rate, 2)
    if not law.reference:
        return env._(
            "%(country)s, between businesses: %(rate)s%% a year.",
            country=country,
            rate=rate,
        )
    values = {
        "country": country,
        "rate": rate,
        "points": _number(env, law.points, 1).rstrip("0").rstrip(".,"),
        "reference": REFERENCES[law.reference],
        "value": _number(env, law.value, 2),
        "day": in_words(env, law.since),
    }
    if law.rounded_up_to:
        return env._(
            "%(country)s, between businesses: %(rate)s%% a year, %(points)s points "
            "above %(reference)s, rounded up to half a point (%(value)s%% on "
            "%(day)s).",
            **values,
        )
    return env._(
        "%(country)s, between businesses: %(rate)s%% a year, %(points)s points above "
        "%(reference)s (%(value)s%% on %(day)s).",
        **values,
    )


def _fees(env, law, currency):
    if not law.fees:
        return
    fee, *larger = (_amount(env, fee, law, currency) for fee in law.fees)
    if larger:
        larger = format_list(env, larger, style="or")
        yield env._(
            "For each late invoice %(fee)s, for larger ones %(larger)s.",
            fee=fee,
            larger=larger,
        )
    else:
        yield env._("For each late invoice %(fee)s.", fee=fee)
    if not currency.active:
        yield env._(
            "The currency %(currency)s is not active: the fee is left out.",
            currency=law.currency,
        )


def _amount(env, fee, law, currency):
    if currency:
        return formatLang(env, float(fee), currency_obj=currency)
    return f"{_number(env, fee, 2)} {law.currency}"


def _number(env, value, digits):
    return formatLang(env, float(value), digits=digits)
