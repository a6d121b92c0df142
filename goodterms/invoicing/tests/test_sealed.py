"""The seal of a document is that of its canonical JSON, whether it is written in one go or from parts that others share."""

import json
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from goodterms.invoicing.document import OF_INVOICE, OF_LINE, Said, canonical, canonical_lines, digest, joined, sealed

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
SAID = st.one_of(
    TEXT, st.integers(), st.booleans(), st.none(), st.dates(), st.decimals(-1000, 1000, places=3), st.lists(TEXT, max_size=2),
    st.dictionaries(TEXT, TEXT, max_size=2),
)  # fmt: skip
LINE = st.fixed_dictionaries(dict.fromkeys(OF_LINE, SAID) | {"position": st.integers(1, 9)})


def plain(value: object) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) and value else "0" if not value else value.isoformat()  # type: ignore[attr-defined]


@given(
    st.fixed_dictionaries(dict.fromkeys(OF_INVOICE, SAID) | {"document": st.dictionaries(TEXT, SAID, max_size=4)}),
    st.lists(LINE, max_size=3), st.lists(st.tuples(st.dates(), st.integers()), max_size=2),
)  # fmt: skip
def test_it_is_the_hash_of_the_whole_in_canonical_json(facts: dict[str, Any], lines: list[Any], parts: list[Any]) -> None:
    whole = facts | {"lines": sorted(lines, key=lambda line: line["position"]), "instalments": [list(part) for part in parts]}
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=plain)
    assert digest(facts, lines, parts) == sha256(text.encode()).digest()
    said = Said()
    for _ in range(2):
        shared = {name: canonical(facts[name]) for name in OF_INVOICE} | {"document": said.document(facts["document"])}
        assert sealed(shared, said.of(lines, canonical_lines), parts) == digest(facts, lines, parts)


def test_what_is_the_same_object_is_written_once_and_what_only_looks_alike_by_itself() -> None:
    written: list[object] = []

    def write(value: object) -> str:
        written.append(value)
        return canonical(value)

    said, one, other = Said(), {"a": 1}, {"a": 1}
    assert [said.of(value, write) for value in (one, other, one)] == ['{"a":1}'] * 3
    assert len(written) == 2
    assert all(said.of({"n": n}) == f'{{"n":{n}}}' for n in range(100)), "a value is kept, so that none takes its place"
    assert joined({"b": "1", "a": said.of(date(2026, 1, 2))}) == '{"a":"2026-01-02","b":1}'
