"""Decides what a printed statement of account says: lines in time, oldest first, the balance after each, and its age."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from babel.numbers import get_currency_name

from goodterms.delivery.spoken import listed, locale_of
from goodterms.delivery.words import spoken_language
from goodterms.papers.letterhead import (
    Firm,
    To,
    day_and_month,
    day_in_row,
    figures,
    full_day,
    in_words,
    letterhead,
    parted,
    soft,
)
from goodterms.papers.words import words
from goodterms.values.money import Money


class Line(NamedTuple):
    """One move of the balance; either billed or paid."""

    on: date
    words: str
    small: str
    billed: Money | None
    paid: Money | None
    balance: Money


class Year(NamedTuple):
    year: int
    billed: Money
    paid: Money
    other: Money
    balance: Money


class Account(NamedTuple):
    """One currency. `ages`: not yet due, to 30, to 60, and more days late; `kept`: money that settles nothing yet."""

    currency: str
    before: Money
    lines: Sequence[Line]
    balance: Money
    ages: Sequence[Money]
    kept: Money
    years: Sequence[Year]


def data(*, firm: Firm, to: To, accounts: Sequence[Account], first_on: date, last_on: date, language: str) -> dict[str, Any]:
    """What typst/statement.typ sets."""
    said = words(language)["statement"]
    names = [_currency(one.currency, language) for one in accounts]
    last = full_day(last_on, language)
    first = (day_and_month if first_on.year == last_on.year else full_day)(first_on, language)
    facts = [(said["as_of"], last)]
    if names:
        facts.append((said["currency"], listed(names, spoken_language(language)[0])))
    head = letterhead(
        firm=firm, to=to, kind=said["kind"], title=in_words(said["title"], {"firm": firm.name, "day": last}),
        number=in_words(words(language)["to"], {"first": first, "last": last}), facts=facts, on=last_on, language=language,
    )  # fmt: skip
    told = [_account(one, name, first_on, language) for one, name in zip(accounts, names, strict=True)]
    return head | {"said": dict(said), "accounts": told}


def _account(one: Account, name: str, first_on: date, language: str) -> dict[str, Any]:
    said = words(language)["statement"]
    ages = [said[key] for key in ("age_current", "age_30", "age_60", "age_more")]
    aged = list(zip(ages, one.ages, strict=True)) + ([(said["kept"], one.kept)] if one.kept.minor else [])
    return {
        "name": name[:1].upper() + name[1:],
        "rows": [
            [day_in_row(first_on, language), said["before"], "", "", "", figures(one.before, language)],
            *(_row(line, first_on.year, language) for line in one.lines),
        ],
        "balance": parted(one.balance, language),
        "ages": [[words_, figures(money, language)] for words_, money in aged],
        "years": [[str(year.year), *(figures(money, language) for money in year[1:])] for year in one.years],
    }


def _row(line: Line, year: int, language: str) -> list[str]:
    day = day_in_row(line.on, language) if line.on.year == year else full_day(line.on, language)
    sums = (figures(money, language) for money in (line.billed, line.paid, line.balance))
    return [day, soft(line.words), soft(line.small), *sums]


def _currency(code: str, language: str) -> str:
    return str(get_currency_name(code, count=2, locale=locale_of(spoken_language(language)[1])))
