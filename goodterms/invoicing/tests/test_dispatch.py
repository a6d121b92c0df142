"""What is issued goes out once, as its customer prefers, with the very paper that is stored; or it is taken back in time."""

import email
import email.policy
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from goodterms.database.isolation import acting_for
from goodterms.delivery.actions import bytes_of
from goodterms.delivery.link import Carried, opened, sealed
from goodterms.delivery.models import Letter
from goodterms.interactions.models import Interaction, Outreach
from goodterms.invoicing.actions import credit, issue, paper_bytes, post_documents, send_copy, take_back, viewed, void
from goodterms.invoicing.models import Dispatch, Invoice
from goodterms.invoicing.rules import welcome_from
from goodterms.invoicing.tests.book import NOW, TODAY, a_customer, a_vendor
from goodterms.invoicing.tests.test_issue import TOM
from goodterms.invoicing.tests.test_papers import approved
from goodterms.parties.actions import add_contact
from goodterms.parties.models import Contact, Customer
from goodterms.parties.rules import Wishes, treatment
from goodterms.terms.actions import agree
from goodterms.terms.rules import Terms, Withholding
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db
ROLES = {"pays": True}


@pytest.fixture
def customer() -> Iterator[Customer]:
    vendor = a_vendor(sender="Tom Okafor")
    with acting_for([vendor.id]):
        yield a_customer(vendor.id, name="Bellwether Foods", address="Aire Mills\nLeeds")


def person(customer: Customer, name: str = "Sandra Whitlock", **more: Any) -> Contact:
    given_: dict[str, Any] = {
        "name": name,
        "title": "Ms",
        "email": f"{name.split(maxsplit=1)[0].lower()}@bw.example",
        **(more or ROLES),
    }
    return add_contact(vendor_id=customer.vendor_id, customer_id=customer.id, now=NOW, by="Tom", **(given_ | (more or ROLES)))


def issued(customer: Customer, **more: Any) -> Invoice:
    return issue(invoice_id=approved(customer).id, issued_on=TODAY, **TOM, **more)


def sent(customer: Customer, now: datetime = NOW) -> list[Letter]:
    post_documents(vendor_id=customer.vendor_id, now=now)
    return list(Letter.objects.filter(vendors=[customer.vendor_id]).order_by("id"))


def mail_of(letter: Letter) -> Any:
    return email.message_from_bytes(bytes_of(letter_id=letter.id), policy=email.policy.default)


def plain_of(letter: Letter) -> str:
    return str(mail_of(letter).get_body(("plain",)).get_content()).replace("\r\n", "\n")


def told(invoice: Invoice) -> list[str]:
    kinds = Interaction.objects.filter(invoice_id=invoice.id).order_by("id").values_list("kind", flat=True)
    return [kind for kind in kinds if kind not in ("invoice.drafted", "invoice.approved", "invoice.issued")]


def test_who_pays_gets_a_letter_with_the_stored_paper_and_every_way_to_act(customer: Customer) -> None:
    sandra = person(customer)
    invoice = issued(customer)
    (letter,) = sent(customer)
    assert (letter.kind, letter.channel, letter.recipient, letter.payer_id) == (
        "invoice", "email", "sandra@bw.example", sandra.payer_id,
    )  # fmt: skip
    mail = mail_of(letter)
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == f"{invoice.number}.pdf"
    assert attached.get_content() == paper_bytes(invoice_id=invoice.id)
    plain, html = plain_of(letter), mail.get_body(("html",)).get_content()
    assert mail["Subject"] == f"Autumn range: invoice {invoice.number}, £516.50"
    assert plain.startswith("Halden Print\n\nHello Sandra,\nattached is invoice")
    assert "£516.50, due on 16 December. You can pay, ask or change the date here." in plain
    for way in ("see", "ask", "dispute", "time", "pay"):
        assert f"/invoices/{invoice.id}/{way}" in plain
        assert f"/invoices/{invoice.id}/{way}" in html
    assert "List-Unsubscribe" not in mail
    assert told(invoice) == ["invoice.sent"]


@pytest.mark.parametrize(
    ("language", "said"), [("en", "; £64.88 of it is for the tax office"), ("id", "; £64,88 darinya untuk kantor pajak")]
)
def test_a_letter_that_asks_for_less_than_the_invoice_says_where_the_rest_goes(
    customer: Customer, language: str, said: str
) -> None:
    Customer.objects.filter(id=customer.id).update(language=language)
    customer.refresh_from_db()
    person(customer)
    terms = Terms(withholding=Withholding("IRPF", Decimal(15)))
    agree(vendor_id=customer.vendor_id, customer_id=customer.id, terms=terms, from_on=date(2020, 1, 1), now=NOW, by="Tom")
    assert issued(customer).to_withhold_minor == 64_88
    (letter,) = sent(customer)
    assert said in plain_of(letter)
    assert said in mail_of(letter).get_body(("html",)).get_content()


def test_a_link_of_its_letter_says_what_about_for_whom_and_since_when(customer: Customer) -> None:
    sandra = person(customer)
    invoice = issued(customer)
    plain = plain_of(sent(customer)[0])
    token = plain.partition("/p/")[2].partition("/")[0]
    assert sandra.payer_id is not None
    assert opened(settings.SECRET_KEY, "invoice", token) == Carried(invoice.id, sandra.payer_id, NOW)
    assert opened(settings.SECRET_KEY, "answer", token) is None
    assert opened(settings.SECRET_KEY, "invoice", token[:-4] + "AAAA") is None
    assert opened("another key", "invoice", token) is None
    assert sealed(settings.SECRET_KEY, "invoice", Carried(invoice.id, sandra.payer_id, NOW)) == token


def test_the_clock_posts_it_once_however_often_it_looks(customer: Customer) -> None:
    person(customer)
    issued(customer)
    assert len(sent(customer)) == len(sent(customer)) == 1


def test_it_is_no_contact_that_limits_count(customer: Customer) -> None:
    person(customer)
    issued(customer)
    assert sent(customer)
    assert not Outreach.objects.exists()


@pytest.mark.parametrize(
    ("wishes", "leaves"),
    [
        ({}, datetime(2026, 11, 16, 10, 20, tzinfo=UTC)),
        ({"hours_from": time(14), "hours_to": time(16)}, datetime(2026, 11, 16, 14, 0, tzinfo=UTC)),
        ({"hours_from": time(8), "hours_to": time(10)}, datetime(2026, 11, 17, 8, 0, tzinfo=UTC)),
        ({"quiet_weekdays": [1, 2]}, datetime(2026, 11, 18, 9, 0, tzinfo=UTC)),
        ({"quiet_ranges": [["2026-11-01", "2026-11-30"]]}, datetime(2026, 12, 1, 9, 0, tzinfo=UTC)),
    ],
)
def test_it_leaves_at_the_hours_and_on_the_days_of_who_gets_it(
    customer: Customer, wishes: dict[str, Any], leaves: datetime
) -> None:
    person(customer)
    Customer.objects.filter(id=customer.id).update(**wishes)
    issued(customer)
    assert [letter.not_before for letter in sent(customer)] == [leaves]


def test_paper_is_the_page_itself_and_the_portal_needs_no_letter(customer: Customer) -> None:
    person(customer)
    Customer.objects.filter(id=customer.id).update(channel="post")
    invoice = issued(customer)
    (letter,) = sent(customer)
    assert (letter.channel, letter.recipient) == ("post", "Bellwether Foods\nAire Mills\nLeeds")
    assert bytes_of(letter_id=letter.id) == paper_bytes(invoice_id=invoice.id)
    Customer.objects.filter(id=customer.id).update(channel="portal")
    other = issued(customer)
    assert len(sent(customer)) == 1
    assert told(other) == ["invoice.sent"]
    assert Interaction.objects.get(invoice_id=other.id, kind="invoice.sent").channel == "portal"


def test_without_an_address_it_goes_on_paper_and_without_any_it_is_said_so(customer: Customer) -> None:
    issued(customer)
    assert [letter.channel for letter in sent(customer)] == ["post"]
    Customer.objects.filter(id=customer.id).update(address="")
    invoice = issued(customer)
    assert len(sent(customer)) == 1
    assert told(invoice) == ["invoice.not_sent"]


def test_hours_that_leave_no_time_are_said_so(customer: Customer) -> None:
    person(customer)
    Customer.objects.filter(id=customer.id).update(hours_from=time(22), hours_to=time(23))
    invoice = issued(customer)
    assert sent(customer) == []
    assert Interaction.objects.get(invoice_id=invoice.id, kind="invoice.not_sent").data["reason"] == "no_hours"


def test_people_who_get_copies_get_one_each(customer: Customer) -> None:
    person(customer)
    person(customer, "Graham Tait", receives_copies=True)
    invoice = issued(customer)
    letters = sent(customer)
    assert [letter.recipient for letter in letters] == ["sandra@bw.example", "graham@bw.example"]
    assert mail_of(letters[1])["Subject"] == f"Copy of invoice {invoice.number}: Autumn range"
    assert told(invoice) == ["invoice.sent", "invoice.copied"]


def test_a_credit_note_goes_out_as_well_and_asks_for_nothing(customer: Customer) -> None:
    person(customer)
    invoice = issued(customer)
    note = credit(invoice_id=invoice.id, reason="Counted twice", issued_on=TODAY, **TOM).note
    (plain,) = [words for words in map(plain_of, sent(customer)) if "credit note" in words]
    assert f"attached is credit note {note.number} for Autumn range, £516.50. There is nothing for you to do." in plain
    assert "/pay" not in plain
    assert sorted(told(invoice)) == ["invoice.credited", "invoice.sent", "invoice.sent"]


def test_a_credit_note_is_called_one_also_where_letters_are_formal(customer: Customer) -> None:
    person(customer)
    Customer.objects.filter(id=customer.id).update(tone="formal")
    note = credit(invoice_id=issued(customer).id, reason="Counted twice", issued_on=TODAY, **TOM).note
    (plain,) = [words for words in map(plain_of, sent(customer)) if "find attached credit note" in words]
    assert f"£516.50. Credit note {note.number}" in plain
    assert f"Invoice {note.number}" not in plain


def test_within_ten_seconds_a_sending_is_taken_back_and_the_invoice_stays(customer: Customer) -> None:
    person(customer)
    real = datetime.now(UTC)
    invoice = issued(customer, free_until_at=real + timedelta(seconds=10))
    assert sent(customer) == []
    row = Dispatch.objects.get(invoice=invoice)
    take_back(dispatch_id=row.id, by="Tom", now=NOW, clock=real + timedelta(seconds=9))
    with pytest.raises(Refused, match="This was taken back already; it did not leave"):
        take_back(dispatch_id=row.id, by="Tom", now=NOW, clock=real)
    assert sent(customer) == []
    assert Invoice.objects.get(id=invoice.id).number
    assert told(invoice) == ["invoice.withheld"]
    assert void(invoice_id=invoice.id, on=TODAY, reason="wrong", **TOM).voided_at


def test_after_ten_seconds_it_is_on_its_way_and_stays_so(customer: Customer) -> None:
    person(customer)
    real = datetime.now(UTC)
    invoice = issued(customer, free_until_at=real - timedelta(seconds=1))
    with pytest.raises(Refused, match="The ten seconds are over"):
        take_back(dispatch_id=Dispatch.objects.get(invoice=invoice).id, by="Tom", now=NOW, clock=real)
    assert len(sent(customer)) == 1
    with pytest.raises(Refused, match="may have reached the customer"):
        void(invoice_id=invoice.id, on=TODAY, reason="wrong", **TOM)


def test_a_copy_goes_to_a_person_of_the_customer_and_says_that_it_is_one(customer: Customer) -> None:
    person(customer)
    graham = person(customer, "Graham Tait", approves=True)
    invoice = issued(customer)
    sent(customer)
    send_copy(invoice_id=invoice.id, contact_id=graham.id, by="Tom", now=NOW)
    with pytest.raises(Refused, match="It is on its way to Graham Tait already"):
        send_copy(invoice_id=invoice.id, contact_id=graham.id, by="Tom", now=NOW)
    to = {letter.recipient: letter for letter in sent(customer)}
    assert set(to) == {"sandra@bw.example", "graham@bw.example"}
    assert "It is the same invoice, not another one." in plain_of(to["graham@bw.example"])


def test_what_was_never_sent_goes_to_the_chosen_person_as_itself(customer: Customer) -> None:
    sandra = person(customer)
    invoice = issued(customer, send=False)
    assert sent(customer) == []
    assert not send_copy(invoice_id=invoice.id, contact_id=sandra.id, by="Tom", now=NOW).is_copy
    assert mail_of(sent(customer)[0])["Subject"].startswith("Autumn range: invoice")


def test_copies_are_refused_in_words(customer: Customer) -> None:
    nobody = person(customer, "No Address", email="", approves=True)
    other = person(a_customer(customer.vendor_id), "Else Where", approves=True)
    invoice = issued(customer, send=False)
    for contact, sentence in (
        (nobody, "No e-mail address is known of No Address"),
        (other, "nobody like that at this customer"),
    ):
        with pytest.raises(Refused, match=sentence):
            send_copy(invoice_id=invoice.id, contact_id=contact.id, by="Tom", now=NOW)
    with pytest.raises(Refused, match=r"A draft is not sent\. Issue it first"):
        send_copy(invoice_id=approved(customer).id, contact_id=nobody.id, by="Tom", now=NOW)
    void(invoice_id=invoice.id, on=TODAY, reason="wrong", **TOM)
    with pytest.raises(Refused, match="This invoice is void"):
        send_copy(invoice_id=invoice.id, contact_id=nobody.id, by="Tom", now=NOW)


def test_the_first_view_is_kept_and_no_later_one(customer: Customer) -> None:
    sandra = person(customer)
    invoice = issued(customer)
    sent(customer)
    assert sandra.payer_id is not None
    for minutes in (20, 40):
        viewed(invoice_id=invoice.id, payer_id=sandra.payer_id, now=NOW + timedelta(minutes=minutes))
    assert Dispatch.objects.get(invoice=invoice).viewed_at == NOW + timedelta(minutes=20)
    assert told(invoice) == ["invoice.sent", "invoice.viewed"]


def test_formal_indonesian_is_said_in_full(customer: Customer) -> None:
    person(customer)
    Customer.objects.filter(id=customer.id).update(language="id", tone="formal")
    issued(customer)
    plain = plain_of(sent(customer)[0])
    assert "Yang terhormat Ibu Sandra Whitlock,\nbersama ini kami sampaikan faktur" in plain
    assert "jatuh tempo 16 Desember 2026" in plain


@given(
    st.integers(0, 24 * 60 * 60), st.integers(0, 60), st.frozensets(st.integers(1, 7)), st.integers(0, 23), st.integers(0, 23)
)
def test_the_next_welcome_moment_is_never_before_now_and_always_within_their_hours(
    seconds: int, days: int, quiet: frozenset[int], opens: int, closes: int
) -> None:
    own = Wishes(country="GB", timezone="Asia/Tokyo", quiet_weekdays=tuple(quiet), hours=(time(opens), time(closes)))
    wanted = treatment(own)
    now = NOW + timedelta(days=days, seconds=seconds)
    found = welcome_from(wanted, now)
    if found is None:
        assert max(opens, 8) >= min(closes, 21) or quiet | {6, 7} == {1, 2, 3, 4, 5, 6, 7}
        return
    local = found.astimezone(ZoneInfo("Asia/Tokyo"))
    assert found >= now
    assert time(max(opens, 8)) <= local.time() < time(min(closes, 21))
    assert local.isoweekday() not in quiet | {6, 7}
    assert local.date() not in (date(2026, 12, 25), date(2026, 12, 28))
