"""An agreed price in real books: deposits, parts and the final invoice, what is credited meanwhile, and who tries twice."""

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from goodterms.billing.actions import Way, agree_price, bill_part, bill_rest, open_project
from goodterms.billing.models import AgreedPrice, Part, Project
from goodterms.billing.rules import Ask
from goodterms.billing.standing import Stands, standing
from goodterms.database.isolation import acting_for
from goodterms.invoicing.actions import approve, correct, credit, discard, edit, issue, void
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Invoice, TakenOff
from goodterms.invoicing.models import Line as LineRow
from goodterms.invoicing.tests.book import NOW, TODAY, a_customer, a_vendor, must_be_true
from goodterms.parties.models import Vendor
from goodterms.values.keys import new_key
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

S20, S5 = Tax("S", Decimal(20)), Tax("S", Decimal(5))
WHO: dict[str, Any] = {"by": "Maud", "role": "owner", "now": NOW}
AT_ONCE = Way(issues=True)
DESIGN, PRINT = Line("Design", Decimal(1), Decimal(6000), S20), Line("Books", Decimal(400), Decimal(10), S5, "piece")
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def vendor() -> Vendor:
    return a_vendor()


def a_project(vendor: Vendor, *lines: Line, **customer: Any) -> Project:
    """Ten thousand before tax unless lines are given: 6,000 with 20 and 4,000 with 5 per cent."""
    who = a_customer(vendor.id, **customer)
    project = open_project(vendor_id=vendor.id, customer_id=who.id, name="Annual report", **WHO)
    agree_price(project_id=project.id, lines=lines or (DESIGN, PRINT), **WHO)
    return project


def part(project: Project, kind: str = "progress", way: Way = AT_ONCE, key: Any = None, **ask: Any) -> Invoice:
    return bill_part(project_id=project.id, kind=kind, ask=Ask(**ask), on=TODAY, key=key, way=way, **WHO)


def deposit(project: Project, percent: int = 30, **more: Any) -> Invoice:
    return part(project, "deposit", percent=Decimal(percent), **more)


def rest(project: Project, way: Way = AT_ONCE, **more: Any) -> Invoice:
    return bill_rest(project_id=project.id, on=TODAY, way=way, **WHO, **more)


def stands(project: Project) -> Stands:
    found = standing(project)
    assert found is not None
    return found


def groups(invoice: Invoice) -> list[tuple[str, int, int]]:
    return [(one["rate"], one["taxable_minor"], one["tax_minor"]) for one in invoice.document["tax_groups"]]


def credited(invoice: Invoice, minor: int | None = None) -> Invoice:
    amount = None if minor is None else Money(minor, "GBP")
    return credit(invoice_id=invoice.id, reason="As agreed", issued_on=TODAY, amount=amount, **WHO).note


def refused(said: str) -> Any:
    return pytest.raises(Refused, match=said)


def test_a_deposit_a_part_and_the_rest_come_to_the_price_and_its_tax(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        project = a_project(vendor)
        first = deposit(project)
        assert groups(first) == [("5", 1200_00, 60_00), ("20", 1800_00, 360_00)]
        assert (first.number, first.work, first.document["part"]) == ("2026-0001", "Deposit for Annual report, 30%", "deposit")
        second = part(project, complete=Decimal(75))
        assert (second.net_minor, second.work) == (4500_00, "Annual report, 75% complete")
        now = stands(project)
        assert (now.invoiced.minor, now.left.minor, now.percent) == (7500_00, 2500_00, Decimal("75.0"))
        last = rest(project)
        assert (last.net_minor, last.tax_minor) == (2500_00, 1400_00 - first.tax_minor - second.tax_minor)
        assert last.document["earlier"][0] == {
            "position": 3, "number": "2026-0001", "issued_on": "2026-11-16", "net_minor": 1200_00, "tax_minor": 60_00,
            "part": "deposit",
        }  # fmt: skip
        said = list(LineRow.objects.filter(invoice=last).order_by("position").values_list("description", "net_minor"))
        assert said[0] == ("Design", 6000_00)
        assert said[2] == ("Less deposit 2026-0001 of 16 November 2026, with £60.00 tax", -1200_00)
        assert stands(project).left.minor == 0
        must_be_true(vendor.id)


def test_what_was_credited_is_not_taken_off_and_what_is_void_neither(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        project = a_project(vendor, DESIGN)
        first, second, third = (part(project, net=Money(1000_00, "GBP")) for _ in range(3))
        note = credited(first, 480_00)
        void(invoice_id=third.id, on=TODAY, reason="Wrong", **WHO)
        last = rest(project)
        assert [one["net_minor"] for one in last.document["earlier"]] == [1000_00 - note.net_minor, 1000_00]
        bills = [first, second, last]
        assert sum(one.net_minor for one in bills) - note.net_minor == 6000_00
        assert sum(one.tax_minor for one in bills) - note.tax_minor == 1200_00


def test_a_deposit_that_nobody_paid_stays_owed_and_is_taken_off(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        project = a_project(vendor, DESIGN)
        first, last = deposit(project), rest(project)
        first.refresh_from_db()
        assert (first.open_minor, last.open_minor) == (2160_00, 5040_00)


def test_what_is_taken_off_is_neither_credited_nor_void_before_the_final_invoice_is(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        project = a_project(vendor, DESIGN)
        first = deposit(project)
        last = rest(project, Way())
        with refused("2026-0001 is taken off on a draft. Credit that one first, or discard it while it is a draft."):
            credited(first)
        with refused("2026-0001 is taken off on a draft"):
            void(invoice_id=first.id, on=TODAY, reason="Wrong", **WHO)
        discard(invoice_id=last.id, reason="Later", **WHO)
        last = rest(project)
        with refused("is taken off on invoice 2026-0002. Credit that one first"):
            credited(first, 1_00)
        with refused(r"The final invoice of this project is written \(2026-0002\)"):
            deposit(project)
        with refused("so its price stays. Credit or discard that first."):
            agree_price(project_id=project.id, lines=[PRINT], reason="More", **WHO)
        credited(last)
        credited(first, 216_00)
        again = rest(project)
        assert (again.net_minor, again.document["earlier"][0]["net_minor"]) == (4380_00, 1620_00)
        must_be_true(vendor.id)


def test_a_draft_counts_and_is_not_left_behind_by_the_final_invoice(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        project = a_project(vendor)
        first = deposit(project, 60, way=Way())
        assert (stands(project).drafted.minor, stands(project).left.minor) == (6000_00, 4000_00)
        with refused("Only 4,000.00 GBP of the agreed 10,000.00 GBP are left to invoice before tax"):
            deposit(project, 50)
        with refused("A part of this price is still a draft. Issue it or discard it first, then bill the rest."):
            rest(project)
        discard(invoice_id=first.id, reason="Later", **WHO)
        assert deposit(project, 50).net_minor == 5000_00


def test_a_milestone_is_billed_once_and_again_when_it_was_credited(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        project = a_project(vendor)
        first = part(project, milestone=1)
        assert (first.work, groups(first)) == ("Design, reached", [("20", 6000_00, 1200_00)])
        with refused("“Design” was billed as reached already."):
            part(project, milestone=1)
        assert [billing is not None for *_, billing in stands(project).milestones] == [True, False]
        credited(first)
        assert part(project, milestone=1).net_minor == 6000_00


def test_another_price_is_another_version_and_never_below_what_is_billed(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        project = a_project(vendor, DESIGN)
        same = agree_price(project_id=project.id, lines=[DESIGN], **WHO)
        assert (same.version, AgreedPrice.objects.count()) == (1, 1)
        deposit(project, 50)
        less = Line("Design", Decimal(1), Decimal(2500), S20)
        with refused("3,000.00 GBP before tax are invoiced or drafted already. Credit 500.00 GBP of it first"):
            agree_price(project_id=project.id, lines=[less], reason="Smaller", **WHO)
        with refused("Say why the price is another one"):
            agree_price(project_id=project.id, lines=[DESIGN, PRINT], **WHO)
        more = agree_price(project_id=project.id, lines=[DESIGN, PRINT], reason="They want it printed", **WHO)
        assert (more.version, more.net_minor, stands(project).left.minor) == (2, 10_000_00, 7000_00)


def test_where_the_price_has_no_tax_any_more_a_deposit_may_be_more_than_all_of_it(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        project = a_project(vendor, DESIGN)
        first = deposit(project, 100)
        abroad = Line("Design", Decimal(1), Decimal(6000), Tax("AE", Decimal(0), "Reverse charge"))
        agree_price(project_id=project.id, lines=[abroad], reason="They moved", **WHO)
        with refused(
            "What was invoiced before is 1,200.00 GBP more than all of it, with tax. Credit so much of a deposit first"
        ):
            rest(project)
        credited(first)
        last = rest(project)
        assert (groups(last), last.total_minor) == ([("0", 6000_00, 0)], 6000_00)


def test_its_lines_stay_as_they_were_worked_out_but_its_name_may_change(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        project = a_project(vendor, DESIGN)
        first = deposit(project, way=Way())
        line = Line("Deposit for Annual report, 30%", Decimal(1), Decimal(1800), S20, project="Annual report")
        edited = edit(invoice_id=first.id, lines=[line], order_number="PO-7", **WHO)
        assert (edited.order_number, edited.document["part"]) == ("PO-7", "deposit")
        with refused("The lines of this draft are worked out of what was agreed"):
            edit(invoice_id=first.id, lines=[DESIGN], **WHO)
        approve(invoice_id=first.id, **WHO)
        issue(invoice_id=first.id, issued_on=TODAY, **WHO)
        with refused("Credit it, then bill anew where it came from."):
            correct(invoice_id=first.id, reason="Wrong", issued_on=TODAY, **WHO)


def test_the_same_key_makes_one_invoice_and_another_project_may_not_use_it(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        project, key = a_project(vendor), new_key(NOW)
        first = deposit(project, key=key)
        assert deposit(project, key=key).id == first.id == key
        assert (Part.objects.count(), stands(project).invoiced.minor) == (1, 3000_00)
        last, again = new_key(NOW), new_key(NOW)
        assert rest(project, key=last).id == rest(project, key=last).id
        other = a_project(vendor)
        with refused("This key stands for another invoice. Take a new one."):
            deposit(other, key=key)
        assert deposit(other, key=again).number == "2026-0003"


def test_two_who_press_at_once_bill_no_more_than_was_agreed(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        project = a_project(vendor)
        key = new_key(NOW)

    def press(at: int) -> str:
        try:
            with acting_for([vendor.id]):
                return deposit(project, 60, key=key if at % 2 else None).number
        except Refused as no:
            return no.sentence[:4]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(press, range(4)))
    with acting_for([vendor.id]):
        assert sum(one == "Only" for one in said) in (2, 3)  # those with the key that won are told its number
        assert Invoice.objects.count() == 1
        assert stands(project).invoiced.minor == 6000_00


def test_whoever_dies_half_way_leaves_nothing_and_may_try_again(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The paper is the last that is made; a crash there takes the number, the entry and the part back with it."""
    key = new_key(NOW)
    with acting_for([vendor.id]):
        project = a_project(vendor)
    with monkeypatch.context() as dying:
        dying.setattr(sys.modules["goodterms.invoicing.actions.issue"], "make_papers", _die)
        with pytest.raises(ConnectionError), acting_for([vendor.id]):
            deposit(project, key=key)
    with acting_for([vendor.id]):
        assert not Part.objects.exists()
        assert not Invoice.objects.exists()
        assert [deposit(project, key=key).number for _ in range(2)] == ["2026-0001", "2026-0001"]
        with monkeypatch.context() as dying:
            dying.setattr(sys.modules["goodterms.invoicing.actions.issue"], "make_papers", _die)
            with pytest.raises(ConnectionError):
                rest(project)
        assert not TakenOff.objects.exists()
        assert rest(project).number == "2026-0002"


def test_only_those_who_bill_agree_and_bill(vendor: Vendor) -> None:
    with acting_for([vendor.id]):
        project = a_project(vendor)
        reader = WHO | {"role": "reader"}
        with refused("A price is agreed and billed by the owner, a bookkeeper or an approver. Ask one of them."):
            bill_rest(project_id=project.id, on=TODAY, **reader)
        with refused("There is no project like that here."):
            bill_rest(project_id=new_key(NOW), on=TODAY, **WHO)
        bare = open_project(vendor_id=vendor.id, customer_id=project.customer_id, name="Bare", **WHO)
        with refused("No price is agreed for this project."):
            bill_rest(project_id=bare.id, on=date(2026, 11, 17), **WHO)


def _die(**_: Any) -> None:
    raise ConnectionError("gone")
