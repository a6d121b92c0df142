"""Decides whether documents hold: their totals follow from their lines, their numbers have no hole, their hashes are true."""

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.invoicing import document
from goodterms.invoicing.totals import totals
from goodterms.proof.journal import standing_triggers
from goodterms.proof.looking import Finding, looked_at, looked_through, together
from goodterms.values.refusal import Refused

TRIGGERS = (
    ("invoicing_invoice", "frozen_update"),
    ("invoicing_invoice", "frozen_delete"),
    ("invoicing_line", "frozen"),
    ("invoicing_line", "whole"),
    ("invoicing_instalment", "frozen"),
    ("invoicing_instalment", "whole"),
    ("invoicing_enclosure", "frozen"),
    ("invoicing_takenoff", "frozen"),
    ("invoicing_paper", "frozen_update"),
    ("invoicing_paper", "frozen_delete"),
)
BATCH = 5_000
START = UUID(int=0)
OF_DOCUMENT = ("id", *document.OF_INVOICE, "document_sha256")


class Paper(NamedTuple):
    """An issued document as it is stored: `facts` by column, its lines in order, its instalments as (day, minor)."""

    facts: dict[str, Any]
    lines: list[dict[str, Any]]
    parts: list[tuple[Any, int]]

    @property
    def name(self) -> str:
        return f"{self.facts['kind'].replace('_', ' ')} {self.facts['number']} ({self.facts['id']})"


def totals_follow_from_lines() -> Finding:
    """I5: an invoice is worked out again from its lines, allowances and taxes by the rule its document names; a credit note
    adds up to its lines and tax groups. (A document taken over from elsewhere without lines has only net, tax and total.)"""
    return looked_through((paper.name, _why_not_its_sum(paper)) for paper in _papers())


def numbers_have_no_hole() -> Finding:
    """I18: in each series no number is missing or given twice, later numbers were issued no earlier, and the next one is the
    next; what is void keeps number and reason; numbers that came from elsewhere are unique within their vendor."""
    return looked_at(_NUMBERS, _NEXT)


def documents_are_as_issued() -> Finding:
    """I19: what was issued hashes to what was recorded at issue, with the parties of that day copied in; the bytes of each
    paper, of each letter and of each file to theirs; and the triggers that freeze them stand."""
    stand = looked_at(standing_triggers(*TRIGGERS), _PRINTED, _ENCLOSED)
    papers = looked_through((paper.name, _why_not_as_issued(paper)) for paper in _papers())
    return together(papers, looked_through(_letters()), stand)


def _why_not_its_sum(paper: Paper) -> str | None:
    facts = paper.facts
    sums = facts["net_minor"], facts["tax_minor"], facts["total_minor"]
    if sums[0] + sums[1] != sums[2]:
        return f"has a total of {sums[2]}, which is not {sums[0]} and {sums[1]}"
    if not paper.lines:
        return None
    try:
        worked_out = _of_note(paper) if facts["kind"] == "credit_note" else _of_invoice(paper)
    except Refused as no:
        return f"cannot be worked out again: {no.sentence}"
    return None if worked_out == sums else f"says {sums} for net, tax and total, and its lines make {worked_out}"


def _of_note(paper: Paper) -> tuple[int, int, int]:
    """Its tax is a share of the invoice's, not a percentage of its lines (credits.py)."""
    groups = paper.facts["document"].get("tax_groups", [])
    net = sum(line["net_minor"] for line in paper.lines)
    tax = sum(group["tax_minor"] for group in groups)
    by_group = sum(group["taxable_minor"] for group in groups)
    return (net if net == by_group else by_group, tax, net + tax)


def _of_invoice(paper: Paper) -> tuple[int, int, int]:
    stored = paper.facts["document"]
    sums = totals(
        paper.facts["currency"],
        document.lines_in(paper.lines, stored, paper.facts["currency"]),
        adjustments=[document.adjustment_in(one) for one in stored.get("adjustments", [])],
        method=stored.get("method", "group"),
    )
    for row, each in zip(paper.lines, sums.lines, strict=True):
        if row["net_minor"] != each.net.minor:
            raise Refused(f"line {row['position']} says {row['net_minor']} and comes to {each.net.minor}.")
    if "tax_groups" in stored and stored["tax_groups"] != [document.group_out(group) for group in sums.groups]:
        raise Refused("its tax groups are not those of its lines.")
    return sums.net.minor, sums.tax.minor, sums.total.minor


def _why_not_as_issued(paper: Paper) -> str | None:
    recorded = paper.facts["document_sha256"]
    if recorded is None:
        return "has no hash from the day it was issued"
    if bytes(recorded) != document.digest(paper.facts, paper.lines, paper.parts):
        return "is not what was issued"
    missing = [who for who in ("vendor", "customer") if not paper.facts["document"].get(who)]
    return f"does not name its {missing[0]} as of that day" if missing else None


def _letters() -> Iterator[tuple[str, str | None]]:
    for key, packed, recorded in _in_batches(_BODIES):
        yield f"letter {key}", _why_other_bytes(bytes(packed), bytes(recorded))


def _why_other_bytes(packed: bytes, recorded: bytes) -> str | None:
    try:
        same = hashlib.sha256(zlib.decompress(packed)).digest() == recorded
    except zlib.error:
        same = False
    return None if same else "is not, byte for byte, what was written"


def _papers() -> Iterator[Paper]:
    after = START
    while rows := _rows(_DOCUMENTS, [after, BATCH]):
        keys = [row[0] for row in rows]
        lines, parts = _grouped(_rows(_LINES, [keys])), _grouped(_rows(_PARTS, [keys]))
        for row in rows:
            facts = dict(zip(OF_DOCUMENT, row, strict=True))
            facts["terms"], facts["document"] = _terms(facts["terms"]), json.loads(facts["document"])
            of_it = [dict(zip(document.OF_LINE, line, strict=True)) for line in lines.get(row[0], [])]
            yield Paper(facts, of_it, parts.get(row[0], []))
        after = keys[-1]


@lru_cache(maxsize=1_000)
def _terms(text: str) -> Any:
    """Many invoices share the same words."""
    return json.loads(text)


def _in_batches(query: str) -> Iterator[tuple[Any, ...]]:
    after = START
    while rows := _rows(query, [after, BATCH]):
        yield from rows
        after = rows[-1][0]


def _grouped(rows: Iterable[tuple[Any, ...]]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    for of, *rest in rows:
        found.setdefault(of, []).append(tuple(rest))
    return found


def _rows(query: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())


_TEXT = {"terms": "terms::text", "document": "document::text"}
_DOCUMENTS = f"""
select {", ".join(_TEXT.get(name, name) for name in OF_DOCUMENT)} from invoicing_invoice
where issued_at is not null and id > %s order by id limit %s
"""
_LINES = f"""
select invoice_id, {", ".join(document.OF_LINE)} from invoicing_line where invoice_id = any(%s::uuid[])
order by invoice_id, position
"""
_PARTS = "select invoice_id, due_on, minor from invoicing_instalment where invoice_id = any(%s::uuid[]) order by position"
_BODIES = "select letter_id, packed, sha256 from delivery_body where letter_id > %s order by letter_id limit %s"
# What is copied into the document says which files go with it; the bytes of each hash to what was said then.
_ENCLOSED = """
select 'the files of ' || i.number || ' (' || i.id || ')',
       case when jsonb_array_length(coalesce(i.document -> 'enclosures', '[]')) <> e.many then 'are not those that it names'
            when not e.named then 'are not those that it names'
            when not e.whole then 'are not, byte for byte, what was enclosed' end
from invoicing_invoice i, lateral (
  select count(*) as many, coalesce(bool_and(e.sha256 = sha256(e.content) and e.size = length(e.content)), true) as whole,
         coalesce(bool_and(i.document -> 'enclosures' @> jsonb_build_array(
           jsonb_build_object('name', e.name, 'sha256', encode(e.sha256, 'hex')))), true) as named
  from invoicing_enclosure e where e.invoice_id = i.id) e
where i.issued_at is not null and (i.document ? 'enclosures' or e.many > 0)
"""
_PRINTED = """
select 'the paper of ' || i.number || ' (' || p.invoice_id || ')',
       case when p.made_at is null and (p.content is not null or p.sha256 is not null) then 'holds what was never made'
            when p.made_at is not null and (p.content is null or p.sha256 is distinct from sha256(p.content))
              then 'is not, byte for byte, what was printed'
            when p.xml_sha256 is distinct from sha256(p.xml) then 'is not, byte for byte, what was written for programs' end
from invoicing_paper p join invoicing_invoice i on i.id = p.invoice_id
"""
_NUMBERS = """
select kind || ' ' || number || ' (' || id || ')',
       case when count(*) over (partition by vendor_id, number) > 1 then 'has the number of another'
            when (series_id is null) <> (seq is null) then 'has half a place in a series'
            when issued_on is null then 'has a number, and was never issued'
            when voided_at is not null and void_reason = '' then 'is void without a reason'
            when series_id is not null and seq - lag(seq) over way > 1 then 'comes after a hole'
            when series_id is not null and seq = lag(seq) over way then 'has the place of another'
            when series_id is not null and issued_at < lag(issued_at) over way then 'was issued before the number before it' end
from invoicing_invoice where number <> '' or seq is not null or issued_on is not null
window way as (partition by vendor_id, series_id order by seq)
"""
_NEXT = """
select 'series ' || s.code || ' (' || s.id || ')',
       case when s.next <> coalesce(max(i.seq) + 1, s.next) then 'goes on with ' || s.next || ' after ' || max(i.seq) end
from invoicing_series s left join invoicing_invoice i on i.series_id = s.id group by s.id, s.code, s.next
"""
