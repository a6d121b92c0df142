"""Decides what an electronic invoice can say: the semantic model of EN 16931-1, in its words and with its numbers.

Each field names its business term (BT) or group (BG); those with an X are of Factur-X EXTENDED alone. What is not there is
empty text, None or an empty tuple. Amounts are in major units of the currency (BT-5), but BT-111. `terms.py` knows the numbers;
UBL and CII are two ways to write the same.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from goodterms.einvoices.beyond import Advance, Condition, Exchange, Instalment, condition
from goodterms.einvoices.terms import bt, group, groups


@dataclass(frozen=True, slots=True)
class Id:
    """An identifier and who gave it out, where that is said (ISO 6523, EAS, UNTDID 1153 …)."""

    value: str = ""
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class Classification:
    value: str = bt("BT-158")
    list_id: str = bt("BT-158-1")
    list_version: str = bt("BT-158-2")


@dataclass(frozen=True, slots=True)
class Address:
    line1: str = ""
    line2: str = ""
    line3: str = ""
    city: str = ""
    post_code: str = ""
    subdivision: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    name: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    start_on: date | None = None
    end_on: date | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """BG-1"""

    subject_code: str = bt("BT-21")
    text: str = bt("BT-22")


@dataclass(frozen=True, slots=True)
class Preceding:
    """BG-3: an invoice that this one corrects, credits or continues."""

    number: str = bt("BT-25")
    issued_on: date | None = bt("BT-26", None)
    type_code: str = bt("BT-X-555")


def _address(*numbers: str) -> dict[str, str]:
    names = ("line1", "line2", "line3", "city", "post_code", "subdivision", "country")
    return dict(zip(names, numbers, strict=True))


def _id(number: str) -> dict[str, str]:
    return {"value": number, "scheme": f"{number}-1"}


@dataclass(frozen=True, slots=True)
class Seller:
    """BG-4"""

    name: str = bt("BT-27")
    trading_name: str = bt("BT-28")
    ids: tuple[Id, ...] = groups("BT-29", Id, _id("BT-29"))
    registration: Id | None = group("BT-30", Id, _id("BT-30"))
    vat_id: str = bt("BT-31")
    tax_id: str = bt("BT-32")
    legal_form: str = bt("BT-33")
    endpoint: Id | None = group("BT-34", Id, _id("BT-34"))
    address: Address | None = group("BG-5", Address, _address("BT-35", "BT-36", "BT-162", "BT-37", "BT-38", "BT-39", "BT-40"))
    contact: Contact | None = group("BG-6", Contact, {"name": "BT-41", "phone": "BT-42", "email": "BT-43"})


@dataclass(frozen=True, slots=True)
class Buyer:
    """BG-7"""

    name: str = bt("BT-44")
    trading_name: str = bt("BT-45")
    id: Id | None = group("BT-46", Id, _id("BT-46"))
    registration: Id | None = group("BT-47", Id, _id("BT-47"))
    vat_id: str = bt("BT-48")
    endpoint: Id | None = group("BT-49", Id, _id("BT-49"))
    address: Address | None = group("BG-8", Address, _address("BT-50", "BT-51", "BT-163", "BT-52", "BT-53", "BT-54", "BT-55"))
    contact: Contact | None = group("BG-9", Contact, {"name": "BT-56", "phone": "BT-57", "email": "BT-58"})


@dataclass(frozen=True, slots=True)
class Payee:
    """BG-10: who is paid, where that is not the seller."""

    name: str = bt("BT-59")
    id: Id | None = group("BT-60", Id, _id("BT-60"))
    registration: Id | None = group("BT-61", Id, _id("BT-61"))


@dataclass(frozen=True, slots=True)
class TaxRepresentative:
    """BG-11"""

    name: str = bt("BT-62")
    vat_id: str = bt("BT-63")
    address: Address | None = group("BG-12", Address, _address("BT-64", "BT-65", "BT-164", "BT-66", "BT-67", "BT-68", "BT-69"))


@dataclass(frozen=True, slots=True)
class Delivery:
    """BG-13"""

    name: str = bt("BT-70")
    location: Id | None = group("BT-71", Id, _id("BT-71"))
    delivered_on: date | None = bt("BT-72", None)
    period: Period | None = group("BG-14", Period, {"start_on": "BT-73", "end_on": "BT-74"})
    address: Address | None = group("BG-15", Address, _address("BT-75", "BT-76", "BT-165", "BT-77", "BT-78", "BT-79", "BT-80"))


@dataclass(frozen=True, slots=True)
class Account:
    """BG-17: where a credit transfer goes."""

    id: str = bt("BT-84")
    name: str = bt("BT-85")
    bank: str = bt("BT-86")


@dataclass(frozen=True, slots=True)
class Card:
    """BG-18"""

    number: str = bt("BT-87")
    holder: str = bt("BT-88")


@dataclass(frozen=True, slots=True)
class DirectDebit:
    """BG-19"""

    mandate: str = bt("BT-89")
    collector_id: str = bt("BT-90")  # by which SEPA knows who collects
    account: str = bt("BT-91")


@dataclass(frozen=True, slots=True)
class Payment:
    """BG-16"""

    means_code: str = bt("BT-81")
    means: str = bt("BT-82")
    remittance: str = bt("BT-83")
    accounts: tuple[Account, ...] = groups("BG-17", Account)
    card: Card | None = group("BG-18", Card)
    direct_debit: DirectDebit | None = group("BG-19", DirectDebit)


@dataclass(frozen=True, slots=True)
class Adjustment:
    """An allowance or a charge; on a line it has no tax of its own."""

    amount: Decimal | None = None
    base: Decimal | None = None
    percent: Decimal | None = None
    tax_category: str = ""
    tax_rate: Decimal | None = None
    reason: str = ""
    reason_code: str = ""


def _adjustment(first: int, *, taxed: bool) -> dict[str, str]:
    names = ("amount", "base", "percent", *(("tax_category", "tax_rate") if taxed else ()), "reason", "reason_code")
    return {name: f"BT-{first + place}" for place, name in enumerate(names)}


@dataclass(frozen=True, slots=True)
class Sums:
    """BG-22"""

    lines: Decimal | None = bt("BT-106", None)
    allowances: Decimal | None = bt("BT-107", None)
    charges: Decimal | None = bt("BT-108", None)
    net: Decimal | None = bt("BT-109", None)
    tax: Decimal | None = bt("BT-110", None)
    tax_in_tax_currency: Decimal | None = bt("BT-111", None)
    total: Decimal | None = bt("BT-112", None)
    prepaid: Decimal | None = bt("BT-113", None)
    rounding: Decimal | None = bt("BT-114", None)
    payable: Decimal | None = bt("BT-115", None)


@dataclass(frozen=True, slots=True)
class TaxBreakdown:
    """BG-23"""

    taxable: Decimal | None = bt("BT-116", None)
    tax: Decimal | None = bt("BT-117", None)
    category: str = bt("BT-118")
    rate: Decimal | None = bt("BT-119", None)
    reason: str = bt("BT-120")
    reason_code: str = bt("BT-121")


@dataclass(frozen=True, slots=True)
class Attached:
    """BT-125: the bytes of a document that travels with the invoice."""

    content: bytes = bt("BT-125", b"")
    mime: str = bt("BT-125-1")
    file_name: str = bt("BT-125-2")


@dataclass(frozen=True, slots=True)
class Supporting:
    """BG-24"""

    number: str = bt("BT-122")
    description: str = bt("BT-123")
    location: str = bt("BT-124")
    attached: Attached | None = group("BT-125", Attached)


@dataclass(frozen=True, slots=True)
class Price:
    """BG-29. A discount of nothing is no discount: UBL has to write one beside a gross price."""

    net: Decimal | None = bt("BT-146", None)
    discount: Decimal | None = bt("BT-147", None)
    gross: Decimal | None = bt("BT-148", None)
    base_quantity: Decimal | None = bt("BT-149", None)
    base_unit: str = bt("BT-150")


@dataclass(frozen=True, slots=True)
class Attribute:
    """BG-32"""

    name: str = bt("BT-160")
    value: str = bt("BT-161")


@dataclass(frozen=True, slots=True)
class Item:
    """BG-31"""

    name: str = bt("BT-153")
    description: str = bt("BT-154")
    seller_id: str = bt("BT-155")
    buyer_id: str = bt("BT-156")
    standard_id: Id | None = group("BT-157", Id, _id("BT-157"))
    classifications: tuple[Classification, ...] = groups("BT-158", Classification)
    origin: str = bt("BT-159")
    attributes: tuple[Attribute, ...] = groups("BG-32", Attribute)


@dataclass(frozen=True, slots=True)
class Line:
    """BG-25"""

    id: str = bt("BT-126")
    note: str = bt("BT-127")
    object: Id | None = group("BT-128", Id, _id("BT-128"))
    quantity: Decimal | None = bt("BT-129", None)
    unit: str = bt("BT-130")
    net: Decimal | None = bt("BT-131", None)
    order_line: str = bt("BT-132")
    accounting_reference: str = bt("BT-133")
    period: Period | None = group("BG-26", Period, {"start_on": "BT-134", "end_on": "BT-135"})
    allowances: tuple[Adjustment, ...] = groups("BG-27", Adjustment, _adjustment(136, taxed=False))
    charges: tuple[Adjustment, ...] = groups("BG-28", Adjustment, _adjustment(141, taxed=False))
    price: Price | None = group("BG-29", Price)
    tax_category: str = bt("BT-151")
    tax_rate: Decimal | None = bt("BT-152", None)
    item: Item | None = group("BG-31", Item)
    preceding: Preceding | None = group(
        "BG-X-48", Preceding, {"number": "BT-X-331", "issued_on": "BT-X-333", "type_code": "BT-X-332"}
    )


@dataclass(frozen=True, slots=True)
class Invoice:
    """BG-0: an invoice or a credit note (BT-3 says which)."""

    number: str = bt("BT-1")
    issued_on: date | None = bt("BT-2", None)
    type_code: str = bt("BT-3")
    currency: str = bt("BT-5")
    tax_currency: str = bt("BT-6")
    tax_point_on: date | None = bt("BT-7", None)
    tax_point_code: str = bt("BT-8")  # UNTDID 2005 as in UBL: 3, 35, 432
    due_on: date | None = bt("BT-9", None)
    buyer_reference: str = bt("BT-10")
    project: str = bt("BT-11")
    contract: str = bt("BT-12")
    purchase_order: str = bt("BT-13")
    sales_order: str = bt("BT-14")
    receiving_advice: str = bt("BT-15")
    despatch_advice: str = bt("BT-16")
    tender: str = bt("BT-17")
    object: Id | None = group("BT-18", Id, _id("BT-18"))
    accounting_reference: str = bt("BT-19")
    payment_terms: str = bt("BT-20")
    notes: tuple[Note, ...] = groups("BG-1", Note)
    process: str = bt("BT-23")
    guideline: str = bt("BT-24")
    preceding: tuple[Preceding, ...] = groups("BG-3", Preceding)
    seller: Seller | None = group("BG-4", Seller)
    buyer: Buyer | None = group("BG-7", Buyer)
    payee: Payee | None = group("BG-10", Payee)
    tax_representative: TaxRepresentative | None = group("BG-11", TaxRepresentative)
    delivery: Delivery | None = group("BG-13", Delivery)
    payment: Payment | None = group("BG-16", Payment)
    allowances: tuple[Adjustment, ...] = groups("BG-20", Adjustment, _adjustment(92, taxed=True))
    charges: tuple[Adjustment, ...] = groups("BG-21", Adjustment, _adjustment(99, taxed=True))
    sums: Sums | None = group("BG-22", Sums)
    taxes: tuple[TaxBreakdown, ...] = groups("BG-23", TaxBreakdown)
    supporting: tuple[Supporting, ...] = groups("BG-24", Supporting)
    advances: tuple[Advance, ...] = groups("BG-X-45", Advance)
    exchange: Exchange | None = group("BG-X-41", Exchange)
    late_fee: Condition | None = group("BG-X-43", Condition, condition(276))
    discounts: tuple[Condition, ...] = groups("BG-X-44", Condition, condition(282))
    instalments: tuple[Instalment, ...] = groups("BT-20-00", Instalment)
    lines: tuple[Line, ...] = groups("BG-25", Line)

    @property
    def all_due_on(self) -> date | None:
        """The day by which all of it is to be paid: with instalments the last of them."""
        return max((each.due_on for each in self.instalments if each.due_on), default=self.due_on)

    @property
    def is_credit_note(self) -> bool:
        return self.type_code in CREDIT_NOTES


# UNTDID 1001, as the rules of CEN have them for the root CreditNote (BR-CL-01).
CREDIT_NOTES = frozenset({"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503", "532"})
