"""The official rules say what is wrong: the right rule for each fault, in our words, with the term and who can mend it."""

import re
import sys
import threading
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from goodterms.einvoices import check as checking
from goodterms.einvoices import documents, rulesets
from goodterms.einvoices.check import check
from goodterms.einvoices.model import Buyer, Id, Invoice, Sums
from goodterms.einvoices.profiles import (
    EN16931,
    EXTENDED,
    FACTURX,
    PEPPOL,
    PROFILES,
    XRECHNUNG,
    Profile,
    profile_named,
    profile_of,
)
from goodterms.einvoices.rulesets import rule_sets
from goodterms.einvoices.sentences import plain_words
from goodterms.values.refusal import Refused

SAMPLES = Path(__file__).parent / "samples"
SOUND = documents.read((SAMPLES / "xrechnung/01.01a-INVOICE_ubl.xml").read_bytes()).invoice


def sums(invoice: Invoice) -> Sums:
    assert invoice.sums is not None
    return invoice.sums


def buyer(invoice: Invoice) -> Buyer:
    assert invoice.buyer is not None
    return invoice.buyer


def for_peppol(invoice: Invoice) -> Invoice:
    """The sample with electronic addresses that Peppol knows."""
    assert invoice.seller is not None
    seller = replace(invoice.seller, endpoint=Id("5060012349998", "0088"))
    at_peppol = replace(buyer(invoice), endpoint=Id("4721480668400", "0088"))
    return replace(invoice, guideline=PEPPOL.guideline, seller=seller, buyer=at_peppol)


def rules_broken(invoice: Invoice, syntax: str = "ubl", profile: Profile | None = None) -> list[str]:
    return [each.rule for each in check(documents.write(invoice, syntax), profile).fatal]  # type: ignore[arg-type]


def test_a_sound_invoice_is_right_by_all_rules() -> None:
    assert rules_broken(SOUND) == []
    assert rules_broken(SOUND, "cii") == []
    assert rules_broken(for_peppol(SOUND)) == []


@pytest.mark.parametrize("syntax", ["ubl", "cii"])
def test_each_fault_breaks_its_rule(syntax: str) -> None:
    """As the publishers' rules were seen to answer to the same faults: shared by both syntaxes."""
    total = replace(sums(SOUND), total=sums(SOUND).total + Decimal("0.04"))  # type: ignore[operator]
    tax = replace(sums(SOUND), tax=sums(SOUND).tax + Decimal("0.02"))  # type: ignore[operator]
    assert set(rules_broken(replace(SOUND, sums=total), syntax)) == {"BR-CO-15", "BR-CO-16"}
    assert set(rules_broken(replace(SOUND, sums=tax), syntax)) >= {"BR-CO-14", "BR-CO-15"}
    assert "BR-DE-15" in rules_broken(replace(SOUND, buyer_reference=""), syntax)
    assert "BR-CL-04" in rules_broken(replace(SOUND, currency="XQQ"), syntax)
    assert "BR-CL-25" in rules_broken(replace(SOUND, buyer=replace(buyer(SOUND), endpoint=Id("1", "9999"))), syntax)


def test_peppol_asks_for_more() -> None:
    sound = for_peppol(SOUND)
    assert rules_broken(replace(sound, buyer_reference="", purchase_order="")) == ["PEPPOL-EN16931-R003"]
    assert "PEPPOL-EN16931-R010" in rules_broken(replace(sound, buyer=replace(buyer(sound), endpoint=None)))


def test_a_finding_says_the_term_the_place_and_what_to_do() -> None:
    (one,) = check(documents.write(replace(SOUND, buyer_reference=""), "ubl")).fatal
    assert (one.rule, one.severity, one.terms, one.rule_set) == ("BR-DE-15", "fatal", ("BT-10",), "XRechnung UBL")
    assert one.plain.says == "XRechnung asks for the customer's reference (Leitweg-ID). Ask the customer for it."
    assert one.plain.mend == "the customer's details"
    assert "Buyer reference" in one.said


def test_what_is_fatal_in_factur_x_is_fatal_although_nothing_marks_it() -> None:
    broken = replace(SOUND, guideline=FACTURX.guideline, sums=replace(sums(SOUND), total=Decimal(715)))
    found = {(each.rule, each.severity) for each in check(documents.write(broken, "cii"), FACTURX).findings}
    assert {("BR-CO-15", "fatal"), ("BR-CO-16", "fatal")} <= found
    assert ("PEPPOL-EN16931-R008", "warning") in found


def test_the_extended_profile_has_rules_of_its_own() -> None:
    checked = check(documents.write(replace(SOUND, guideline=EXTENDED.guideline), "cii"))
    assert checked.ran == ("XML schema", "Factur-X EXTENDED")
    assert checked.is_valid


def test_a_file_against_its_schema_is_not_held_against_more() -> None:
    xml = documents.write(SOUND, "ubl").replace(b"<cbc:IssueDate>2016-04-04</cbc:IssueDate>", b"")
    checked = check(xml)
    assert checked.ran == ("XML schema",)
    (one,) = checked.findings
    assert (one.rule, one.severity) == ("XSD", "fatal")
    assert "IssueDate" in one.said


def test_rules_that_are_not_installed_are_named_and_cii_is_held_against_those_of_factur_x(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = rulesets._folder
    monkeypatch.setattr(rulesets, "_folder", lambda package: there(package) if package == "facturx" else None)
    assert check(documents.write(SOUND, "cii")).ran == ("XML schema", "Factur-X EN 16931")
    assert check(documents.write(SOUND, "cii")).missing == ("XRechnung CII",)
    assert check(documents.write(for_peppol(SOUND), "ubl")).missing == ("Peppol BIS Billing 3",)


def test_rules_run_from_many_threads_at_once() -> None:
    xml, answers = documents.write(SOUND, "ubl"), list[bool]()
    threads = [threading.Thread(target=lambda: answers.append(check(xml).is_valid)) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert answers == [True] * 6
    assert sum(each.name.startswith("official-rules") for each in threading.enumerate()) == 1


def test_what_would_take_the_rules_minutes_is_not_begun() -> None:
    long = documents.write(SOUND, "ubl").replace(b"</Invoice>", b"<a/>" * checking.MARKS_MAX + b"</Invoice>")
    read = documents.read(long)
    assert read.invoice.number == SOUND.number
    assert (len(read.lost), read.lost[-1].why) == (1_001, "and 199,000 more that are not carried")
    with pytest.raises(Refused, match="more elements than an invoice of thousands of lines"):
        check(long)


def test_no_invoice_is_held_against_nothing() -> None:
    with pytest.raises(Refused, match="neither UBL nor CII"):
        check(b"<Order/>")


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.word)
def test_every_rule_set_of_a_profile_is_there(profile: Profile) -> None:
    for syntax in profile.syntaxes:
        assert [each.name for each in rule_sets(syntax, profile) if each.path is None] == []
        assert rule_sets(syntax, profile)
    assert profile_named(profile.word) is profile


def test_documents_say_which_use_they_follow() -> None:
    assert profile_of(PEPPOL.guideline) is PEPPOL
    assert profile_of("urn:cen.eu:en16931:2017#compliant#urn:xoev-de:kosit:standard:xrechnung_2.0") is XRECHNUNG
    assert profile_of(FACTURX.guideline) is EN16931
    assert profile_of(EXTENDED.guideline) is EXTENDED
    assert profile_of("urn:factur-x.eu:1p0:minimum") is None
    with pytest.raises(Refused, match="'ebix' is not a profile of electronic invoices; there are en16931, peppol"):
        profile_named("ebix")


def test_most_rules_of_cen_and_xrechnung_have_our_words() -> None:
    """A rule without words of ours is shown in those of its publishers."""
    for rule_set, share in ((rulesets.CEN_UBL, 0.75), (rulesets.XRECHNUNG_UBL, 0.4), (rulesets.PEPPOL_UBL, 0.3)):
        assert rule_set.path is not None
        text = rule_set.path.read_text()
        rules = set(re.findall(r"\b(?:BR|UBL|PEPPOL-EN16931)-[A-Z0-9-]*[0-9](?:-[a-z])?\b", text))
        assert len(rules) > 20
        known = [rule for rule in rules if plain_words(rule).says]
        assert len(known) / len(rules) >= share
    assert plain_words("NOBODY-1").says == ""


def test_our_words_are_sentences() -> None:
    from goodterms.einvoices import sentences

    said = [each[0] for each in sentences._EXACT.values()] + [words[0] for _, words in sentences._LIKE]
    assert [each for each in said if not each.endswith(".") or each[0].islower()] == []


def test_nothing_heavy_is_loaded_before_it_is_used() -> None:
    """A cold command and the day's memory know nothing of Saxon, lxml or pikepdf."""
    import subprocess

    script = (
        "import sys, django; django.setup(); "
        "import goodterms.cli.invoice, goodterms.invoicing.as_file, goodterms.einvoices.check; "
        "print([name for name in ('lxml', 'saxonche', 'pikepdf', 'facturx') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert checking._processor.cache_info().currsize <= 1


def test_a_worker_that_was_forked_after_a_check_checks_as_well() -> None:
    import subprocess

    script = (
        "import os, sys; from goodterms.einvoices.check import check\n"
        "xml = sys.stdin.buffer.read(); assert check(xml).is_valid\n"
        "child = os.fork()\n"
        "if not child: os._exit(7 if check(xml).is_valid else 1)\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))"
    )
    run = [sys.executable, "-c", script]
    done = subprocess.run(run, input=documents.write(SOUND, "ubl"), capture_output=True, check=True, timeout=60)
    assert done.stdout == b"7\n"
