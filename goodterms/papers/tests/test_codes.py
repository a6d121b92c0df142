"""Decides that a code says what was asked for: it is read back, square by square, and by its words."""

import re

import segno

from goodterms.papers.codes import Code, address_code, transfer_code
from goodterms.values.money import Money

IBAN = "NL83 MAAS 0318 2204 17"


def squares(code: Code) -> list[list[int]]:
    field = [[0] * code.size for _ in range(code.size)]
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", code.path):
        for at in range(int(x), int(x) + int(width)):
            field[int(y)][at] = 1
    return field


def test_a_transfer_in_euros_holds_all_four_things() -> None:
    code = transfer_code(to="Vermeer Packaging BV", iban=IBAN, amount=Money(2435_79, "EUR"), reference="RF92VP260331")
    words = "BCD\n002\n1\nSCT\n\nVermeer Packaging BV\nNL83MAAS0318220417\nEUR2435.79\n\nRF92VP260331"
    assert code is not None
    assert squares(code) == [list(row) for row in segno.make_qr(words.encode(), error="m", boost_error=False).matrix]
    assert code.box == f"-2 -2 {code.size + 4} {code.size + 4}"


def test_there_is_no_such_code_for_other_money_or_without_an_iban() -> None:
    assert transfer_code(to="Penhale", iban=IBAN, amount=Money(1, "GBP"), reference="RF02PP4471") is None
    assert transfer_code(to="Penhale", iban="", amount=Money(1, "EUR"), reference="RF02PP4471") is None
    assert transfer_code(to="Penhale", iban=IBAN, amount=Money(0, "EUR"), reference="RF02PP4471") is None


def test_an_address_is_drawn_as_it_is() -> None:
    address = "https://pay.example.com/pay/now/?invoice=1"
    assert squares(address_code(address)) == [list(row) for row in segno.make(address, error="m", micro=False, mask=3).matrix]
