"""A vendor in Bristol bills a customer in dollars and one in yen, is paid on other days in parts, and knows what it came to."""

from decimal import Decimal

import pytest

from goodterms.database.isolation import acting_for
from goodterms.payments.differences import differences, summed
from goodterms.proof.prove import prove
from goodterms.relationship.measures.aging import aging
from goodterms.values.money import Money
from goodterms.values.refusal import Refused
from stories.world import World, a_line

pytestmark = pytest.mark.django_db(transaction=True)


def test_from_no_rate_to_the_last_cent() -> None:
    world = World()
    atelier, studio = world.a_customer("Atelier Moreau", currency="USD"), world.a_customer("Kuroda Studio", currency="JPY")
    with pytest.raises(Refused, match="no exchange rate from USD to GBP for 1 September 2026"):
        world.bill(atelier, a_line("1000"))
    world.read_rates({"USD": "1.1000", "GBP": "0.8500", "JPY": "170.00"})
    dollars, yen = world.bill(atelier, a_line("1000")), world.bill(studio, a_line("100001"))
    assert dollars.number.endswith("0001")  # what was refused took no number
    assert dollars.document["exchange"]["rate"] == "0.772727272727"
    assert (yen.total_minor, yen.document["exchange"]["tax_minor"]) == (120_001, 100_00)
    world.later(days=10)
    world.pay(atelier, 400_00, key="no rate is known that day")
    world.read_rates({"USD": "1.2500", "GBP": "0.8500", "JPY": "160.00"})  # and now it is
    world.pay(atelier, 200_00, key="part")
    world.pay(studio, 60_001, key="half")
    world.credit(dollars.id, 120_00, "USD")
    with acting_for([world.vendor.id]):
        open_in_pounds = aging(
            vendor_id=world.vendor.id, slug=world.slug, as_of=world.today, today=world.today, currency="GBP"
        )["currencies"]  # fmt: skip
        found = differences(vendor_id=world.vendor.id)
    assert open_in_pounds[0]["total_minor"] == 326_40 + 318_75  # USD 480 at 0.68 and JPY 60,000 at 0.0053125
    # Dollars at 0.68 that were billed at 0.7727, yen at 0.0053125 that were billed at 0.005, a credit as its invoice.
    assert [one.gained for one in found] == [Money(minor, "GBP") for minor in (-37_09, -18_54, 18_75, 0)]
    told = summed(found, "GBP")
    assert (told.gains, told.losses, told.waiting) == (Money(18_75, "GBP"), Money(55_63, "GBP"), 0)
    billed = (Decimal("1200") * Decimal("0.772727272727")).quantize(Decimal("0.01"))
    left = (Decimal("480") * Decimal("0.772727272727")).quantize(Decimal("0.01"))
    credited = (Decimal("120") * Decimal("0.772727272727")).quantize(Decimal("0.01"))
    in_dollars = sum(one.gained.major for one in found if one.gained and one.settled.currency == "USD")
    assert in_dollars == Decimal("408.00") + credited - (billed - left)
    assert {one.invariant.id: one.finding.named for one in prove([world.vendor.id]) if one.finding.broken} == {}
