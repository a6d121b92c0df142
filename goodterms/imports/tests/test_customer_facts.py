"""What a file says of a customer beyond name and address: numbers, electronic addresses, and the group above it."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest

from goodterms.database.isolation import acting_for
from goodterms.imports.actions import import_customers
from goodterms.imports.profile import read_profile
from goodterms.imports.tests.cast import NOW, a_vendor
from goodterms.parties.models import Customer, Vendor

pytestmark = pytest.mark.django_db
HEAD = "Code,Legal,Reg,EAS,Peppol,Ref,Group,Country,VAT\n"
PROFILE = """
[columns]
number = "Code"
legal_name = "Legal"
company_number = "Reg"
endpoint_scheme = "EAS"
endpoint_id = "Peppol"
buyer_reference = "Ref"
parent = "Group"
country = "Country"
tax_id = "VAT"
"""


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    vendor = a_vendor()
    with acting_for([vendor.id]):
        yield vendor


def take_over(vendor: Vendor, *rows: str) -> dict[str, Any]:
    return import_customers(
        vendor_id=vendor.id, file=BytesIO((HEAD + "\n".join(rows)).encode()), name="c.csv",
        profile=read_profile(PROFILE, "customers"), by="Tom", role="owner", now=NOW,
    )  # fmt: skip


def test_all_of_it_is_taken_over_and_nobody_is_welcomed(vendor: Vendor) -> None:
    Vendor.objects.filter(id=vendor.id).update(welcomes=True)
    answer = take_over(
        vendor, "G,Aire Group plc,0912 4471,,,,,GB,", "B,Bellwether Ltd,,9932,GB305417236,R-7,G,GB,GB 305 4172 36"
    )
    assert (answer["imported"], answer["new"]) == (True, 2)
    group, one = Customer.objects.order_by("-number")
    assert (one.legal_name, one.tax_id, one.buyer_reference) == ("Bellwether Ltd", "305417236", "R-7")
    assert (one.endpoint_scheme, one.endpoint_id, one.parent_id) == ("9932", "GB305417236", group.id)
    assert (group.company_number, group.parent_id, group.welcome_waits) == ("0912 4471", None, False)


def test_a_group_may_be_in_the_books_already(vendor: Vendor) -> None:
    take_over(vendor, "G,,,,,,,,")
    take_over(vendor, "B,,,,,,G,,")
    assert Customer.objects.get(number="B").parent == Customer.objects.get(number="G")


@pytest.mark.parametrize(
    ("rows", "column", "reason"),
    [
        (["B,,,,,,X,,"], "Group", "There is no customer X in the file or in the books."),
        (["B,,,,,,B,,"], "Group", "A customer cannot belong to itself."),
        (["B,,,,,,C,,", "C,,,,,,B,,"], "Group", "B would belong to itself, by way of C."),
        (["B,,,0088,,,,,"], "EAS", "An electronic address is a scheme and an id"),
        (["B,,,,GB1,,,,"], "EAS", "An electronic address is a scheme and an id"),
        (["B,,=1+1,,,,,,"], "Reg", "begins like a formula"),
        (["B,,,,,,,GB,GB 305 4172 37"], "VAT", "cannot be a tax id of GB"),
    ],
)
def test_what_cannot_be_so_stops_the_file(vendor: Vendor, rows: list[str], column: str, reason: str) -> None:
    answer = take_over(vendor, *rows)
    assert not answer["imported"]
    assert answer["bad"][0]["column"] == column
    assert reason in answer["bad"][0]["reason"]
    assert not Customer.objects.exists()
