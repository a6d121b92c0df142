"""An operator moves an invoice on and puts it right: each verb does what it says, once, and says why not."""

import pytest

from goodterms.cli.tests.cast import ROW, Operator
from goodterms.cli.tests.test_schedule import FILE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at_work(operator: Operator) -> Operator:
    operator.add_vendor()
    assert operator.imports(ROW).json["imported"]
    return operator


def a_draft(at_work: Operator) -> str:
    """2,160.00 of it, of which 360.00 is tax, by a schedule that nobody approves by itself."""
    at_work.asks("schedule", "start", at_work.file("r.toml", FILE.replace("automatic = true", "automatic = false")))
    assert at_work.asks("schedule", "bill") == {"issued": 0, "drafted": 1}
    [one] = at_work.asks("invoice", "list", "--stage", "draft")["invoices"]
    return str(one["id"])


def an_issued(at_work: Operator) -> str:
    key = a_draft(at_work)
    at_work.asks("invoice", "approve", key)
    return str(at_work.asks("invoice", "issue", key, "--unsent")["invoice"])


def shown(at_work: Operator, number: str) -> dict[str, object]:
    found: dict[str, object] = at_work.asks("invoice", "show", number)
    return found


def test_a_draft_is_approved_by_its_id_and_issued_by_it(at_work: Operator) -> None:
    key = a_draft(at_work)
    early = at_work.types("invoice", "issue", key)
    assert (early.code, early.out) == (1, "")
    assert "This invoice is still a draft. Approve it first." in early.err
    assert at_work.types("invoice", "approve", key).out == f"{key} is approved. It can be issued.\n"
    issued = at_work.asks("invoice", "issue", key)
    assert (issued["invoice"], issued["open_minor"]) == ("2026-0001", 216_000)
    assert "This invoice is issued and open." in at_work.types("invoice", "approve", key).err
    assert shown(at_work, "2026-0001")["issued_on"] == "2026-11-16"


def test_it_is_credited_by_amount_line_and_rate_and_never_beyond_what_is_left(at_work: Operator) -> None:
    number = an_issued(at_work)
    by_sum = at_work.asks("invoice", "credit", number, "--reason", "Late", "--amount", "216.00")
    assert (by_sum["total_minor"], by_sum["open_minor"]) == (21_600, 194_400)
    assert at_work.asks("invoice", "credit", number, "--reason", "Late", "--line", "1=100.00")["total_minor"] == 12_000
    assert at_work.asks("invoice", "credit", number, "--reason", "Late", "--rate", "S:20=50")["total_minor"] == 6_000
    for words, sentence in (
        (("--amount", "2000"), "are left to credit"),
        (("--line", "9"), "has no line 9"),
        (("--line", "one"), "is no line; write it like 2, or 2=50.00"),
        (("--rate", "S"), "is no tax rate; write it like S:20"),
        (("--rate", "S:7"), "Nothing is left to credit at 7 per cent."),
        (("--rate", "S:20", "--line", "1"), "only one of these"),
        (("--amount", "1.005"), "is no amount of GBP"),
    ):
        said = at_work.types("invoice", "credit", number, "--reason", "Late", *words)
        assert (said.code, said.out) == (1, "")
        assert sentence in said.err
    assert at_work.types("invoice", "credit", number, "--reason", "Late").code == 0
    assert shown(at_work, number)["open_minor"] == 0


def test_a_wrong_one_is_corrected_by_a_draft_that_is_there_once(at_work: Operator) -> None:
    number = an_issued(at_work)
    done = at_work.asks("invoice", "correct", number, "--reason", "Wrong month")
    assert (done["total_minor"], done["open_minor"]) == (216_000, 0)
    assert "credited already" in at_work.types("invoice", "correct", number, "--reason", "Wrong month").err
    [draft] = at_work.asks("invoice", "list", "--stage", "draft")["invoices"]
    assert (draft["id"], draft["total_minor"]) == (done["draft"], 216_000)
    assert at_work.types("invoice", "void", draft["id"], "--reason", "Not needed").out == f"{draft['id']} is void.\n"


def test_what_nobody_saw_is_void_and_what_is_given_up_comes_back(at_work: Operator) -> None:
    number = an_issued(at_work)
    assert at_work.asks("invoice", "write-off", number, "--reason", "Closed down", "--amount", "160")["open_minor"] == 200_000
    assert "Write a credit note for the rest instead" in at_work.types("invoice", "void", number, "--reason", "No").err
    assert at_work.asks("invoice", "recover", number)["minor"] == 16_000
    assert "Nothing was settled on this invoice" in at_work.types("invoice", "recover", number, "--amount", "1").err
    assert at_work.types("invoice", "void", number, "--reason", "Nobody saw it").code == 0
    assert at_work.asks("invoice", "list", "--stage", "void")["invoices"][0]["number"] == number
    assert "has no invoice number 2026-9" in at_work.types("invoice", "void", "2026-9", "--reason", "No").err


def test_what_a_payer_keeps_back_is_agreed_booked_and_proven(at_work: Operator) -> None:
    number = ROW["Customer"]
    said = at_work.types("customer", "withholding", number, "--percent", "15", "--name", "IRPF", "--from-on", "2026-01-01").out
    assert "15% of the sum before tax (IRPF)" in said
    invoice = an_issued(at_work)
    assert at_work.types("payment", "withheld").out == "Nothing was kept back.\n"
    pay = ("payment", "record", "--customer", number, "--currency", "GBP", "--received-on", "2026-11-16", "--method", "cash")
    unnamed = at_work.types(*pay, "--amount", "1890", "--key", "k", "--withheld", "270")
    assert "Name the one invoice that this was kept back of" in unnamed.err
    named = (*pay, "--amount", "945", "--key", "k", "--invoice", invoice, "--withheld", "135")
    half = at_work.types(*named, "--certificate", "A-1")
    assert "with its number and its day" in half.err
    paper = ("--certificate", "A-1", "--certificate-on", "2026-11-12")
    told = at_work.types(*named, *paper).out
    assert "GBP 945.00 on invoice 2026-0001, GBP 1,080.00 still open; GBP 135.00 kept back for the tax office" in told
    rest = at_work.asks("payment", "withhold", invoice)
    assert (rest["minor"], rest["certificate"], rest["open_minor"]) == (135_00, "", 108_000 - 135_00)
    assert len(at_work.asks("payment", "withheld", "--uncertified")["withheld"]) == 1
    wrong = at_work.types("payment", "certificate", invoice, "B-2", "--certificate-on", "2026-11-13", "--amount", "1")
    assert "The certificate says" in wrong.err
    given = at_work.asks("payment", "certificate", invoice, "B-2", "--certificate-on", "2026-11-13", "--amount", "135")
    assert (given["certificate"], given["certificate_on"]) == ("B-2", "2026-11-13")
    assert at_work.asks("payment", "withheld", "--uncertified") == {"withheld": []}
    assert at_work.types("customer", "withholding", number, "--percent", "0").out.endswith("nothing is kept back\n")


def test_what_is_kept_back_of_one_draft_is_chosen(at_work: Operator) -> None:
    key = a_draft(at_work)
    told = at_work.asks("invoice", "withholding", key, "--percent", "15", "--name", "IRPF")
    assert told["withholding"] == {"name": "IRPF", "percent": "15"}
    assert at_work.asks("invoice", "withholding", key, "--percent", "0")["withholding"] is None
    assert at_work.asks("invoice", "withholding", key, "--as-agreed")["withholding"] == "as agreed"
    said = at_work.types("invoice", "withholding", key, "--percent", "7").out
    assert said == f"What is kept back of {key} for the tax office is as said.\n"
    at_work.asks("invoice", "approve", key)
    assert "Send it back first, then change it." in at_work.types("invoice", "withholding", key, "--percent", "1").err


def test_a_credit_without_an_invoice_is_given_listed_and_spent(at_work: Operator) -> None:
    """PP-1 is of BELL, and open with 1,942.80."""
    give = ("credit", "give", "BELL", "--line", "Late = delivery=50", "--tax", "S:20", "--reason", "We were late", "--unsent")
    note = at_work.asks(*give)
    assert (note["credit_note"], note["total_minor"], note["currency"]) == ("CN-2026-0001", 6_000, "GBP")
    [kept] = at_work.asks("credit", "list", "--customer", "BELL")["credits"]
    assert (kept["credit_note"], kept["customer"], kept["left_minor"]) == ("CN-2026-0001", "BELL", 6_000)
    assert "BELL, credit note CN-2026-0001 of 2026-11-16" in at_work.types("credit", "list").out
    [open_before] = [one["open_minor"] for one in at_work.asks("invoice", "list")["invoices"] if one["number"] == ROW["No"]]
    told = at_work.types("credit", "spend", "CN-2026-0001", "--invoice", f"{ROW['No']}=20.00").out
    assert told.startswith("Credit note CN-2026-0001 settles:\n  GBP 20.00 on invoice ")
    assert told.endswith("GBP 40.00 are left.\n")
    assert shown(at_work, ROW["No"])["open_minor"] == open_before - 2_000
    back = ("credit", "refund", "CN-2026-0001", "--amount", "5", "--reason", "They leave", "--key", "out")
    for _ in range(2):
        assert at_work.asks(*back)["left_minor"] == 35_00
    assert "Only 35.00 GBP of this credit are left" in at_work.types(*back[:4], "36", *back[5:-1], "more").err
    assert at_work.asks("credit", "spend", "CN-2026-0001", "--invoice", ROW["No"])["unapplied_minor"] == 0
    assert "All of this is settled already." in at_work.types("credit", "spend", "CN-2026-0001", "--invoice", ROW["No"]).err
    assert at_work.types("credit", "list").out == "Nobody has anything to their credit.\n"
    assert "is no tax rate; write it like S:20" in at_work.types(*give[:5], "--tax", "S", "--reason", "x").err
    assert at_work.asks("prove")["ok"] is True
