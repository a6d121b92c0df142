"""Retainers: hours and sums paid ahead, what work takes out of them, what goes with time; and no cent is lost on the way."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goodterms.billing.actions import Way, Work, add_items, begin_retainer, draw, end_retainer, open_project, top_up
from goodterms.billing.models import Item, Retainer
from goodterms.billing.rules import Lot, cover, expires_on, hours_in, split, usable
from goodterms.billing.standing import holding
from goodterms.database.isolation import acting_for
from goodterms.invoicing.actions import approve, credit, discard, draft, issue
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.tests.book import NOW, TODAY, a_customer, a_vendor, must_be_true
from goodterms.invoicing.totals import TaxGroup, totals
from goodterms.parties.models import Customer, Vendor
from goodterms.values.keys import new_key
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

S20, S16, FREE = Tax("S", Decimal(20)), Tax("S", Decimal(16)), Tax("E", Decimal(0), "School")
WHO: dict[str, Any] = {"by": "Maud", "role": "owner", "now": NOW}
AT_ONCE = Way(issues=True)
NOVEMBER, DECEMBER = date(2026, 11, 30), date(2026, 12, 1)


@pytest.fixture
def vendor() -> Vendor:
    return a_vendor()


def hours(quantity: str, price: str = "100", unit: str = "h") -> Line:
    return Line("Support", Decimal(quantity), Decimal(price), S20, unit)


def done(customer: Customer, *lines: Line, kind: str = "time") -> list[UUID]:
    project = open_project(vendor_id=customer.vendor_id, customer_id=customer.id, name="Support", **WHO)
    return [one.id for one in add_items(project_id=project.id, work=[Work(line, kind, TODAY) for line in lines], **WHO)]


def a_retainer(customer: Customer, unit: str = "hours", tax: Tax = S20, **more: Any) -> Retainer:
    price = Decimal(90) if unit == "hours" else None
    given: dict[str, Any] = {"name": "Care", "unit": unit, "unit_price": price, "tax": tax} | more
    return begin_retainer(vendor_id=customer.vendor_id, customer_id=customer.id, **given, **WHO)


def topped(retainer: Retainer, quantity: int, way: Way = AT_ONCE, on: date = TODAY, key: UUID | None = None) -> Invoice:
    return top_up(retainer_id=retainer.id, quantity=Decimal(quantity), on=on, way=way, key=key, **WHO)


def drawn(retainer: Retainer, on: date = TODAY, way: Way = AT_ONCE, **more: Any) -> Invoice:
    return draw(retainer_id=retainer.id, on=on, way=way, **more, **WHO)


def lot(net: int, tax: int, rate: int = 20, number: str = "1", until: date | None = None) -> Lot:
    group = TaxGroup("S", Decimal(rate), Money(net, "EUR"), Money(tax, "EUR"), "")
    return Lot(new_key(NOW), number, TODAY, until, [group])


WORK = st.lists(
    st.builds(
        Line, st.just("Work"), st.sampled_from(["1", "2.5", "0.25"]).map(Decimal),
        st.decimals("0.01", "900", places=2), st.sampled_from([S20, S16, FREE]),
    ),
    min_size=1, max_size=4,
)  # fmt: skip
LOTS = st.lists(st.tuples(st.integers(1, 100_000), st.sampled_from([20, 16, 7])), min_size=1, max_size=4).map(
    lambda rows: [lot(net, round(net * rate / 100), rate, str(at)) for at, (net, rate) in enumerate(rows)]
)


@settings(max_examples=300, deadline=None)
@given(work=WORK, lots=LOTS)
def test_work_never_comes_to_less_than_nothing_and_no_lot_gives_more_than_it_has(work: list[Line], lots: list[Lot]) -> None:
    groups = totals("EUR", work).groups
    taken = cover(groups, lots)
    for one in lots:
        of = [part.group for part in taken if part.lot.invoice_id == one.invoice_id]
        [group] = one.groups
        assert sum(part.taxable.minor for part in of) <= group.taxable.minor
        assert sum(part.tax.minor for part in of) <= group.tax.minor
        assert all(part.taxable.minor >= 0 and part.tax.minor >= 0 for part in of)
    owed = sum(group.taxable.minor + group.tax.minor for group in groups)
    paid = sum(one.group.taxable.minor + one.group.tax.minor for one in taken)
    held = sum(group.taxable.minor + group.tax.minor for one in lots for group in one.groups)
    assert paid <= owed
    if all(group.rate == 20 for one in lots for group in one.groups) and {line.tax for line in work} == {S20}:
        assert abs(min(owed, held) - paid) <= 1 + len(lots)  # a cent where shares of tax are rounded


def test_what_expires_first_is_taken_first() -> None:
    late, early, never, gone = (
        lot(100, 20, number=number, until=until)
        for number, until in (("late", DECEMBER), ("early", NOVEMBER), ("never", None), ("gone", date(2026, 10, 31)))
    )
    assert [one.number for one in usable([late, never, gone, early], TODAY)] == ["early", "late", "never"]
    assert [one.lot.number for one in cover(totals("EUR", [hours("1", "1.50")]).groups, [early, late])] == ["early", "late"]


@pytest.mark.parametrize(
    ("keeps", "until"), [(None, None), (0, NOVEMBER), (1, date(2026, 12, 31)), (3, date(2027, 2, 28)), (12, date(2027, 11, 30))]
)
def test_what_is_paid_ahead_is_kept_to_the_end_of_a_month(keeps: int | None, until: date | None) -> None:
    assert expires_on(TODAY, keeps) == until


def test_hours_cover_time_at_the_price_they_were_bought_for_and_nothing_else() -> None:
    lines = [(hours("3"), True), (Line("Train", Decimal(1), Decimal(40), S20), False), (hours("4"), True)]
    covered, beyond = split(lines, Decimal(5), Decimal(90), S20)
    assert [(line.quantity, line.unit_price) for line in covered] == [(Decimal(3), Decimal(90)), (Decimal(2), Decimal(90))]
    assert [(line.description, line.quantity, line.unit_price) for line in beyond] == [
        ("Train", Decimal(1), Decimal(40)), ("Support", Decimal(2), Decimal(100)),
    ]  # fmt: skip
    assert hours_in(Money(899_99, "EUR"), Decimal(90)) == Decimal("9.999888")


pg = pytest.mark.django_db


@pg
def test_hours_are_bought_used_and_what_goes_beyond_is_paid(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        customer = a_customer(vendor.id)
        retainer = a_retainer(customer)
        bought = topped(retainer, 10)
        assert (bought.total_minor, bought.document["part"], bought.work) == (1080_00, "deposit", "Care, paid ahead")
        done(customer, hours("6"))
        used = drawn(retainer)
        assert (used.total_minor, used.work) == (0, "Support, from Care")
        holds = holding(retainer, TODAY)
        assert (holds.hours, holds.net) == (Decimal(4), Money(360_00, "GBP"))
        done(customer, hours("5"), Line("Train", Decimal(1), Decimal(40), S20))
        beyond = drawn(retainer)
        assert (beyond.net_minor, beyond.tax_minor) == (140_00, 28_00)  # one hour at 100, and the train
        assert holding(retainer, TODAY).hours == 0
        done(customer, hours("1"))
        with pytest.raises(Refused, match=r"Care holds nothing on 2026-11-16. Top it up first, or bill the work by itself."):
            drawn(retainer)
        must_be_true(vendor.id)


@pg
def test_a_sum_is_held_over_top_ups_and_its_older_tax_goes_with_it(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        customer = a_customer(vendor.id)
        retainer = a_retainer(customer, "sum", S16)
        first = topped(retainer, 500)
        done(customer, hours("1"), Line("Licence", Decimal(1), Decimal(300), FREE))
        used = drawn(retainer)
        assert (used.total_minor, used.document["earlier"][0]["number"]) == (0, first.number)
        left = holding(retainer, TODAY)
        assert left.net.minor == 500_00 - round(420_00 / 1.16)
        topped(retainer, 200)
        assert holding(retainer, TODAY).net == left.net + Money(200_00, "GBP")
        credit(invoice_id=first.id, reason="They stop", issued_on=TODAY, **WHO)  # what is left of it, and no more
        assert holding(retainer, TODAY).net == Money(200_00, "GBP")
        must_be_true(vendor.id)


@pg
def test_what_is_not_used_in_its_month_is_gone_unless_it_is_kept(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        customer = a_customer(vendor.id)
        ends, rolls = (a_retainer(customer, name=name, keeps_months=keeps) for name, keeps in (("Ends", 0), ("Rolls", 1)))
        for one in (ends, rolls):
            topped(one, 2)
        assert [holding(one, NOVEMBER).hours for one in (ends, rolls)] == [2, 2]
        assert [holding(one, DECEMBER).hours for one in (ends, rolls)] == [0, 2]
        assert holding(ends, DECEMBER).expired == Money(180_00, "GBP")


@pg
def test_a_draft_holds_nothing_and_a_discarded_drawing_gives_back(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        customer = a_customer(vendor.id)
        retainer = a_retainer(customer)
        topped(retainer, 10, way=Way())
        [item] = done(customer, hours("6"))
        with pytest.raises(Refused, match="holds nothing"):
            drawn(retainer)
        topped(retainer, 10)
        draft = drawn(retainer, way=Way())
        assert (holding(retainer, TODAY).hours, Item.objects.get(id=item).invoice_id) == (Decimal(4), draft.id)
        discard(invoice_id=draft.id, reason="Later", **WHO)
        assert holding(retainer, TODAY).hours == 10
        assert drawn(retainer, item_ids=[item]).total_minor == 0


@pg
@pytest.mark.parametrize("unit", ["hours", "sum"])
def test_a_drawing_that_came_to_nothing_is_credited_as_a_whole_and_gives_back(vendor: Vendor, unit: str) -> None:
    """It was delivered, so it cannot be void; in another tax rate than was paid ahead it moves tax, and that goes back too."""
    with acting_for([vendor.id]):
        customer = a_customer(vendor.id)
        retainer = a_retainer(customer, unit, S20 if unit == "hours" else S16)
        topped(retainer, 10 if unit == "hours" else 900)
        before = holding(retainer, TODAY).net
        done(customer, hours("4"))
        wrong = drawn(retainer)
        assert (wrong.total_minor, holding(retainer, TODAY).net < before) == (0, True)
        said = {"invoice_id": wrong.id, "reason": "Not their hours", "issued_on": TODAY, **WHO}
        with pytest.raises(Refused, match="it is credited as a whole"):
            credit(**said, amount=Money(1, "GBP"))
        note = credit(**said).note
        assert (note.total_minor, note.net_minor, note.lines.count()) == (0, wrong.net_minor, wrong.lines.count())
        assert holding(retainer, TODAY).net == before
        with pytest.raises(Refused, match="All of this invoice is credited already"):
            credit(**said)
        must_be_true(vendor.id)


@pg
def test_what_comes_to_nothing_and_takes_nothing_off_has_nothing_to_credit(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        free = Line("A gift", Decimal(1), Decimal(100), S20, discount_percent=Decimal(100))
        one = draft(vendor_id=vendor.id, customer_id=a_customer(vendor.id).id, lines=[free], **WHO)
        approve(invoice_id=one.id, **WHO)
        issue(invoice_id=one.id, issued_on=TODAY, **WHO)
        with pytest.raises(Refused, match=r"so there is nothing to credit\. Credit what was billed before it instead\."):
            credit(invoice_id=one.id, reason="No gift", issued_on=TODAY, **WHO)


@pg
def test_the_same_key_tops_up_and_draws_once_and_an_ended_one_is_only_drawn(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        customer = a_customer(vendor.id)
        retainer = a_retainer(customer)
        assert a_retainer(customer).id == retainer.id
        key, other = new_key(NOW), new_key(NOW)
        assert topped(retainer, 3, key=key).id == topped(retainer, 3, key=key).id
        end_retainer(retainer_id=retainer.id, on=TODAY, reason="They do it themselves", **WHO)
        with pytest.raises(Refused, match=r"Care ended on 2026-11-16. Begin another one."):
            topped(retainer, 1)
        done(customer, hours("1"))
        assert drawn(retainer, key=other).id == drawn(retainer, key=other).id
        assert holding(retainer, TODAY).hours == 2


@pg
@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({"name": " "}, "A retainer has a name"),
        ({"unit": "days"}, "A retainer holds a sum or hours."),
        ({"unit_price": None}, "Say what an hour of it costs before tax."),
        ({"keeps_months": 200}, "It is kept for 0 to 120 months"),
        ({"role": "reader"}, "Retainers are kept by the owner, a bookkeeper or an approver. Ask one of them."),
    ],
)
def test_what_a_retainer_must_say(vendor: Vendor, given_: dict[str, Any], said: str) -> None:
    with acting_for([vendor.id]):
        customer = a_customer(vendor.id)
        usual: dict[str, Any] = {"name": "Care", "unit": "hours", "unit_price": Decimal(90), "tax": S20} | WHO
        with pytest.raises(Refused, match=said):
            begin_retainer(vendor_id=vendor.id, customer_id=customer.id, **(usual | given_))
