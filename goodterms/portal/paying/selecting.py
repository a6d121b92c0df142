"""Decides which invoices an address or a form chooses and how much of each, and what the choice comes to."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from babel.numbers import get_currency_name
from django.http import Http404, QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from goodterms.delivery.spoken import locale_of
from goodterms.interactions.models import Interaction
from goodterms.papers.codes import Code, transfer_code
from goodterms.parties.models import Vendor
from goodterms.payments.selection import Chosen
from goodterms.portal.door import Visit
from goodterms.values.days import day_in
from goodterms.values.money import Money
from goodterms.values.reference import in_fours, reference_for, shown
from goodterms.values.refusal import Refused

_FIGURES = re.compile(r"[^\d.,\-\u2212]*(\d[\d.,\s]*|[.,]\d+)[^\d.,]*", re.ASCII)  # with a sign of the currency before or after
MOST = 200  # invoices in one press


class Sum(NamedTuple):
    """What is paid in one currency."""

    lines: list[Chosen]
    sum: Money

    @property
    def name(self) -> str:
        """`British pounds`"""
        return str(get_currency_name(self.sum.currency, count=2, locale=locale_of(get_language() or "en")))


class Transfer(NamedTuple):
    """What one copies into a bank for one invoice."""

    to: str
    iban: str
    sort_code: str
    account: str
    amount: Money
    reference: str
    number: str
    code: Code | None


def wanted_of(visit: Visit, said: QueryDict) -> dict[UUID, Money | None]:
    """What was chosen: `invoice` once or more, `amount-…` with the id of one, or `amount` where it is the only one. An
    invoice that this browser may not see is not there."""
    keys = [_uuid(word) for word in dict.fromkeys(said.getlist("invoice"))][:MOST]
    currencies = dict(visit.invoices().filter(id__in=keys, kind="invoice").values_list("id", "currency"))
    if set(keys) - set(currencies):
        raise Http404
    return {key: _amount(_words(said, key, len(keys)), currencies[key]) for key in keys}


def still_to_pay(visit: Visit, wanted: Mapping[UUID, Money | None]) -> tuple[dict[UUID, Money | None], list[str]]:
    """Of a choice, what is open; and the numbers of what is not any more, since the link of a letter may come late."""
    rows = visit.invoices().filter(id__in=list(wanted)).values_list("id", "number", "open_minor")
    settled = {key: number for key, number, open_minor in rows if not open_minor}
    return {key: sum_ for key, sum_ in wanted.items() if key not in settled}, sorted(settled.values())


def query_of(wanted: Mapping[UUID, Money | None], **more: str) -> str:
    """The same choice as an address carries it."""
    words = [("invoice", str(key)) for key in wanted]
    words += [(f"amount-{key}", str(sum_.major)) for key, sum_ in wanted.items() if sum_ is not None]
    return urlencode([*words, *more.items()])


def sums_of(found: Sequence[Chosen]) -> list[Sum]:
    """By currency, in the order of choosing; never added together."""
    by: dict[str, list[Chosen]] = {}
    for one in found:
        by.setdefault(one.price.currency, []).append(one)
    return [Sum(lines, Money.total((one.price for one in lines), currency)) for currency, lines in by.items()]


def transfers_of(found: Sequence[Chosen]) -> list[Transfer]:
    """One for each invoice, to the account that its vendor uses now; none at all where one of them has no account."""
    if any(not (one.vendor.bank.get("iban") or one.vendor.bank.get("account")) for one in found):
        return []
    return [_transfer(one, one.vendor.bank) for one in found]


def unchanged_since(vendors: Sequence[Vendor]) -> list[tuple[str, datetime]]:
    """From when on each vendor's account is what it is, by the log: since it last changed, or since the vendor is here."""
    kinds = ("bank.changed", "vendor.added")
    rows = Interaction.objects.filter(vendor_id__in=[one.id for one in vendors], kind__in=kinds)
    latest = dict(rows.order_by("at").values_list("vendor_id", "at"))  # the last of each stays
    return [(one.name, latest[one.id]) for one in vendors if one.id in latest]


def since_words(visit: Visit, vendors: Sequence[Vendor]) -> list[tuple[str, object]]:
    """As the page says it: one day for all, without a name, where it is the same."""
    known = [(name, day_in(visit.timezone, at)) for name, at in unchanged_since(vendors)]
    if len(known) < len(vendors):
        return []
    return [("", known[0][1])] if len({on for _name, on in known}) == 1 else [(name, on) for name, on in known]


def _transfer(one: Chosen, bank: Mapping[str, str]) -> Transfer:
    to, iban = one.vendor.legal_name or one.vendor.name, bank.get("iban", "")
    reference = reference_for(one.invoice.number, iban)
    has_account = one.price.currency == "GBP" and bank.get("account")
    code = transfer_code(to=to, iban=iban, amount=one.price, reference=reference, bic=bank.get("bic", ""))
    return Transfer(
        to,
        "" if has_account else in_fours("".join(iban.split())),
        bank.get("sort_code", "") if has_account or not iban else "",
        bank.get("account", "") if has_account or not iban else "",
        one.price,
        shown(reference) or one.invoice.number,
        one.invoice.number,
        code,
    )


def _words(said: QueryDict, key: UUID, count: int) -> str:
    return said.get(f"amount-{key}", said.get("amount", "") if count == 1 else "").strip()


def _amount(words: str, currency: str) -> Money | None:
    """Figures as people type them: with a sign of the currency, groups, a point or a comma; nothing means all of it."""
    if not words:
        return None
    found = _FIGURES.fullmatch(words)
    figures = re.sub(r"\s", "", found[1]) if found else ""
    if "," in figures and ("." not in figures or figures.rindex(",") > figures.rindex(".")):
        figures = figures.replace(".", "").replace(",", ".", 1) if _is_comma_decimal(figures) else figures.replace(",", "")
    else:
        figures = figures.replace(",", "")
    try:
        return Money.of(Decimal(figures), currency)
    except InvalidOperation as unread:
        raise Refused(_("%s is not an amount; write it like 1418.40.") % words[:40], code="amount", field="amount") from unread


def _is_comma_decimal(figures: str) -> bool:
    """`1.418,40` and `40,5`, but not `1,418`."""
    return "." in figures or len(figures) - figures.rindex(",") - 1 != 3


def _uuid(word: str) -> UUID:
    try:
        return UUID(word)
    except ValueError as wrong:
        raise Http404 from wrong
