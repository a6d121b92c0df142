"""Decides what the address of the list asks for, and how the same is said to the database: which groups, and which of them."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, InvalidOperation
from typing import Any, NamedTuple
from uuid import UUID

from django.http import QueryDict

from goodterms.invoicing.seeking import LAST, found
from goodterms.parties.rules import fold
from goodterms.values.days import NEVER
from goodterms.values.money import MINOR_MAX
from goodterms.values.refusal import Refused
from goodterms.values.typed import without_commas

LATELY = timedelta(days=35)
FEW = 2_000  # invoices that are read to pick from; of more, each group looks for its own in its index
GROUPS: Mapping[str, str] = {  # in the order of what they ask of us
    "finish": "To finish",
    "late": "Late",
    "ahead": "Not yet late",
    "settled": "Settled",
    "credit": "Credit notes",
    "void": "Void",
}
SHOWS: Mapping[str, tuple[str, tuple[str, ...]]] = {  # what the sentence shows, and of which groups it is
    "current": ("open, or settled lately", ("finish", "late", "ahead", "settled")),
    "open": ("open", ("late", "ahead")),
    "late": ("late", ("late",)),
    "week": ("expected this week", ("late", "ahead")),
    "asked": ("in question or dispute", ("late", "ahead", "settled")),
    "held": ("held", ("finish", "late", "ahead")),
    "approve": ("to approve", ("finish",)),
    "finish": ("drafts and approved", ("finish",)),
    "settled": ("settled", ("settled",)),
    "credit": ("credit notes", ("credit",)),
    "void": ("void", ("void",)),
    "all": ("all", tuple(GROUPS)),
}
VIEWS = {
    "current": "Open and lately settled", "open": "Open", "late": "Late", "week": "Expected this week",
    "asked": "Question or dispute", "approve": "To approve",
}  # fmt: skip


class Wish(NamedTuple):
    """What is asked of the list. Amounts are in major units, and mean the currency when one is named, else each one's own."""

    show: str = "current"
    words: str = ""
    customer: str = ""  # the begin of a name, a number, or a key
    currency: str = ""
    due_from: date | None = None
    due_until: date | None = None
    least: Decimal | None = None
    most: Decimal | None = None
    after: str = ""

    @property
    def groups(self) -> tuple[str, ...]:
        return SHOWS[self.show][1]

    def address(self, **other: Any) -> str:
        """`?show=late&customer=…`: only what is asked for; without the place in the list."""
        wanted = self._replace(after="", **other)
        given = QueryDict(mutable=True)
        for name, value in zip(_NAMES, wanted, strict=True):
            if value not in ("", None) and (name, value) != ("show", "current"):
                given[name] = value.isoformat() if isinstance(value, date) else str(value)
        return f"?{given.urlencode()}" if given else "?"


_NAMES = ("show", "q", "customer", "currency", "from", "until", "least", "most", "after")


def asked(given: Mapping[str, str]) -> Wish:
    """The wish in an address. What is no day or sum is refused in words; an unknown word of ours is left out."""
    show, currency = given.get("show", ""), given.get("currency", "").upper()
    return Wish(
        show if show in SHOWS else "current",
        given.get("q", "").strip()[:100],
        given.get("customer", "").strip()[:100],
        currency if len(currency) == 3 and currency.isalpha() and currency.isascii() else "",
        _day(given.get("from", "")),
        _day(given.get("until", "")),
        _sum(given.get("least", "")),
        _sum(given.get("most", "")),
        given.get("after", "")[:120],
    )


class Said(NamedTuple):
    """A wish as SQL: the condition on `i` beside that of the group, and what fills it. `is_cut`: the words mean more
    invoices than were looked at. `few`: they mean so few that these are read once, and each group is picked from them."""

    condition: str
    given: dict[str, Any]
    is_cut: bool = False
    few: bool = False


def said(wish: Wish, vendor_id: UUID, today: date, most: int | None = None) -> Said:
    """What the words mean is looked up first, `most` of it at most: one query, where there are words."""
    given: dict[str, Any] = {
        "vendor": vendor_id, "today": today, "never": NEVER, "week": today + timedelta(days=7 - today.isoweekday()),
        "since": today - LATELY if wish.show == "current" else date.min, "currency": wish.currency,
        "from_on": wish.due_from, "until_on": wish.due_until,
    }  # fmt: skip
    parts = ["i.vendor_id = %(vendor)s", *([_ONLY[wish.show]] if wish.show in _ONLY else [])]
    parts += [sql for column, sql in _PLAIN.items() if given[column]]
    keys = found(vendor_id, wish.words, most)
    if keys is not None:
        parts.append("i.id = any(%(keys)s::uuid[])")
        given["keys"] = f"{{{','.join(map(str, keys))}}}"  # the driver would look at each of them, in each statement
    for part, more in (_of_customer(wish.customer), *_between(wish)):
        if part:
            parts.append(part)
            given |= more
    many = len(keys or ())
    return Said(" and ".join(parts), given, most is not None and 0 < most <= many, keys is not None and many <= FEW)


def _of_customer(customer: str) -> tuple[str, dict[str, Any]]:
    if not customer:
        return "", {}
    try:
        return "i.customer_id = %(customer)s", {"customer": UUID(customer)}
    except ValueError:
        folded = fold(customer)
        return _CUSTOMER, {"begin": folded, "end": folded + LAST, "customer_number": customer}


def _between(wish: Wish) -> list[tuple[str, dict[str, Any]]]:
    """A sum in the address is in major units, of whatever currency the invoice has: it is said in minor units of each, so
    that a hundred thousand of them are compared as whole numbers."""
    limits = [(wish.least, ">=", "least", ROUND_CEILING), (wish.most, "<=", "most", ROUND_FLOOR)]
    return [
        (
            f"i.total_minor {sign} {_IN_UNITS.format(name=name)}",
            {f"{name}{unit}": int((amount * unit).to_integral_value(way)) for unit in (1, 100, 1000)},
        )
        for amount, sign, name, way in limits
        if amount is not None
    ]


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written.strip() else None
    except ValueError as odd:
        raise Refused(f"“{written[:40]}” is not a day like 2026-12-01.", code="form", field="from") from odd


def _sum(written: str) -> Decimal | None:
    plain = without_commas(written)
    if not plain:
        return None
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        amount = Decimal("NaN")
    if amount.is_finite() and 0 <= amount < MINOR_MAX:
        return amount
    raise Refused(f"“{written[:40]}” is not an amount like 1,250.00.", code="form", field="least")


# ISO 4217: how many of the smallest unit make one, where that is not a hundred.
_IN_UNITS = """case when i.currency in ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI',
  'VND', 'VUV', 'XAF', 'XOF', 'XPF') then %({name}1)s::bigint
  when i.currency in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') then %({name}1000)s::bigint
  else %({name}100)s::bigint end"""
_PLAIN = {
    "currency": "i.currency = %(currency)s",
    "from_on": "i.due_on >= %(from_on)s",
    "until_on": "i.due_on <= %(until_on)s",
}
_CUSTOMER = """i.customer_id in (select c.id from parties_customer c where c.vendor_id = %(vendor)s
  and (c.folded >= %(begin)s and c.folded < %(end)s or c.number = %(customer_number)s))"""
HELD = """invoicing_hold h where h.vendor_id = %(vendor)s and h.ended_at is null
  and (h.until_on is null or h.until_on >= %(today)s) and h.from_on <= %(today)s and h.reason in ({reasons})"""
ASKED = "'disputed', 'question_open'"
_HELD = f"i.id in (select h.invoice_id from {HELD})"
_ONLY = {
    "week": """(i.due_on between %(today)s and %(week)s and not exists (select from conversations_promise p
      where p.invoice_id = i.id and p.ended_at is null and p.judged_at is null) or i.id in (select p.invoice_id
      from conversations_promise p where p.vendor_id = %(vendor)s and p.ended_at is null and p.judged_at is null
      and p.promised_on between %(today)s and %(week)s))""",
    "asked": _HELD.format(reasons=ASKED),
    "held": _HELD.format(reasons="'manual'"),
    "approve": "i.approved_at is null",
}
