"""`goodterms invoice document` and `check`: the file, what the rules say of it, and the exit code that scripts read."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from goodterms.cli.tests.cast import ROOT, ROW, Operator
from goodterms.einvoices import documents

SAMPLES = ROOT / "goodterms/einvoices/tests/samples"


@pytest.fixture
def at_work(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> Operator:
    operator.add_vendor()
    assert operator.imports(ROW).json["imported"]
    monkeypatch.chdir(operator.folder)
    return operator


@pytest.mark.django_db
def test_what_is_not_right_is_not_written_unless_asked_for(at_work: Operator) -> None:
    said = at_work.types("invoice", "document", "PP-1", "--format", "ubl", "--profile", "peppol", "--json")
    assert said.code == 1
    assert said.err == "Nothing was written: rules do not hold. Mend what is named, or use --even-if-wrong.\n"
    answer = said.json
    assert (answer["written"], answer["valid"], answer["rules"][-1]) == (None, False, "Peppol BIS Billing 3")
    assert ("BT-34", "vendor") in [(each["term"], each["who"]) for each in answer["missing"]]
    assert "PEPPOL-EN16931-R020" in [each["rule"] for each in answer["findings"]]
    assert not Path("PP-1.xml").exists()
    said = at_work.types("invoice", "document", "PP-1", "--format", "cii", "--even-if-wrong", "--output", "out.xml")
    assert "PP-1 was written to out.xml (cii, en16931)." in said.out
    assert documents.read(Path("out.xml").read_bytes()).invoice.number == "PP-1"


@pytest.mark.django_db
def test_what_a_vendor_says_of_itself_is_in_its_files(at_work: Operator) -> None:
    words = ("--city", "Falmouth", "--post-code", "TR11 3HH", "--street", "1 Quay Street", "--endpoint", "0088:5060012349998")
    answer = at_work.asks("vendor", "set", "penhale", *words)
    assert (answer["city"], answer["endpoint"]) == ("Falmouth", "0088:5060012349998")
    page = at_work.types("vendor", "set", "penhale").out
    assert "electronic invoices come from: 0088:5060012349998 (1 Quay Street, TR11 3HH, Falmouth)" in page
    half = at_work.types("vendor", "set", "penhale", "--endpoint", "5060012349998")
    assert (half.code, half.err) == (1, "An electronic address is a scheme and an id, such as 0204 and 04011000-12345-12.\n")
    assert at_work.asks("vendor", "set", "penhale", "--endpoint", "")["endpoint"] == ""


@pytest.mark.django_db
def test_how_the_work_of_a_customer_comes_together_is_said_and_shown(at_work: Operator) -> None:
    usual = at_work.asks("customer", "set", "BELL")
    assert (usual["billed_by"], usual["breakdown"]) == ("customer", "items")
    now = at_work.asks("customer", "set", "BELL", "--billed-by", "project", "--breakdown", "teams")
    assert (now["billed_by"], now["breakdown"]) == ("project", "teams")
    page = at_work.types("customer", "set", "BELL", "--order", "yes").out
    assert "billed: one invoice for each project, a line for each project, team and rate" in page
    assert at_work.asks("customer", "list")["customers"][0]["breakdown"] == "teams"
    assert "invalid choice: 'colours'" in at_work.types("customer", "set", "BELL", "--breakdown", "colours").err


@pytest.mark.django_db
def test_a_number_that_nobody_has_is_refused(at_work: Operator) -> None:
    said = at_work.types("invoice", "document", "PP-9", "--format", "ubl")
    assert (said.code, said.err) == (1, "Penhale has no document number PP-9. Nothing was done.\n")


def test_any_file_is_checked_without_the_books(operator: Operator) -> None:
    answer = operator.asks("invoice", "check", SAMPLES / "zugferd-pdf/EN16931_Einfach.pdf")
    assert (answer["syntax"], answer["inside"], answer["number"]) == ("cii", "factur-x.xml", "471102")
    assert (answer["valid"], answer["total"], answer["findings"]) == (True, "529.87", [])
    page = operator.types("invoice", "check", SAMPLES / "cii/CII_example5.xml")
    assert "not carried: no term, ram:IssuerAssignedID (Lot567): it does not say which of BG-24, BT-17, BT-18 it is" in page.out
    assert page.out.endswith("Right by: XML schema, EN 16931 CII.\n")


def test_a_wrong_file_says_what_is_wrong_and_where_to_mend_it(operator: Operator) -> None:
    text = (SAMPLES / "xrechnung/01.01a-INVOICE_ubl.xml").read_text()
    wrong = operator.file("wrong.xml", text.replace("04011000-12345-03", ""))
    said = operator.types("invoice", "check", wrong)
    assert said.code == 1
    assert "fatal BR-DE-15 BT-10: XRechnung asks for the customer's reference (Leitweg-ID)." in said.out
    assert "(mend it in the customer's details)" in said.out


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<!DOCTYPE a><a/>", "The file begins with a DOCTYPE, which no invoice has. Nothing was read."),
        (b"", "The file is empty."),
        (b"<Order/>", "is not an electronic invoice."),
    ],
)
def test_what_cannot_be_an_invoice_is_refused_in_one_line(operator: Operator, content: bytes, sentence: str) -> None:
    said = operator.types("invoice", "check", operator.file("in.xml", content))
    assert (said.code, said.out) == (1, "")
    assert sentence in said.err
    assert said.err.count("\n") == 1


def test_a_file_that_is_not_there_is_said(operator: Operator) -> None:
    said = operator.types("invoice", "check", operator.folder / "none.xml")
    assert said.err.endswith("none.xml could not be read (No such file or directory).\n")


@pytest.mark.django_db
def test_the_paper_itself_is_written_as_it_is(at_work: Operator) -> None:
    said = at_work.types("invoice", "document", "PP-1", "--format", "pdf", "--out", "paper.pdf", "--json")
    assert said.code == 0
    content = Path("paper.pdf").read_bytes()
    assert content.startswith(b"%PDF-1.7")
    assert said.json["sha256"] == sha256(content).hexdigest()
    missing = at_work.types("invoice", "document", "PP-9", "--format", "pdf")
    assert (missing.code, missing.err.partition(".")[0]) == (1, "Penhale has no document number PP-9")


@pytest.mark.django_db
def test_our_own_invoices_are_taken_over_and_somebody_elses_are_not(operator: Operator) -> None:
    operator.add_vendor()
    theirs = SAMPLES / "xrechnung/01.01a-INVOICE_ubl.xml"
    said = operator.types("import", "ubl", theirs)
    assert (said.code, said.err) == (1, "Nothing was imported: 1 fault has to be mended first.\n")
    assert "01.01a-INVOICE_ubl.xml, BT-27: [Seller name] wrote it, which is not this vendor." in said.out
    of = documents.read(theirs.read_bytes()).invoice
    assert of.seller is not None
    ours = operator.file("ours.xml", documents.write(replace(of, seller=replace(of.seller, name="Penhale", vat_id="")), "cii"))
    preview = operator.asks("import", "ubl", ours, "--dry-run")
    assert (preview["new"], preview["imported"], preview["bad"]) == (1, False, [])
    page = operator.types("import", "ubl", ours)
    assert (page.code, page.err) == (0, "")
    assert page.out == "1 file: 1 new, 0 known\n  EUR 336.90 billed, EUR 336.90 open\nImported.\n"
    assert operator.asks("import", "ubl", ours)["unchanged"] == 1
    assert operator.asks("invoice", "list")["invoices"][0]["total_minor"] == 33_690
