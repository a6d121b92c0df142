"""What the room of conversations shows, does and refuses: the list by our word, the thread, the ways out, notes, files."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodterms.conversations import actions
from goodterms.conversations.models import Attachment, Conversation, Message
from goodterms.conversations.rules import File
from goodterms.conversations.tests import cast as people
from goodterms.database.isolation import acting_for
from goodterms.delivery.models import Letter
from goodterms.desk import door
from goodterms.desk.conversations.reading import Billed
from goodterms.desk.conversations.ways import BOOKS_DECIDE
from goodterms.desk.tests.cast import a_member, a_vendor, as_member
from goodterms.interactions.models import Interaction
from goodterms.invoicing.models import Hold, Invoice
from goodterms.parties.models import Customer, Vendor
from goodterms.values.keys import new_key
from goodterms.values.money import Money

ASKED_AT = datetime(2026, 11, 16, 9, 30, tzinfo=UTC)
NOW = datetime(2026, 11, 16, 10, 20, tzinfo=UTC)
PDF = b"%PDF-1.7"


@pytest.fixture(autouse=True)
def _at_twenty_past_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOODTERMS_NOW", NOW.isoformat())


class Desk(NamedTuple):
    """A vendor at its desk, and a customer who disputes a part of one invoice and asks about another."""

    vendor: Vendor
    customer: Customer
    invoice: Invoice
    dispute: Conversation
    question: Conversation
    tom: Client

    def page(self, thread: Conversation, more: str = "") -> str:
        return f"/at/{self.vendor.slug}/conversations/{thread.id}/{more}"

    @property
    def list(self) -> str:
        return f"/at/{self.vendor.slug}/conversations/"

    def send(self, thread: Conversation, client: Client | None = None, **given: Any) -> Any:
        form = {"key": str(new_key(NOW)), "to": "them", "words": "You are right.", **given}
        return (client or self.tom).post(self.page(thread), form)


@pytest.fixture
def desk(db: None) -> Desk:
    vendor = a_vendor("lindqvist-rowe", name="Lindqvist Rowe")
    tom = as_member(a_member(vendor, "Tom Okafor", "owner", email="tom@lindqvist.example"))
    with acting_for([vendor.id]):
        customer = people.a_customer(vendor, "Kestrel & Finch")
        payer = people.a_payer(customer, "sandra@kestrel.example")
        who: dict[str, Any] = {"by": "Sandra Whitlock", "now": ASKED_AT, "payer_id": payer.id}
        invoice = people.an_invoice(customer, 716_640, number="LR-2026-0194", due_on=date(2026, 11, 19), work="Spring campaign")
        other = people.an_invoice(customer, 200_000, number="LR-2026-0201")
        dispute = actions.dispute(
            invoice_id=invoice.id, reason="QTY", words="Six, not eight.", disputed_minor=62_400, wants="CNP", **who
        )
        question = actions.ask(invoice_ids=[other.id], words="Could you split <this> one?", **who)
    return Desk(vendor, customer, invoice, dispute, question, tom)


def states(desk: Desk) -> tuple[Any, ...]:
    """Everything that a page could change."""
    with acting_for([desk.vendor.id]):
        return tuple(
            list(model.objects.order_by("id").values())
            for model in (Conversation, Message, Attachment, Letter, Invoice, Hold, Interaction)
        )


def now(desk: Desk, thread: Conversation) -> Conversation:
    with acting_for([desk.vendor.id]):
        return Conversation.objects.get(id=thread.id)


def letters(desk: Desk) -> list[str]:
    with acting_for([desk.vendor.id]):
        return list(Letter.objects.order_by("id").values_list("state", flat=True))


def test_the_list_begins_with_what_waits_for_us_by_our_word(desk: Desk) -> None:
    page = desk.tom.get(desk.list)
    assert "Two wait for our answer" in page.text
    for said in ("3 h 10 left", "by 13:30", "“Six, not eight.”", "Could you split &lt;this&gt; one?", "LR-2026-0194"):
        assert said in page.text
    with acting_for([desk.vendor.id]):
        actions.answer(conversation_id=desk.dispute.id, words="Looking.", by="Tom", role="owner", now=ASKED_AT)
    after = desk.tom.get(desk.list).text
    assert after.index("Waiting for us</h2>") < after.index("LR-2026-0201") < after.index("Waiting for them</h2>")
    assert after.index("Waiting for them</h2>") < after.index("LR-2026-0194")


def test_the_list_is_filtered_by_view_kind_customer_and_words(desk: Desk) -> None:
    def shows(query: str) -> set[str]:
        text = desk.tom.get(f"{desk.list}?{query}").text
        return {number for number in ("LR-2026-0194", "LR-2026-0201") if f">{number}</a>" in text}

    assert shows("") == shows("view=us") == shows("q=kestrel") == shows(f"customer={desk.customer.id}")
    assert shows("kind=dispute") == shows("q=lr-2026-0194") == shows("q=spring+camp") == {"LR-2026-0194"}
    assert shows("kind=question") == {"LR-2026-0201"}
    assert shows("view=them") == shows("view=closed") == shows("view=mine") == shows("q=brandt") == set()
    assert "Nothing here fits." in desk.tom.get(f"{desk.list}?q=brandt").text
    assert shows(f"customer={new_key(NOW)}") == set()
    assert desk.tom.get(f"{desk.list}?after=nonsense&customer=x&kind=y&view=z").status_code == 200


def more_questions(desk: Desk, number: int) -> None:
    with acting_for([desk.vendor.id]):
        for n in range(number):
            at = ASKED_AT - timedelta(minutes=n)
            invoice = people.an_invoice(desk.customer, 1_000, number=f"M-{n}")
            thread = actions.ask(invoice_ids=[invoice.id], words=f"And {n}?", by="Sandra", now=at)
            if n % 2:
                actions.answer(conversation_id=thread.id, words="Yes.", by="Tom", role="owner", now=at)


@pytest.mark.parametrize("view", ["open", "closed"])
def test_pages_go_by_a_key_and_show_every_conversation_once(desk: Desk, view: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("goodterms.desk.conversations.listing.PAGE", 5)
    more_questions(desk, 24)
    address, seen = f"{desk.list}?view={view}", list[UUID]()
    while address:
        found = desk.tom.get(address).context["listed"]
        seen += [row.thread.id for group in found.groups for row in group.rows]
        address = f"{desk.list}{found.next}" if found.next else ""
    assert len(seen) == len(set(seen)) == (14 if view == "open" else 12)


def test_the_list_costs_the_same_however_long_it_is(desk: Desk) -> None:
    def cost(address: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as spent:
            assert desk.tom.get(address).status_code == 200
        return len(spent)

    few, one = cost(desk.list), cost(desk.page(desk.dispute))
    more_questions(desk, 12)
    with acting_for([desk.vendor.id]):
        for n in range(9):
            actions.reply(conversation_id=desk.dispute.id, words=f"And {n}", by="Sandra", now=NOW)
            actions.attach(conversation_id=desk.dispute.id, files=[File("a.pdf", PDF)], by="Sandra", now=NOW)
            actions.note(conversation_id=desk.dispute.id, words="Hm.", by="Tom", now=NOW)
    assert cost(desk.list) == few
    assert cost(desk.page(desk.dispute)) == one
    assert max(few, one) < 40


def test_the_table_holds_every_conversation_of_the_view(desk: Desk) -> None:
    rows = desk.tom.get(f"/at/{desk.vendor.slug}/conversations.csv?kind=dispute").text.splitlines()
    assert rows[0].startswith("kind,customer,invoices,subject,reason,disputed,currency")
    assert rows[1].startswith('dispute,Kestrel & Finch,LR-2026-0194,"Spring campaign, LR-2026-0194",QTY,624.00,GBP,')
    assert len(rows) == 2


def test_the_page_shows_what_is_meant_the_clock_and_the_way_that_fits(desk: Desk) -> None:
    page = desk.tom.get(desk.page(desk.dispute))
    text = page.text
    assert "Six, not eight." in text
    assert "3 h 10 left" in text
    assert "to settle it, by 09:30" in text
    assert "Hello Sandra," in text
    assert "fits what they asked" in text
    assert "Sandra gets a credit note for £624.00 and this answer." in text
    assert "£6,542.40 stays open, due Thu 19 Nov; reminders count from then." in text
    assert "with the cause “quantity”" in text
    assert page.context["form"].way == "credited"
    assert page.context["form"].words.startswith(
        "You are right, and we are sorry for the extra work. A credit note for £624.00"
    )


def test_reading_changes_nothing(desk: Desk) -> None:
    before = states(desk)
    pages = [desk.list, f"{desk.list}?view=closed", desk.page(desk.dispute), desk.page(desk.question)]
    for address in [*pages, f"{desk.page(desk.dispute)}?way=granted", f"/at/{desk.vendor.slug}/conversations.csv"]:
        assert desk.tom.get(address).status_code == 200
    assert desk.tom.get(desk.page(desk.dispute, "take-back/")).status_code == 405
    assert states(desk) == before


def test_an_answer_closes_a_question_and_is_taken_back_in_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = desk.send(desk.question, way="answered", reason="NON", words="Gladly: here are both.")
    assert answer.status_code == 302
    assert now(desk, desk.question).resolution == "answered"
    assert now(desk, desk.question).answered_in_minutes == 50
    page = desk.tom.get(desk.page(desk.question))
    assert "Sent to Sandra Whitlock" in page.text
    assert 'role="status"' in page.text
    message = page.context["sheet"].last
    monkeypatch.setenv("GOODTERMS_NOW", (NOW + timedelta(seconds=9)).isoformat())
    back = desk.tom.post(desk.page(desk.question, "take-back/"), {"message": str(message.id)}, follow=True)
    assert "Taken back. It did not leave, and our clock runs as before." in back.text
    assert "Taken back by Tom Okafor before it left" in back.text
    assert (now(desk, desk.question).closed_at, letters(desk)) == (None, ["cancelled"])


def test_after_eleven_seconds_the_bar_is_gone_and_it_has_left(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.send(desk.question, way="answered")
    message = desk.tom.get(desk.page(desk.question)).context["sheet"].last
    monkeypatch.setenv("GOODTERMS_NOW", (NOW + timedelta(seconds=11)).isoformat())
    assert "Take it back" not in desk.tom.get(desk.page(desk.question)).text
    late = desk.tom.post(desk.page(desk.question, "take-back/"), {"message": str(message.id)}, follow=True)
    assert "The ten seconds are over and it is on its way; write again instead." in late.text
    assert letters(desk) == ["ready"]


def test_the_credit_note_settles_the_dispute(desk: Desk) -> None:
    assert desk.send(desk.dispute, way="credited", amount="624.00").status_code == 302
    with acting_for([desk.vendor.id]):
        note = Invoice.objects.get(kind="credit_note")
        assert (note.total_minor, note.corrects_id) == (62_400, desk.invoice.id)
    page = desk.tom.get(desk.page(desk.dispute)).text
    assert "Dispute, credited" in page
    assert f"Sent to Sandra Whitlock; {note.number} stays" in page


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"way": "credited", "amount": "much"}, "Write the sum like 624.00, above nothing."),
        ({"way": "credited", "amount": "0.001"}, "GBP has no smaller part than a cent; write the sum like 624.00."),
        ({"way": "credited", "amount": "nan"}, "Write the sum like 624.00, above nothing."),
        ({"way": "granted", "until": ""}, "Name the new day."),
        ({"way": "granted", "until": "2026-11-16"}, "Name the new day, after today."),
        ({"way": ""}, "Choose what happens with this answer."),
        ({"way": "keep", "words": "  "}, "There is nothing in this message yet."),
        ({"way": "nonsense"}, "A dispute ends as one of"),
    ],
)
def test_a_refusal_keeps_what_was_typed_and_does_nothing(desk: Desk, given: dict[str, Any], sentence: str) -> None:
    before = states(desk)
    answer = desk.send(desk.dispute, **({"words": "Dear Sandra, look"} | given))
    assert answer.status_code == 409
    assert answer.text.count(sentence) == 1
    assert 'aria-describedby="refusal"' in answer.text
    assert given.get("words", "Dear Sandra, look").strip() in answer.text
    assert states(desk) == before


def test_time_is_granted_and_refused(desk: Desk) -> None:
    with acting_for([desk.vendor.id]):
        late = people.an_invoice(desk.customer, 5_000, number="LR-9", due_on=date(2026, 11, 30))
        asked = actions.request_extension(
            invoice_id=late.id, until_on=date(2027, 1, 29), by="Sandra Whitlock", now=ASKED_AT
        ).extension.conversation
        assert asked is not None
    page = desk.tom.get(desk.page(asked)).text
    assert "Until Fri 29 Jan, they ask." in page
    assert "what you agree to, offer or decline leaves as soon as you press Send" in page
    assert "it leaves ten seconds after you press Send" in desk.tom.get(desk.page(desk.dispute)).text
    assert desk.send(asked, way="granted", words="").status_code == 302
    assert now(desk, asked).resolution == "granted"
    assert desk.send(desk.dispute, way="granted", until="2026-12-18").status_code == 302
    assert now(desk, desk.dispute).resolution == "granted"


def test_an_internal_note_stays_here(desk: Desk) -> None:
    assert desk.send(desk.dispute, to="note", words="We billed too early.", way="credited").status_code == 302
    text = desk.tom.get(desk.page(desk.dispute)).text
    assert "Only Lindqvist Rowe sees this" in text
    assert "We billed too early." in text
    assert letters(desk) == []
    assert now(desk, desk.dispute).waiting_since_at == ASKED_AT


def test_files_go_out_with_an_answer_and_come_back_as_downloads(desk: Desk) -> None:
    desk.send(desk.dispute, way="keep", files=[SimpleUploadedFile("rooms.pdf", PDF)])
    with acting_for([desk.vendor.id]):
        kept = Attachment.objects.get()
        assert not kept.message.inbound
    assert f"/attachments/{kept.id}/" in desk.tom.get(desk.page(desk.dispute)).text
    answer = desk.tom.get(f"/at/{desk.vendor.slug}/attachments/{kept.id}/")
    assert (answer.content, answer["Content-Disposition"]) == (PDF, 'attachment; filename="rooms.pdf"')
    refused = desk.send(desk.dispute, way="keep", files=[SimpleUploadedFile("a.exe", b"MZ\0")])
    assert (refused.status_code, "a.exe is not a kind of file that can be kept here." in refused.text) == (409, True)
    silent = desk.send(desk.dispute, way="withdrawn", words="", files=[SimpleUploadedFile("b.pdf", PDF)])
    assert "Write a word with the files." in silent.text


def test_a_form_that_is_sent_twice_is_done_once(desk: Desk) -> None:
    key = str(new_key(NOW))
    for _ in range(2):
        given: dict[str, Any] = {"way": "keep", "key": key, "files": [SimpleUploadedFile("rooms.pdf", PDF)]}
        assert desk.send(desk.dispute, **given).status_code == 302
    with acting_for([desk.vendor.id]):
        assert (Message.objects.filter(inbound=False).count(), Attachment.objects.count()) == (1, 1)
    assert letters(desk) == ["ready"]


def test_somebody_looks_after_it(desk: Desk) -> None:
    member = a_member(desk.vendor, "Priya Nair", "bookkeeper", email="priya@lindqvist.example")
    assert desk.tom.post(desk.page(desk.dispute, "assign/"), {"member": str(member.id)}).status_code == 302
    assert "Priya Nair looks after it" in desk.tom.get(desk.list).text
    assert ">LR-2026-0194</a>" in as_member(member).get(f"{desk.list}?view=mine").text
    stranger = a_member(a_vendor("penhale-print"), "Jory", email="jory@penhale.example")
    refused = desk.tom.post(desk.page(desk.dispute, "assign/"), {"member": str(stranger.id)})
    assert "Nobody like that works here; choose one of your people." in refused.text
    desk.tom.post(desk.page(desk.dispute, "assign/"), {"member": ""})
    assert now(desk, desk.dispute).assigned_to_id is None


def test_who_cares_for_customers_answers_and_who_keeps_the_books_credits(desk: Desk) -> None:
    ruth = as_member(a_member(desk.vendor, "Ruth", "receivables manager", email="ruth@lindqvist.example"))
    assert BOOKS_DECIDE in ruth.get(desk.page(desk.dispute)).text
    refused = desk.send(desk.dispute, ruth, way="credited", amount="624.00")
    assert (refused.status_code, "A receivables manager may not write a credit note." in refused.text) == (409, True)
    assert letters(desk) == []
    assert desk.send(desk.dispute, ruth, way="keep").status_code == 302
    assert desk.send(desk.question, ruth, way="answered").status_code == 302


@pytest.mark.parametrize("role", ["reader", "approver"])
def test_who_only_reads_sends_nothing(desk: Desk, role: str) -> None:
    reader = as_member(a_member(desk.vendor, "Ada", role, email="ada@lindqvist.example"))
    before = states(desk)
    page = reader.get(desk.page(desk.dispute))
    assert page.status_code == 200
    assert "<textarea" not in page.text
    for more in ("", "take-back/", "assign/"):
        assert reader.post(desk.page(desk.dispute, more), {"words": "x", "way": "keep"}).status_code == 403
    assert states(desk) == before


def test_another_vendor_finds_nothing(desk: Desk) -> None:
    with acting_for([desk.vendor.id]):
        [kept] = actions.attach(conversation_id=desk.dispute.id, files=[File("a.pdf", PDF)], by="Sandra", now=NOW)
    theirs = a_vendor("penhale-print")
    stranger = as_member(a_member(theirs, "Jory", email="jory@penhale.example"))
    before = states(desk)
    for slug in (desk.vendor.slug, theirs.slug):
        for more in ("", "take-back/", "assign/"):
            address = f"/at/{slug}/conversations/{desk.dispute.id}/{more}"
            assert stranger.post(address, {"words": "x", "way": "keep", "message": str(new_key(NOW))}).status_code == 404
        assert stranger.get(f"/at/{slug}/conversations/{desk.dispute.id}/").status_code == 404
        assert stranger.get(f"/at/{slug}/attachments/{kept.id}/").status_code == 404
    assert stranger.get(desk.list).status_code == 404
    assert "LR-2026" not in stranger.get(f"/at/{theirs.slug}/conversations/").text
    assert states(desk) == before
    assert Client().get(desk.list).status_code == 302


def test_a_sandbox_counts_its_ten_seconds_by_the_real_clock(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with acting_for([desk.vendor.id]):
        Vendor.objects.filter(id=desk.vendor.id).update(sandbox_now=NOW)
    monkeypatch.setattr(door, "clock", lambda: datetime(2027, 3, 1, 8, 0, tzinfo=UTC))
    desk.send(desk.question, way="answered")
    message = desk.tom.get(desk.page(desk.question)).context["sheet"].last
    assert message.at == NOW
    monkeypatch.setattr(door, "clock", lambda: datetime(2027, 3, 1, 8, 0, 11, tzinfo=UTC))
    late = desk.tom.post(desk.page(desk.question, "take-back/"), {"message": str(message.id)}, follow=True)
    assert "The ten seconds are over" in late.text


@pytest.mark.parametrize(("country", "said"), [("GB", "VAT 20%"), ("AU", "GST 20%"), ("US", "Tax 20%")])
def test_a_tax_is_called_what_it_is_called_there(country: str, said: str) -> None:
    """A dispute of an Australian vendor told of VAT, which its invoice had not."""
    document = {"vendor": {"country": country}, "tax_groups": [{"rate": "20.00", "tax_minor": 2_000}]}
    invoice = Invoice(document=document, currency="USD", net_minor=10_000, tax_minor=2_000, total_minor=12_000)
    assert Billed(invoice, None, [], Money(0, "USD")).taxes == [(said, "20.00")]
