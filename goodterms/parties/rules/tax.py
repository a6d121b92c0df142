"""Decides whether a tax id can be true: by the check digits that its country prescribes."""

from goodterms.values.refusal import Refused


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
