"""What is on record about us and about them, counted."""

from datetime import date, timedelta
from decimal import Decimal

from goodterms.conversations import due as conversations_due
from goodterms.conversations.actions import (
    Disputed,
    answer,
    ask,
    dispute,
    open_disputes,
    promise,
    request_extension,
    resolve,
    withdraw_promise,
)
from goodterms.conversations.tests.cast import MONDAY, NOW, a_customer, a_payer, an_invoice, at, settle
from goodterms.invoicing.actions import credit, write_off
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Customer, Vendor
from goodterms.payments.actions import record
from goodterms.relationship.actions import answer_feedback
from goodterms.relationship.measures import DEFINITIONS
from goodterms.relationship.measures.accuracy import accuracy
from goodterms.relationship.measures.answers import (
    answer_times,
    published_answer_time,
    published_answer_times,
)
from goodterms.relationship.measures.cash import unapplied_cash, written_off
from goodterms.relationship.measures.collection import collection
from goodterms.relationship.measures.satisfaction import satisfaction
from goodterms.relationship.measures.words_kept import promises_kept
from goodterms.relationship.models import Feedback
from goodterms.values.keys import new_key
from goodterms.values.money import Money

TOM, PRIYA, GRAHAM = "Tom Okafor", "Priya Nair", "Graham Tait"
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)


def asked_and_answered(invoice: Invoice, day: int, minutes: int, by: str) -> None:
    opened = at(day, 9)
    thread = ask(invoice_ids=[invoice.id], words="Which?", by=GRAHAM, now=opened)
    answer(conversation_id=thread.id, words="That.", by=by, role="owner", now=opened + timedelta(minutes=minutes), reason="NON")


def test_how_soon_we_answer_by_person_customer_and_month(vendor: Vendor, customer: Customer) -> None:
    invoice, other = an_invoice(customer, number="1"), an_invoice(a_customer(vendor, "Kestrel"), number="2")
    for day, minutes, by in ((2, 60, TOM), (3, 300, TOM), (4, 100, PRIYA)):
        asked_and_answered(invoice, day, minutes, by)
    ask(invoice_ids=[other.id], words="Waiting.", by=GRAHAM, now=at(5, 9))

    [whole] = answer_times(vendor_id=vendor.id, first_on=FIRST, last_on=LAST, now=at(5, 12))
    assert (whole.asked, whole.answered, whole.median_minutes, whole.within_word) == (4, 3, 100, Decimal(200) / 3)
    [later] = answer_times(vendor_id=vendor.id, first_on=FIRST, last_on=LAST, now=at(5, 14))
    assert later.within_word == Decimal(50)  # what waits beyond our word counts against it

    people = answer_times(vendor_id=vendor.id, first_on=FIRST, last_on=LAST, now=at(5, 12), by="person")
    assert [(one.of, one.median_minutes) for one in people] == [("", None), (PRIYA, 100), (TOM, 180)]
    by_customer = answer_times(vendor_id=vendor.id, first_on=FIRST, last_on=LAST, now=at(5, 12), by="customer")
    assert {one.of: one.answered for one in by_customer} == {str(customer.id): 3, str(other.customer_id): 0}
    [month] = answer_times(vendor_id=vendor.id, first_on=FIRST, last_on=LAST, now=at(5, 12), by="month")
    assert month.of == "2026-11"
    assert answer_times(vendor_id=vendor.id, first_on=FIRST, last_on=date(2026, 11, 1), now=NOW) == []


def test_only_what_is_measured_is_published(vendor: Vendor, invoice: Invoice) -> None:
    assert published_answer_time(vendor_id=vendor.id, now=NOW) is None
    for day, minutes in ((2, 60), (3, 90)):
        asked_and_answered(invoice, day, minutes, TOM)
    published = published_answer_time(vendor_id=vendor.id, now=NOW)
    assert published is not None
    assert (published.minutes, published.answers) == (75, 2)
    assert published_answer_times(vendor_ids=[vendor.id], now=at(2, 12, month=11)) == {vendor.id: (60, 1)}
    assert published_answer_time(vendor_id=vendor.id, now=NOW + timedelta(days=91)) is None


def test_disputes_of_an_old_book_are_not_our_slowness(vendor: Vendor, invoice: Invoice) -> None:
    open_disputes(
        vendor_id=vendor.id, disputed=[Disputed(invoice.customer_id, invoice.id, "1")], words="Flagged.", by="import",
        on=MONDAY, now=NOW,
    )  # fmt: skip
    assert answer_times(vendor_id=vendor.id, first_on=FIRST, last_on=LAST, now=NOW) == []
    assert accuracy(vendor_id=vendor.id, first_on=date(2026, 10, 1), last_on=LAST).right == 0


def test_an_invoice_is_right_unless_its_content_was_doubted(vendor: Vendor, customer: Customer) -> None:
    wrong, twice, withdrawn, asked, fine, more_time, _ = (
        an_invoice(customer, number=str(n), due_on=date(2026, 12, 1)) for n in range(7)
    )
    an_invoice(customer, number="earlier", due_on=date(2026, 11, 1))
    for invoice, reason in ((wrong, "PRI"), (twice, "QTY"), (withdrawn, "QTY")):
        thread = dispute(invoice_id=invoice.id, reason=reason, words="No.", by=GRAHAM, now=NOW)
        if invoice == withdrawn:
            resolve(conversation_id=thread.id, resolution="withdrawn", by=GRAHAM, role="payer", now=NOW)
    ask(invoice_ids=[twice.id, asked.id], words="What is line 2?", by=GRAHAM, now=NOW)
    asked_and_answered(fine, 10, 5, TOM)
    request_extension(invoice_id=more_time.id, until_on=date(2027, 3, 1), by=GRAHAM, now=NOW)

    found = accuracy(vendor_id=vendor.id, first_on=FIRST, last_on=LAST)
    assert (found.issued, found.right, found.share) == (7, 4, Decimal(400) / 7)
    assert found.causes == {"PRI": 1, "QTY": 1, "": 2}
    assert accuracy(vendor_id=vendor.id, first_on=FIRST, last_on=LAST, customer_id=new_key(NOW)).share is None


def test_promises_are_counted_by_how_they_ended(vendor: Vendor, customer: Customer) -> None:
    kept, part, broken, running, withdrawn = (an_invoice(customer, 1_000, number=str(n)) for n in range(5))
    for invoice, day in ((kept, 17), (part, 17), (broken, 17), (running, 27), (withdrawn, 17)):
        promise(invoice_id=invoice.id, promised_on=date(2026, 11, day), by=GRAHAM, now=NOW)
    withdraw_promise(invoice_id=withdrawn.id, by=GRAHAM, now=NOW)
    settle(kept, 1_000, date(2026, 11, 17))
    settle(part, 10, date(2026, 11, 17))
    conversations_due.judge_promises(vendor_id=vendor.id, today=date(2026, 11, 20), now=NOW)
    found = promises_kept(vendor_id=vendor.id, first_on=FIRST, last_on=LAST)
    assert found == (1, 1, 1, 1, Decimal(100) / 3)
    assert promises_kept(vendor_id=vendor.id, first_on=LAST, last_on=LAST).share is None


def test_content_is_the_share_of_good_answers(vendor: Vendor, customer: Customer) -> None:
    payer = a_payer(customer)
    for n, said in enumerate(("good", "good", "poor", "")):
        one = Feedback.objects.create(
            id=new_key(NOW), vendor=vendor, customer=customer, payer=payer, payment_id=new_key(NOW), asked_at=at(2 + n, 9)
        )
        if said:
            answer_feedback(feedback_id=one.id, answer=said, by=GRAHAM, now=NOW)
    found = satisfaction(vendor_id=vendor.id, first_on=FIRST, last_on=LAST)
    assert found == (4, 2, 0, 1, Decimal(200) / 3)
    assert satisfaction(vendor_id=vendor.id, first_on=FIRST, last_on=LAST, customer_id=new_key(NOW)).share is None


def test_how_long_our_money_takes(vendor: Vendor, customer: Customer) -> None:
    issued = {"old": date(2026, 7, 1), "late": date(2026, 9, 1), "new": date(2026, 11, 10)}
    old, late, new = (
        an_invoice(customer, 30_000, number=name, issued_on=on, due_on=on + timedelta(days=30)) for name, on in issued.items()
    )
    settle(old, 30_000, date(2026, 10, 1))
    settle(late, 10_000, date(2026, 10, 5))
    credit(
        invoice_id=new.id, reason="QTY", issued_on=MONDAY, by=TOM, role="owner", now=NOW, amount=Money(6_000, "GBP")
    )  # fmt: skip
    [found] = collection(vendor_id=vendor.id, as_of=MONDAY, today=MONDAY, days=90)
    assert (found.owed_minor, found.billed_minor) == (44_000, 54_000)
    assert found.dso == Decimal(44_000 * 90) / 54_000
    assert found.best_possible_dso == Decimal(24_000 * 90) / 54_000
    assert found.average_days_delinquent == Decimal(20_000 * 90) / 54_000
    # November bills 24,000 in 16 days, October nothing in 31, September 30,000 in 30, of which 20,000 are left.
    assert found.countback_dso == 16 + 31 + 20
    # Stood 30,000 on 18 August, billed 54,000 since, 24,000 not yet due: 40,000 of 60,000 collected.
    assert found.collection_effectiveness == Decimal(40_000) / 60_000 * 100
    assert collection(vendor_id=vendor.id, as_of=date(2020, 1, 1), today=MONDAY) == []


def test_money_that_waits_and_money_that_was_given_up(vendor: Vendor, customer: Customer) -> None:
    for minor, day in ((421_600, 16), (1_000, 13)):
        record(
            vendor_id=vendor.id, customer_id=customer.id, amount=Money(minor, "GBP"), received_on=date(2026, 11, day),
            method="bank_transfer", idempotency_key=str(day), by=TOM, role="owner", now=NOW,
        )  # fmt: skip
    assert unapplied_cash(vendor_id=vendor.id) == [("GBP", 2, 422_600, date(2026, 11, 13))]
    assert unapplied_cash(vendor_id=vendor.id, customer_id=new_key(NOW)) == []
    small = an_invoice(customer, 312, number="small")
    write_off(invoice_id=small.id, on=MONDAY, reason="too small", by=TOM, role="owner", now=NOW)
    assert written_off(vendor_id=vendor.id, first_on=FIRST, last_on=LAST) == {"GBP": 312}
    assert written_off(vendor_id=vendor.id, first_on=FIRST, last_on=date(2026, 11, 15)) == {}


def test_every_measure_says_what_it_is() -> None:
    assert all(len(words) > 60 and words.endswith(".") for words in DEFINITIONS.values())
