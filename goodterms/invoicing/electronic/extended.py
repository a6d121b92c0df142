"""Decides what Factur-X EXTENDED says of an issued document beside EN 16931: terms, rate and what is taken off, for programs.

Only what is certain on the day of issue has a term: a fee by law, whose rate changes by the half-year, a cap and a tolerance
stay in the words (BT-20). An advance payment (BG-X-45) is one that was received; a deposit that a final invoice takes off was
billed, so it is named as what it is, an earlier invoice with its type and day, at the line that takes it off.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from goodterms.einvoices import beyond, model
from goodterms.invoicing.document import Exchange
from goodterms.invoicing.electronic.lines import amount_of, text_of
from goodterms.terms.rules import Offer, Terms, instalments, late_after
from goodterms.values.money import Money

DAY, MONTH = "DAY", "MON"  # UN/ECE Rec 20


def with_terms(
    invoice: model.Invoice, terms: Terms, issued_on: date, offers: list[Offer], total: Money, net: Money, country: str
) -> model.Invoice:
    """The terms of an invoice that is to be paid, each with its days and sums; instalments where nothing is paid of them."""
    base = total if terms.discount_tax == "if_taken" else net
    in_parts = terms.instalments and invoice.sums and not invoice.sums.prepaid
    parts = instalments(terms, issued_on, total, country) if in_parts else []
    return replace(
        invoice,
        due_on=None if parts else invoice.due_on,
        instalments=tuple(beyond.Instalment(due_on=each.due_on, amount=amount_of(each.amount)) for each in parts),
        discounts=tuple(_discount(each, issued_on, base) for each in offers),
        late_fee=_late_fee(terms, invoice.due_on, total.currency),
    )


def with_use(invoice: model.Invoice, document: Mapping[str, Any], language: str) -> model.Invoice:
    """What becomes of a credit, in the words of its paper: EXTENDED asks for terms wherever a sum is there (BR-CO-25)."""
    from goodterms.papers.invoice import Corrected, credit_in_words

    of = preceding_of(document.get("corrects") or {"number": ""})
    said = credit_in_words(Corrected(of.number, of.issued_on, document.get("reason", "")), language)
    return replace(invoice, payment_terms=text_of(said))


def with_rate(invoice: model.Invoice, exchange: Exchange) -> model.Invoice:
    """BG-X-41."""
    rate = exchange.rate
    return replace(invoice, exchange=beyond.Exchange(rate.currency, rate.base, rate.value, rate.on))


def preceding_of(one: Mapping[str, Any], type_code: str = "") -> model.Preceding:
    """An earlier invoice, as a document names it."""
    on = one.get("issued_on")
    return model.Preceding(one["number"], date.fromisoformat(on) if on else None, type_code)


def _discount(offer: Offer, issued_on: date, base: Money) -> beyond.Condition:
    """BG-X-44."""
    days = Decimal((offer.until - issued_on).days)
    return beyond.Condition(issued_on, days, DAY, amount_of(base), offer.percent, amount_of(offer.amount))


def _late_fee(terms: Terms, due_on: date | None, currency: str) -> beyond.Condition | None:
    """BG-X-43, from the last day of grace: a fixed fee on the next day, a monthly one when a month is over."""
    fee = terms.late_fee
    if fee is None or not fee.agreed or due_on is None:
        return None
    start = late_after(terms, due_on)
    if fee.kind == "monthly":
        return beyond.Condition(start, Decimal(1), MONTH, percent=fee.percent)
    if fee.kind == "fixed" and fee.amount is not None and fee.amount.currency == currency:
        return beyond.Condition(start, amount=amount_of(fee.amount))
    return None
