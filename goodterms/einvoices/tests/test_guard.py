"""Files from outside that mean harm are refused with a sentence, within two seconds of the processor and 256 MB."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from goodterms.einvoices import documents
from goodterms.einvoices.guard import check_attachment
from goodterms.einvoices.tests.hostile import HOSTILE, OPEN, with_attachment
from goodterms.values.refusal import Refused

SECONDS, MB = 2.0, 256
SOUND = "a sound file"
SAMPLE = Path(__file__).parent / "samples/xrechnung/03.01a-INVOICE_ubl.xml"
SAYS = {
    "entities": "DOCTYPE", "a file of": "DOCTYPE", "a DOCTYPE": "DOCTYPE", "100,000": "not sound XML", "50 MB": "20 MB",
    "millions": "more elements", "a text of": "not sound XML", "an encoding": "Save it as UTF-8", "EBCDIC": "not sound XML",
    "UTF-16 without": "Save it as UTF-8", "bytes that": "not sound XML", "UTF-8 that": "Save it as UTF-8",
    "an attachment that unpacks": "'book.xlsx' would unpack to 167,772,160 bytes",
    "an attachment that is": "'book.xlsx' is a broken archive", "a PDF that unpacks": "broken, or holds more",
    "a PDF packed": "broken, or holds more", "a PDF without": "no XML", "a PDF that is cut": "PDF",
    "a PDF with a DOCTYPE": "DOCTYPE", "nothing": "empty", "not XML": "not sound XML", "another": "not an electronic invoice",
}  # fmt: skip


@pytest.fixture(scope="module")
def costs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What each file came to, each read in a process of its own."""
    folder = tmp_path_factory.mktemp("hostile")
    names = {f"{at:02d}": name for at, name in enumerate([*HOSTILE, SOUND])}
    for at, name in names.items():
        (folder / f"{at}.in").write_bytes(HOSTILE[name]() if name in HOSTILE else SAMPLE.read_bytes())
    run = [sys.executable, "-m", "goodterms.einvoices.tests.hostile", str(folder)]
    subprocess.run(run, capture_output=True, check=True, timeout=120)
    return {name: json.loads((folder / f"{at}.out").read_text()) for at, name in names.items()}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_soon_and_for_little(name: str, costs: dict[str, dict[str, Any]]) -> None:
    sentence = next(said for start, said in reversed(SAYS.items()) if name.startswith(start))
    assert sentence in costs[name]["refused"]
    assert costs[name]["seconds"] < SECONDS
    assert costs[name]["mb"] < MB


def test_a_sound_file_costs_little_as_well(costs: dict[str, dict[str, Any]]) -> None:
    assert costs[SOUND]["refused"] == ""
    assert costs[SOUND]["seconds"] < SECONDS
    assert costs[SOUND]["mb"] < MB


def test_a_file_in_utf_16_with_its_mark_is_read() -> None:
    text = f'<?xml version="1.0" encoding="UTF-16"?>{OPEN}<cbc:ID>Grüße 1</cbc:ID></Invoice>'
    assert documents.read(text.encode("utf-16")).invoice.number == "Grüße 1"


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "windows-1252"])
def test_the_encodings_that_people_use_are_read(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><!-- by hand -->{OPEN}<cbc:ID>Grüße 1</cbc:ID></Invoice>'
    assert documents.read(text.encode(encoding)).invoice.number == "Grüße 1"


def test_a_comment_that_speaks_of_a_doctype_is_no_doctype() -> None:
    assert documents.read(f"<!-- <!DOCTYPE a> -->{OPEN}<cbc:ID>1</cbc:ID></Invoice>".encode()).invoice.number == "1"


def test_an_honest_spreadsheet_travels() -> None:
    import io
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("sheet.xml", "".join(f"<c r='{at}'>{at * 7919 % 1000}</c>" for at in range(5_000)))
    check_attachment("hours.xlsx", out.getvalue())
    read = documents.read(with_attachment(out.getvalue(), "hours.xlsx"))
    assert read.invoice.supporting[0].attached is not None
    assert read.invoice.supporting[0].attached.content == out.getvalue()


def test_a_refusal_gives_no_advice_that_is_for_programmers() -> None:
    for text in (f"{OPEN}{'<cbc:ID>' * 9_000}", f"{OPEN}<cbc:Note>{'x' * 11_000_000}</cbc:Note></Invoice>"):
        with pytest.raises(Refused, match="not sound XML") as no:
            documents.read(text.encode())
        assert "HUGE" not in no.value.sentence


def test_what_is_not_packed_is_no_archive() -> None:
    check_attachment("note.txt", b"PR is not PK")
    with pytest.raises(Refused, match="broken archive"):
        check_attachment("note.zip", b"PK\x03\x04")
