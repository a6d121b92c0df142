"""Decides how seller and buyer are said in EN 16931: names, numbers for the tax office, address, and where files go."""

from collections.abc import Mapping, Set
from typing import Any

from goodterms.einvoices import model
from goodterms.einvoices.profiles import PEPPOL, Profile
from goodterms.parties.rules import vat_id

MAIL = "EM"  # EAS: an e-mail address


def seller_of(
    said: Mapping[str, Any], contact: str, phone: str, company_number: str, categories: Set[str], profile: Profile
) -> model.Seller:
    """BG-4. Outside the scope of tax no VAT number may be there (BR-O-02); the number is then only who it is (BT-29)."""
    number, country = said.get("tax_id", ""), country_of(said)
    vat = "" if "O" in categories else vat_id(number, country)
    other = number if number and not vat and "O" not in categories else ""
    name, legal = said.get("name", ""), said.get("legal_name", "")
    email = said.get("email", "")
    return model.Seller(
        name=legal or name,
        trading_name=name if legal and legal != name else "",
        ids=(model.Id(number),) if number and not vat and not company_number else (),
        registration=model.Id(company_number) if company_number else None,
        vat_id=vat,
        tax_id=other,
        endpoint=_endpoint(said, email, profile),
        address=_address(said),
        contact=model.Contact(contact or name, phone, email) if phone or email else None,
    )


def buyer_of(said: Mapping[str, Any], categories: Set[str], profile: Profile) -> model.Buyer:
    """BG-7. Without a company number a tax number that is no VAT number stands as the company's own (BT-47)."""
    number, country = said.get("tax_id", ""), country_of(said)
    vat = "" if "O" in categories else vat_id(number, country)
    name, legal = said.get("name", ""), said.get("legal_name", "")
    customer_number, registered = said.get("number", ""), said.get("company_number", "") or (number if not vat else "")
    return model.Buyer(
        name=legal or name,
        trading_name=name if legal and legal != name else "",
        id=model.Id(customer_number) if customer_number else None,
        registration=model.Id(registered) if registered else None,
        vat_id=vat,
        endpoint=_endpoint(said, said.get("email", ""), profile),
        address=_address(said),
    )


def country_of(said: Mapping[str, Any]) -> str:
    return str(said.get("country", ""))


def _endpoint(said: Mapping[str, Any], email: str, profile: Profile) -> model.Id | None:
    """Where files go: the address that was said, else by e-mail, which Peppol does not know."""
    if said.get("endpoint_id"):
        return model.Id(said["endpoint_id"], said["endpoint_scheme"])
    return model.Id(email, MAIL) if email and profile is not PEPPOL else None


def _address(said: Mapping[str, Any]) -> model.Address | None:
    """Its parts where they were said; else its lines as they stand."""
    country = country_of(said)
    lines = [line.strip() for line in str(said.get("address", "")).splitlines() if line.strip()]
    if said.get("city") or said.get("street") or said.get("post_code"):
        return model.Address(
            line1=said.get("street", "") or next(iter(lines), ""), city=said.get("city", ""), country=country,
            post_code=said.get("post_code", ""), subdivision=said.get("region", ""),
        )  # fmt: skip
    first, second, *rest = (*lines, "", "")
    return model.Address(line1=first, line2=second, line3=", ".join(line for line in rest if line), country=country)
