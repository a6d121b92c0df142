"""An invoice that is more than its customer expects waits for their word, whatever way it was to be issued, and only then."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goodterms.database.isolation import acting_for
from goodterms.delivery.actions import word
from goodterms.delivery.models import Letter
from goodterms.interactions.models import Interaction, Outreach
from goodterms.invoicing.actions import (
    Wanted,
    agree,
    approve,
    ask_first,
    credit,
    discard,
    draft,
    edit,
    expect,
    issue,
    issue_many,
    issue_new,
    let_lapse,
    object_to,
    remind_unanswered,
    send_back,
)
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Forewarning, Invoice
from goodterms.invoicing.tests.book import NOW, TODAY, a_customer, a_vendor, must_be_true
from goodterms.invoicing.tests.test_dispatch import mail_of, plain_of
from goodterms.invoicing.wording import kind_of, wording_of
from goodterms.parties.actions import add_contact, change_vendor
from goodterms.parties.models import Customer, Vendor
from goodterms.parties.rules import payer_key
from goodterms.values.keys import new_key
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db
VAT = Tax("S", Decimal(20))
TOM: dict[str, Any] = {"by": "Tom", "role": "owner", "now": NOW}
BETH = payer_key("beth@larch.example")


def line(price: str, project: str = "", what: str = "Work") -> Line:
    return Line(what, Decimal(1), Decimal(price), VAT, project=project)


@pytest.fixture
def customer() -> Iterator[Customer]:
    vendor = a_vendor(bank={"iban": "GB33BUKB20201555555555"})
    with acting_for([vendor.id]):
        one = a_customer(vendor.id, name="Larch House")
        add_contact(
            vendor_id=vendor.id, customer_id=one.id, name="Beth Lowe", email="beth@larch.example", pays=True, approves=True,
            now=NOW, by="Tom",
        )  # fmt: skip
        yield one
        must_be_true(vendor.id)


def approved(customer: Customer, *lines: Line, **more: Any) -> Invoice:
    one = draft(vendor_id=customer.vendor_id, customer_id=customer.id, lines=lines, **{**TOM, **more})
    return approve(invoice_id=one.id, **TOM)


def issued(customer: Customer, *lines: Line, despite: str = "", **more: Any) -> Invoice:
    one = approved(customer, *lines, **more)
    return issue(invoice_id=one.id, issued_on=TODAY, send=False, despite=despite, **TOM)


def estimated(customer: Customer, minor: int = 1000_00, name: str = "Gift boxes", kind: Any = "estimate") -> None:
    expect(customer_id=customer.id, kind=kind, name=name, amount=Money(minor, "GBP"), **TOM)


def waiting(one: Invoice) -> Forewarning:
    return Forewarning.objects.standing().get(invoice=one)


def settings(customer: Customer, **changes: Any) -> None:
    change_vendor(vendor_id=customer.vendor_id, changes=changes, now=NOW, by="Tom")


def told(one: Invoice) -> list[str]:
    kinds = Interaction.objects.about(vendor_id=one.vendor_id, customer_id=one.customer_id, invoice_id=one.id)
    return sorted(kind for kind in kinds.values_list("kind", flat=True) if not kind.startswith("invoice."))


def test_more_than_the_estimate_waits_and_yes_issues_it_with_what_it_was_approved_for(customer: Customer) -> None:
    estimated(customer)
    one = issued(customer, line("1180", "Gift boxes"))
    assert (one.number, one.issued_on, one.approved_by) == ("", None, "Tom")
    row = waiting(one)
    assert (row.basis, row.about, row.expected_minor, row.comes_to_minor) == ("estimate", "Gift boxes", 1000_00, 1180_00)
    letter = Letter.objects.get(kind="forewarning")
    assert (letter.recipient, letter.payer_id) == ("beth@larch.example", BETH)
    word = agree(forewarning_id=row.id, payer_id=BETH, now=NOW)
    one.refresh_from_db()
    assert (word.number, one.issued_on, one.total_minor) == (one.number, TODAY, 1416_00)
    assert one.number
    assert told(one) == ["forewarning.agreed", "forewarning.asked"]
    assert not agree(forewarning_id=row.id, payer_id=BETH, now=NOW).is_new
    assert told(one) == ["forewarning.agreed", "forewarning.asked"]
    assert not Letter.objects.filter(kind="invoice").exists(), "it was to be issued and not sent"


def test_what_is_within_the_tolerance_or_was_not_estimated_is_issued_at_once(customer: Customer) -> None:
    estimated(customer)
    assert issued(customer, line("1100", "Gift boxes")).number
    assert issued(customer, line("9000", "Another project")).number
    assert not Forewarning.objects.exists()


def test_several_invoices_of_one_estimate_count_together_less_what_was_credited(customer: Customer) -> None:
    estimated(customer)
    first = issued(customer, line("900", "Gift boxes"))
    assert not issued(customer, line("300", "Gift boxes")).number
    credit(invoice_id=first.id, reason="Boxes came back", lines={1: Money(400_00, "GBP")}, issued_on=TODAY, **TOM)
    assert issued(customer, line("310", "Gift boxes")).number
    two = [approved(customer, line("200", "Gift boxes")).id for _ in range(3)]
    numbers = issue_many(vendor_id=customer.vendor_id, invoice_ids=two, issued_on=TODAY, send=False, **TOM)
    assert [bool(number) for number in numbers] == [True, False, False], "1,010 are within ten per cent, 1,210 are not"


def test_an_order_is_measured_by_all_that_carries_its_number(customer: Customer) -> None:
    estimated(customer, 500_00, "PO-7", "order")
    assert issued(customer, line("400"), order_number="PO-7").number
    assert issued(customer, line("400"), order_number="PO-8").number
    late = issued(customer, line("200"), order_number="PO-7")
    row = waiting(late)
    assert (row.basis, row.before_minor, row.comes_to_minor, late.number) == ("order", 400_00, 600_00, "")


def test_the_usual_amount_is_known_after_three_and_counts_where_nothing_was_said(customer: Customer) -> None:
    for month in ("May", "June", "July"):
        assert issued(customer, line("500"), work=f"Retainer, {month} 2026").number
    assert issued(customer, line("2000"), work="Redesign").number
    late = issued(customer, line("700"), work="Retainer, August 2026")
    assert (late.number, waiting(late).basis, waiting(late).expected_minor) == ("", "usual", 500_00)
    assert issued(customer, line("540"), work="Retainer, September 2026").number
    estimated(customer, 5000_00, "Retainers")
    assert issued(customer, line("800", "Retainers"), work="Retainer, October 2026").number


def test_a_new_price_is_asked_about_once(customer: Customer) -> None:
    for month in ("May", "June", "July"):
        issued(customer, line("500"), work=f"Retainer, {month}")
    agree(forewarning_id=waiting(issued(customer, line("700"), work="Retainer, August")).id, payer_id=BETH, now=NOW)
    assert issued(customer, line("700"), work="Retainer, September").number


def test_not_as_agreed_keeps_it_waiting_until_it_is_changed_and_then_it_is_measured_anew(customer: Customer) -> None:
    estimated(customer)
    one = issued(customer, line("1500", "Gift boxes"))
    row = waiting(one)
    assert object_to(forewarning_id=row.id, payer_id=BETH, words="The lids were free.", now=NOW).is_new
    assert not object_to(forewarning_id=row.id, payer_id=BETH, words="The lids were free.", now=NOW).is_new
    with pytest.raises(Refused, match="You have told them already"):
        object_to(forewarning_id=row.id, payer_id=BETH, words="And the ribbon.", now=NOW)
    assert not issue(invoice_id=one.id, issued_on=TODAY, **TOM).number
    assert Letter.objects.filter(kind="forewarning").count() == 1, "nobody is asked twice"
    send_back(invoice_id=one.id, reason="Lids", **TOM)
    edit(invoice_id=one.id, lines=[line("1050", "Gift boxes")], **TOM)
    assert Forewarning.objects.get(id=row.id).ended_why == "changed"
    with pytest.raises(Refused, match="Nothing waits for your word any more"):
        agree(forewarning_id=row.id, payer_id=BETH, now=NOW)
    approve(invoice_id=one.id, **TOM)
    assert issue(invoice_id=one.id, issued_on=TODAY, **TOM).number


def test_a_person_issues_it_nevertheless_with_a_reason_that_is_kept(customer: Customer) -> None:
    estimated(customer)
    one = issued(customer, line("1500", "Gift boxes"))
    done = issue(invoice_id=one.id, issued_on=TODAY, despite="Beth said yes on the telephone", **TOM)
    row = waiting(one)
    assert done.number
    assert (row.overruled_by, row.overruled_why) == ("Tom", "Beth said yes on the telephone")
    assert told(one) == ["forewarning.asked", "forewarning.overruled"]
    assert Letter.objects.get(kind="forewarning").state == "superseded", "it waited for their hours, and is not true any more"
    at_once = issued(customer, line("1500", "Gift boxes"), despite="As agreed on site")
    assert (bool(at_once.number), told(at_once)) == (True, ["forewarning.overruled"])
    plain = issued(customer, line("1"), despite="Just in case")
    assert (bool(plain.number), told(plain)) == (True, [])


def test_asked_before_anybody_issues_it_a_yes_is_kept_and_issues_nothing(customer: Customer) -> None:
    estimated(customer)
    one = draft(vendor_id=customer.vendor_id, customer_id=customer.id, lines=[line("1500", "Gift boxes")], **TOM)
    row = ask_first(invoice_id=one.id, note="Beth wanted  gold lids.", **TOM)
    assert row.note == "Beth wanted gold lids."
    with pytest.raises(Refused, match="were asked about it already"):
        ask_first(invoice_id=one.id, **TOM)
    with pytest.raises(Refused, match="asked by an owner, a bookkeeper or an approver"):
        ask_first(invoice_id=one.id, **{**TOM, "role": "reader"})
    assert agree(forewarning_id=row.id, payer_id=BETH, now=NOW).number == ""
    approve(invoice_id=one.id, **TOM)
    assert issue(invoice_id=one.id, issued_on=TODAY, **TOM).number
    small = draft(vendor_id=customer.vendor_id, customer_id=customer.id, lines=[line("5")], **TOM)
    with pytest.raises(Refused, match="not more than they expect"):
        ask_first(invoice_id=small.id, **TOM)
    with pytest.raises(Refused, match="nothing to ask beforehand"):
        ask_first(invoice_id=one.id, **TOM)


def test_only_a_contact_of_that_customer_answers_and_not_for_what_was_discarded(customer: Customer) -> None:
    estimated(customer)
    one = issued(customer, line("1500", "Gift boxes"))
    with pytest.raises(Refused, match="Nothing waits for your word"):
        agree(forewarning_id=waiting(one).id, payer_id=new_key(NOW), now=NOW)
    row = waiting(one)
    discard(invoice_id=one.id, reason="Never mind", **TOM)
    with pytest.raises(Refused, match="Nothing waits for your word"):
        agree(forewarning_id=row.id, payer_id=BETH, now=NOW)
    assert Letter.objects.get(kind="forewarning").state == "superseded"


def test_where_nobody_can_be_written_to_it_waits_for_a_person(customer: Customer) -> None:
    bare = a_customer(customer.vendor_id, name="Nobody")
    estimated(bare)
    one = issued(bare, line("1500", "Gift boxes"))
    assert (one.number, waiting(one).payer_id, told(one)) == ("", None, ["forewarning.unasked"])
    assert issue(invoice_id=one.id, issued_on=TODAY, despite="They are told by telephone", **TOM).number


def test_issued_together_the_surprising_one_waits_approved_and_the_others_have_no_gap(customer: Customer) -> None:
    estimated(customer)
    prices = ("100", "1500", "200")
    wanted = [Wanted(customer.id, "GBP", [line(price, "Gift boxes")]) for price in prices]
    made = issue_new(vendor_id=customer.vendor_id, wanted=wanted, issued_on=TODAY, approved_by="agreed", by="agreed", now=NOW)
    assert [bool(one.number) for one in made] == [True, False, True]
    assert list(Invoice.objects.issued().order_by("seq").values_list("seq", flat=True)) == [1, 2]
    late = Invoice.objects.get(id=made[1].invoice_id)
    assert (late.approved_by, late.lines.count()) == ("agreed", 1)
    assert agree(forewarning_id=waiting(late).id, payer_id=BETH, now=NOW).number


def test_they_are_reminded_once_in_their_hours_and_within_their_limits(customer: Customer) -> None:
    estimated(customer)
    row = waiting(issued(customer, line("1500", "Gift boxes")))

    def reminded(days: int, hour: int = 10) -> int:
        now = (NOW + timedelta(days=days)).replace(hour=hour)
        return remind_unanswered(vendor_id=customer.vendor_id, now=now)

    assert reminded(3) == 0
    assert reminded(4, hour=3) == 0, "nobody is written to at night"
    Outreach.objects.create(id=new_key(NOW), payer_id=BETH, at=NOW + timedelta(days=4), channel="email", day=None)
    assert reminded(4) == 0, "somebody else wrote to them today"
    assert reminded(7) == 1
    assert reminded(8) == reminded(30) == 0
    assert Outreach.objects.filter(id=row.id).count() == 1
    assert sorted(Letter.objects.values_list("dedupe_key", flat=True)) == [
        f"forewarned_again|{row.id}", f"forewarning|{row.id}",
    ]  # fmt: skip


def test_silence_issues_nothing_unless_the_vendor_chose_so_and_said_so(customer: Customer) -> None:
    estimated(customer)
    never = issued(customer, line("1500", "Gift boxes"))
    settings(customer, silence_days=7)
    one = issued(customer, line("1600", "Gift boxes"))

    def lapsed(days: int) -> int:
        return let_lapse(vendor_id=customer.vendor_id, today=TODAY + timedelta(days=days), now=NOW + timedelta(days=days))

    assert waiting(never).lapses_on is None
    assert lapsed(7) == 0
    assert (lapsed(8), lapsed(9)) == (1, 0)
    one.refresh_from_db()
    assert (bool(one.number), waiting(one).overruled_by) == (True, "the clock")
    assert waiting(one).overruled_why == "No answer until 23 November, as the letter said."
    never.refresh_from_db()
    assert never.number == ""


def test_an_answer_stops_the_silence_from_counting(customer: Customer) -> None:
    settings(customer, silence_days=7)
    estimated(customer)
    row = waiting(issued(customer, line("1500", "Gift boxes")))
    object_to(forewarning_id=row.id, payer_id=BETH, words="Too much", now=NOW)
    assert let_lapse(vendor_id=customer.vendor_id, today=TODAY + timedelta(days=30), now=NOW + timedelta(days=30)) == 0


def test_the_tolerance_is_the_vendors_own(customer: Customer) -> None:
    estimated(customer)
    settings(customer, forewarn_percent=20)
    assert issued(customer, line("1190", "Gift boxes")).number
    settings(customer, forewarn_percent=None)
    assert issued(customer, line("9000", "Gift boxes")).number
    for changes in ({"forewarn_percent": -1}, {"forewarn_minor": None}, {"silence_days": 0}):
        with pytest.raises(Refused, match="it is a whole number"):
            settings(customer, **changes)


def test_what_is_said_again_changes_nothing_and_another_amount_is_kept_with_the_one_before(customer: Customer) -> None:
    for minor in (1000_00, 1000_00, 1200_00):
        estimated(customer, minor)
    told = Interaction.objects.filter(kind="expectation.set").order_by("id").values_list("data__was_minor", "data__total_minor")
    assert sorted(told, key=str) == [(100000, 120000), (None, 100000)]
    with pytest.raises(Refused, match="Write an amount above nothing"):
        estimated(customer, 0)


def test_as_many_statements_for_many_as_for_few(customer: Customer) -> None:
    estimated(customer)
    estimated(customer, 50_000_00, "PO-7", "order")

    def statements(many: int) -> int:
        keys = [approved(customer, line("10", "Gift boxes"), order_number="PO-7").id for _ in range(many)]
        with CaptureQueriesContext(connection) as seen:
            assert all(issue_many(vendor_id=customer.vendor_id, invoice_ids=keys, issued_on=TODAY, send=False, **TOM))
        return len(seen)

    assert statements(2) == statements(12)


def test_another_vendor_answers_for_nobody_here(customer: Customer) -> None:
    estimated(customer)
    row = waiting(issued(customer, line("1500", "Gift boxes")))
    other: Vendor = a_vendor()
    with acting_for([other.id]):
        assert not Forewarning.objects.exists()
        with pytest.raises(Refused, match="Nothing waits"):
            agree(forewarning_id=row.id, payer_id=BETH, now=NOW)


def test_it_is_asked_and_reminded_in_the_vendors_own_words(customer: Customer) -> None:
    known: dict[str, Any] = {"vendor_id": customer.vendor_id, "tone": "neutral", "language": "en", "by": "Tom", "now": NOW}
    for kind, opening in (("forewarning", "{{ more }} above {{ about }}, fine?"), ("forewarned_again", "Still {{ more }}.")):
        own = wording_of(kind, "neutral", "en")._replace(opening=opening, subject="About {{ about }}")
        word(kind=kind_of(kind), wording=own, **known)
    estimated(customer)
    issued(customer, line("1300", "Gift boxes"))
    letter = Letter.objects.get()
    assert mail_of(letter)["subject"] == "About Gift boxes"
    assert "£300.00 above Gift boxes, fine?" in plain_of(letter)
    assert "/before/" in plain_of(letter)
    later = (NOW + timedelta(days=7)).replace(hour=10)
    assert remind_unanswered(vendor_id=customer.vendor_id, now=later) == 1
    assert "Still £300.00." in plain_of(Letter.objects.exclude(id=letter.id).get())


def test_words_that_could_not_be_written_out_are_refused(customer: Customer) -> None:
    known: dict[str, Any] = {"vendor_id": customer.vendor_id, "tone": "neutral", "language": "en", "by": "Tom", "now": NOW}
    own = wording_of("forewarning", "neutral", "en")._replace(opening="Pay by {{ due_date }}.")
    with pytest.raises(Refused, match="due_date"):
        word(kind=kind_of("forewarning"), wording=own, **known)
