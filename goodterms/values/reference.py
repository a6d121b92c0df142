"""Decides the reference that a payer copies into a bank: RF and two check digits before the number (ISO 11649)."""

MOST = 21  # letters and digits after the check digits


def structured_reference(number: str) -> str:
    """`RF92VP260331` for VP-26-0331; nothing where the number is too long or has no letter or digit to carry."""
    plain = "".join(sign for sign in number.upper() if sign.isascii() and sign.isalnum())
    if not plain or len(plain) > MOST:
        return ""
    return f"RF{98 - int(_digits(plain + 'RF00')) % 97:02d}{plain}"


def in_fours(reference: str) -> str:
    """`RF92 VP26 0331`, as people read and copy it."""
    return " ".join(reference[at : at + 4] for at in range(0, len(reference), 4))


def _digits(text: str) -> str:
    return "".join(str(int(sign, 36)) for sign in text)
