"""Decides what the trade's shorthand for terms means: "2/10 net 30", "15 prox", "EOM + 30", "50% on receipt, 50% net 30"."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from goodterms.terms.rules.agreed import DayOfMonth, Days, Discount, MonthEnd, Ops, Part, Supply, Terms
from goodterms.values.refusal import Refused

TEXT_MAX = 200  # what is longer is a sentence, not shorthand
Reading = Literal["month_end_first", "days_first"]

_SUPPLY: Mapping[str, Supply] = {
    **dict.fromkeys(("cia", "cash in advance", "pia", "payment in advance", "prepaid", "prepayment"), "before"),
    **dict.fromkeys(("cwo", "cash with order", "cbd", "cash before delivery", "cbs", "cash before shipment"), "before"),
    **dict.fromkeys(("cod", "cash on delivery", "payment on delivery"), "with"),
}
_UNKNOWABLE: Mapping[str, str] = {
    "rog": "counts from the receipt of goods, a day that no invoice carries",
    "cnd": "waits for the next delivery, a day that no invoice carries",
    "1md": "asks for payment by a month's supply, not by invoice",
    "2md": "asks for payment by a month's supply, not by invoice",
    "contra": "sets off what each side owes the other",
    "stage payment": "needs its stages",
}
_DISCOUNT = re.compile(r"(\d+(?:\.\d+)?) ?%? ?(?:/|in | )? ?(\d+)(?: days?)?(?: (eom|prox|mfi))?(?= |$)")
_AT_ONCE = re.compile(r"(?:due |payable )?(?:up)?on receipt|immediate(?:ly)?|cash|net 0(?: days)?")
_NET = re.compile(r"(?:net|n) ?/? ?(\d+)(?: days?)?|(\d+) days?(?: net)?")
_MONTH_END = re.compile(r"(?:net )?eom")
_PROX = re.compile(r"(?:net )?(\d+)(?:st|nd|rd|th)? (?:prox|mfi|of (?:the )?(?:following|next) month)|(?:net )?prox (\d+)")
_AFTER_MONTH_END = re.compile(r"(?:net )?eom ?([+-]) ?(\d+)(?: days?)?")
_THEN_MONTH_END = re.compile(r"(?:net )?(\d+)(?: days?)? then eom")
_TWO_READINGS = re.compile(r"(?:net |n/)?(\d+)(?: days?)? eom")
_PART = re.compile(r"(\d+(?:\.\d+)?)% (?!\d)(.+)")


def parse(text: str, reading: Reading | None = None) -> Terms:
    """The terms that `text` writes; everything it does not say has the default of `Terms`.

    Refuses what it does not know, and "30 EOM", which the trade reads in two ways, unless `reading` says which was meant.
    """
    plain = _plain(text[:TEXT_MAX])
    if plain in _SUPPLY:
        return Terms(due=(), supply=_SUPPLY[plain])
    for word, why in _UNKNOWABLE.items():
        if re.search(rf"\b{word}\b", plain):
            raise Refused(f"{text!r} {why}. Write days from the invoice date, or instalments.", code="notation")
    parts = _parts(plain, reading)
    if parts:
        return Terms(due=parts[-1].due, instalments=parts)
    discounts, rest = _discounts(plain, reading)
    due = _due(rest, reading)
    if due is None:
        raise Refused(
            f"{text!r} is not a way of writing terms that is known here. "
            "Write it like: net 30, 2/10 net 30, EOM + 15, 15 prox, due on receipt.",
            code="notation",
        )
    return Terms(due=due, discounts=discounts)


def readings(text: str) -> dict[Reading, Terms]:
    """What an ambiguous notation can mean, to be shown with its dates; one and the same terms twice when it is clear."""
    return {"month_end_first": parse(text, "month_end_first"), "days_first": parse(text, "days_first")}


def written(terms: Terms) -> str:
    """The shorthand of their days, parts and discounts, as `parse` reads it; empty where there is none that says all of it."""
    if terms.supply != "after":
        words = {"before": "cash in advance", "with": "cash on delivery"}[terms.supply]
    elif terms.instalments:
        words = ", ".join(f"{part.percent.normalize():f}% {_rule(part.due)}" for part in terms.instalments)
    else:
        words = " ".join([*(_tier(one) for one in terms.discounts), _rule(terms.due)])
    try:
        said = parse(words)
    except Refused:
        return ""
    wanted = (terms.due, terms.supply, terms.instalments, terms.discounts)
    return words if (said.due, said.supply, said.instalments, said.discounts) == wanted else ""


def _tier(one: Discount) -> str:
    """`2/10`, `2/15 prox`."""
    percent, rule = f"{one.percent.normalize():f}", _rule(one.until)
    return f"{percent}/{rule.removeprefix('net ')}"


def _rule(ops: Ops) -> str:
    match ops:
        case ():
            return "on receipt"
        case (Days(n),):
            return f"net {n}"
        case (MonthEnd(),):
            return "EOM"
        case (MonthEnd(), DayOfMonth(n)):
            return f"{n} prox"
        case (MonthEnd(), Days(n)):
            return f"EOM {'-' if n < 0 else '+'} {abs(n)}"
        case (Days(n), MonthEnd()):
            return f"{n} days then EOM"
    return ""


def _plain(text: str) -> str:
    """Lower case, one space between words, the long names short."""
    plain = text.lower().replace("per cent", "%").replace("percent", "%").replace("following month", "next month")
    plain = re.sub(r"\bend of (?:the )?(?:invoice )?month\b|\bmonth[ -]end\b|\be\.o\.m\.?", "eom", plain)
    plain = re.sub(r"\bproximo\b|\bprox\.", "prox", plain)
    plain = re.sub(r"(\d+) days? (?:after|from) eom", r"eom + \1", plain)
    plain = re.sub(r"(\d+) days? before eom", r"eom - \1", plain)
    plain = re.sub(r"\b(\d+)(?: days?)?,? (?:then|to) (?:the )?eom\b", r"\1 then eom", plain)
    plain = re.sub(r"(\d) %", r"\1%", plain)
    return re.sub(r"\s+", " ", plain).strip(" .")


def _parts(plain: str, reading: Reading | None) -> tuple[Part, ...]:
    """Instalments, when every piece is a percentage and a due rule."""
    found = [_PART.fullmatch(piece.strip()) for piece in re.split(r"[,;]| and ", plain)]
    rules = [(match[1], _due(match[2], reading)) for match in found if match]
    parts = tuple(Part(Decimal(percent), due) for percent, due in rules if due is not None)
    return parts if len(found) == len(parts) > 1 else ()


def _discounts(plain: str, reading: Reading | None) -> tuple[tuple[Discount, ...], str]:
    """The early-payment tiers in front, and what follows them."""
    tiers: list[Discount] = []
    rest = plain
    while (match := _DISCOUNT.match(rest.replace(",", " ").lstrip())) and _is_tier(match):
        percent, number, month = match.groups()
        due = _due(f"{number} {month}" if month else f"net {number}", reading)
        assert due is not None
        tiers.append(Discount(Decimal(percent), due))
        rest = re.sub(r"\s+", " ", rest.replace(",", " ")).lstrip()[match.end() :].lstrip()
    return tuple(tiers), rest if tiers else plain


def _is_tier(match: re.Match[str]) -> bool:
    return "/" in match[0] or "%" in match[0]


def _due(plain: str, reading: Reading | None) -> Ops | None:
    """The due rule, None when it is not known."""
    if _AT_ONCE.fullmatch(plain):
        return ()
    if _MONTH_END.fullmatch(plain):
        return (MonthEnd(),)
    if match := _NET.fullmatch(plain):
        return (Days(int(match[1] or match[2])),)
    if match := _PROX.fullmatch(plain):
        return (MonthEnd(), DayOfMonth(int(match[1] or match[2])))
    if match := _AFTER_MONTH_END.fullmatch(plain):
        return (MonthEnd(), Days(int(match[1] + match[2])))
    if match := _THEN_MONTH_END.fullmatch(plain):
        return (Days(int(match[1])), MonthEnd())
    if match := _TWO_READINGS.fullmatch(plain):
        return _one_reading(plain, int(match[1]), reading)
    return None


def _one_reading(plain: str, days: int, reading: Reading | None) -> Ops:
    if reading is None:
        raise Refused(
            f"“{plain}” is read in two ways: “EOM + {days}”, {days} days after the end of the invoice month; or "
            f"“{days} days then EOM”, the end of the month that {days} days from the invoice date lead to. "
            "Write the one that was agreed.",
            code="ambiguous",
        )
    return (MonthEnd(), Days(days)) if reading == "month_end_first" else (Days(days), MonthEnd())
