"""Decides what a printed receipt says: thanks first, then what the payment settled and what became of the rest."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from goodterms.papers.letterhead import Firm, To, day_and_month, figures, full_day, in_words, letterhead, parted, soft
from goodterms.papers.words import words
from goodterms.values.money import Money


class Settled(NamedTuple):
    """One invoice that the payment settled, all of it or in part. Figures stand under one currency."""

    number: str
    work: str
    issued_on: date | None
    order_number: str
    total: str
    paid: str
    discount: str
    left: str
    withheld: str = ""  # kept back for the tax office


def data(
    *,
    firm: Firm,
    to: To,
    received_on: date,
    method: str,
    reference: str,
    paid: Money,
    works: str,
    settled: Sequence[Settled],
    kept: Money,
    back: Money,
    sender: str,
    language: str,
    greeting: str = "",
) -> dict[str, Any]:
    """What typst/receipt.typ sets. `method` in words; `kept` settles nothing yet, `back` was given back; `sender` signs;
    `greeting` as the letter with it greets, else by name."""
    said, day = words(language)["receipt"], full_day(received_on, language)
    facts = [(said["received"], day), (said["by"], method)]
    if reference:
        facts.append((said["reference"], reference))
    head = letterhead(
        firm=firm, to=to, kind=said["kind"], title=in_words(said["title"], {"firm": firm.name, "day": day}),
        number="", facts=facts, on=received_on, language=language,
    )  # fmt: skip
    before, _, after = (said["thanks_for"] if works else said["thanks"]).partition("{amount}")
    rows = [_row(one, language) for one in settled]
    rows += [[said["kept"], said["kept_small"], "", figures(kept, language), ""]] if kept.minor else []
    rows += [[said["back"], "", "", figures(back, language), ""]] if back.minor else []
    return head | {
        "said": dict(said),
        "greeting": greeting or (in_words(said["dear"], {"name": to.contact}) if to.contact else said["hello"]),
        "thanks": [before, parted(paid, language), in_words(after, {"work": works})],
        "rows": rows,
        "paid": parted(paid, language),
        "signature": sender,
    }


def _row(one: Settled, language: str) -> list[str]:
    said = words(language)["receipt"]
    small = [one.number] if one.work else []
    if one.issued_on:
        small.append(in_words(said["issued"], {"day": day_and_month(one.issued_on, language)}))
    if one.order_number:
        small.append(in_words(said["order"], {"number": one.order_number}))
    if one.discount:
        small.append(in_words(said["discount"], {"amount": one.discount}))
    if one.withheld:
        small.append(in_words(said["withheld"], {"amount": one.withheld}))
    return [soft(one.work or one.number), soft(", ".join(small)), one.total, one.paid, one.left]
