"""A PDF for people carries the invoice for programs: byte for byte, said in its metadata, and PDF/A-3 as before."""

from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
import typst

from goodterms.einvoices import documents
from goodterms.einvoices.hybrid import hybrid
from goodterms.einvoices.profiles import EXTENDED, FACTURX, PEPPOL, XRECHNUNG, Profile
from goodterms.values.refusal import Refused

SAMPLES = Path(__file__).parent / "samples"
XML = documents.write(documents.read((SAMPLES / "zugferd-pdf/EN16931_Einfach.pdf").read_bytes()).invoice, "cii")
PAGE = (
    b'#set document(title: "Invoice 471102", date: datetime(year: 2026, month: 11, day: 16))\n#set text(lang: "en")\n= Invoice'
)
ATTACHED = b'#pdf.attach("factur-x.xml", bytes("<a/>"), relationship: "data", mime-type: "text/xml", description: "x")\n'


def page(standard: str = "a-3a", before: bytes = b"") -> bytes:
    made = typst.compile(before + PAGE, format="pdf", pdf_standards=[standard])  # type: ignore[call-overload]
    assert isinstance(made, bytes)
    return made


def opened(pdf: bytes) -> pikepdf.Pdf:
    return pikepdf.open(BytesIO(pdf))


@pytest.mark.parametrize("profile", [FACTURX, EXTENDED, XRECHNUNG], ids=lambda profile: profile.word)
def test_what_is_inside_is_what_was_written(profile: Profile) -> None:
    pdf = hybrid(page(), XML, profile)
    read = documents.read(pdf)
    assert (read.xml, read.name, read.invoice.number) == (XML, profile.file_name, "471102")
    file = opened(pdf)
    said = file.Root.Metadata.read_bytes().decode()
    for name, value in (
        ("DocumentFileName", profile.file_name), ("DocumentType", "INVOICE"), ("Version", "1.0"),
        ("ConformanceLevel", profile.level),
    ):  # fmt: skip
        assert f"<fx:{name}>{value}</fx:{name}>" in said
    assert said.count("pdfaExtension:schemas>") == 2  # one bag of schemas, ours beside typst's
    assert "<pdfaSchema:prefix>fx</pdfaSchema:prefix>" in said
    assert said.count("<pdfaProperty:name>ConformanceLevel</pdfaProperty:name>") == 1


def test_it_stays_archivable() -> None:
    """What PDF/A-3 asks for and a file can show: its claim, a colour profile, an ID, embedded fonts, the attachment's kin."""
    file = opened(hybrid(page(), XML, FACTURX))
    said = file.Root.Metadata.read_bytes().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in said
    assert "/DestOutputProfile" in file.Root.OutputIntents[0]
    assert len(file.trailer.ID) == 2
    assert not file.is_encrypted
    assert file.Root.Lang == "en"
    fonts = [each for each in file.objects if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/FontDescriptor"]
    assert fonts
    assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(each.keys()) for each in fonts)
    (listed,) = file.Root.AF
    assert listed.AFRelationship == "/Alternative"
    stream = listed.EF.F
    assert (str(stream.Subtype), int(stream.Params.Size)) == ("/text/xml", len(XML))
    assert str(stream.Params.ModDate).startswith("D:2026")
    assert file.check_pdf_syntax() == []


def test_the_same_page_and_xml_make_the_same_bytes() -> None:
    one = page()
    assert hybrid(one, XML, FACTURX) == hybrid(one, XML, FACTURX)


def test_what_typst_attached_stays_and_is_an_alternative_from_then_on() -> None:
    file = opened(hybrid(page(before=ATTACHED), b"<a/>", FACTURX))
    assert [str(each.AFRelationship) for each in file.Root.AF] == ["/Alternative"]
    assert list(file.attachments) == ["factur-x.xml"]
    with pytest.raises(Refused, match=r"The PDF holds another factur-x\.xml already"):
        hybrid(page(before=ATTACHED), XML, FACTURX)


def test_a_page_that_is_no_pdf_a_3_carries_nothing() -> None:
    for standard in ("1.7", "a-2b"):
        with pytest.raises(Refused, match="not PDF/A-3"):
            hybrid(page(standard), XML, FACTURX)


def test_peppol_does_not_travel_in_a_pdf() -> None:
    with pytest.raises(Refused, match="Peppol BIS Billing 3 does not travel inside a PDF"):
        hybrid(page(), XML, PEPPOL)


def test_a_pdf_with_two_xml_files_says_which_is_meant_or_is_refused() -> None:
    file = opened(page())
    for name in ("one.xml", "two.xml"):
        file.attachments[name] = pikepdf.AttachedFileSpec(
            file, XML, filename=name, description="", mime_type="text/xml", creation_date="", mod_date=""
        )
    out = BytesIO()
    file.save(out)
    with pytest.raises(Refused, match="more than one XML"):
        documents.read(out.getvalue())
    del file.attachments["two.xml"]
    out = BytesIO()
    file.save(out)
    assert documents.read(out.getvalue()).name == "one.xml"


def test_a_pdf_behind_a_password_is_not_read() -> None:
    out = BytesIO()
    opened(page()).save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    with pytest.raises(Refused, match="asks for a password"):
        documents.read(out.getvalue())
