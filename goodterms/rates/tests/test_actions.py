"""Decides that rates are read once and never rewritten, given and ended on record, fixed once, and stay with their vendor."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from goodterms.database.isolation import acting_for
from goodterms.interactions.models import Interaction
from goodterms.parties.models import Vendor
from goodterms.rates.actions import end_rate, fix, give_rate, read_file
from goodterms.rates.models import Fixing, GivenRate, PublishedRate
from goodterms.rates.reading import fixed, known, rates_for
from goodterms.rates.rules import Given, Rate
from goodterms.rates.tests.test_ecb import HISTORY
from goodterms.values.keys import new_key
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db
FRIDAY = date(2024, 5, 17)
NOW = datetime(2026, 11, 16, 10, 20, tzinfo=UTC)


def a_vendor(slug: str) -> Vendor:
    one = Vendor(
        id=new_key(NOW), slug=slug, name=slug, email="a@vendor.example", country="GB", currency="GBP", timezone="Europe/London",
        created_at=NOW,
    )  # fmt: skip
    with acting_for([one.id]):
        one.save(force_insert=True)
    return one


@pytest.fixture
def vendor() -> Iterator[UUID]:
    one = a_vendor("halden")
    with acting_for([one.id]):
        yield one.id


def by_hand(vendor: UUID, rate: str = "0.80", currency: str = "USD", **more: date) -> GivenRate:
    days = {"from_on": FRIDAY, "until_on": FRIDAY} | more
    one = Given(currency, "GBP", Decimal(rate), source="the bank", **days)
    return give_rate(vendor_id=vendor, given=one, by="Tom", now=NOW)


def test_a_file_is_read_once_and_what_was_read_stays(vendor: UUID) -> None:
    first = read_file(vendor_id=vendor, content=HISTORY, by="Tom", now=NOW)
    assert first._asdict() == {
        "rates": 12, "days": 2, "new": 12, "other": 0, "first_on": FRIDAY - timedelta(days=1), "last_on": FRIDAY,
    }  # fmt: skip
    again = read_file(vendor_id=vendor, content=HISTORY.replace(b"1.0844", b"2.0844"), by="Tom", now=NOW)
    assert (again.new, again.other) == (0, 1)
    assert PublishedRate.objects.get(currency="USD", day=FRIDAY).per_euro == Decimal("1.0844")
    assert {one.data["new"] for one in Interaction.objects.filter(kind="rates.read")} == {12, 0}


def test_the_rate_of_a_day_comes_from_what_was_read_and_from_hand_first(vendor: UUID) -> None:
    read_file(vendor_id=vendor, content=HISTORY, by="Tom", now=NOW)
    monday = FRIDAY + timedelta(days=3)
    assert rates_for(vendor_id=vendor, base="GBP", currencies=["EUR", "USD", "GBP"], on=monday) == {
        "EUR": Rate("EUR", "GBP", Decimal("0.85675"), FRIDAY, "ECB"),
        "USD": Rate("USD", "GBP", Decimal("0.790068240502"), FRIDAY, "ECB"),
    }
    one = by_hand(vendor, until_on=monday)
    assert rates_for(vendor_id=vendor, base="GBP", currencies=["USD"], on=monday)["USD"].source == "the bank"
    end_rate(vendor_id=vendor, rate_id=one.id, by="Ann", now=NOW)
    assert rates_for(vendor_id=vendor, base="GBP", currencies=["USD"], on=monday)["USD"].source == "ECB"
    with pytest.raises(Refused, match="no rate like that in use"):
        end_rate(vendor_id=vendor, rate_id=one.id, by="Ann", now=NOW)
    with pytest.raises(Refused, match="no exchange rate from KWD to GBP for 20 May 2024"):
        rates_for(vendor_id=vendor, base="GBP", currencies=["USD", "KWD"], on=monday)
    assert {one.kind for one in Interaction.objects.all()} == {"rates.read", "rate.given", "rate.ended"}


def test_any_number_of_currencies_and_days_is_one_statement(vendor: UUID) -> None:
    read_file(vendor_id=vendor, content=HISTORY, by="Tom", now=NOW)
    with CaptureQueriesContext(connection) as told:
        assert rates_for(vendor_id=vendor, base="GBP", currencies=["GBP"], on=FRIDAY) == {}
        assert len(told) == 0
        book = known(vendor_id=vendor, currencies=["GBP", "USD", "JPY"], first_on=FRIDAY, last_on=date(2024, 5, 30))
        assert len(told) == 1
    assert book.must("JPY", "GBP", FRIDAY + timedelta(days=7)).on == FRIDAY
    assert book.find("JPY", "GBP", FRIDAY + timedelta(days=8)) is None


def test_a_rate_is_fixed_once_and_is_frozen(vendor: UUID) -> None:
    document = new_key(NOW)
    rate = Rate("JPY", "GBP", Decimal("0.0050"), FRIDAY, "ECB")
    fix(vendor_id=vendor, rates=[(document, rate)], now=NOW)
    fix(vendor_id=vendor, rates=[(document, rate._replace(value=Decimal(9)))], now=NOW)
    assert fixed([document]) == {document: rate}
    assert Fixing.objects.get().factor == Decimal("0.5")  # pence for a yen
    for change in (
        "update rates_fixing set rate = 1",
        "delete from rates_fixing",
        "update rates_publishedrate set per_euro = 1",
    ):
        with pytest.raises(DatabaseError, match=r"append-only|permission denied"), transaction.atomic():
            connection.cursor().execute(change)


def test_rates_of_one_vendor_are_not_anothers(vendor: UUID) -> None:
    read_file(vendor_id=vendor, content=HISTORY, by="Tom", now=NOW)
    by_hand(vendor)
    other = a_vendor("penhale").id
    with acting_for([other]):
        assert not PublishedRate.objects.exists()
        assert not GivenRate.objects.exists()
        with pytest.raises(Refused, match="no exchange rate"):
            rates_for(vendor_id=other, base="GBP", currencies=["USD"], on=FRIDAY)
