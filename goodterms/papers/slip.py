"""Decides what the strip says from which one pays: to whom, to which account, by which reference, and a code to scan."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from goodterms.papers.codes import Code, transfer_code
from goodterms.papers.letterhead import day_and_month, in_words, parted
from goodterms.papers.swiss import Bill
from goodterms.papers.words import words
from goodterms.values.money import Money
from goodterms.values.reference import in_fours, reference_for, shown


class Slip(NamedTuple):
    """`rows` are pairs of what and value, the reference last. `code` is a whole transfer, where `by_transfer`, or the address
    of a page, which the press draws: that takes longer than all the rest of a letter."""

    rows: list[tuple[str, str]]
    code: Code | str
    by_transfer: bool
    amount: Money
    due_on: date | None
    address: str  # of the page on which it is paid
    in_parts: bool = False  # `due_on` is the day of the last


def slip(
    *, to: str, bank: Mapping[str, str], number: str, amount: Money, due_on: date | None, page: str, language: str,
    in_parts: bool = False,
) -> Slip:  # fmt: skip
    """From the account of `bank` as documents hold it. Without an account there is the address of the page alone."""
    said, iban = words(language)["slip"], "".join(bank.get("iban", "").split())
    reference = reference_for(number, iban)
    rows = [(said["to"], to), *account_rows(bank, language)]
    if len(rows) > 1:
        rows.append((said["reference"], shown(reference) or number))
    transfer = transfer_code(to=to, iban=iban, amount=amount, reference=reference, bic=bank.get("bic", ""))
    code = transfer or page
    return Slip(rows, code, transfer is not None, amount, due_on, page, in_parts)


def slip_data(one: Slip, language: str) -> dict[str, Any]:
    """What the strip of typst/slip.typ sets."""
    said = words(language)["slip"]
    by = said["by_parts" if one.in_parts else "by"]
    until = in_words(by, {"day": day_and_month(one.due_on, language)}) if one.due_on else said["open"]
    return {
        "rows": [list(row) for row in one.rows],
        "code": one.code.svg if isinstance(one.code, Code) else "",
        "code_of": one.code if isinstance(one.code, str) else "",
        "alt": said["transfer_alt"] if one.by_transfer else in_words(said["page_alt"], {"address": one.address}),
        "until": until,
        "amount": parted(one.amount, language),
        "scan": (said["scan"] if one.by_transfer else said["scan_page"]) if one.code else "",
        "address": one.address,
        "online": in_words(said["online"], {"address": _shown(one.address)}) if one.address else "",
    }


def swiss_data(bill: Bill, language: str) -> dict[str, Any]:
    """What the payment part of typst/slip.typ sets, whose shape SIX fixes to the millimetre."""
    written = f"{bill.amount.major:,.2f}".replace(",", " ")
    return {
        "said": dict(words(language)["swiss"]),
        "iban": bill.iban,
        "payee": list(bill.payee),
        "giver": list(bill.giver),
        "reference": bill.reference,
        "currency": bill.amount.currency,
        "amount": written,
        "code": bill.code.svg,
    }


def account_rows(bank: Mapping[str, str], language: str) -> list[tuple[str, str]]:
    """What a bank there asks for. An IBAN of Great Britain holds sort code and account, which people there type."""
    said, iban = words(language)["slip"], "".join(bank.get("iban", "").split())
    sort_code, account = bank.get("sort_code", ""), bank.get("account", "")
    if iban.startswith("GB") and len(iban) == 22:
        digits = iban[8:14]
        sort_code, account = f"{digits[:2]}-{digits[2:4]}-{digits[4:]}", in_fours(iban[14:])
    rows = [(said["bank"], bank["name"])] if bank.get("name") and not iban else []
    if account:
        rows.append((said["account"], f"{sort_code}, {account}" if sort_code else account))
    if iban:
        rows.append(("IBAN", in_fours(iban)))
    if iban and bank.get("bic") and not account:
        rows.append(("BIC", bank["bic"]))
    return rows


def _shown(address: str) -> str:
    return address.removeprefix("https://").removeprefix("http://").rstrip("/")
