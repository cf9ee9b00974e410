"""What a law gives a seller whose customer, another business, pays late.

``late_payment.csv`` has a line for each country, of those only that are certain.
Its columns, between semicolons:

- ``country``: of the seller, as ISO 3166-1 names it
- ``law``: as one quotes it there
- ``reference``: a key of :class:`Reference`; empty: the rate is fixed
- ``points``: that the yearly rate is above it, or the fixed rate itself, in per cent
- ``rounded_up_to``: the reference counts rounded up to a multiple of this
- ``fees``, ``currency``: the fixed sum for each late invoice; several: for small debts,
  and for larger ones
- ``source``: the law, then where its rate and sum were seen; ``checked``: when

The references change each half-year, so they are apart, in ``reference_rates.csv``:
``value`` in per cent, for the half-year that begins on the day ``since``. What is not
known of a later half-year is not guessed: see :meth:`Law.is_outdated`.
"""

import csv
import datetime as dt
from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal
from enum import Enum
from functools import cache
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent


class Reference(str, Enum):
    """A rate that a central bank publishes, and laws refer to."""

    BNR = "bnr"
    BUNDESBANK = "bundesbank"
    CNB = "cnb"
    ECB = "ecb"
    ENGLAND = "england"
    MNB = "mnb"
    NATIONALBANKEN = "nationalbanken"
    NBP = "nbp"
    NORGES_BANK = "norges_bank"
    OENB = "oenb"
    RIKSBANK = "riksbank"


class Law(NamedTuple):
    """Late-payment interest between businesses, and the fixed fee, in a country."""

    country: str
    name: str
    source: str  #: its URL
    points: Decimal  #: above the reference, if there is one
    reference: Reference | None = None
    value: Decimal = Decimal(0)  #: of the reference, in per cent
    since: dt.date | None = None  #: the first day of the half-year that it is for
    published_at: str = ""  #: the URL where the reference is published
    rounded_up_to: Decimal | None = None
    fees: tuple[Decimal, ...] = ()  #: for each late invoice, for small debts first
    currency: str = ""  #: of the fees, ISO 4217

    @property
    def rate(self) -> Decimal:
        """Per cent a year."""
        value, step = self.value, self.rounded_up_to
        if step:
            value = (value / step).to_integral_value(ROUND_CEILING) * step
        return value + self.points

    def is_outdated(self, today: dt.date) -> bool:
        """Whether a half-year has begun of which the reference is not known here."""
        return self.since is not None and self.since < half_year(today)


def law_of(country: str) -> Law | None:
    """The law of the seller's country, by its ISO code; None if none is listed."""
    return laws().get(country)


@cache
def laws() -> dict[str, Law]:
    """All of them, by country."""
    references = {row["reference"]: row for row in rows("reference_rates.csv")}
    return {row["country"]: _law(row, references) for row in rows("late_payment.csv")}


def rows(name: str) -> Iterator[dict[str, str]]:
    """The lines of one of the two files."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter=";", strict=True)


def half_year(day: dt.date) -> dt.date:
    """The first day of its half-year.

    The reference of that day counts for all of it (directive 2011/7/EU, article 3 (3)):
    https://eur-lex.europa.eu/eli/dir/2011/7/oj

    >>> half_year(dt.date(2026, 11, 29))
    datetime.date(2026, 7, 1)
    """
    return day.replace(month=1 if day.month < 7 else 7, day=1)


def _law(row: dict[str, str], references: dict[str, dict[str, str]]) -> Law:
    step = row["rounded_up_to"]
    law = Law(
        country=row["country"],
        name=row["law"],
        source=row["source"].split()[0],
        points=Decimal(row["points"]),
        rounded_up_to=Decimal(step) if step else None,
        fees=tuple(map(Decimal, row["fees"].split())),
        currency=row["currency"],
    )
    if not row["reference"]:
        return law
    reference = references[row["reference"]]
    return law._replace(
        reference=Reference(row["reference"]),
        value=Decimal(reference["value"]),
        since=dt.date.fromisoformat(reference["since"]),
        published_at=reference["source"].split()[0],
    )
