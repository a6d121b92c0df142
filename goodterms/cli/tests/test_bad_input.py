"""A file that is wrong is refused with the place and the reason, and nothing at all has changed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, transaction

from goodterms.cli.tests.cast import PROFILE, ROW, Operator, as_csv
from goodterms.database.migrate import as_owner

pytestmark = pytest.mark.django_db(transaction=True)
GOOD = {"No": "PP-2"}


@pytest.fixture
def counted(operator: Operator) -> Iterator[Operator]:
    """An operator with one vendor, whose tables must hold in the end what they held at the beginning."""
    operator.add_vendor()
    assert operator.imports(ROW).code == 0
    before = counts()
    assert before["invoicing_invoice"] == before["parties_payer"] == 1
    yield operator
    assert counts() == before


def counts() -> dict[str, int]:
    """Rows of every table, as the owner, for whom row security is lifted in a transaction that is undone."""
    with as_owner(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace")
        tables = [name for (name,) in cursor.fetchall()]
        cursor.execute("; ".join(f"alter table {name} no force row level security" for name in tables))
        cursor.execute(" union all ".join(f"select '{name}', count(*) from {name}" for name in tables))
        found = dict(cursor.fetchall())
        transaction.set_rollback(True)
    return found


def test_each_bad_row_is_named_by_line_and_column(counted: Operator) -> None:
    faults = [
        ({"Issued": "31/06/2026"}, "Issued"),
        ({"Issued": "2026-06-31"}, "Issued"),
        ({"Due": "soon"}, "Due"),
        ({"Amount": "-5.00"}, "Amount"),
        ({"Amount": "0"}, "Amount"),
        ({"Amount": "99999999999999999999999999.00"}, "Amount"),
        ({"Amount": "12.345"}, "Amount"),
        ({"Amount": "1e3"}, "Amount"),
        ({"Cur": "EUX"}, "Cur"),
        ({"Name": "=HYPERLINK(1)", "Customer": "C2"}, "Name"),
        ({"Name": "Two\nlines", "Customer": "C3"}, "Name"),
        ({"Email": "nobody", "Customer": "C4"}, "Email"),
        ({"Paid": "never"}, "Paid"),
        ({"No": ""}, "No"),
        ({"No": "PP-2"}, "No"),
        ({"No": "PP-1", "Amount": "1.00"}, "Amount"),
    ]
    rows = [GOOD, *({"No": f"PP-{n}"} | wrong for n, (wrong, _) in enumerate(faults, 10))]
    said = counted.imports(*rows)
    assert said.code == 1
    assert said.json["imported"] is False
    assert said.json["bad_count"] == len(faults)
    assert (
        said.err == f"Nothing was imported: {len(faults)} fault{'s have' if len(faults) > 1 else ' has'} to be mended first.\n"
    )
    bad = {(fault["line"], fault["column"]) for fault in said.json["bad"]}
    lines = list(range(3, 3 + len(faults)))
    # The name in line 13 takes two lines of the file, so all after it are one further down.
    assert bad == {(line + (line > 13), column) for line, (_, column) in zip(lines, faults, strict=True)}
    assert all(fault["reason"].endswith(".") for fault in said.json["bad"])


def test_the_text_names_the_place_too(counted: Operator) -> None:
    path = counted.file("june.csv", as_csv([GOOD, {"No": "PP-3", "Issued": "2026-06-31"}]))
    said = counted.types("import", "invoices", path, "--profile", counted.profile)
    assert said.code == 1
    assert "line 3, Issued: " in said.out


NO_BOOKS = {
    "empty.csv": (b"", "The file is empty"),
    "picture.png": (b"\x89PNG\r\n\x1a\n\x00\x00", "a picture"),
    "paper.pdf": (b"%PDF-1.7\n%\xe2\xe3", "a PDF"),
    "book.zip": (b"PK\x03\x04\x14\x00", "a zip archive"),
    "lacking.csv": (as_csv([ROW]).replace("Amount", "Sum", 1).encode(), "no column 'Amount'"),
    "twice.csv": (as_csv([ROW]).replace("Due", "No", 1).encode(), "2 columns 'No'"),
    "torn.csv": (as_csv([ROW]).encode() + b'"PP-9,', "Line 3 cannot be read"),
    "binary.csv": (b"No,\x00\x01", "not text"),
}


def test_a_file_that_is_no_book_is_refused(counted: Operator) -> None:
    for name, (content, sentence) in NO_BOOKS.items():
        said = counted.types("import", "invoices", counted.file(name, content), "--profile", counted.profile, "--json")
        assert (name, said.code, said.out) == (name, 1, "")
        assert sentence in said.err


def test_broken_letters_are_named_by_line_and_column(counted: Operator) -> None:
    path = counted.file("latin.csv", as_csv([{"No": "PP-2", "Name": "Café"}]).encode("latin-1"))
    said = counted.types("import", "invoices", path, "--profile", counted.profile, "--json")
    assert said.code == 1
    assert [(bad["line"], bad["column"]) for bad in said.json["bad"]] == [(2, "Name")]
    assert "0xE9" in said.json["bad"][0]["reason"]


def test_a_file_that_is_not_there_or_is_a_folder(counted: Operator, tmp_path: Path) -> None:
    for path, why in ((tmp_path / "none.csv", "No such file"), (tmp_path, "Is a directory")):
        said = counted.types("import", "invoices", path, "--profile", counted.profile, "--json")
        assert (said.code, said.out) == (1, "")
        assert why in said.err
        said = counted.types("import", "invoices", counted.file("b.csv", as_csv([GOOD])), "--profile", path, "--json")
        assert (said.code, said.out) == (1, "")
        assert why in said.err


NO_PROFILES: dict[str | bytes, str] = {
    "not toml at all": "not TOML",
    "colour = 'red'\n" + PROFILE: "'colour'",
    PROFILE + "shoe = 'S'\n": "'shoe'",
    PROFILE.replace('number = "No"', ""): "which column is 'number'",
    b"\xff\xfe": "not UTF-8",
}


def test_a_profile_that_cannot_be_used(counted: Operator) -> None:
    book = counted.file("b.csv", as_csv([GOOD]))
    for content, sentence in NO_PROFILES.items():
        said = counted.types("import", "invoices", book, "--profile", counted.file("wrong.toml", content), "--json")
        assert (said.code, said.out) == (1, "")
        assert sentence in said.err


def test_a_preview_changes_nothing_either(counted: Operator) -> None:
    path = counted.file("b.csv", as_csv([GOOD]))
    said = counted.types("import", "invoices", path, "--profile", counted.profile, "--dry-run", "--json")
    assert (said.code, said.json["new"], said.json["imported"]) == (0, 1, False)
