"""Decides who is there when the curtain rises: vendors and their people, customers, contacts, payers and first terms."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from goodterms.database.isolation import acting_for
from goodterms.invoicing.actions import change_letterhead, ensure_series
from goodterms.invoicing.line import Tax
from goodterms.parties.actions import add_contact, add_customer, add_member, add_vendor, change_wishes, verify_payer
from goodterms.parties.models import Vendor
from goodterms.rates.actions import give_rate
from goodterms.rates.rules import Given
from goodterms.sample.stage import Stage
from goodterms.terms.actions import agree
from goodterms.terms.rules import LateFee, Terms, parse

BY = "the sample"
_OF_VENDOR = ("slug", "name", "currency", "country", "timezone", "email")
_OF_BOTH = ("slug", "name", "currency", "country", "timezone", "email", "terms", "series")


def open_stage(world: dict[str, Any], begin: datetime) -> Stage:
    """Everybody of world.toml, from the instant `begin` on; nothing is billed yet."""
    stage = Stage()
    for row in world["vendor"]:
        stage.vendors[row["slug"]] = _vendor(row, begin)
    with acting_for(stage.ids):
        for row in world["vendor"]:
            _habits(stage, row, begin)
        for row in world["rate"]:
            for vendor in [one for one in stage.vendors.values() if one.currency == row["base"]]:
                give_rate(vendor_id=vendor.id, given=Given(**{**row, "rate": Decimal(row["rate"])}), by=BY, now=begin)
        for row in world["letterhead"]:
            texts = _without(row, "vendor")
            change_letterhead(vendor_id=stage.vendors[row["vendor"]].id, texts=texts, now=begin, by=BY)
        for row in world["member"]:
            add_member(vendor_id=stage.vendors[row["vendor"]].id, now=begin, by=BY, **_without(row, "vendor"))
        for row in world["customer"]:
            _customer(stage, row, world["tax"], begin)
        for row in world["contact"]:
            _contact(stage, row, begin)
        for row in world["wishes"]:
            change_wishes(payer_id=stage.payers[row["name"]], now=begin, by=row["name"], changes=dict(row["changes"]))
    return stage


def agreed(notation: str, vendor: str) -> Terms:
    """The terms that a notation of the tables means; Lindqvist Rowe state a late fee with all of theirs."""
    terms = parse(notation)
    if vendor != "lindqvist-rowe":
        return terms
    fee = LateFee(kind="monthly", agreed=True, percent=Decimal("1.5"), between_businesses=True)
    return Terms(due=terms.due, discounts=terms.discounts, grace_days=7, late_fee=fee)


def _vendor(row: dict[str, Any], begin: datetime) -> Vendor:
    more = _without(row, *_OF_BOTH) | {"forewarn_percent": None}  # in the story nobody was asked beforehand
    return add_vendor(**{name: row[name] for name in _OF_VENDOR}, sandbox_now=begin, now=begin, by=BY, **more)


def _habits(stage: Stage, row: dict[str, Any], begin: datetime) -> None:
    vendor = stage.vendors[row["slug"]]
    agree(vendor_id=vendor.id, terms=agreed(row["terms"], vendor.slug), from_on=begin.date(), now=begin, by=BY)
    for prefix, pattern, first in row.get("series", []):
        ensure_series(vendor_id=vendor.id, code=prefix, pattern=pattern, begin=first, now=begin)


def _customer(stage: Stage, row: dict[str, Any], taxes: dict[str, list[Any]], begin: datetime) -> None:
    vendor = stage.vendors[row["vendor"]]
    customer = add_customer(
        vendor_id=vendor.id, number=row["number"], name=row["name"], currency=row["currency"], now=begin, by=BY, **row["more"]
    )  # fmt: skip
    who = (vendor.slug, row["number"])
    rate, reason = taxes[row["tax"]]
    stage.customers[who], stage.taxes[who], stage.terms[who] = customer.id, Tax(row["tax"], Decimal(rate), reason), row["terms"]
    if row["terms"]:
        terms = agreed(row["terms"], vendor.slug)
        agree(vendor_id=vendor.id, customer_id=customer.id, terms=terms, from_on=begin.date(), now=begin, by=BY)


def _contact(stage: Stage, row: dict[str, Any], begin: datetime) -> None:
    """The same person for every vendor of that customer. Who pays has opened a page before, so the address is proven."""
    person: dict[str, Any] = _without(row, "customer", "roles") | dict.fromkeys(row["roles"], True)
    for (slug, customer), customer_id in stage.customers.items():
        if customer == row["customer"]:
            vendor_id = stage.vendors[slug].id
            contact = add_contact(vendor_id=vendor_id, customer_id=customer_id, now=begin, by=BY, **person)
            assert contact.payer_id is not None
            stage.payers[row["name"]] = contact.payer_id
    if "pays" in row["roles"]:
        verify_payer(payer_id=stage.payers[row["name"]], now=begin)


def _without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}
