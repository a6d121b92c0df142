"""A payment is followed by thanks, once, in the payer's tone and language; and now and then by one question."""

from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from uuid import UUID

import pytest

from goodterms.conversations.actions import ask as ask_a_question
from goodterms.conversations.tests.cast import a_customer, a_payer, an_invoice, unsaved_vendor
from goodterms.database.isolation import acting_for
from goodterms.delivery.actions import bytes_of, word
from goodterms.delivery.models import Body, Letter, OwnWording
from goodterms.interactions.models import Interaction, Outreach
from goodterms.invoicing.models import Invoice
from goodterms.papers.tests.reading import text
from goodterms.parties.models import Customer, Payer, Vendor
from goodterms.payments.actions import record
from goodterms.relationship import due
from goodterms.relationship.actions import answer_feedback, thanks
from goodterms.relationship.models import Feedback
from goodterms.relationship.wording import kind_of, wording_of
from goodterms.values.keys import new_key
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

PAID_AT = datetime(2026, 11, 17, 9, tzinfo=UTC)  # a Tuesday
NEXT_DAY = PAID_AT + timedelta(days=1)
TUESDAY = date(2026, 11, 17)


@pytest.fixture
def sandra(customer: Customer) -> Payer:
    return a_payer(customer, tone="informal")


def pay(invoice: Invoice | None, customer: Customer, minor: int, on: date = TUESDAY, now: datetime = PAID_AT) -> None:
    record(
        vendor_id=customer.vendor_id, customer_id=customer.id, amount=Money(minor, "GBP"), received_on=on,
        method="bank_transfer", idempotency_key=str(new_key(now)), by="Tom Okafor", role="owner", now=now,
        named=[invoice.id] if invoice else [],
    )  # fmt: skip


def thank(vendor: Vendor, now: datetime = PAID_AT) -> int:
    return due.thank(vendor_id=vendor.id, vendors=[vendor.id], now=now)


def ask(vendor: Vendor, now: datetime = NEXT_DAY, vendors: list[UUID] | None = None) -> int:
    return due.ask(vendor_id=vendor.id, vendors=vendors or [vendor.id], now=now)


def bought(customer: Customer, number: str, now: datetime = PAID_AT, **other: object) -> Invoice:
    """An invoice that is paid in full, on the day of `now`."""
    invoice = an_invoice(customer, 1_000, number=number, work="Labels", due_on=now.date(), **other)
    pay(invoice, customer, 1_000, now.date(), now)
    return invoice


def test_a_payment_is_thanked_for_once(vendor: Vendor, customer: Customer, sandra: Payer) -> None:
    invoice = an_invoice(customer, 600_000, work="Autumn range", due_on=TUESDAY)
    pay(invoice, customer, 600_000)
    assert thank(vendor) == 1
    letter = Letter.objects.get()
    assert (letter.kind, letter.recipient, letter.payer_id) == ("receipt", sandra.address, sandra.id)
    subject = Body.objects.get(letter=letter).subject
    assert subject == "Got it, thank you: Autumn range"
    assert Interaction.objects.filter(kind="payment.thanked", payer_id=sandra.id).count() == 1
    assert thank(vendor) == 0
    assert Letter.objects.count() == 1
    assert Outreach.objects.count() == 0  # thanks are no contact that limits would count


def test_the_receipt_goes_along_and_on_paper_it_is_the_page(vendor: Vendor, customer: Customer, sandra: Payer) -> None:
    pay(an_invoice(customer, 600_000, number="R-1", work="Autumn range", due_on=TUESDAY), customer, 600_000)
    assert thank(vendor) == 1
    mail = message_from_bytes(bytes_of(letter_id=Letter.objects.get().id), policy=policy.default)
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == "receipt-2026-11-17.pdf"
    said = text(attached.get_content())
    assert "By bank transfer" in said
    assert "Autumn range R-1" in said
    Customer.objects.filter(id=customer.id).update(channel="post")
    pay(an_invoice(customer, 1_000, number="R-2", work="Labels", due_on=TUESDAY), customer, 1_000)
    assert thank(vendor) == 1
    assert "Labels R-2" in text(bytes_of(letter_id=Letter.objects.get(channel="post").id))


@pytest.mark.parametrize(("language", "tone", "greeting"), [
    ("en", "informal", "Hi Sandra,"), ("en", "neutral", "Hello Sandra,"), ("en", "formal", "Dear Ms Whitlock,"),
    ("id", "formal", "Yth. Ibu Sandra Whitlock,"),
])  # fmt: skip
def test_letter_and_receipt_greet_alike(vendor: Vendor, customer: Customer, language: str, tone: str, greeting: str) -> None:
    a_payer(customer, language=language, tone=tone)
    pay(an_invoice(customer, 1_000, work="Labels", due_on=TUESDAY), customer, 1_000)
    thank(vendor)
    mail = message_from_bytes(bytes_of(letter_id=Letter.objects.get().id), policy=policy.default)
    (attached,) = mail.iter_attachments()
    body = mail.get_body(("plain",))
    assert body is not None
    assert greeting in body.get_content()
    assert greeting in text(attached.get_content())


@pytest.mark.parametrize(
    ("due_on", "subject"),
    [
        (date(2026, 11, 18), "Ahead of time, thank you: Labels"),
        (date(2026, 11, 17), "Got it, thank you: Labels"),
        (date(2026, 11, 1), "Got it, thank you: Labels"),
    ],
)
def test_thanks_know_how_the_payment_came(
    vendor: Vendor, customer: Customer, sandra: Payer, due_on: date, subject: str
) -> None:
    pay(an_invoice(customer, 1_000, work="Labels", due_on=due_on), customer, 1_000)
    thank(vendor)
    assert Body.objects.get().subject == subject


def test_a_vendor_thanks_in_words_of_its_own_and_in_the_houses_where_those_fail(
    vendor: Vendor, customer: Customer, sandra: Payer
) -> None:
    own = wording_of("on_time", "informal", "en")._replace(subject="You are quick: {{ work }}")
    known = {"vendor_id": vendor.id, "tone": "informal", "language": "en", "by": "Elin", "now": PAID_AT}
    word(kind=kind_of("on_time"), wording=own, **known)  # type: ignore[arg-type]
    bought(customer, "R-1")
    thank(vendor)
    assert Body.objects.get().subject == "You are quick: Labels"
    OwnWording.objects.update(pieces={**own._asdict(), "opening": "{{ gone }}"})
    bought(customer, "R-2")
    thank(vendor)
    assert set(Body.objects.values_list("subject", flat=True)) == {"You are quick: Labels", "Got it, thank you: Labels"}


def test_who_pays_late_within_granted_time_is_on_time(vendor: Vendor, customer: Customer, sandra: Payer) -> None:
    invoice = an_invoice(customer, 1_000, work="Labels", due_on=date(2026, 11, 1))
    Invoice.objects.filter(id=invoice.id).update(chase_on=date(2026, 11, 20))
    pay(invoice, customer, 400)
    Invoice.objects.filter(id=invoice.id).update(chase_on=date(2026, 11, 20))
    thank(vendor)
    assert Body.objects.get().subject.startswith("Ahead of time")


def test_money_without_an_invoice_is_thanked_for_by_its_sum(vendor: Vendor, customer: Customer, sandra: Payer) -> None:
    pay(None, customer, 421_600)
    thank(vendor)
    assert Body.objects.get().subject == "Got it, thank you: £4,216.00"


def test_thanks_speak_the_language_of_the_payer(vendor: Vendor, customer: Customer) -> None:
    a_payer(customer, language="id", tone="formal")
    pay(an_invoice(customer, 1_000, due_on=TUESDAY), customer, 1_000)
    thank(vendor)
    assert Body.objects.get().subject == "Tanda terima: faktur LR-2026-0187"


def test_who_takes_paper_gets_a_page(vendor: Vendor) -> None:
    customer = a_customer(vendor, "Hollis Grove", channel="post", address="6 Hollis Grove\nCheltenham")
    pay(an_invoice(customer, 1_000, due_on=TUESDAY), customer, 1_000)
    assert thank(vendor) == 1
    letter = Letter.objects.get()
    assert (letter.channel, letter.recipient) == ("post", "Hollis Grove\n6 Hollis Grove\nCheltenham")


def test_old_payments_and_those_of_nobody_known_are_passed_over_once(vendor: Vendor, customer: Customer) -> None:
    pay(an_invoice(customer, 1_000, number="1"), customer, 1_000)
    assert thank(vendor) == 0
    a_payer(customer)
    pay(an_invoice(customer, 1_000, number="2"), customer, 1_000, date(2026, 11, 1))
    assert thank(vendor) == 0
    reasons = Interaction.objects.filter(kind="payment.not_thanked").values_list("data", flat=True)
    assert {one["reason"] for one in reasons} == {"no_address", "stale"}
    assert thank(vendor) == 0
    assert Interaction.objects.filter(kind="payment.not_thanked").count() == 2


def test_the_question_comes_a_day_after_the_thanks_and_counts_as_a_contact(
    vendor: Vendor, customer: Customer, sandra: Payer
) -> None:
    bought(customer, "1")
    thank(vendor)
    assert ask(vendor, PAID_AT + timedelta(hours=2)) == 0
    assert ask(vendor) == 1
    asked = Feedback.objects.get()
    assert Letter.objects.get(kind="satisfaction").recipient == sandra.address
    assert list(Outreach.objects.values_list("id", "payer_id", "channel")) == [(asked.id, sandra.id, "email")]
    assert ask(vendor) == 0
    answer_feedback(feedback_id=asked.id, answer="good", by="Sandra Whitlock", now=NEXT_DAY, words="A pleasure.")
    asked.refresh_from_db()
    assert (asked.answer, asked.words, asked.answered_at) == ("good", "A pleasure.", NEXT_DAY)
    assert Interaction.objects.get(kind="feedback.given").inbound


def test_nobody_is_asked_at_night_or_while_something_is_open(vendor: Vendor, customer: Customer, sandra: Payer) -> None:
    invoice = bought(customer, "1")
    thank(vendor)
    assert ask(vendor, NEXT_DAY.replace(hour=21)) == 0
    ask_a_question(invoice_ids=[invoice.id], words="Which?", by="Sandra Whitlock", now=PAID_AT)
    assert ask(vendor) == 0


def test_a_part_payment_is_not_followed_by_the_question(vendor: Vendor, customer: Customer, sandra: Payer) -> None:
    pay(an_invoice(customer, 1_000, due_on=TUESDAY), customer, 400)
    thank(vendor)
    assert ask(vendor) == 0


def test_a_payer_is_asked_once_a_quarter_by_whichever_vendor(vendor: Vendor, customer: Customer, sandra: Payer) -> None:
    other = unsaved_vendor("penhale-print")
    with acting_for([vendor.id, other.id]):
        other.save(force_insert=True)
        theirs = a_customer(other, "Bellwether")
        a_payer(theirs)
        bought(customer, "1")
        bought(theirs, "PP-1")
    thank(vendor)
    with acting_for([other.id]):
        thank(other)
        assert ask(other) == 1
    assert ask(vendor) == 0  # though this vendor cannot see that another one asked
    spring = datetime(2027, 2, 17, 9, tzinfo=UTC)
    bought(customer, "2", spring)
    thank(vendor, spring)
    assert ask(vendor, spring + timedelta(days=1)) == 0  # 92 days on, but the first payment since
    bought(customer, "3", spring + timedelta(days=1))
    thank(vendor, spring + timedelta(days=1))
    assert ask(vendor, spring + timedelta(days=2)) == 1


def test_two_vendors_at_once_ask_once(
    vendor: Vendor, customer: Customer, sandra: Payer, monkeypatch: pytest.MonkeyPatch
) -> None:
    bought(customer, "1")
    thank(vendor)
    assert ask(vendor) == 1
    monkeypatch.setattr(thanks, "may_ask", lambda **_: True)  # read before the other had asked
    assert ask(vendor, NEXT_DAY + timedelta(days=1)) == 0


def test_imported_payments_are_never_asked_about(vendor: Vendor, customer: Customer, sandra: Payer) -> None:
    from goodterms.payments.models import Payment

    bought(customer, "1")
    Payment.objects.update(thanked_at=PAID_AT)  # as an import leaves them
    assert thank(vendor) == 0
    assert ask(vendor) == 0


@pytest.mark.parametrize(("answer", "sentence"), [("great", "Answer with one of"), ("good", "no such question")])
def test_an_answer_is_one_of_three_to_a_question_that_was_asked(vendor: Vendor, answer: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        answer_feedback(feedback_id=new_key(PAID_AT), answer=answer, by="x", now=PAID_AT)
