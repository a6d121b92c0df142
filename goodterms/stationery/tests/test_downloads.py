"""How a file of somebody else comes in and goes out again without doing anything on the way."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from goodterms.conversations.models import Attachment
from goodterms.conversations.rules import SIZE_MAX, File, check_file
from goodterms.stationery.downloads import download, table, uploaded
from goodterms.values.refusal import Refused

PDF = b"%PDF-1.7"


class Unread(SimpleUploadedFile):
    """Whoever reads it was not careful."""

    def read(self, *_: object) -> bytes:
        raise AssertionError("read")


def test_a_file_is_served_as_a_download_in_which_nothing_runs() -> None:
    answer = download(Attachment(name="Größen.txt", media_type="text/plain", content=b"<script>alert(1)</script>"))
    assert answer.content == b"<script>alert(1)</script>"
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''Gr%C3%B6%C3%9Fen.txt"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert download(Attachment(name="a.pdf", media_type="application/pdf", content=PDF))["Content-Type"] == "application/pdf"


@given(st.text(max_size=200))
def test_no_name_ends_its_header(name: str) -> None:
    kept = check_file(File(name, PDF))
    header = download(Attachment(name=kept.name, media_type=kept.media_type, content=PDF))["Content-Disposition"]
    assert header.startswith("attachment; filename")
    assert not set(header) & set("\r\n\0")


def test_the_files_of_a_form_come_in_their_order() -> None:
    request = RequestFactory().post("/", {"files": [SimpleUploadedFile("a.pdf", PDF), SimpleUploadedFile("b.pdf", PDF)]})
    assert uploaded(request) == [File("a.pdf", PDF), File("b.pdf", PDF)]
    assert uploaded(RequestFactory().post("/", {})) == []


def test_too_many_and_too_large_files_are_refused_unread() -> None:
    request = RequestFactory().post("/", {})
    big = Unread("big.pdf", b"x")
    big.size = SIZE_MAX + 1
    request.FILES.setlist("files", [big])
    with pytest.raises(Refused, match="10 MB at most"):
        uploaded(request)
    request.FILES.setlist("files", [Unread("a.pdf", b"x")] * 6)
    with pytest.raises(Refused, match="5 files at most"):
        uploaded(request)


def test_a_table_holds_no_formula() -> None:
    answer = table("conversations.csv", ["who", "minor"], [["=HYPERLINK(1)", -5], ["Ann, the first", 6], [" +1", None]])
    assert answer.content.decode().splitlines() == ["who,minor", "'=HYPERLINK(1),-5", '"Ann, the first",6', "' +1,"]
    assert answer["Content-Disposition"] == 'attachment; filename="conversations.csv"'
