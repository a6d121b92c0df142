"""Electronic invoices: read, written, held against the official rules, put inside a PDF; each on one core, in this process.

The document: an invoice of 50 lines made of a publisher's sample (the tests' fixtures), as UBL for Peppol; and one of 3 lines.
No two lines cost or say the same.

- reading: `einvoices.documents.read`, from bytes to the model with every term of it, with the guard against hostile files and
  the list of what is not carried. Yardstick: `lxml.etree.fromstring` of the same bytes with the same parser's options, which
  makes elements of them and knows nothing more. Each file read has other numbers, days, texts and amounts than the others:
  once as they come from one program, after the first two of them (moulds, decision 0033), and once each as the first of its
  kind, which is parsed and walked.
- taking over: `imports.actions.import_electronic` of many such files in one transaction, as the application's role: reading,
  what the books know of it, customer, lines, seal, entry, log; what `goodterms import ubl` does, and how much of it is reading.
- checking: `einvoices.check.check` (XML schema, CEN and Peppol), all compiled before. Yardstick: the same two stylesheets by
  saxonche alone on a document that it holds parsed already.
- writing and hybrids have no yardstick.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import cycle
from typing import Any, cast

from bench import house
from bench.measure import Row, Turns, seconds_of

ROUNDS, TIMES = 7, 40
BOOKS, NOW = "bench_einvoices", datetime(2026, 11, 16, 9, tzinfo=UTC)


def run(small: bool) -> Iterator[Row]:
    from goodterms.einvoices import documents

    rounds = 3 if small else ROUNDS
    for lines in (3, 50):
        xml = documents.write(_invoice(lines), "ubl")
        what = f"UBL of {lines} lines, {len(xml) / 1024:.0f} KB"
        yield from (_reading(what, lines, known, rounds) for known in (True, False))
        checked = _turns(_check(xml), _saxon_alone(xml), rounds)
        yield Row(
            "einvoices", f"check {what}: schema, CEN, Peppol", f"{checked.seconds * 1000:.1f} ms; {1 / checked.seconds:,.0f}/s",
            f"saxonche alone {checked.bare_seconds * 1000:.1f} ms", f"{checked.ratio:.2f} ({checked.spread})", "",
        )  # fmt: skip
        written = _turns(partial(documents.write, _invoice(lines), "ubl"), lambda: None, rounds)
        yield Row("einvoices", f"write {what}", f"{written.seconds * 1000:.1f} ms; {1 / written.seconds:,.0f}/s", "", "", "")
    yield _take_over(20 if small else 200)
    hybrid = _turns(_hybrid(), lambda: None, rounds)
    yield Row(
        "einvoices", "put the XML inside its PDF", f"{hybrid.seconds * 1000:.1f} ms; {1 / hybrid.seconds:,.0f}/s", "", "", ""
    )


def _reading(what: str, lines: int, known: bool, rounds: int) -> Row:
    """Of files that differ in what they say. Where they are `known`, one like them was read before."""
    from goodterms.einvoices import documents
    from goodterms.einvoices.known import MOULDS

    files = cycle([documents.write(_invoice(lines, at), "ubl") for at in range(TIMES)])

    def read() -> object:
        if not known:
            MOULDS.frames = MOULDS.kin = ()
        return documents.read(next(files))

    read(), read()
    turns = _turns(read, lambda: _parsed(next(files)), rounds)
    return Row(
        "einvoices", f"read {what}, {'like one before' if known else 'the first of its kind'}",
        f"{turns.seconds * 1000:.2f} ms; {1 / turns.seconds:,.0f}/s", f"lxml alone {turns.bare_seconds * 1000:.2f} ms",
        f"{turns.ratio:.2f} ({turns.spread})", "at least 0.5", turns.ratio >= 0.5,
    )  # fmt: skip


def _turns(form: Callable[[], object], yardstick: Callable[[], object], rounds: int) -> Turns:
    """Both so many times in turns, each round many times over; no books are touched, so there is nothing to wait for."""
    form(), yardstick()
    turns = Turns([], [])
    for _ in range(rounds):
        turns.yardstick.append(seconds_of(lambda: [yardstick() for _ in range(TIMES)]) / TIMES)
        turns.form.append(seconds_of(lambda: [form() for _ in range(TIMES)]) / TIMES)
    return turns


def _parsed(xml: bytes) -> Any:
    from lxml import etree

    from goodterms.einvoices import guard

    return etree.fromstring(xml, guard.parser())


def _invoice(lines: int, file: int = 0) -> Any:
    """The file of this number among those of one program."""
    from goodterms.einvoices.tests.test_check import SOUND, for_peppol

    sound = for_peppol(SOUND)
    first, sums = sound.lines[0], cast("Any", sound.sums)
    return replace(
        sound, number=f"{sound.number}-{file}", issued_on=cast("Any", sound.issued_on) + timedelta(file),
        sums=replace(sums, total=sums.total + file, payable=sums.payable + file),
        lines=tuple(_line(first, at, file) for at in range(1, lines + 1)),
    )  # fmt: skip


def _line(line: Any, at: int, file: int) -> Any:
    """Like this one, of another quantity and another price."""
    quantity, price = Decimal(at), Decimal(4_000 + 37 * at + 1_999 * file) / 100
    item = replace(line.item, name=f"{line.item.name}, part {at} of {file}")
    return replace(
        line, id=str(at), quantity=quantity, net=quantity * price, price=replace(line.price, net=price), item=item
    )  # fmt: skip


def _take_over(files: int) -> Row:
    """All that the import does, and how much of it is reading."""
    from goodterms.database.isolation import acting_for
    from goodterms.einvoices import documents
    from goodterms.imports.actions.electronic import import_electronic
    from goodterms.parties.actions import add_vendor

    house.empty_books(BOOKS)
    house.move_in(BOOKS)
    one = _invoice(3)
    who = one.seller
    vendor = add_vendor(
        slug="vendor", name=who.name, currency="EUR", country=who.address.country, timezone="Europe/Berlin",
        email="office@vendor.example", by="operator", now=NOW,
    ).id  # fmt: skip
    given = [(f"{n}.xml", documents.write(replace(one, number=f"UBL-{n}"), "ubl")) for n in range(files)]
    reading = seconds_of(lambda: [documents.read(content) for _, content in given])
    with acting_for([vendor]):
        began = time.perf_counter()
        answer = import_electronic(vendor_id=vendor, files=given, by="owner", role="owner", now=NOW)
        whole = time.perf_counter() - began
    assert answer["imported"], answer["bad"]
    house.drop_books(BOOKS)
    return Row(
        "einvoices", f"take over {files} files of 3 lines", f"{whole / files * 1000:.1f} ms a file; {files / whole:,.0f}/s",
        f"reading alone {reading / files * 1000:.2f} ms", f"reading is {reading / whole:.0%} of it", "",
    )  # fmt: skip


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
