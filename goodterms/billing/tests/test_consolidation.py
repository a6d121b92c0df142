"""Which work comes together on one invoice."""

from decimal import Decimal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from goodterms.billing.rules import Piece, bills
from goodterms.invoicing.line import Line, Tax

LINE = Line("Work", Decimal(1), Decimal(100), Tax("S", Decimal(20)))
ANN, BEN = UUID(int=1), UUID(int=2)


def piece(customer: UUID = ANN, **more: object) -> Piece:
    given: dict[str, object] = {
        "source": UUID(int=9), "customer": customer, "currency": "GBP", "order_number": "", "project": "", "work": "Retainer",
        "automatic": True, "lines": [LINE],
    }  # fmt: skip
    return Piece(**(given | more))  # type: ignore[arg-type]


def test_projects_of_one_customer_come_on_one_invoice_or_each_on_its_own() -> None:
    both = [piece(project="Gift boxes", work="Gift boxes"), piece(project="Spring range", work="Spring range")]
    [one] = bills(both, apart=frozenset())
    assert (one.work, len(one.lines)) == ("Gift boxes, Spring range", 2)
    assert [bill.work for bill in bills(both, apart=frozenset({ANN}))] == ["Gift boxes", "Spring range"]


def test_another_currency_or_purchase_order_is_another_invoice() -> None:
    assert len(bills([piece(), piece(currency="EUR"), piece(order_number="ST-114")], apart=frozenset())) == 3


def test_what_needs_a_person_keeps_its_whole_invoice_waiting() -> None:
    [one] = bills([piece(), piece(automatic=False)], apart=frozenset())
    assert not one.automatic


def test_nothing_to_pay_is_no_invoice() -> None:
    assert bills([piece(lines=[])], apart=frozenset()) == []


def test_a_name_is_never_longer_than_three_works() -> None:
    [one] = bills([piece(project=name, work=name) for name in "ABCDE"], apart=frozenset())
    assert one.work == "A, B, C and more"


PIECES = st.lists(
    st.builds(
        piece, st.sampled_from((ANN, BEN)), currency=st.sampled_from(("GBP", "EUR")), project=st.sampled_from(("", "P", "Q")),
        order_number=st.sampled_from(("", "7")), automatic=st.booleans(), lines=st.lists(st.just(LINE), max_size=2),
    ),
    max_size=12,
)  # fmt: skip


@given(PIECES, st.frozensets(st.sampled_from((ANN, BEN))))
def test_every_line_is_billed_once_to_its_own_customer(pieces: list[Piece], apart: frozenset[UUID]) -> None:
    made = bills(pieces, apart=apart)
    assert sum(len(bill.lines) for bill in made) == sum(len(one.lines) for one in pieces)
    for bill in made:
        assert {(one.customer, one.currency, one.order_number) for one in bill.pieces} == {
            (bill.customer, bill.currency, bill.order_number)
        }
        assert bill.customer not in apart or len({one.project for one in bill.pieces}) == 1
