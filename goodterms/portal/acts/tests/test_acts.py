"""What a payer says about an invoice is noted once, rests the reminders as the rehearsal shows, and can be taken back."""

from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from goodterms.access.tests.world import NOW, PAYER, World
from goodterms.conversations.actions import answer
from goodterms.conversations.models import Attachment, Conversation, Extension, Message, Promise
from goodterms.conversations.tests.cast import a_customer, an_invoice, holds, settle, unsaved_vendor
from goodterms.database.isolation import acting_for
from goodterms.interactions.models import Interaction
from goodterms.invoicing.models import Hold, Invoice, Line
from goodterms.portal.tests.browser import by_link, only_looking, proven, words
from goodterms.reminders.due import rehearse
from goodterms.terms.rules import parse
from goodterms.values.days import instant
from goodterms.values.keys import new_key

pytestmark = pytest.mark.django_db

FORMS = ["ask", "dispute", "part", "more-time", "promise", "paid", "hand-on"]


@pytest.fixture
def invoice(world: World) -> Invoice:
    return world.shown[0]


def to(name: str, invoice: Invoice) -> str:
    return reverse(f"portal-{name}", kwargs={"invoice_id": invoice.id})


def press(client: Client, name: str, invoice: Invoice, /, **said: Any) -> Any:
    return client.post(to(name, invoice), {"key": str(new_key(NOW)), **said})


def followed(client: Client, name: str, invoice: Invoice, /, **said: Any) -> str:
    """The page after it."""
    answer = press(client, name, invoice, **said)
    assert answer.status_code == 302, words(answer)
    return words(client.get(answer.headers["Location"]))


def plainly(response: Any) -> str:
    """What is read of a page, without its marks."""
    cells = response.content.decode().replace("</td>", " </td>").replace("<small", " <small")
    return " ".join(unescape(strip_tags(cells)).split())


def reminded(world: World, invoice: Invoice, days: int = 60) -> Iterator[date]:
    """On which of the coming days the rehearsal would remind of it."""
    vendors = [one.id for one in world.vendors]
    decisions = rehearse(
        vendors=vendors, start=date(2026, 11, 16), days=days, at=lambda on: instant(on, time(12), "Europe/London")
    )  # fmt: skip
    for decision in decisions:
        for verdict in decision.verdicts:
            if str(verdict.facts.invoice_id) == str(invoice.id) and not verdict.reasons:
                yield decision.on


def with_lines(invoice: Invoice) -> None:
    with acting_for([invoice.vendor_id]):
        Line.objects.bulk_create(
            Line(
                id=new_key(NOW), vendor_id=invoice.vendor_id, invoice=invoice, position=position, description=what,
                quantity=Decimal(1), unit_price=Decimal(net) / 100, tax_percent=Decimal(20), net_minor=net,
            )
            for position, (what, net) in enumerate((("Labels", 132_000), ("Plates", 18_500)), 1)
        )  # fmt: skip


def test_every_form_opens_first_and_looking_writes_nothing(world: World, invoice: Invoice) -> None:
    client = proven(world)
    for name in FORMS:
        with only_looking():
            said = words(client.get(to(name, invoice)))
        assert said.count('class="ask"') == 7
        first = said.index('class="ask"')
        assert f'action="{to(name, invoice)}"' in said[first : first + 200]
    with only_looking():
        assert "Nothing is noted" in words(client.get(to("noted", invoice)))
        assert "Nothing was asked yet" in words(client.get(reverse("portal-conversations")))


def test_a_question_says_who_answers_by_when_and_stops_the_chasing_until_we_do(world: World, invoice: Invoice) -> None:
    client = proven(world)
    assert list(reminded(world, invoice))
    said = followed(client, "ask", invoice, words="Which run was it?")
    assert "Your question is on its way" in said
    assert "Tom Okafor answers by 16:20; the answer comes here and by e-mail." in said
    assert not list(reminded(world, invoice))
    with acting_for([invoice.vendor_id]):
        [thread] = Conversation.objects.all()
        assert (thread.payer_id, thread.opened_by) == (PAYER, "Sandra Whitlock")
        answer(conversation_id=thread.id, words="The second.", by="Tom Okafor", role="bookkeeper", now=NOW)
    assert list(reminded(world, invoice))
    page = words(client.get(reverse("portal-conversation", kwargs={"conversation_id": thread.id})))
    assert "The second." in page
    assert "Answered." in page


def test_an_empty_question_is_refused_beside_what_was_typed(world: World, invoice: Invoice) -> None:
    answer = press(proven(world), "ask", invoice, words="  ")
    assert answer.status_code == 400
    assert "There is nothing in this message yet. <span" in words(answer)
    with acting_for([invoice.vendor_id]):
        assert not Conversation.objects.exists()


def test_pressing_twice_does_it_once(world: World, invoice: Invoice) -> None:
    client = proven(world)
    forms: list[tuple[str, dict[str, str]]] = [
        ("ask", {"words": "Which run?"}),
        ("dispute", {"reason": "QTY", "words": "Two boxes were missing."}),
        ("promise", {"promised_on": "2026-11-20"}),
        ("paid", {"paid_on": "2026-11-13"}),
        ("more-time", {"choice": "day", "until_on": "2026-11-25"}),
        ("hand-on", {"name": "Beth Langley", "address": "beth@bellwether.example"}),
    ]
    for name, said in forms:
        key = str(new_key(NOW))
        for _ in range(2):
            assert press(client, name, invoice, **said, key=key).status_code == 302
    with acting_for([invoice.vendor_id]):
        assert Conversation.objects.count() == 3
        assert Promise.objects.count() == 1
        assert Extension.objects.count() == 1
        assert Hold.objects.filter(reason="paid").count() == 1


def test_a_line_is_disputed_with_a_picture_and_the_rest_can_be_paid(world: World, invoice: Invoice) -> None:
    with_lines(invoice)
    client = proven(world)
    assert "£1,584.00" in words(client.get(to("dispute", invoice)))
    picture = SimpleUploadedFile("note.png", b"\x89PNG\r\n\x1a\n" + b"0" * 40)
    said = followed(
        client, "dispute", invoice, line="1", reason="QTY", words="Two boxes.", amount="£79.20", files=picture
    )  # fmt: skip
    assert "We are looking at it" in said
    assert f"{reverse('portal-pay')}?invoice={invoice.id}&amp;amount=4176.00" in said
    with acting_for([invoice.vendor_id]):
        [thread] = Conversation.objects.all()
        assert (thread.kind, thread.reason, thread.disputed_minor) == ("dispute", "QTY", 7_920)
        assert thread.about.get().line_position == 1
        assert holds(invoice) == [("disputed", None)]
        file = Attachment.objects.get()
    assert not list(reminded(world, invoice))
    got = client.get(reverse("portal-attachment", kwargs={"attachment_id": file.id}))
    assert got.headers["Content-Disposition"] == 'attachment; filename="note.png"'
    assert got.content.startswith(b"\x89PNG")


def test_a_line_is_disputed_whole_where_no_amount_is_named_and_never_above_it(world: World, invoice: Invoice) -> None:
    with_lines(invoice)
    client = proven(world)
    answer = press(client, "dispute", invoice, line="1", reason="QTY", words="Missing.", amount="1,584.01")
    assert answer.status_code == 400
    assert "no more than was billed for it" in words(answer)
    assert "Missing." in words(answer)
    assert press(client, "dispute", invoice, line="1", reason="QTY", pay_rest="1").headers["Location"] == (
        f"{reverse('portal-pay')}?invoice={invoice.id}&amount=2671.20"
    )
    with acting_for([invoice.vendor_id]):
        assert Conversation.objects.get().disputed_minor == 158_400
        assert Message.objects.get().words == "Quantity"


def test_a_file_that_is_none_of_ours_leaves_nothing_behind(world: World, invoice: Invoice) -> None:
    bad = SimpleUploadedFile("run.exe", b"MZ\x00\x01" * 10)
    answer = press(proven(world), "dispute", invoice, reason="QTY", words="Two boxes.", files=bad)
    assert answer.status_code == 400
    assert "is not a kind of file that can be kept here" in words(answer)
    with acting_for([invoice.vendor_id]):
        assert not Conversation.objects.exists()


def test_a_promise_stops_the_next_reminder_as_the_rehearsal_shows_and_rings_on_the_term_line(
    world: World, invoice: Invoice
) -> None:
    client = proven(world)
    before = min(reminded(world, invoice))
    said = followed(client, "promise", invoice, promised_on="2026-11-20")
    assert "You pay by Friday 20 November. Reminders rest until Saturday 21 November." in said
    assert 'class="vow"' in said
    assert before < date(2026, 11, 21) < min(reminded(world, invoice))
    assert "taken back" in followed(client, "take-back", invoice, what="promise").lower()
    assert min(reminded(world, invoice)) == before


def test_what_was_paid_since_is_no_longer_promised(world: World, invoice: Invoice) -> None:
    client = proven(world)
    assert "£4,255.20" in followed(client, "promise", invoice, promised_on="2026-11-20").replace('<span class="c">', "")
    with acting_for([invoice.vendor_id]):
        settle(invoice, 100_000, date(2026, 11, 16))
    said = words(client.get(to("noted", invoice))).replace('<span class="c">', "")
    assert "£3,255.20" in said
    assert "£4,255.20" not in said


def test_a_promise_may_be_changed_once_and_no_further(world: World, invoice: Invoice) -> None:
    client = proven(world)
    for day in ("2026-11-20", "2026-11-23"):
        assert press(client, "promise", invoice, promised_on=day).status_code == 302
    answer = press(client, "promise", invoice, promised_on="2026-11-25")
    assert "You changed this day once already. For another one, please ask for more time." in words(answer)
    far = press(client, "promise", world.shown[1], promised_on="2026-12-30")
    assert "A promise can name a day up to 17 December; for a later one, ask for more time." in words(far)


def test_more_time_within_the_rule_moves_the_day_that_counts_at_once(world: World, invoice: Invoice) -> None:
    client = proven(world)
    said = followed(client, "more-time", invoice, choice="day", until_on="2026-11-30")
    assert "The new date is 30 November 2026, without a fee." in said
    with acting_for([invoice.vendor_id]):
        invoice.refresh_from_db()
    assert invoice.chase_on == date(2026, 11, 30)
    assert min(reminded(world, invoice)) > date(2026, 11, 30)


def test_more_time_beyond_the_rule_is_for_a_person_with_a_clock(world: World, invoice: Invoice) -> None:
    client = proven(world)
    said = followed(client, "more-time", invoice, choice="day", until_on="2026-12-15")
    assert "What you asked for" in said
    assert "Tom Okafor answers by 16:20" in said
    again = press(client, "more-time", invoice, choice="day", until_on="2026-12-16")
    assert "You asked for more time already; the answer is on its way." in words(again)
    assert "until then there is time already" in words(
        press(client, "more-time", world.other, choice="day", until_on="2026-12-02")
    )


def test_something_else_is_a_question_to_a_person(world: World, invoice: Invoice) -> None:
    assert "Your question is on its way" in followed(
        proven(world), "more-time", invoice, choice="else", words="Could we pay on the phone?"
    )


def test_who_has_paid_is_left_alone_while_we_look_and_can_say_it_was_not_so(world: World, invoice: Invoice) -> None:
    client = proven(world)
    said = followed(
        client, "paid", invoice, paid_on="2026-11-13", amount="4,255.20", how="Aire Bank, 4417", reference="LABELS"
    )  # fmt: skip
    assert "Aire Bank, 4417 · LABELS" in said
    assert "We expect the money by Tuesday 17 November" in said
    assert min(reminded(world, invoice)) > date(2026, 11, 17)
    press(client, "take-back", invoice, what="paid")
    with acting_for([invoice.vendor_id]):
        assert holds(invoice) == []
    assert "promise the payment instead" in words(press(client, "paid", invoice, paid_on="2026-11-20"))


def test_who_kept_tax_back_says_so_with_the_certificate(world: World, invoice: Invoice) -> None:
    with acting_for([invoice.vendor_id]):
        Invoice.objects.filter(id=invoice.id).update(to_withhold_minor=500_00)
    client = proven(world)
    begun = client.get(to("paid", invoice)).content.decode()
    beside = plainly(client.get(to("paid", invoice)))
    assert "Kept back for the tax office −£500.00 To be paid to us £3,755.20" in beside
    assert "Still open" not in beside, "all of it is, and the total says so"
    assert 'name="withheld" inputmode="decimal" autocomplete="off" value="£500.00"' in begun
    assert 'value="£3,755.20"' in begun  # what is to be paid
    page = words(client.get(to("invoice", invoice)))
    assert "£500.00 of it is kept back for the tax office, so £3,755.20 is to be paid." in page
    for wrong, sentence in (
        ({"withheld": "0"}, "above nothing, and less than the invoice"),
        ({"withheld": "4,255.20"}, "above nothing, and less than the invoice"),
        ({"withheld": "", "certificate": "A-7"}, "Say how much you kept back as well"),
        ({"withheld": "500", "certificate": "A-7", "certificate_on": "soon"}, "day"),
    ):
        answer = press(client, "paid", invoice, paid_on="2026-11-13", **wrong)
        assert (answer.status_code, sentence in words(answer)) == (400, True), wrong
    followed(client, "paid", invoice, paid_on="2026-11-13", withheld="500", certificate="A-7", certificate_on="2026-11-12")
    with acting_for([invoice.vendor_id]):
        data = Interaction.objects.get(kind="payment.declared").data
    assert (data["minor"], data["withheld_minor"], data["certificate"]) == (3_755_20, 500_00, "A-7")


def test_the_taxes_beside_the_question_are_called_as_on_the_paper(world: World) -> None:
    document = {"vendor": {"country": "GB"}, "tax_groups": [{"rate": "20", "tax_minor": 709_20}]}
    with acting_for([world.vendors[0].id]):
        invoice = an_invoice(world.customers[0], 4_255_20, number="VAT-1", document=document)
    beside = plainly(proven(world).get(to("ask", invoice)))
    assert "Before VAT 4,255.20 VAT 20% 709.20 Total, due" in beside


def test_who_says_that_it_is_paid_is_offered_the_sum_that_paying_asks_for(world: World) -> None:
    early: dict[str, Any] = {"issued_on": date(2026, 11, 16), "due_on": date(2026, 12, 16)}
    terms = {**parse("2/10 net 30").to_json(), "withholding": {"name": "IRPF", "percent": "15"}}
    with acting_for([world.vendors[0].id]):
        invoice = an_invoice(world.customers[0], 4_255_20, number="EARLY-1", terms=terms, to_withhold_minor=638_28, **early)
    client = proven(world)
    assert 'name="amount" inputmode="decimal" autocomplete="off" value="£3,531.82"' in (
        client.get(to("paid", invoice)).content.decode()
    )
    assert "Pay £3,531.82" in plainly(client.get(f"{reverse('portal-pay')}?invoice={invoice.id}"))
    assert "£3,531.82 instead of £3,616.92 and £638.28 to the tax office" in plainly(client.get(reverse("portal")))
    assert "2% off until 26 Nov: £85.10 less" in plainly(client.get(to("invoice", invoice)))


def test_a_part_leads_to_paying_it_and_a_day_for_the_rest_is_a_promise(world: World, invoice: Invoice) -> None:
    client = proven(world)
    answer = press(client, "part", invoice, amount="£1,000.00", rest_on="2026-11-30")
    assert answer.headers["Location"] == f"{reverse('portal-pay')}?invoice={invoice.id}&amount=1000.00"
    with acting_for([invoice.vendor_id]):
        assert Promise.objects.get().promised_on == date(2026, 11, 30)
    for odd in ("0", "9,999.00", "1.000,00", "ten", "1.001"):
        assert press(client, "part", invoice, amount=odd).status_code == 400


def test_handing_on_asks_the_vendor_and_shows_nobody_more(world: World, invoice: Invoice) -> None:
    client = proven(world)
    said = followed(client, "hand-on", invoice, name="Beth Langley", address="beth@bellwether.example", words="She ordered it.")
    assert "Thank you for naming the right person" in said
    with acting_for([invoice.vendor_id]):
        assert Message.objects.get().words.startswith("Please ask Beth Langley <beth@bellwether.example>")
    assert press(client, "hand-on", invoice, name="Beth", address="beth").status_code == 400


def test_invoices_of_others_are_not_there(world: World, invoice: Invoice) -> None:
    stranger = unsaved_vendor("oakside")
    with acting_for([stranger.id]):
        stranger.save(force_insert=True)
        strange = an_invoice(a_customer(stranger), number="OK-1")
    with acting_for([invoice.vendor_id]):
        neighbour = an_invoice(a_customer(world.vendors[0], "Northgate"), number="LR-9")
    client = proven(world)
    for other in (strange, neighbour):
        for name in [*FORMS, "noted"]:
            assert client.get(to(name, other)).status_code == 404
        for name in [*FORMS, "take-back"]:
            assert press(client, name, other, words="Hello", reason="QTY").status_code == 404
    with acting_for([stranger.id, invoice.vendor_id]):
        assert not Conversation.objects.exists()


def test_who_came_by_a_letter_acts_on_its_invoices_and_sees_nothing_of_others(world: World, invoice: Invoice) -> None:
    assert press(proven(world), "ask", world.other, words="About the other one.").status_code == 302
    with acting_for([invoice.vendor_id]):
        other = Conversation.objects.get()
    client = by_link(world)
    assert press(client, "ask", invoice, words="About this one.").status_code == 302
    assert client.get(to("ask", world.other)).status_code == 404
    listed = words(client.get(reverse("portal-conversations")))
    assert f"Labels, {invoice.number}" in listed
    assert world.other.number not in listed
    assert client.get(reverse("portal-conversation", kwargs={"conversation_id": other.id})).status_code == 404
    assert press(client, "take-back", invoice, what=str(other.id)).status_code == 404


def test_a_page_costs_the_same_whatever_the_invoice_holds(world: World, invoice: Invoice) -> None:
    client = proven(world)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(to("ask", invoice)).status_code == 200
            assert client.get(to("noted", invoice)).status_code == 200
        return len(seen)

    before = queries()
    with_lines(invoice)
    for n in range(3):
        press(client, "ask", invoice, words=f"Question {n}")
    assert queries() == before
