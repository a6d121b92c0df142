"""Customers, payments and the exports of other systems by the command line: previewed, taken over, refused in a sentence."""

import pytest

from goodterms.cli.tests.cast import ROOT, ROW, Operator

pytestmark = pytest.mark.django_db
EXPORTS = ROOT / "goodterms" / "imports" / "tests" / "exports"
CUSTOMERS = "Number,Name,Contact,Email,Address,Country,Tax id,Language,Terms,Order needed,Billing days\n"
PAYMENTS = "Received,Amount,Currency,Reference,Method,Invoices\n"


def test_the_profiles_that_are_shipped_read_such_files(operator: Operator) -> None:
    operator.add_vendor()
    file = operator.file("c.csv", CUSTOMERS + "SEV,Severn Tea,Ann,ann@severn.example,1 Quay,GB,,en,net 14,yes,1\n")
    said = operator.types("import", "customers", file, "--profile", ROOT / "examples" / "customers.toml")
    assert said.code == 0, said.err
    assert said.out == "1 rows: 1 new, 0 known\n1 payers; 1 with terms, 1 need an order\nImported.\n"
    operator.imports(ROW)
    file = operator.file("p.csv", PAYMENTS + "2026-11-02,1000.00,GBP,thanks,cheque,PP-1\n")
    asked = ("import", "payments", file, "--profile", ROOT / "examples" / "payments.toml")
    assert "1 payments, GBP 1,000.00" in operator.types(*asked, "--dry-run").out
    assert [operator.types(*asked, "--json").json["new"] for _ in range(2)] == [1, 0]
    assert operator.asks("invoice", "show", "PP-1")["open_minor"] == 94_280


def test_an_export_is_read_by_the_name_of_its_system(operator: Operator) -> None:
    operator.add_vendor()
    said = operator.types("import", "invoices", EXPORTS / "xero-sales-invoices.csv", "--from", "xero")
    assert said.code == 0, said.err
    assert "1 paid in part, 0 known ones paid since" in said.out
    assert "1 left out: Voided" in said.out
    refused = operator.types("import", "invoices", EXPORTS / "stripe-invoices.csv", "--from", "quickbooks")
    assert refused.code == 1
    assert "The headings are not those of an export that is known here" in refused.err


def test_faults_are_named_and_nothing_is_imported(operator: Operator) -> None:
    operator.add_vendor()
    file = operator.file("p.csv", PAYMENTS + "2026-11-02,1000.00,GBP,,cheque,NONE\n")
    said = operator.types("import", "payments", file, "--profile", ROOT / "examples" / "payments.toml")
    assert said.code == 1
    assert "line 2, Invoices: There is no invoice NONE in the books; take over invoices first." in said.out
    assert "Nothing was imported: 1 fault has to be mended first." in said.err
