"""Decides whether a tax id can be true, by the check digits that its country prescribes, and which of them is a VAT number."""

from goodterms.values.refusal import Refused

# Where a tax id is a VAT number (BT-31), which begins with the country; Greece calls itself EL there.
_VAT = "AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IT LI LT LU LV MT NL NO PL PT RO SE SI SK XI"
VAT_COUNTRIES = frozenset(_VAT.split())


def checked_tax_id(tax_id: str, country: str) -> str:
    """`tax_id` without spaces and dots when its country's rule holds; unchanged where no rule is known (ISO 3166-1 code).

    Rules: python-stdnum, by country (VAT, ABN, GSTIN, NPWP …). Refuses a number that cannot have been given out.
    """
    written = tax_id.strip()
    if not written or not country:
        return written
    import stdnum  # here, since few callers check one
    from stdnum.exceptions import ValidationError

    rule = stdnum.get_cc_module(country.lower(), "vat")
    if rule is None:
        return written
    try:
        return str(rule.validate(written))
    except ValidationError as wrong:
        raise Refused(
            f"{written[:40]!r} cannot be a tax id of {country}: {str(wrong).rstrip('.').lower()}.",
            code="tax_id",
            field="tax_id",
        ) from wrong


def vat_id(number: str, country: str) -> str:
    """A VAT number with its prefix, which our books leave out where the country does; nothing where it is none."""
    plain = "".join(number.split())
    if not plain or country not in VAT_COUNTRIES:
        return ""
    prefix = "EL" if country == "GR" else country
    return plain if plain.upper().startswith(prefix) else f"{prefix}{plain}"
