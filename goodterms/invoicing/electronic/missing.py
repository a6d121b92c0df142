"""Decides what a use of EN 16931 asks for that a document lacks, and who can supply it."""

from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal, NamedTuple

from goodterms.einvoices.model import Invoice
from goodterms.einvoices.profiles import EXTENDED, PEPPOL, XRECHNUNG, Profile
from goodterms.einvoices.terms import recorded, told

Who = Literal["vendor", "customer", "invoice"]


class Missing(NamedTuple):
    """A term that is not there: what to do about it, and who can."""

    term: str
    who: Who
    sentence: str


def missing_for(invoice: Invoice, profile: Profile) -> Iterator[Missing]:
    """What is to be added before the document is right by the rules of `profile`."""
    record = recorded(invoice)
    for need in (*_ALWAYS, *_OF.get(profile.word, ())):
        if not any(term in record for term in need.term.split(" or ")) and need.counts(record):
            yield Missing(need.term, need.who, need.sentence)
    if any(_is_finer(value) for term, value in told(record) if term.rpartition(" ")[2] in _AMOUNTS):
        yield Missing(
            "BT-112", "invoice", f"EN 16931 counts in hundredths; this document has thousandths of {invoice.currency}."
        )
    if profile is EXTENDED and any(_is_off_by_the_line(each, record) for each in record.get("BG-23", ())):
        yield Missing(
            "BT-117",
            "invoice",
            "Factur-X EXTENDED lets a tax differ from its rate by a cent a line, and here it differs by more. Choose Factur-X.",
        )
    elif any(_is_off(each) for each in record.get("BG-23", ())):
        yield Missing(
            "BT-117",
            "invoice",
            "EN 16931 works tax out of the sum of each rate; here it was rounded by line, and differs.",
        )


class _Need(NamedTuple):
    term: str
    who: Who
    sentence: str
    counts: Callable[[dict[str, Any]], bool] = lambda _: True


def _has(*categories: str) -> Callable[[dict[str, Any]], bool]:
    return lambda record: any(each["BT-118"] in categories for each in record.get("BG-23", ()))


def _is_finer(value: Any) -> bool:
    return isinstance(value, Decimal) and value != round(value, 2)


def _is_off(group: dict[str, Any]) -> bool:
    """A tax that is one whole unit or more away from its rate of its sum (BR-CO-17), as only a currency without cents can."""
    exact = round(group["BT-116"] * group.get("BT-119", Decimal(0)) / 100, 2)
    return bool(abs(group["BT-117"] - exact) >= 1)


def _is_off_by_the_line(group: dict[str, Any], record: dict[str, Any]) -> bool:
    """BR-FXEXT-S-09b: such as a tax that was rounded to whole yen."""
    of = group["BT-118"], group.get("BT-119")
    count = sum(
        (each.get(category), each.get(rate)) == of
        for parts, category, rate in (("BG-25", "BT-151", "BT-152"), ("BG-20", "BT-95", "BT-96"), ("BG-21", "BT-102", "BT-103"))
        for each in record.get(parts, ())
    )
    exact = (group["BT-116"] * (of[1] or 0) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return bool(abs(group["BT-117"] - exact) > Decimal("0.01") * count)


_AMOUNTS = {f"BT-{number}" for number in (92, 93, 99, 100, *range(106, 118), 131, 136, 137, 141, 142)}
_ALWAYS = (
    _Need("BT-40", "vendor", "Your country is missing. Add it to your settings."),
    _Need("BT-55", "customer", "The customer's country is missing. Ask the customer, or add it to their details."),
    _Need(
        "BT-31 or BT-32", "vendor", "Tax is charged, so your VAT number or tax number is needed. Add it to your settings.",
        _has("S", "Z", "E", "L", "M"),
    ),
    _Need("BT-31", "vendor", "Without tax for a business abroad your VAT number is needed. Add it to your settings.",
          _has("AE", "K", "G")),
    _Need("BT-48", "customer", "Without tax for a business abroad the customer's VAT number is needed. Ask for it.",
          _has("AE", "K")),
    _Need("BT-31 or BT-30 or BT-29", "vendor",
          "Nothing says who you are: add your VAT number or your company number to your settings."),
)  # fmt: skip
_OF: dict[str, tuple[_Need, ...]] = {
    PEPPOL.word: (
        _Need("BT-34", "vendor", "Peppol needs your electronic address. Add its scheme and id to your settings."),
        _Need("BT-49", "customer", "Peppol needs the customer's electronic address. Ask the customer for it."),
        _Need("BT-10 or BT-13", "customer", "Peppol needs the customer's reference or purchase order. Ask for it."),
    ),
    XRECHNUNG.word: (
        _Need("BT-10", "customer", "XRechnung needs the customer's reference (Leitweg-ID). Ask the customer for it."),
        _Need("BT-34", "vendor", "XRechnung needs your electronic address. Add one, or your e-mail, to your settings."),
        _Need("BT-49", "customer", "XRechnung needs the customer's electronic address. Ask the customer for it."),
        _Need("BT-37", "vendor", "XRechnung needs your town by itself. Add it to your settings."),
        _Need("BT-38", "vendor", "XRechnung needs your post code by itself. Add it to your settings."),
        _Need("BT-52", "customer", "XRechnung needs the customer's town by itself. Add it to their details."),
        _Need("BT-53", "customer", "XRechnung needs the customer's post code by itself. Add it to their details."),
        _Need("BT-41", "vendor", "XRechnung needs the name of somebody who can be asked. Say who signs in your settings."),
        _Need("BT-42", "vendor", "XRechnung needs a telephone number. Add it to your letterhead."),
        _Need("BT-43", "vendor", "XRechnung needs an e-mail address at your side. Add it to your settings."),
        _Need("BT-81", "vendor", "XRechnung asks how it can be paid. Add your bank account to your settings."),
    ),
}
