"""Which files are kept with a message: by their bytes, under a name that can do no harm, and never too many."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodterms.conversations import actions
from goodterms.conversations.models import Attachment, Conversation, Message
from goodterms.conversations.rules import AT_MOST, SIZE_MAX, Checked, File, check_file
from goodterms.conversations.rules.files import NAME_MAX, clean_name
from goodterms.conversations.tests.cast import NOW, a_customer, a_payer, an_invoice, unsaved_vendor
from goodterms.database.isolation import acting_for
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Customer, Vendor
from goodterms.parties.rules import Viewer
from goodterms.values.refusal import Refused

PDF = b"%PDF-1.7\n1 0 obj\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF"
WHO: dict[str, Any] = {"by": "Graham Tait", "now": NOW}


@pytest.fixture
def thread(invoice: Invoice) -> Conversation:
    return actions.ask(invoice_ids=[invoice.id], words="Where are the two suites?", **WHO)


@pytest.mark.parametrize(
    ("name", "content", "kept"),
    [
        ("delivery-list-october.pdf", PDF, Checked("delivery-list-october.pdf", "application/pdf")),
        ("IMG_0001.JPEG", JPEG, Checked("IMG_0001.JPEG", "image/jpeg")),
        ("scan.png", PNG, Checked("scan.png", "image/png")),
        ("rooms.csv", b"room,delivered\n1,yes\n2,no\n", Checked("rooms.csv", "text/csv")),
        ("kamar.txt", "Kamar satu sudah; é".encode(), Checked("kamar.txt", "text/plain")),
        ("picture.png", PDF, Checked("picture.png.pdf", "application/pdf")),
        ("page.html", b"<script>alert(1)</script>", Checked("page.html.txt", "text/plain")),
        ("list", b"a;b\n1;2\n", Checked("list.csv", "text/csv")),
    ],
)
def test_a_file_is_what_its_bytes_say(name: str, content: bytes, kept: Checked) -> None:
    assert check_file(File(name, content)) == kept


@pytest.mark.parametrize(
    "content", [b"MZ\x90\x00", b"PK\x03\x04", b"GIF89a\x00", b"\x7fELF", b"a\x00b", b"\xfe\xff\x00a", b" %PDF-\x00"]
)
def test_other_kinds_are_refused_with_those_that_are_taken(content: bytes) -> None:
    with pytest.raises(Refused) as no:
        check_file(File("rooms.pdf", content))
    assert no.value.sentence == (
        "rooms.pdf is not a kind of file that can be kept here. Send a PDF, a PNG or JPEG picture, plain text or CSV."
    )
    assert no.value.field == "files"


def test_an_empty_and_a_large_file_are_refused() -> None:
    with pytest.raises(Refused, match=r"rooms\.pdf is empty\. Please choose the file again\."):
        check_file(File("rooms.pdf", b""))
    check_file(File("rooms.pdf", PDF.ljust(SIZE_MAX)))
    with pytest.raises(Refused, match=r"rooms\.pdf has 10\.0 MB; a file may have 10 MB at most\."):
        check_file(File("rooms.pdf", PDF.ljust(SIZE_MAX + 1)))


@pytest.mark.parametrize(
    ("given_name", "cleaned"),
    [
        ("..\\..\\windows\\rooms.pdf", "rooms.pdf"),
        ("/etc/passwd", "passwd"),
        (".htaccess", "htaccess"),
        ("rooms\u202efdp.exe", "roomsfdp.exe"),
        ('a"b\r\nSet-Cookie: x.pdf', "a-bSet-Cookie- x.pdf"),
        ("...", "file"),
        ("Zimmer und Größen.pdf", "Zimmer und Größen.pdf"),
    ],
)
def test_a_name_is_cleaned(given_name: str, cleaned: str) -> None:
    assert clean_name(given_name) == cleaned


@given(st.text(max_size=300), st.sampled_from([PDF, PNG, b"a text"]))
def test_no_name_leads_out_of_its_folder_or_out_of_its_header(name: str, content: bytes) -> None:
    kept = check_file(File(name, content)).name
    assert 0 < len(kept) <= NAME_MAX
    assert not set(kept) & set('/\\\r\n\0"<>')
    assert not kept.startswith(".")


def test_files_stand_with_the_message_that_was_said_last(thread: Conversation) -> None:
    actions.reply(conversation_id=thread.id, words="Here is the list.", **WHO)
    [kept] = actions.attach(conversation_id=thread.id, files=[File("list.pdf", PDF)], **WHO)
    assert kept.message.words == "Here is the list."
    assert (kept.size, kept.by) == (len(PDF), "Graham Tait")
    assert bytes(Attachment.objects.get().content) == PDF
    assert Attachment.objects.light().get().get_deferred_fields() == {"content"}
    assert actions.attach(conversation_id=thread.id, files=[], **WHO) == []


def test_all_files_or_none(thread: Conversation) -> None:
    with pytest.raises(Refused, match="not a kind of file"):
        actions.attach(conversation_id=thread.id, files=[File("list.pdf", PDF), File("virus.exe", b"MZ\0")], **WHO)
    assert not Attachment.objects.exists()


def test_a_message_takes_five_files(thread: Conversation) -> None:
    actions.attach(conversation_id=thread.id, files=[File("list.pdf", PDF)] * 3, **WHO)
    with pytest.raises(Refused, match=r"A message takes 5 files at most\. Send the others with another message."):
        actions.attach(conversation_id=thread.id, files=[File("list.pdf", PDF)] * 3, **WHO)
    actions.attach(conversation_id=thread.id, files=[File("list.pdf", PDF)] * 2, **WHO)
    assert Attachment.objects.count() == AT_MOST


def test_files_go_to_no_message_of_another_conversation(thread: Conversation, customer: Customer) -> None:
    other = actions.ask(invoice_ids=[an_invoice(customer, number="LR-2").id], words="And this?", **WHO)
    foreign = Message.objects.get(conversation=other)
    with pytest.raises(Refused, match="no such message in this conversation"):
        actions.attach(conversation_id=thread.id, message_id=foreign.id, files=[File("a.pdf", PDF)], **WHO)


def test_a_payer_sees_no_file_of_a_note_and_none_of_another_customer(
    thread: Conversation, customer: Customer, vendor: Vendor
) -> None:
    payer = a_payer(customer)
    stranger = a_payer(a_customer(vendor, "Kestrel & Finch"), "graham@kestrel.example")
    [shown] = actions.attach(conversation_id=thread.id, files=[File("list.pdf", PDF)], **WHO)
    actions.note(conversation_id=thread.id, words="We billed too early.", by="Tom", now=NOW)
    [hidden] = actions.attach(conversation_id=thread.id, files=[File("costs.pdf", PDF)], by="Tom", now=NOW)
    at = frozenset({vendor.id})
    assert set(Attachment.objects.seen_by(Viewer("Tom", at, role="reader"))) == {shown, hidden}
    assert set(Attachment.objects.seen_by(Viewer("Sandra", at, payer_id=payer.id))) == {shown}
    assert not Attachment.objects.seen_by(Viewer("Graham", at, payer_id=stranger.id)).exists()


def test_another_vendor_sees_no_file(thread: Conversation) -> None:
    actions.attach(conversation_id=thread.id, files=[File("list.pdf", PDF)], **WHO)
    other = unsaved_vendor("penhale-print")
    with acting_for([other.id]):
        other.save(force_insert=True)
        assert not Attachment.objects.exists()
