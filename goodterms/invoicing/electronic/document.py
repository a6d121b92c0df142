"""Decides what an electronic invoice says of an issued document: what was frozen in it at issue, and nothing worked out anew.

Lines, tax groups and totals are those of the document; the calculation of EN 16931 made them (totals.py). What was said to
people in words is said here in words too; what has a code has its code.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from goodterms.einvoices import model
from goodterms.einvoices.hybrid import Enclosed
from goodterms.einvoices.profiles import EXTENDED, PEPPOL, XRECHNUNG, Profile
from goodterms.einvoices.supporting import left_out
from goodterms.invoicing.document import Exchange, adjustment_in, advance_in, exchange_in, group_in
from goodterms.invoicing.electronic.extended import preceding_of, with_rate, with_terms, with_use
from goodterms.invoicing.electronic.lines import amount_of, line_of, text_of
from goodterms.invoicing.electronic.missing import Missing, missing_for
from goodterms.invoicing.electronic.parties import buyer_of, country_of, seller_of
from goodterms.invoicing.line import Adjustment
from goodterms.invoicing.totals import TaxGroup
from goodterms.terms.rules import Offer, Terms, discounts, in_words
from goodterms.values.money import Money
from goodterms.values.reference import reference_for

INVOICE, CREDIT_NOTE, PARTIAL, PREPAYMENT = "380", "381", "326", "386"  # UNTDID 1001
_PARTS = {"deposit": PREPAYMENT, "progress": PARTIAL}
# What each use takes instead: XRechnung has no prepayment (BR-DE-17), Peppol no partial invoice (P0100).
_INSTEAD = {(XRECHNUNG.word, PREPAYMENT): PARTIAL, (PEPPOL.word, PARTIAL): INVOICE}
TRANSFER, SEPA_TRANSFER, SEPA_DEBIT, CLEARING = "30", "58", "59", "97"  # UNTDID 4461
# Why there is no tax, where the category says all of it (VATEX).
REASON_CODES = {"AE": "VATEX-EU-AE", "K": "VATEX-EU-IC", "G": "VATEX-EU-G", "O": "VATEX-EU-O"}


class Mandate(NamedTuple):
    """By what a SEPA direct debit is collected (BG-19)."""

    reference: str
    collector_id: str
    account: str


@dataclass(frozen=True, slots=True)
class Issued:
    """An issued document in plain values. `lines` as document.OF_LINE has them, `document` as it was frozen; beside it what a
    paper shows as well: who signs, the telephone and the company number of the letterhead."""

    kind: str
    number: str
    issued_on: date
    due_on: date | None
    currency: str
    work: str
    order_number: str
    lines: Sequence[Mapping[str, Any]]
    document: Mapping[str, Any]
    terms: Terms | None = None
    language: str = "en"
    contact: str = ""
    phone: str = ""
    company_number: str = ""
    prepaid: Money | None = None
    mandate: Mandate | None = None
    attachments: Sequence[Enclosed] = ()

    @property
    def is_credit_note(self) -> bool:
        return self.kind == "credit_note"


class Electronic(NamedTuple):
    """The invoice in the terms of EN 16931, what is missing for the use that was asked for, and which files it cannot carry."""

    invoice: model.Invoice
    missing: tuple[Missing, ...]
    left_out: tuple[str, ...] = ()


def electronic(one: Issued, profile: Profile) -> Electronic:
    """The document for `profile`; what it lacks is said, each with who can supply it, and nothing is made up for it."""
    groups = [group_in(stored, one.currency) for stored in one.document.get("tax_groups", ())]
    adjustments = [adjustment_in(stored) for stored in one.document.get("adjustments", ())]
    sums = _sums(one, groups, adjustments)
    exchange = exchange_in(one.document, one.currency) if sums.tax else None  # no tax: nothing to say in another currency
    categories = {group.category for group in groups}
    seller = seller_of(one.document.get("vendor", {}), one.contact, one.phone, one.company_number, categories, profile)
    buyer = buyer_of(one.document.get("customer", {}), categories, profile)
    invoice = model.Invoice(
        number=one.number,
        issued_on=one.issued_on,
        type_code=_type_of(one, profile),
        currency=one.currency,
        tax_currency=exchange.rate.base if exchange else "",
        due_on=None if one.is_credit_note else one.due_on,
        buyer_reference=one.document.get("customer", {}).get("buyer_reference", ""),
        purchase_order=one.order_number,
        payment_terms=_terms(one, sums, profile),
        notes=_notes(one),
        process=profile.process,
        guideline=profile.guideline,
        preceding=_preceding(one),
        seller=seller,
        buyer=buyer,
        delivery=_delivery(one, buyer, categories),
        payment=_payment(one, sums),
        allowances=tuple(_adjusted(each, one.currency) for each in adjustments if each.kind == "allowance"),
        charges=tuple(_adjusted(each, one.currency) for each in adjustments if each.kind == "charge"),
        sums=replace(sums, tax_in_tax_currency=amount_of(exchange.tax)) if exchange else sums,
        taxes=tuple(_tax(group, profile) for group in groups),
        supporting=tuple(_supporting(at, each) for at, each in enumerate(_said(one.attachments), 1)),
        lines=tuple(line_of(each, one.currency) for each in one.lines),
    )
    if profile is EXTENDED:
        invoice = _extended(invoice, one, sums, exchange)
    reasons = (left_out(each.name, each.media_type) for each in one.attachments)
    return Electronic(invoice, tuple(missing_for(invoice, profile)), tuple(reason for reason in reasons if reason))


def _type_of(one: Issued, profile: Profile) -> str:
    """BT-3: a deposit is a prepayment invoice, a part a partial one, where the use has these."""
    code = CREDIT_NOTE if one.is_credit_note else _PARTS.get(one.document.get("part", ""), INVOICE)
    return _INSTEAD.get((profile.word, code), code)


def _sums(one: Issued, groups: Sequence[TaxGroup], adjustments: Sequence[Adjustment]) -> model.Sums:
    def total(parts: Sequence[Money]) -> Money:
        return Money.total(parts, one.currency)

    lines = total([Money(each["net_minor"], one.currency) for each in one.lines])
    less = total([Money.of(each.amount, one.currency) for each in adjustments if each.kind == "allowance"])
    more = total([Money.of(each.amount, one.currency) for each in adjustments if each.kind == "charge"])
    net, tax = lines - less + more, total([group.tax for group in groups])
    prepaid = one.prepaid or Money(one.document.get("prepaid_minor", 0), one.currency)
    return model.Sums(
        lines=amount_of(lines), allowances=amount_of(less) if less else None, charges=amount_of(more) if more else None,
        net=amount_of(net), tax=amount_of(tax), total=amount_of(net + tax), prepaid=amount_of(prepaid) if prepaid else None,
        payable=amount_of(net + tax - prepaid),
    )  # fmt: skip


class _Owed(NamedTuple):
    """An invoice that is to be paid by terms: what they are worked out of."""

    terms: Terms
    total: Money
    net: Money
    country: str
    offers: list[Offer]


def _owed(one: Issued, sums: model.Sums) -> _Owed | None:
    if one.terms is None or one.is_credit_note or not sums.total or sums.net is None:
        return None
    total, net = Money.of(sums.total, one.currency), Money.of(sums.net, one.currency)
    country = country_of(one.document.get("customer", {})) or country_of(one.document.get("vendor", {}))
    return _Owed(one.terms, total, net, country, discounts(one.terms, one.issued_on, total, net))


def _terms(one: Issued, sums: model.Sums, profile: Profile) -> str:
    """The terms in words (BT-20); for XRechnung an early discount also in the one form that its programs read."""
    owed = _owed(one, sums)
    if owed is None:
        return ""
    clauses = in_words(
        owed.terms, one.language, issued_on=one.issued_on, total=owed.total, net=owed.net, country=owed.country
    )  # fmt: skip
    said = [f"{clause.label}: {clause.sentence}." for clause in clauses]
    if profile is XRECHNUNG:
        base = "" if owed.terms.discount_tax == "if_taken" else f"BASISBETRAG={owed.net.major:.2f}#"
        said += [f"#SKONTO#TAGE={(each.until - one.issued_on).days}#PROZENT={each.percent:.2f}#{base}" for each in owed.offers]
        return "\n".join(said) + "\n" * bool(owed.offers)
    return "\n".join(said)


def _extended(invoice: model.Invoice, one: Issued, sums: model.Sums, exchange: Exchange | None) -> model.Invoice:
    """With what only Factur-X EXTENDED has a term for."""
    if exchange:
        invoice = with_rate(invoice, exchange)
    if one.is_credit_note:
        invoice = with_use(invoice, one.document, one.language)
    if owed := _owed(one, sums):
        invoice = with_terms(invoice, owed.terms, one.issued_on, owed.offers, owed.total, owed.net, owed.country)
    earlier = one.document.get("earlier", ())
    types = {each["number"]: _PARTS.get(each.get("part", ""), "") for each in earlier}
    at = {str(each["position"]): preceding_of(each, types[each["number"]]) for each in earlier}
    return replace(
        invoice,
        advances=tuple(advance_in(each) for each in one.document.get("advances", ())),
        preceding=tuple(replace(each, type_code=types.get(each.number, "")) for each in invoice.preceding),
        lines=tuple(replace(line, preceding=at.get(line.id)) for line in invoice.lines),
    )


def _notes(one: Issued) -> tuple[model.Note, ...]:
    """One note: Peppol takes no more (R002)."""
    text = "\n".join(text_of(part) for part in (one.work, one.document.get("reason", "")) if part)
    return (model.Note(text=text),) if text else ()


def _preceding(one: Issued) -> tuple[model.Preceding, ...]:
    """BG-3: what it corrects, and what it takes off, each once."""
    corrects = one.document.get("corrects")
    named = (*([corrects] if corrects else []), *one.document.get("earlier", ()))
    return tuple(preceding_of(each) for each in {each["number"]: each for each in named}.values())


def _delivery(one: Issued, buyer: model.Buyer, categories: set[str]) -> model.Delivery | None:
    """Within the Community the place and day of supply are named; where no other is said, they are the buyer's and that of
    issue (VAT Directive, art. 226, 7)."""
    return model.Delivery(delivered_on=one.issued_on, address=buyer.address) if "K" in categories else None


def _payment(one: Issued, sums: model.Sums) -> model.Payment | None:
    """How it can be paid (BG-16). A credit note is set off, so nobody transfers anything."""
    if one.is_credit_note:
        return model.Payment(means_code=CLEARING)
    vendor = one.document.get("vendor", {})
    bank = vendor.get("bank") or {}
    remittance = reference_for(one.number, bank.get("iban", "")) or one.number
    if one.mandate is not None:
        return model.Payment(SEPA_DEBIT, remittance=remittance, direct_debit=model.DirectDebit(*one.mandate))
    number = "".join(str(bank.get("iban") or f"{bank.get('sort_code', '')}{bank.get('account', '')}").split())
    if not number:
        return None
    holder = vendor.get("legal_name") or vendor.get("name", "")
    means = SEPA_TRANSFER if bank.get("iban") and one.currency == "EUR" else TRANSFER
    return model.Payment(means, remittance=remittance, accounts=(model.Account(number, holder, bank.get("bic", "")),))


def _adjusted(one: Adjustment, currency: str) -> model.Adjustment:
    rate = None if one.tax.category == "O" else one.tax.rate
    return model.Adjustment(
        amount=amount_of(Money.of(one.amount, currency)),
        tax_category=one.tax.category,
        tax_rate=rate,
        reason=text_of(one.reason),
    )  # fmt: skip


def _tax(group: TaxGroup, profile: Profile) -> model.TaxBreakdown:
    """BG-23. A reason that begins with its VATEX code is told by both. Outside the scope of tax there is no rate, but
    XRechnung asks for one (BR-DE-14)."""
    code, _, rest = group.reason.partition(":")
    coded = code.strip() if code.strip().startswith("VATEX-") else REASON_CODES.get(group.category, "")
    return model.TaxBreakdown(
        taxable=amount_of(group.taxable), tax=amount_of(group.tax), category=group.category,
        rate=None if group.category == "O" and profile is not XRECHNUNG else group.rate,
        reason=text_of(rest if coded and rest and coded == code.strip() else group.reason).strip(), reason_code=coded,
    )  # fmt: skip


def _said(files: Sequence[Enclosed]) -> list[Enclosed]:
    return [each for each in files if not left_out(each.name, each.media_type)]


def _supporting(at: int, one: Enclosed) -> model.Supporting:
    """BG-24."""
    name = text_of(one.name)
    return model.Supporting(number=str(at), description=name, attached=model.Attached(one.content, one.media_type, name))
