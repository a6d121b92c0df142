"""Decides how a sum of money is read as it was typed at the desk: to the cent, or not at all."""

from decimal import Decimal, InvalidOperation

from goodterms.values.money import Money, exponent
from goodterms.values.refusal import Refused
from goodterms.values.typed import without_commas


def money_typed(typed: str, currency: str, field: str) -> Money:
    """`1,250.00`. Refused: what is no number, and parts of a cent, which nobody means."""
    try:
        said = Decimal(without_commas(typed) or "nothing")
        money = Money.of(said, currency)
    except InvalidOperation as odd:
        raise Refused(f"“{typed[:30]}” is not an amount like 1,250.00.", code="amount", field=field) from odd
    if money.major != said:
        digits = exponent(currency)
        places = f"{digits} digits after the point" if digits else "none after the point"
        raise Refused(f"“{typed[:30]}” has more digits than {currency}, which has {places}.", code="amount", field=field)
    return money
