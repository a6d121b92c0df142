"""Decides what stands in a QR code: for euros a transfer (EPC069-12), else an address that opens where one can pay."""

import re
from functools import lru_cache
from typing import NamedTuple

import segno
from segno.helpers import make_epc_qr

from goodterms.values.money import Money
from goodterms.values.reference import is_qr_iban

MASK = 3
_BLACK = re.compile(rb"[^\x00]+")
EPC_MOST = 999_999_999_99  # cents, by the standard


class Code(NamedTuple):
    """A code as one path of black squares on a field of `size`, quiet zone not counted."""

    size: int
    path: str

    @property
    def svg(self) -> str:
        """As a picture by itself, without white around."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.size} {self.size}">'
            f'<path d="{self.path}" fill="#1d1b17"/></svg>'
        )

    @property
    def box(self) -> str:
        """The viewBox, with two squares of white around."""
        return f"-2 -2 {self.size + 4} {self.size + 4}"


def transfer_code(*, to: str, iban: str, amount: Money, reference: str, bic: str = "") -> Code | None:
    """What a bank's app fills its form from; None where there is no such code: only euros, to an IBAN that takes it."""
    if is_qr_iban(iban) or amount.currency != "EUR" or not iban or not 0 < amount.minor <= EPC_MOST:
        return None
    words = {"reference": reference} if reference else {"text": to[:70]}
    return drawn(make_epc_qr(to[:70], "".join(iban.split()), amount.major, bic=bic or None, encoding="utf-8", **words))


@lru_cache(maxsize=256)
def address_code(address: str) -> Code:
    """A page to open. Any of the eight masks is read as well: to look for the evenest takes half as long as to set a page."""
    return drawn(segno.make(address, error="m", micro=False, mask=MASK))


def drawn(made: segno.QRCode) -> Code:
    """The squares of a code."""
    rows = [bytes(row) for row in made.matrix]
    return Code(len(rows), "".join(part for y, row in enumerate(rows) for part in _runs(row, y)))


def _runs(row: bytes, y: int) -> list[str]:
    """Black squares beside each other as one bar."""
    bars = (bar.span() for bar in _BLACK.finditer(row))
    return [f"M{begins} {y}h{ends - begins}v1h-{ends - begins}z" for begins, ends in bars]
