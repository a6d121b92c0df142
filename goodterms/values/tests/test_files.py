"""Which files from people are kept: by their bytes, under a name that can do no harm, none that unpacks to a flood."""

import struct
import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodterms.values.files import ENDINGS, NAME_MAX, ODS, SIZE_MAX, XLSX, Checked, File, check_file, clean_name, kind_of
from goodterms.values.refusal import Refused

PDF = b"%PDF-1.7\n1 0 obj\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF"


def archive(*members: tuple[str, bytes], packed: int = zipfile.ZIP_STORED) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", packed) as file:
        for name, content in members:
            file.writestr(name, content)
    return out.getvalue()


SHEET = (("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>"))
CALC = (("mimetype", ODS.encode()), ("content.xml", b"<office/>"))


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


@pytest.mark.parametrize(("members", "kind"), [(SHEET, XLSX), (CALC, ODS)])
def test_a_spreadsheet_goes_with_an_invoice_and_not_with_a_message(members: tuple[tuple[str, bytes], ...], kind: str) -> None:
    content = archive(*members)
    assert check_file(File("hours", content), ENDINGS) == Checked(f"hours.{ENDINGS[kind][0]}", kind)
    with pytest.raises(Refused, match="not a kind of file that can be kept here"):
        check_file(File("hours", content))


@pytest.mark.parametrize(
    "content",
    [
        archive(*SHEET, ("xl/vbaProject.bin", b"macros")),
        archive(*CALC, ("Basic/Standard/Module1.xml", b"macros")),
        archive(("setup.exe", b"MZ")),
        archive(("word/document.xml", b"<document/>")),
        b"PK\x03\x04 broken",
        archive(*((f"{at}", b"") for at in range(5_001))),
    ],
)
def test_other_archives_and_macros_are_refused(content: bytes) -> None:
    with pytest.raises(Refused) as no:
        check_file(File("hours.xlsx", content), ENDINGS)
    assert no.value.sentence == (
        "hours.xlsx is not a kind of file that goes with an invoice. Send a PDF, a PNG or JPEG picture, a spreadsheet without"
        " macros (XLSX, ODS), CSV or plain text."
    )


def test_a_spreadsheet_that_unpacks_to_a_flood_is_refused() -> None:
    bomb = archive(*SHEET, ("xl/sheet1.xml", bytes(8_000_000)), packed=zipfile.ZIP_DEFLATED)
    assert len(bomb) < 20_000
    with pytest.raises(Refused, match=r"hours\.xlsx would unpack to far more than it is, so it is not kept\."):
        check_file(File("hours.xlsx", bomb), ENDINGS)


@given(st.binary(max_size=400))
def test_any_bytes_are_of_a_known_kind_or_none(content: bytes) -> None:
    assert kind_of(content) in {None, *ENDINGS}
    assert kind_of(b"PK\x03\x04" + content + struct.pack("<I", 0x06054B50)) is None
