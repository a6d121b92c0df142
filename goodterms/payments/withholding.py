"""Decides what a payer may say that they kept back for the tax office, and what certificate proves it. Pure: no rows."""

from datetime import date
from typing import NamedTuple

from goodterms.values.money import Money
from goodterms.values.refusal import Refused

NUMBER_MAX = 80


class Certificate(NamedTuple):
    """The payer's paper that they paid tax for us: its number and day, and the sum on it where it was read."""

    number: str
    on: date
    amount: Money | None = None


class Kept(NamedTuple):
    """What they say that they kept back of an invoice: so much (None: as agreed), with its certificate where it is here."""

    amount: Money | None = None
    certificate: Certificate | None = None


def must_be_right(certificate: Certificate | None, kept: Money, today: date) -> None:
    """Refused: one without a number, from a day to come, or for another sum than was kept back."""
    if certificate is None:
        return
    if not 0 < len(certificate.number.strip()) <= NUMBER_MAX:
        raise Refused("A certificate has a number. Write it as it stands there.", code="certificate", field="certificate")
    if certificate.on > today:
        raise Refused("This certificate is from a day to come. Look at its date.", code="date", field="certificate_on")
    if certificate.amount is not None and certificate.amount != kept:
        raise Refused(
            "The certificate says {said}, and {kept} was kept back. Ask them which is right; then book that.",
            code="certificate",
            field="certificate_amount",
            said=certificate.amount,
            kept=kept,
        )
