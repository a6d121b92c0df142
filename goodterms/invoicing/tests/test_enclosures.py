"""What is enclosed with an invoice is checked, travels with it byte for byte by every way, and is frozen with it at issue."""

import io
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pikepdf
import pytest
from django.db import DatabaseError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from goodterms.database.isolation import acting_for
from goodterms.delivery.actions import bytes_of
from goodterms.delivery.mime import Attachment
from goodterms.einvoices import documents
from goodterms.einvoices.hybrid import Enclosed
from goodterms.einvoices.profiles import XRECHNUNG
from goodterms.interactions.models import Interaction
from goodterms.invoicing.actions import (
    approve,
    ask_for_order,
    change_letterhead,
    correct,
    enclose,
    issue,
    paper_bytes,
    post_documents,
    readiness_of,
    send_back,
    supply_order,
    take_out,
    xml_bytes,
)
from goodterms.invoicing.actions.enclosing import TOGETHER_MAX
from goodterms.invoicing.as_file import as_file
from goodterms.invoicing.carrying import LETTER_MAX, Papers, goes_along
from goodterms.invoicing.models import Enclosure, Invoice, Paper
from goodterms.invoicing.tests.book import NOW, TODAY, a_customer, a_rate, a_vendor
from goodterms.invoicing.tests.test_as_file import OF_CUSTOMER, OF_VENDOR
from goodterms.invoicing.tests.test_dispatch import mail_of, person, plain_of, sent
from goodterms.invoicing.tests.test_issue import TOM, drafted
from goodterms.parties.actions import change_preferences
from goodterms.parties.models import Customer
from goodterms.values.files import File
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
NOTES = File("notes.txt", "Größe: 1.200 Stück".encode())


def a_pdf(**root: Any) -> bytes:
    file, out = pikepdf.new(), io.BytesIO()
    file.add_blank_page()
    for name, value in root.items():
        file.Root[f"/{name}"] = value
    file.save(out, deterministic_id=True)
    return out.getvalue()


def a_sheet() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        file.writestr("xl/workbook.xml", "<workbook/>")
    return out.getvalue()


TIMESHEET, HOURS = File("timesheet.pdf", a_pdf()), File("hours.xlsx", a_sheet())
FILES = [TIMESHEET, HOURS, File("receipt.png", PNG), File("days.csv", b"day;hours\n1;8\n2;7\n"), NOTES]


@pytest.fixture
def customer() -> Iterator[Customer]:
    vendor = a_vendor()
    for name, value in OF_VENDOR.items():
        setattr(vendor, name, value)
    with acting_for([vendor.id]):
        vendor.save()
        a_rate(vendor.id, "EUR", "0.86")
        yield a_customer(vendor.id, **OF_CUSTOMER)


def issued_with(customer: Customer, files: list[File]) -> Invoice:
    one = drafted(customer, work="Autumn range")
    enclose(invoice_id=one.id, files=files, **TOM)
    approve(invoice_id=one.id, **TOM)
    issue(invoice_id=one.id, issued_on=TODAY, **TOM)
    return Invoice.objects.select_related("customer", "vendor").get(id=one.id)


def inside(pdf: bytes) -> dict[str, tuple[str, str, bytes]]:
    with pikepdf.open(io.BytesIO(pdf)) as file:
        listed = [one.UF for one in file.Root.AF]
        assert sorted(map(str, listed)) == sorted(file.attachments)
        return {
            name: (str(one.relationship), one.get_file().mime_type, one.get_file().read_bytes())
            for name, one in file.attachments.items()
        }


def test_files_go_along_in_the_paper_the_xml_and_the_letter(customer: Customer) -> None:
    person(customer)
    change_preferences(
        vendor_id=customer.vendor_id, customer_id=customer.id, now=NOW, by="Tom", changes={"invoice_format": "ubl"}
    )  # fmt: skip
    invoice = issued_with(customer, FILES)
    given_ = {file.name: file.content for file in FILES}
    paper = inside(paper_bytes(invoice_id=invoice.id))
    assert {name: content for name, (_, _, content) in paper.items()} == given_
    assert {kin for kin, _, _ in paper.values()} == {"/Supplement"}
    in_xml = documents.read(xml_bytes(invoice_id=invoice.id)).invoice.supporting
    assert {one.attached.file_name: one.attached.content for one in in_xml if one.attached} == {
        name: content for name, content in given_.items() if name != "notes.txt"
    }
    (letter,) = sent(customer)
    attached = list(mail_of(letter).iter_attachments())
    found = {part.get_filename(): part.get_payload(decode=True) for part in attached}
    stem = invoice.number
    assert found == given_ | {
        f"{stem}.pdf": paper_bytes(invoice_id=invoice.id), f"{stem}.xml": xml_bytes(invoice_id=invoice.id),
    }  # fmt: skip
    assert [part.get_filename() for part in attached][:2] == [f"{stem}.pdf", f"{stem}.xml"]
    assert f"Attached: {stem}.pdf, {stem}.xml, timesheet.pdf, hours.xlsx, receipt.png" in plain_of(letter)


def test_what_the_xml_cannot_carry_is_named_with_the_reason(customer: Customer) -> None:
    file = as_file(issued_with(customer, [NOTES, TIMESHEET]), "ubl")
    assert file.left_out == (
        "notes.txt is text/plain, which EN 16931 does not take (BR-CL-24); it is in the PDF and goes with the letter.",
    )
    assert file.checked.is_valid


@pytest.mark.parametrize("form", ["ubl", "cii", "facturx"])
def test_an_invoice_with_files_is_right_by_the_rules_and_round(customer: Customer, form: Any) -> None:
    file = as_file(issued_with(customer, FILES), form)
    assert file.checked.fatal == []
    again = documents.read(file.content).invoice
    assert documents.read(documents.write(again, "ubl")).invoice.supporting == again.supporting
    assert documents.read(documents.write(again, "cii")).invoice.supporting == again.supporting
    assert [one.number for one in again.supporting] == ["1", "2", "3", "4"]


def test_they_are_frozen_with_the_invoice(customer: Customer) -> None:
    invoice = issued_with(customer, [TIMESHEET])
    row = Enclosure.objects.get(invoice=invoice)
    assert invoice.document["enclosures"] == [
        {
            "kind": "document", "name": "timesheet.pdf", "media_type": "application/pdf", "size": len(TIMESHEET.content),
            "sha256": sha256(TIMESHEET.content).hexdigest(),
        }
    ]  # fmt: skip
    for write in (
        lambda: Enclosure.objects.filter(id=row.id).update(name="other.pdf"),
        lambda: Enclosure.objects.filter(id=row.id).delete(),
        lambda: enclosure_like(row),
    ):
        with pytest.raises(DatabaseError, match="never change"), transaction.atomic():
            write()
    with pytest.raises(Refused, match="What was issued stays as it is"):
        enclose(invoice_id=invoice.id, files=[HOURS], **TOM)
    with pytest.raises(Refused, match="What was issued stays as it is"):
        take_out(invoice_id=invoice.id, enclosure_id=row.id, **TOM)


def enclosure_like(row: Enclosure) -> None:
    row.id = row.invoice_id
    row.save(force_insert=True)


def test_a_file_of_a_draft_is_taken_out_and_never_changed(customer: Customer) -> None:
    one = drafted(customer)
    (row,) = enclose(invoice_id=one.id, files=[TIMESHEET], **TOM)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Enclosure.objects.filter(id=row.id).update(name="other.pdf")
    take_out(invoice_id=one.id, enclosure_id=row.id, **TOM)
    with pytest.raises(Refused, match="no such file with this invoice"):
        take_out(invoice_id=one.id, enclosure_id=row.id, **TOM)
    told = dict(Interaction.objects.filter(invoice_id=one.id).values_list("kind", "data"))
    data = {"files": ["timesheet.pdf"], "sha256": [sha256(TIMESHEET.content).hexdigest()]}
    assert (told["invoice.enclosed"], told["invoice.taken_out"]) == (data, data)


def test_the_same_file_stays_once_and_another_of_its_name_gets_a_number(customer: Customer) -> None:
    one = drafted(customer)
    enclose(invoice_id=one.id, files=[TIMESHEET, TIMESHEET], **TOM)
    assert enclose(invoice_id=one.id, files=[TIMESHEET], **TOM) == []
    enclose(invoice_id=one.id, files=[File("../../TimeSheet.pdf", a_pdf(Lang=pikepdf.String("de")))], **TOM)
    assert list(Enclosure.objects.filter(invoice=one).light().values_list("name", flat=True)) == [
        "timesheet.pdf", "TimeSheet-2.pdf",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (File("a.pdf", b"%PDF-1.7 nothing"), "a.pdf is a broken PDF. Save it once more, or print it to a new one."),
        (
            File("a.pdf", a_pdf(OpenAction=pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert()")))),
            "a.pdf runs a script or starts a program when it is opened. Print it to a new PDF, and send that.",
        ),
        (
            File("a.pdf", a_pdf(AA=pikepdf.Dictionary(WC=pikepdf.Dictionary(S=pikepdf.Name.Launch)))),
            "a.pdf runs a script or starts a program when it is opened. Print it to a new PDF, and send that.",
        ),
        (File("a.zip", b"PK\x03\x04"), "a.zip is not a kind of file that goes with an invoice. Send a PDF, a PNG or JPEG"),
        (File("a.exe", b"MZ\0"), "a.exe is not a kind of file that goes with an invoice."),
        (File("a.csv", b""), "a.csv is empty. Please choose the file again."),
        (File("a.txt", b"x" * (TOGETHER_MAX + 1)), "The files of an invoice may have 7 MB together, so that they fit into"),
    ],
)
def test_what_may_not_go_along_is_refused_and_nothing_kept(customer: Customer, file: File, sentence: str) -> None:
    one = drafted(customer)
    with pytest.raises(Refused) as no:
        enclose(invoice_id=one.id, files=[TIMESHEET, file], **TOM)
    assert no.value.sentence.startswith(sentence)
    assert not Enclosure.objects.exists()


def test_a_pdf_whose_files_unpack_to_far_more_is_refused_and_an_honest_one_goes_along(customer: Customer) -> None:
    one = drafted(customer)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"0" * 50_000_000)
    for bomb in (b"\0" * 60_000_000, packed.getvalue()):
        with pytest.raises(Refused, match=r"a\.pdf holds files that unpack to far more than it is\. Send them by themselves\."):
            enclose(invoice_id=one.id, files=[File("a.pdf", holding(bomb))], **TOM)
    assert enclose(invoice_id=one.id, files=[File("a.pdf", holding(b"date;hours\n" * 50))], **TOM)


def holding(content: bytes) -> bytes:
    """A PDF with a file in it."""
    out = io.BytesIO()
    with pikepdf.new() as file:
        file.add_blank_page()
        file.attachments["hours.csv"] = content
        file.save(out, compress_streams=True)
    return out.getvalue()


def test_a_locked_pdf_is_refused_and_words_about_scripts_are_not(customer: Customer) -> None:
    out, one = io.BytesIO(), drafted(customer)
    with pikepdf.open(io.BytesIO(TIMESHEET.content)) as file:
        file.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
    with pytest.raises(Refused, match=r"a\.pdf asks for a password"):
        enclose(invoice_id=one.id, files=[File("a.pdf", out.getvalue())], **TOM)
    says = a_pdf(Info=pikepdf.Dictionary(Title=pikepdf.String("How /JS (and /JavaScript) work")))
    assert enclose(invoice_id=one.id, files=[File("a.pdf", says)], **TOM)


def test_an_invoice_takes_ten_files(customer: Customer) -> None:
    one = drafted(customer)
    with pytest.raises(Refused, match=r"An invoice takes 10 files at most\. Put several into one PDF\."):
        enclose(invoice_id=one.id, files=[File(f"{n}.txt", f"{n}".encode()) for n in range(11)], **TOM)


def test_a_reader_encloses_nothing_and_an_approved_one_is_sent_back_first(customer: Customer) -> None:
    one = drafted(customer)
    with pytest.raises(Refused, match="A reader may not change a draft"):
        enclose(invoice_id=one.id, files=[TIMESHEET], by="R", role="reader", now=NOW)
    approve(invoice_id=one.id, **TOM)
    with pytest.raises(Refused, match="Send it back first"):
        enclose(invoice_id=one.id, files=[TIMESHEET], **TOM)


def test_a_paper_that_is_asked_for_blocks_the_issue_and_says_who_can_supply_it(customer: Customer) -> None:
    person(customer, "Graham Tait", approves=True)
    change_preferences(
        vendor_id=customer.vendor_id, customer_id=customer.id, now=NOW, by="Tom",
        changes={"enclosure_required": " signed  timesheet "},
    )  # fmt: skip
    one = drafted(customer)
    approve(invoice_id=one.id, **TOM)
    with pytest.raises(Refused) as no:
        issue(invoice_id=one.id, issued_on=TODAY, **TOM)
    assert no.value.sentence == (
        f"{customer.name} takes no invoice without this: signed timesheet. Add the file first. Graham Tait, who approves there,"
        " can supply it where it is theirs."
    )
    assert no.value.code == "enclosure_required"
    send_back(invoice_id=one.id, reason="the timesheet", **TOM)
    enclose(invoice_id=one.id, files=[TIMESHEET], **TOM)
    approve(invoice_id=one.id, **TOM)
    assert issue(invoice_id=one.id, issued_on=TODAY, **TOM).number


def test_an_order_that_is_asked_for_blocks_the_issue_and_says_who_can_supply_it(customer: Customer) -> None:
    person(customer, "Graham Tait", approves=True)
    Customer.objects.filter(id=customer.id).update(order_required=True)
    one = drafted(customer)
    assert readiness_of(invoice_id=one.id, on=TODAY).who == " Graham Tait, who approves there, can supply it."
    approve(invoice_id=one.id, **TOM)
    with pytest.raises(Refused) as no:
        issue(invoice_id=one.id, issued_on=TODAY, **TOM)
    assert no.value.sentence == (
        f"{customer.name} takes no invoice without a purchase order. Add its number first. Graham Tait, who approves there,"
        " can supply it."
    )


def test_the_customer_gives_the_order_as_a_file(customer: Customer) -> None:
    graham = person(customer, "Graham Tait", approves=True)
    assert graham.payer_id is not None
    one = drafted(customer)
    ask_for_order(invoice_id=one.id, **TOM)
    who: dict[str, Any] = {"invoice_id": one.id, "payer_id": graham.payer_id, "order_number": "PO-7", "now": NOW}
    for _ in range(2):
        supply_order(**who, file=File("order.pdf", TIMESHEET.content))
    row = Enclosure.objects.get(invoice=one)
    assert (row.kind, row.name, row.by) == ("order", "order.pdf", "Graham Tait")
    with pytest.raises(Refused, match="A file of the order was given already"):
        supply_order(**who, file=File("other.png", PNG))
    told = Interaction.objects.filter(invoice_id=one.id, kind="order.enclosed").get()
    assert (told.inbound, told.data["files"]) == (True, ["order.pdf"])


def test_an_order_is_no_timesheet(customer: Customer) -> None:
    graham = person(customer, "Graham Tait", approves=True)
    assert graham.payer_id is not None
    Customer.objects.filter(id=customer.id).update(enclosure_required="timesheet")
    one = drafted(customer)
    supply_order(
        invoice_id=one.id, payer_id=graham.payer_id, order_number="PO-7", now=NOW, file=File("order.pdf", TIMESHEET.content)
    )
    approve(invoice_id=one.id, **TOM)
    with pytest.raises(Refused, match="takes no invoice without this: timesheet"):
        issue(invoice_id=one.id, issued_on=TODAY, **TOM)


@settings(max_examples=50)
@given(st.lists(st.integers(1, LETTER_MAX + 10), max_size=5), st.booleans())
def test_a_letter_takes_the_invoice_always_and_the_rest_while_it_fits(sizes: list[int], with_xml: bool) -> None:
    def file(name: str, size: int) -> Attachment:
        return Attachment(name, "application/pdf", _Weighing(size))

    xml = file("i.xml", 9) if with_xml else None
    files = [Enclosed(f"{at}", "text/csv", _Weighing(size)) for at, size in enumerate(sizes)]
    going = goes_along(Papers(file("i.pdf", LETTER_MAX // 2), xml, files))
    assert [one.name for one in going.attached][: 1 + with_xml] == ["i.pdf", "i.xml"][: 1 + with_xml]
    assert sum(len(one.content) for one in going.attached) <= LETTER_MAX
    others = [one.name for one in going.attached[1 + with_xml :]]
    assert sorted([*others, *going.left]) == [one.name for one in files]


class _Weighing(bytes):
    """Bytes that are not there, for their length."""

    def __new__(cls, size: int) -> "_Weighing":
        made = super().__new__(cls)
        made.size = size  # type: ignore[attr-defined]
        return made

    def __len__(self) -> int:
        return int(self.size)  # type: ignore[attr-defined]


def test_what_is_too_large_for_a_letter_is_on_the_page(customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    person(customer)
    invoice = issued_with(customer, [TIMESHEET, NOTES])
    size = len(paper_bytes(invoice_id=invoice.id))
    monkeypatch.setattr("goodterms.invoicing.carrying.LETTER_MAX", size + len(NOTES.content))
    post_documents(vendor_id=customer.vendor_id, now=NOW)
    (letter,) = sent(customer)
    assert [part.get_filename() for part in mail_of(letter).iter_attachments()] == [f"{invoice.number}.pdf", "notes.txt"]
    assert "Too large for a letter, and on your page of this invoice: timesheet.pdf." in plain_of(letter)


def test_the_hybrid_is_what_is_stored_sent_and_handed_out(customer: Customer) -> None:
    person(customer)
    Customer.objects.filter(id=customer.id).update(invoice_format="facturx")
    invoice = issued_with(customer, [TIMESHEET])
    stored = Paper.objects.get(invoice=invoice)
    content = bytes(stored.content or b"")
    assert (stored.format, stored.xml) == ("facturx", None)
    assert bytes(stored.sha256 or b"") == sha256(content).digest()
    assert paper_bytes(invoice_id=invoice.id) == content == as_file(invoice, "facturx").content
    attached = mail_of(sent(customer)[0]).iter_attachments()
    (part,) = [one for one in attached if one.get_filename() == f"{invoice.number}.pdf"]
    assert part.get_payload(decode=True) == content
    assert documents.read(content).xml == as_file(invoice, "cii", as_file(invoice, "facturx").profile).content
    files = inside(content)
    assert files["timesheet.pdf"] == ("/Supplement", "application/pdf", TIMESHEET.content)
    assert files["factur-x.xml"][:2] == ("/Alternative", "text/xml")
    with pikepdf.open(io.BytesIO(content)) as file:
        said = file.Root.Metadata.read_bytes().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in said
    assert "<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>" in said
    with pytest.raises(Refused, match="no XML goes beside it"):
        xml_bytes(invoice_id=invoice.id)


def test_what_was_frozen_for_a_customer_stays_whatever_they_take_later(customer: Customer) -> None:
    change_letterhead(vendor_id=customer.vendor_id, texts={"phone": "+49 40 123456"}, by="Tom", now=NOW)
    Customer.objects.filter(id=customer.id).update(invoice_format="xrechnung")
    invoice = issued_with(customer, [])
    before = xml_bytes(invoice_id=invoice.id)
    customer.vendor.sender = "Somebody Else"
    customer.vendor.save()
    Customer.objects.filter(id=customer.id).update(invoice_format="pdf")
    assert xml_bytes(invoice_id=invoice.id) == before
    fresh = Invoice.objects.select_related("customer", "vendor").get(id=invoice.id)
    assert as_file(fresh, "ubl", XRECHNUNG).content == before
    with pytest.raises(DatabaseError, match="made once"), transaction.atomic():
        Paper.objects.filter(invoice=invoice).update(xml=b"<other/>")


def test_what_stands_in_for_a_wrong_invoice_takes_its_files_over(customer: Customer) -> None:
    wrong = drafted(customer)
    enclose(invoice_id=wrong.id, files=[TIMESHEET, NOTES], **TOM)
    approve(invoice_id=wrong.id, **TOM)
    issue(invoice_id=wrong.id, issued_on=TODAY, send=False, **TOM)
    again = correct(invoice_id=wrong.id, reason="the wrong paper", issued_on=TODAY, send=False, **TOM).draft
    kept = list(Enclosure.objects.filter(invoice=again).order_by("position"))
    assert [(one.name, bytes(one.content)) for one in kept] == [(one.name, one.content) for one in (TIMESHEET, NOTES)]
    told = Interaction.objects.get(invoice_id=again.id, kind="invoice.enclosed")
    assert told.data["files"] == ["timesheet.pdf", "notes.txt"]
    take_out(invoice_id=again.id, enclosure_id=kept[0].id, **TOM)
    assert Enclosure.objects.filter(invoice=wrong).count() == 2
    assert not Interaction.objects.filter(invoice_id=wrong.id, kind="invoice.taken_out").exists()


def test_by_post_what_is_enclosed_is_printed_behind_it(customer: Customer) -> None:
    Customer.objects.filter(id=customer.id).update(channel="post", address="Aire Mills\nLeeds")
    one = drafted(customer)
    enclose(invoice_id=one.id, files=[TIMESHEET, HOURS], **TOM)
    approve(invoice_id=one.id, **TOM)
    issue(invoice_id=one.id, issued_on=TODAY, **TOM)
    (letter,) = sent(customer)
    stored = paper_bytes(invoice_id=one.id)
    with pikepdf.open(io.BytesIO(bytes_of(letter_id=letter.id))) as posted, pikepdf.open(io.BytesIO(stored)) as paper:
        assert len(posted.pages) == len(paper.pages) + 2  # the time sheet, and the name of the other
