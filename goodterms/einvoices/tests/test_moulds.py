"""A file that fills the mould of another is read as with care, and one that only seems to is read with care."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goodterms.einvoices import casting, documents, guard
from goodterms.einvoices.known import FRAMES_MAX, MOULDS
from goodterms.einvoices.moulds import LINES_MAX, Frame
from goodterms.values.refusal import Refused

SAMPLES = Path(__file__).parent / "samples"
FILES = [documents.read(path.read_bytes()).xml for path in sorted([*SAMPLES.rglob("*.xml"), *SAMPLES.rglob("*.pdf")])]
ONE = (SAMPLES / "xrechnung/03.01a-INVOICE_ubl.xml").read_bytes()
TEXT = re.compile(rb">([^<]+)<")
LINE = re.compile(rb"<(cac:InvoiceLine|ram:IncludedSupplyChainTradeLineItem)>.*?</\1>", re.S)
SAYINGS = [
    b"2026-11-16", b"20261116", b"12.50", b"-3", b"1e9", b"NaN", b" 7 ", b"true", b"false", b"VAT", b"GST", b"NA", b"130",
    b"USD", b"", b" ", b"\n 5 \n", b"\r\n5", b"5\r6", b"\t5", b"\x0b5", b"5\x1f", b"\x00", b"\xef\xbf\xbe", b"\xff",
    b"Gr\xc3\xbc\xc3\x9fe",
    b"a &amp; b", b"&lt;b&gt;", b"&#65;", b"&nbsp;", b"a]]>b", b"a > b", b"<x/>", b"<!-- 5 -->", b"<![CDATA[5]]>", b"<?a?>",
    b"#AAI#so",
]  # fmt: skip


@pytest.fixture(autouse=True)
def forget() -> None:
    _forget()


def _forget() -> None:
    MOULDS.frames, MOULDS.kin = (), ()


def learn(xml: bytes) -> None:
    """The second of its kind leaves a mould."""
    outcome(xml), outcome(xml)


def outcome(xml: bytes) -> documents.Reading | str:
    try:
        return documents.read(xml)
    except Refused as no:
        return no.sentence


def with_care(xml: bytes) -> documents.Reading | str:
    kept = MOULDS.frames, MOULDS.kin
    _forget()
    try:
        return outcome(xml)
    finally:
        MOULDS.frames, MOULDS.kin = kept


def filled(xml: bytes) -> bool:
    return MOULDS.said(xml) is not None


def other_numbers(xml: bytes) -> bytes:
    """The same file with another value where a number or a day was; words, codes and currencies stay."""
    return re.sub(rb">([0-9]+)\.([0-9]{2})<", lambda found: b">%d.%s<" % (int(found[1]) + 7, found[2]), xml)


def test_what_stands_like_one_before_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    learn(ONE)
    another = other_numbers(ONE).replace(b"<cbc:ID>", b"<cbc:ID>X", 1)
    expected = with_care(another)
    monkeypatch.setattr(guard, "tree", None)
    read = documents.read(another)
    assert read == expected
    assert read.invoice.sums != documents.read(ONE).invoice.sums


def test_one_that_comes_alone_leaves_no_mould() -> None:
    documents.read(ONE)
    assert MOULDS.frames == ()
    documents.read(ONE)
    assert len(MOULDS.frames) == 1


def test_files_differ_in_how_many_lines_they_have() -> None:
    learn(ONE)
    lines = [found[0] for found in LINE.finditer(ONE)]
    for wanted in ([lines[0]], [*lines, *lines], [lines[3], lines[1], lines[3]]):
        other = _with_lines(wanted)
        assert filled(other)
        assert outcome(other) == with_care(other)
    assert not filled(_with_lines([]))


def _with_lines(lines: list[bytes]) -> bytes:
    spans = [found.span() for found in LINE.finditer(ONE)]
    return ONE[: spans[0][0]] + b"\n  ".join(lines) + ONE[spans[-1][1] :]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_changes_is_read_as_with_care(data: st.DataObject) -> None:
    """Values, words and markup of the published files, changed at random: the mould says the same, or does not fit."""
    xml = data.draw(st.sampled_from(FILES))
    _forget()
    learn(xml)
    for _ in range(data.draw(st.integers(1, 3))):
        spans = [found.span(1) for found in TEXT.finditer(xml)]
        start, end = data.draw(st.sampled_from(spans))
        said = data.draw(
            st.sampled_from([*SAYINGS, xml[start:end], xml[start : start + 1]]) | st.text(max_size=4).map(str.encode)
        )
        xml = xml[:start] + said + xml[end:]
    assert outcome(xml) == with_care(xml)
    learn(xml)
    assert outcome(xml) == with_care(xml)  # and by a mould of its own, if it left one


@pytest.mark.parametrize("said", SAYINGS)
def test_a_value_that_is_odd_is_read_as_with_care(said: bytes) -> None:
    for term in (b"cbc:ID", b"cbc:IssueDate", b"cbc:PayableAmount", b"cbc:Note", b"cbc:DocumentCurrencyCode", b"cbc:Percent"):
        learn(ONE)
        xml = re.sub(rb"(?<=<%s>)[^<]*(?=</)" % term, said.replace(b"\\", b"\\\\"), ONE, count=1)
        assert outcome(xml) == with_care(xml)


def test_the_same_lines_in_another_frame_are_other_lines() -> None:
    """By another name space, another currency or another encoding the same text would mean something else."""
    learn(ONE)
    for before, after in (
        (b"CommonBasicComponents-2", b"CommonBasicComponents-3"), (b">EUR<", b">USD<"), (b'"UTF-8"', b'"ISO-8859-1"'),
        (b'currencyID="EUR"', b'currencyID="USD"'), (b"</cac:InvoiceLine>", b"</cac:InvoiceLine>and"),
    ):  # fmt: skip
        other = ONE.replace(before, after)
        assert other != ONE
        assert not filled(other)
        assert outcome(other) == with_care(other)


def test_a_mould_that_says_something_else_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(casting._Part, "key", lambda self, at, term, record: (record, "BT-1"))
    learn(ONE)
    assert MOULDS.frames == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"<cbc:IssueDate>", b"<!-- <cbc:ID>1</cbc:ID> --><cbc:IssueDate>"),  # what a comment holds is no value
        (b"</cac:InvoiceLine>", b"<cbc:UUID>7</cbc:UUID></cac:InvoiceLine>"),  # nor is a loss the same in each line
    ],
)
def test_what_is_no_value_stays_as_it_is(before: bytes, after: bytes) -> None:
    one = ONE.replace(before, after)
    learn(one)
    for xml in (one, other_numbers(one), one.replace(b"<cbc:ID>1<", b"<cbc:ID>2<"), one.replace(b">7<", b">8<")):
        assert outcome(xml) == with_care(xml)


def test_what_is_not_carried_is_told_of_every_file() -> None:
    one = ONE.replace(b"<cbc:IssueDate>", b"<cbc:UUID>7</cbc:UUID><cbc:IssueDate>", 1)
    learn(one)
    assert filled(other_numbers(one))
    assert [each.value for each in documents.read(other_numbers(one)).lost] == ["7"]
    assert not filled(one.replace(b">7</cbc:UUID>", b">8</cbc:UUID>"))


def test_a_process_keeps_a_few_moulds_those_that_were_used_last() -> None:
    shapes = [ONE.replace(b"</cbc:IssueDate>", b"</cbc:IssueDate>" + b" " * at) for at in range(FRAMES_MAX + 3)]
    for each in shapes:
        learn(each)
        documents.read(shapes[0])
    assert len(MOULDS.frames) == FRAMES_MAX
    assert [filled(each) for each in shapes[:6]] == [True, False, False, False, True, True]
    frame: Frame = MOULDS.frames[0]
    lines = [found[0] for found in LINE.finditer(ONE)]
    learn(_with_lines([lines[0].replace(b"</cbc:ID>", b"</cbc:ID>" + b" " * at) for at in range(LINES_MAX + 9)]))
    assert max(len(each.lines) for each in (frame, *MOULDS.frames)) == LINES_MAX
