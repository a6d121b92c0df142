"""Electronic invoices: read, written, held against the official rules, put inside a PDF; each on one core, in this process.

The document: an invoice of 50 lines made of a publisher's sample (the tests' fixtures), as UBL for Peppol; and one of 3 lines.

- reading: `einvoices.documents.read`, from bytes to the model, with the guard against hostile files and the list of what is not
  carried. Yardstick: `lxml.etree.fromstring` of the same bytes, which makes elements of them and knows nothing more.
- checking: `einvoices.check.check` (XML schema, CEN and Peppol), all compiled before. Yardstick: the same two stylesheets by
  saxonche alone on a document that it holds parsed already.
- writing and hybrids have no yardstick.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from bench.measure import Row, Turns, seconds_of

ROUNDS, TIMES = 7, 40


def run(small: bool) -> Iterator[Row]:
    from lxml import etree

    from goodterms.einvoices import documents

    rounds = 3 if small else ROUNDS
    for lines in (3, 50):
        xml = documents.write(_invoice(lines), "ubl")
        what = f"UBL of {lines} lines, {len(xml) / 1024:.0f} KB"
        read = _turns(partial(documents.read, xml), partial(etree.fromstring, xml), rounds)
        yield Row(
            "einvoices", f"read {what}", f"{read.seconds * 1000:.2f} ms; {1 / read.seconds:,.0f}/s",
            f"lxml alone {read.bare_seconds * 1000:.2f} ms", f"{read.ratio:.2f} ({read.spread})", "at least 0.5",
            read.ratio >= 0.5,
        )  # fmt: skip
        checked = _turns(_check(xml), _saxon_alone(xml), rounds)
        yield Row(
            "einvoices", f"check {what}: schema, CEN, Peppol", f"{checked.seconds * 1000:.1f} ms; {1 / checked.seconds:,.0f}/s",
            f"saxonche alone {checked.bare_seconds * 1000:.1f} ms", f"{checked.ratio:.2f} ({checked.spread})", "",
        )  # fmt: skip
        written = _turns(partial(documents.write, _invoice(lines), "ubl"), lambda: None, rounds)
        yield Row("einvoices", f"write {what}", f"{written.seconds * 1000:.1f} ms; {1 / written.seconds:,.0f}/s", "", "", "")
    hybrid = _turns(_hybrid(), lambda: None, rounds)
    yield Row(
        "einvoices", "put the XML inside its PDF", f"{hybrid.seconds * 1000:.1f} ms; {1 / hybrid.seconds:,.0f}/s", "", "", ""
    )


def _turns(form: Callable[[], object], yardstick: Callable[[], object], rounds: int) -> Turns:
    """Both so many times in turns, each round many times over; no books are touched, so there is nothing to wait for."""
    form(), yardstick()
    turns = Turns([], [])
    for _ in range(rounds):
        turns.yardstick.append(seconds_of(lambda: [yardstick() for _ in range(TIMES)]) / TIMES)
        turns.form.append(seconds_of(lambda: [form() for _ in range(TIMES)]) / TIMES)
    return turns


def _invoice(lines: int) -> Any:
    from goodterms.einvoices.tests.test_check import SOUND, for_peppol

    sound = for_peppol(SOUND)
    return replace(sound, lines=tuple(replace(sound.lines[0], id=str(at)) for at in range(1, lines + 1)))


def _check(xml: bytes) -> Callable[[], object]:
    from goodterms.einvoices.check import check

    return lambda: check(xml)


def _saxon_alone(xml: bytes) -> Callable[[], object]:
    import saxonche

    from goodterms.einvoices.rulesets import CEN_UBL, PEPPOL_UBL

    processor = saxonche.PySaxonProcessor(license=False)
    rules = [
        processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(each.path)) for each in (CEN_UBL, PEPPOL_UBL)
    ]
    document = processor.parse_xml(xml_text=xml.decode())
    return lambda: [each.transform_to_string(xdm_node=document) for each in rules]


def _hybrid() -> Callable[[], object]:
    from goodterms.einvoices import documents
    from goodterms.einvoices.hybrid import hybrid
    from goodterms.einvoices.profiles import FACTURX
    from goodterms.einvoices.tests.test_hybrid import page

    pdf, xml = page(), documents.write(_invoice(50), "cii")
    return lambda: hybrid(pdf, xml, FACTURX)
