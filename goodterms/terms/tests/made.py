"""Makes terms, days and money of every kind for the properties."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

from hypothesis import strategies as st

from goodterms.terms.rules import DayOfMonth, Days, Discount, LateFee, MonthEnd, Part, Terms, Tolerance, Withholding
from goodterms.terms.rules.agreed import Ops
from goodterms.values.money import Money

issue_days = st.dates(date(2013, 1, 1), date(2026, 6, 30))
percents = st.decimals(Decimal("0.01"), Decimal(100), places=2)


def money(currency: str = "EUR", smallest: int = 0) -> st.SearchStrategy[Money]:
    return st.integers(smallest, 10**10).map(lambda minor: Money(minor, currency))


def op_lists() -> st.SearchStrategy[Ops]:
    one = st.one_of(st.integers(-31, 120).map(Days), st.just(MonthEnd()), st.integers(1, 31).map(DayOfMonth))
    return st.lists(one, max_size=3).map(tuple)


@st.composite
def instalment_lists(draw: st.DrawFn) -> tuple[Part, ...]:
    cuts = sorted(draw(st.sets(st.integers(1, 9999), max_size=5)))
    bounds = [0, *cuts, 10000]
    shares = [Decimal(b - a) / 100 for a, b in pairwise(bounds)]
    return tuple(Part(share, draw(op_lists())) for share in shares) if cuts else ()


@st.composite
def fees(draw: st.DrawFn) -> LateFee:
    return LateFee(
        kind=draw(st.sampled_from(["monthly", "fixed", "eu", "uk"])),
        agreed=draw(st.booleans()),
        percent=draw(percents),
        amount=draw(money(smallest=1)),
        part_months=draw(st.sampled_from(["pro_rata", "whole"])),
        points=draw(st.decimals(8, 12, places=2)),
        rates=draw(st.sampled_from(["by_law", "fixed_at_start", "split"])),
        year=draw(st.sampled_from(["365", "360", "actual"])),
        between_businesses=draw(st.booleans()),
        cap_percent=draw(st.none() | percents),
    )


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    return Terms(
        due=draw(op_lists()),
        supply=draw(st.sampled_from(["before", "with", "after"])),
        non_working=draw(st.sampled_from(["keep", "next_working_day"])),
        instalments=draw(instalment_lists()),
        discounts=tuple(draw(st.lists(st.builds(Discount, percents, op_lists()), max_size=3))),
        discount_tax=draw(st.sampled_from(["if_taken", "always", "never"])),
        grace_days=draw(st.integers(0, 60)),
        late_fee=draw(st.none() | fees()),
        tolerance=Tolerance(draw(st.none() | percents), draw(st.none() | money())),
        deposit_percent=draw(st.just(Decimal(0)) | percents),
        withholding=draw(st.none() | st.builds(Withholding, st.sampled_from(["IRPF", "PPh 23"]), st.decimals(1, 99, places=2))),
    )
