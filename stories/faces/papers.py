"""Takes a picture of each paper into docs/screens/: `python -m stories.faces.papers`. Plain values in, no books needed."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from goodterms.papers import invoice, letter, press
from goodterms.papers.invoice import Corrected, Tax
from goodterms.papers.letterhead import To
from goodterms.papers.swiss import place_of, swiss_bill
from goodterms.papers.tests.bills import FIRM, ISSUED, LINES, a_sheet, a_slip, line
from goodterms.papers.tests.sheets import pounds
from goodterms.values.money import Money

SCREENS = Path(__file__).resolve().parents[2] / "docs" / "screens"
SHARPNESS = 84  # pixels an inch: a page is 694 wide
LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 20"><circle cx="10" cy="10" r="9" fill="#2a5f46"/>'
    '<path d="M26 4h34v3H26zM26 10h24v3H26z" fill="#2a5f46"/></svg>'
)


def main() -> None:
    for name, (kind, data) in papers().items():
        for number, page in enumerate(press.pictures(kind, data, SHARPNESS), 1):
            (SCREENS / f"paper-{name}-{number}.png").write_bytes(page)


def papers() -> dict[str, tuple[press.Kind, Mapping[str, Any]]]:
    several = [one._replace(project="Gift boxes, launch" if n % 2 else "Spring range") for n, one in enumerate(LINES * 9)]
    net = Money.total((one.net for one in several), "GBP")
    tax = net.percent(Decimal(20), "half_up")
    long = {
        "firm": FIRM._replace(logo=LOGO, colour="#2a5f46"), "lines": several, "net": net, "total": net + tax,
        "taxes": [Tax("S", Decimal(20), net, tax, "")], "slip": a_slip(amount=net + tax), "agreed": _agreed()[2:],
    }  # fmt: skip
    corrects = Corrected("LR-2026-0187", ISSUED, "Page 14 is not live yet")
    note = {
        "number": "LRC-2026-0004", "lines": [line("Website, product pages", "1", "page", "145", 145_00)], "net": pounds(145_00),
        "taxes": [Tax("S", Decimal(20), pounds(145_00), pounds(29_00), "")], "total": pounds(174_00), "agreed": (),
        "slip": None, "due_on": None, "corrects": corrects,
    }  # fmt: skip
    return {
        "invoice": ("invoice", invoice.data(a_sheet(agreed=_agreed()), "en")),
        "long": ("invoice", invoice.data(a_sheet(**long), "en")),
        "indonesian": ("invoice", invoice.data(a_sheet(slip=a_slip(language="id"), agreed=()), "id")),
        "swiss": ("invoice", invoice.data(a_sheet(slip=None, swiss=_swiss(), agreed=()), "en")),
        "credit-note": ("invoice", invoice.data(a_sheet(**note), "en")),
        "reminder": ("letter", _reminder()),
    }


def _agreed() -> list[tuple[str, str]]:
    return [
        ("Time to pay", "30 days from invoice date, until Saturday 31 October 2026"),
        ("Early payment", "2% off if paid by Sunday 11 October 2026: £10,050.10 instead of £10,255.20"),
        ("Late fee", "1.5% a month, after 7 days of grace"),
        ("Questions", "We answer within 4 working hours: 0117 496 0143 and on your page"),
    ]


def _swiss() -> Any:
    to = place_of("Robert Schneider AG", ["Rue du Lac 1268", "2501 Biel"], "CH")
    giver = place_of("Pia Rutschmann", ["Marktgasse 28", "9400 Rorschach"], "CH")
    return swiss_bill(iban="CH4431999123000889012", to=to, from_=giver, amount=Money(1949_75, "CHF"), number="LR-2026-0187")


def _reminder() -> Mapping[str, Any]:
    said = letter.Said(
        "The care of your practice website: invoice LR-2026-0171", "Dear Ms Rao,",
        ["may we draw your attention to invoice LR-2026-0171, which was due on 23 October 2026."],
        [
            "If payment has already been made, please accept our thanks and disregard this letter.",
            "On your page, which the code below opens, you can pay, ask, object, or choose another day.",
        ],
        "With kind regards,", "Tom Okafor",
    )  # fmt: skip
    row = letter.Open("Care of your practice website", "LR-2026-0171", "", date(2026, 10, 23), pounds(1176_00))
    to = To("Hollis Grove Dental Ltd", "Ms Anita Rao", ["6 Hollis Grove", "Cheltenham GL50 3QE"])
    of = a_slip(number="LR-2026-0171", amount=pounds(1176_00), due_on=None)
    return letter.data(firm=FIRM, to=to, on=date(2026, 11, 5), said=said, language="en", open=[row], slip=of)


if __name__ == "__main__":
    main()
