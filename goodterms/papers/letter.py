"""Decides what a letter on paper says around its words: a reminder with what is open and three ways out, or a welcome."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from goodterms.papers.letterhead import Firm, To, full_day, in_words, letterhead, parted, soft, weekday_and_day
from goodterms.papers.slip import Slip, slip_data
from goodterms.papers.words import words
from goodterms.values.money import Money


class Open(NamedTuple):
    """An invoice that the letter speaks of. `firm` where it speaks for several."""

    work: str
    number: str
    firm: str
    due_on: date
    open: Money


class Said(NamedTuple):
    """The words, as they were chosen by tone and language. `subject` stands above them in bold."""

    subject: str
    greeting: str
    paragraphs: Sequence[str]
    after: Sequence[str]  # below what is open
    closing: str
    signature: str


class Section(NamedTuple):
    head: str
    sentences: Sequence[str]


def data(
    *,
    firm: Firm,
    to: To,
    on: date,
    said: Said,
    language: str,
    kind: str = "",
    open: Sequence[Open] = (),
    sections: Sequence[Section] = (),
    slip: Slip | None = None,
) -> dict[str, Any]:
    """What typst/letter.typ sets."""
    phrases = words(language)["letter"]
    title = in_words(phrases["title"], {"subject": said.subject, "firm": firm.name})
    head = letterhead(firm=firm, to=to, kind=kind, title=title, number="", facts=(), on=on, language=language)
    return head | {
        "date": weekday_and_day(on, language),
        "subject": said.subject,
        "greeting": said.greeting,
        "paragraphs": list(said.paragraphs),
        "after": list(said.after),
        "closing": said.closing,
        "signature": said.signature,
        "heads": [phrases["what"], phrases["due"], phrases["open"]],
        "rows": [_row(one, language) for one in open],
        "totals": [parted(total, language) for total in _totals(open)] if len(open) > 1 or not slip else [],
        "total": phrases["total"] if len(open) > 1 else phrases["open"],
        "sections": [[one.head, list(one.sentences)] for one in sections],
        "slip": slip_data(slip, language) if slip else None,
    }


def _row(one: Open, language: str) -> list[str]:
    small = ", ".join(filter(None, (one.number if one.work else "", one.firm)))
    return [soft(one.work or one.number), soft(small), full_day(one.due_on, language), "".join(parted(one.open, language))]


def _totals(open: Sequence[Open]) -> list[Money]:
    """One sum for each currency."""
    currencies = dict.fromkeys(one.open.currency for one in open)
    return [Money.total((one.open for one in open if one.open.currency == currency), currency) for currency in currencies]
