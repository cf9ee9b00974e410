"""The table of late-payment laws is well-formed, and says what is published."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from account_email_connector.rules import Reference, law_of, laws
from account_email_connector.rules.late_payment import half_year, rows

LAWS = list(rows("late_payment.csv"))
RATES = list(rows("reference_rates.csv"))
URL = re.compile(r"https?://[^ ]+\.[a-z]+/\S*")
#: The European Union; of Slovakia's two rates it is not certain which goes first.
UNION = set(
    re.findall(
        "[A-Z]{2}",
        "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI"
        " SK",
    )
)
#: Rates of the first half of 2026, as they were published there:
PUBLISHED = {
    # https://www.steuerprofis.de/issue/bundesbank-dieser-basiszinssatz-gilt-seit-dem-1-1-2026
    "DE": "10.27",
    # https://news.avvocatoandreani.it/articoli/interessi-mora-pubblicato-tasso-primo-semestre-2026-108468.html
    "IT": "10.15",
    # https://www.lexpoint.pt/conteudos/993/143513/noticias/juros-moratorios-do-1o-semestre-2026
    "PT": "10.15",
    # https://embuild.be/fr/actualit%C3%A9s/le-retard-de-paiement-le-taux-dint%C3%A9r%C3%AAt-applicable-en-2026
    "BE": "10.50",
    # https://www.sttinfo.fi/tiedote/71709487/korkolain-mukainen-viitekorko-ja-viivastyskorot-11-3062026?lang=fi
    "FI": "10.50",
    # https://www.kred.no/uncategorized/forsinkelsesrente-og-standardkompensasjon-for-inndrivelseskostnader-fra-1-januar-2026
    "NO": "12.00",
}


def country_of(row):
    return row["country"]


def name_of(row):
    return row["reference"]


def check_dates_and_sources(row):
    assert None not in row and None not in row.values()
    assert all(text == text.strip() for text in row.values())
    assert dt.date.fromisoformat(row["checked"]) >= dt.date(2026, 11, 29)
    urls = row["source"].split()
    assert urls and all(URL.fullmatch(url) for url in urls)


@pytest.mark.parametrize("row", LAWS, ids=country_of)
def test_a_law(row):
    check_dates_and_sources(row)
    assert re.fullmatch("[A-Z]{2}", row["country"]) and row["law"]
    assert not row["reference"] or row["reference"] in set(Reference)
    assert bool(row["fees"]) == bool(re.fullmatch("[A-Z]{3}", row["currency"]))
    law = law_of(row["country"])
    assert list(law.fees) == sorted(set(law.fees))
    assert 5 <= law.rate <= 20


@pytest.mark.parametrize("row", RATES, ids=name_of)
def test_a_reference(row):
    check_dates_and_sources(row)
    assert -1 < Decimal(row["value"]) < 10
    since = dt.date.fromisoformat(row["since"])
    assert since == half_year(since), "it is of a half-year"
    assert since <= dt.date.fromisoformat(row["checked"]), "nobody knows that yet"


def test_each_reference_has_one_line_and_a_law_that_refers_to_it():
    names = [row["reference"] for row in RATES]
    assert names == sorted(Reference)
    assert set(names) == {law.reference for law in laws().values() if law.reference}


def test_each_country_has_one_line():
    countries = [row["country"] for row in LAWS]
    assert countries == sorted(set(countries))
    assert UNION - set(countries) == {"SK"}
    assert law_of("US") is None


@pytest.mark.parametrize("country", sorted(UNION - {"SK"}))
def test_the_union_has_a_minimum(country):
    """Eight points and 40 euro: https://eur-lex.europa.eu/eli/dir/2011/7/oj"""
    law = law_of(country)
    assert law.reference and law.points >= 8
    in_euro = {"EUR": 1, "CZK": 25, "DKK": Decimal("7.5"), "SEK": Decimal("11.5")}
    assert law.fees[0] / in_euro[law.currency] >= 39


@pytest.mark.parametrize(("country", "rate"), PUBLISHED.items())
def test_the_sum_is_what_is_published(country, rate):
    law = law_of(country)
    assert law.since == dt.date(2026, 1, 1), "look up what is published now"
    assert law.rate == Decimal(rate)


@pytest.mark.parametrize(
    ("country", "points", "fees", "currency"),
    [
        ("DE", "9", "40", "EUR"),
        ("FR", "10", "40", "EUR"),
        ("AT", "9.2", "40", "EUR"),
        ("NL", "8", "40", "EUR"),
        ("GB", "8", "40 70 100", "GBP"),
        ("DK", "8", "310", "DKK"),
        ("CZ", "8", "1200", "CZK"),
        ("SE", "8", "450", "SEK"),
        ("NO", "8", "460", "NOK"),
        ("PL", "10", "40 70 100", "EUR"),
    ],
)
def test_what_a_law_says(country, points, fees, currency):
    law = law_of(country)
    assert (law.points, law.currency) == (Decimal(points), currency)
    assert law.fees == tuple(map(Decimal, fees.split()))


def test_a_fixed_rate_without_a_fee():
    law = law_of("CH")
    assert (law.rate, law.fees, law.reference) == (5, (), None)
    assert not law.is_outdated(dt.date(2040, 1, 1))


def test_a_half_year_later_it_is_outdated():
    law = law_of("DE")._replace(since=dt.date(2026, 1, 1))
    assert not law.is_outdated(dt.date(2026, 6, 30))
    assert law.is_outdated(dt.date(2026, 7, 1))


def test_rounded_up():
    law = law_of("FI")
    assert law._replace(value=Decimal("2.00")).rate == 10
    assert law._replace(value=Decimal("2.01")).rate == Decimal("10.5")
    assert law._replace(value=Decimal("-0.10")).rate == 8
