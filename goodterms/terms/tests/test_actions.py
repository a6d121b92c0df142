"""Which version of the terms an invoice uses: the customer's own, the vendor's, or the usual ones."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from django.db import connection

from goodterms.database.isolation import acting_for
from goodterms.interactions.models import Interaction
from goodterms.parties.actions import add_customer, add_vendor
from goodterms.parties.models import Vendor
from goodterms.terms.actions import USUAL, agree, in_effect, in_effect_for
from goodterms.terms.models import AgreedTerms
from goodterms.terms.rules import Terms, parse
from goodterms.values.refusal import Refused

NOW = datetime(2026, 11, 16, 10, 20, tzinfo=UTC)
JANUARY, MARCH, JUNE, JULY = (date(2026, month, 1) for month in (1, 3, 6, 7))


def a_vendor() -> Vendor:
    return add_vendor(
        slug="tom", name="Tom", currency="GBP", country="GB", timezone="Europe/London", email="tom@vendor.example",
        now=NOW, by="operator",
    )  # fmt: skip


def a_customer(vendor: Vendor, number: str) -> UUID:
    return add_customer(vendor_id=vendor.id, number=number, name=number, currency="GBP", now=NOW, by="Tom").id


@pytest.fixture
def vendor(db: None) -> Iterator[Vendor]:
    vendor = a_vendor()
    with acting_for([vendor.id]):
        yield vendor


def say(vendor: Vendor, text: str, from_on: date, customer_id: UUID | None = None) -> AgreedTerms:
    return agree(vendor_id=vendor.id, customer_id=customer_id, terms=parse(text), from_on=from_on, now=NOW, by="Tom")


def test_nobody_agreed_on_anything_so_the_usual_terms_hold(vendor: Vendor) -> None:
    customer = a_customer(vendor, "1")
    assert in_effect(vendor.id, customer, JULY) == USUAL
    assert USUAL.terms == Terms()


def test_the_vendors_terms_hold_until_a_customer_has_their_own(vendor: Vendor) -> None:
    with_own, without = a_customer(vendor, "1"), a_customer(vendor, "2")
    say(vendor, "net 14", JANUARY)
    say(vendor, "2/10 net 45", MARCH, with_own)
    july = in_effect_for(vendor.id, [with_own, without], JULY)
    assert (july[with_own].terms, july[with_own].own) == (parse("2/10 net 45"), True)
    assert (july[without].terms, july[without].own) == (parse("net 14"), False)
    assert in_effect(vendor.id, with_own, JANUARY).terms == parse("net 14")


def test_a_version_holds_from_its_day_and_a_later_word_goes_before_it(vendor: Vendor) -> None:
    customer = a_customer(vendor, "1")
    say(vendor, "net 30", JANUARY, customer)
    say(vendor, "net 60", JUNE, customer)
    assert in_effect(vendor.id, customer, MARCH).version == 1
    assert in_effect(vendor.id, customer, JUNE).version == 2
    say(vendor, "net 20", MARCH, customer)
    assert [in_effect(vendor.id, customer, day).version for day in (JANUARY, MARCH, JULY)] == [1, 3, 3]


def test_each_version_is_in_the_log_and_none_replaces_another(vendor: Vendor) -> None:
    customer = a_customer(vendor, "1")
    versions = [say(vendor, "net 30", JANUARY, customer).version for _ in range(3)]
    assert versions == [1, 2, 3]
    assert Interaction.objects.filter(kind="terms.agreed", customer_id=customer).count() == 3


def test_nobody_can_agree_for_a_customer_of_another_vendor(vendor: Vendor) -> None:
    with pytest.raises(Refused, match="no such customer"):
        say(vendor, "net 30", JANUARY, uuid4())


@pytest.mark.django_db(transaction=True)
def test_versions_agreed_at_once_follow_each_other() -> None:
    vendor = a_vendor()
    faults: list[Exception] = []

    def one() -> None:
        try:
            with acting_for([vendor.id]):
                say(vendor, "net 30", JANUARY)
        except Exception as fault:  # noqa: BLE001  (shown below)
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with acting_for([vendor.id]):
        assert sorted(AgreedTerms.objects.values_list("version", flat=True)) == [1, 2, 3, 4, 5, 6]
