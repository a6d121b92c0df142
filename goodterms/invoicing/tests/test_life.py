"""The life of an invoice: a model of what verbs do to facts is walked whole and compared with the table (invariant I25)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from goodterms.invoicing.life import ROLES, STAGES, TIME, VERBS, Facts, Role, Stage, may, stage
from goodterms.invoicing.life_page import changes, page
from goodterms.values.refusal import Refused

TODAY = date(2026, 11, 16)
TOMORROW = TODAY + timedelta(days=1)
THEN = datetime(2026, 11, 16, 10, 20, tzinfo=UTC)
OPEN = Facts(approved_at=THEN, issued_on=TODAY, due_on=TODAY, total_minor=2, open_minor=2)
OF_STAGE: dict[Stage, Facts] = {
    "draft": Facts(total_minor=2),
    "approved": Facts(total_minor=2, approved_at=THEN),
    "open": OPEN,
    "overdue": OPEN._replace(due_on=TODAY - timedelta(days=1)),
    "settled": OPEN._replace(open_minor=0),
    "void": OPEN._replace(voided_at=THEN),
}


def done(verb: str, facts: Facts) -> Iterator[Facts]:  # noqa: C901, PLR0912  (one case a verb)
    """Every way in which `verb` can change the facts, as its action would."""
    match verb:
        case "edit":
            yield from (facts._replace(total_minor=total) for total in (0, 2))
        case "approve":
            yield facts._replace(approved_at=THEN)
        case "send back":
            yield facts._replace(approved_at=None)
        case "discard" | "void":
            yield facts._replace(voided_at=THEN)
        case "issue":
            for due_on in (TODAY - timedelta(days=1), TODAY):
                yield facts._replace(issued_on=TODAY, due_on=due_on, open_minor=facts.total_minor)
        case "credit":
            for minor in range(1, facts.total_minor - facts.credited_minor + 1):
                left = max(0, facts.open_minor - minor)
                yield facts._replace(credited_minor=facts.credited_minor + minor, open_minor=left)
        case "allocate" | "write off":
            yield from (facts._replace(open_minor=left) for left in range(facts.open_minor))
        case "reverse":
            yield from (facts._replace(open_minor=n) for n in range(facts.open_minor + 1, facts.total_minor + 1))
        case "charge":
            yield facts._replace(open_minor=3)
        case "hold" | "release":
            yield facts._replace(held=verb == "hold")
        case "dispute" | "resolve":
            yield facts._replace(disputed=verb == "dispute")
        case "ask" | "answer":
            yield facts._replace(question_open=verb == "ask")
        case "send" | "remind":
            yield facts._replace(delivered=True)
        case _:
            yield facts


@cache
def whole_life() -> tuple[frozenset[Stage], frozenset[tuple[str, Stage, Stage]]]:
    """Every stage that can be reached from an empty draft, and every (verb, from, to) met on the way."""
    seen: set[tuple[Facts, date]] = set()
    met: set[tuple[str, Stage, Stage]] = set()
    waiting = [(Facts(total_minor=total), TODAY) for total in (0, 2)]
    while waiting:
        facts, today = waiting.pop()
        if (facts, today) in seen:
            continue
        seen.add((facts, today))
        before = stage(facts, today)
        met.add(("", before, stage(facts, TOMORROW)))
        waiting.append((facts, TOMORROW))
        for verb in VERBS:
            for after in done(verb, facts) if allowed(verb, facts, today) else ():
                met.add((verb, before, stage(after, today)))
                waiting.append((after, today))
    return frozenset(stage(facts, today) for facts, today in seen), frozenset(met)


def allowed(verb: str, facts: Facts, today: date) -> bool:
    try:
        may(verb, facts, VERBS[verb].by[0], today)
    except Refused:
        return False
    return True


def test_every_stage_is_reached() -> None:
    assert whole_life()[0] == set(STAGES)


def test_every_transition_that_happens_is_listed_and_every_listed_one_happens() -> None:
    listed = {(name, before, after) for name, verb in VERBS.items() for before, to in verb.moves.items() for after in to}
    assert {each for each in whole_life()[1] if each[0]} == listed


def test_time_alone_moves_an_open_invoice_past_its_due_day_and_nothing_else() -> None:
    moved = {(before, after) for verb, before, after in whole_life()[1] if not verb and before != after}
    assert moved == {(before, after) for before, to in TIME.items() for after in to} == {("open", "overdue")}


def test_void_has_no_exit_and_is_the_only_end() -> None:
    assert [name for name in STAGES if not any(before == name for before, _, _ in changes())] == ["void"]
    assert not any("void" in verb.moves for verb in VERBS.values())


@pytest.mark.parametrize("name", STAGES)
def test_facts_say_their_stage(name: Stage) -> None:
    assert stage(OF_STAGE[name], TODAY) == name


def test_the_due_day_is_in_time_and_the_day_after_is_not() -> None:
    assert stage(OPEN, TODAY) == "open"
    assert stage(OPEN, TOMORROW) == "overdue"


def test_an_invoice_over_nothing_is_settled_when_issued() -> None:
    assert stage(OPEN._replace(total_minor=0, open_minor=0), TODAY) == "settled"


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_in_the_wrong_stage_says_what_is_so_and_what_to_do_instead(verb: str) -> None:
    for name in set(STAGES) - set(VERBS[verb].moves):
        with pytest.raises(Refused, match=r"^(This|Nothing).*\. .+\.$") as no:
            may(verb, OF_STAGE[name], VERBS[verb].by[0], TODAY)
        assert no.value.code == name


@pytest.mark.parametrize("verb", VERBS)
def test_a_role_that_may_not_is_told_whom_to_ask(verb: str) -> None:
    for role in set(ROLES) - set(VERBS[verb].by):
        with pytest.raises(Refused, match=rf"may not {VERBS[verb].deed}\. Ask .+\.") as no:
            may(verb, OF_STAGE["open"], role, TODAY)
        assert no.value.code == "role"


def test_a_reader_only_reads_and_a_payer_never_edits_voids_or_reminds() -> None:
    assert not any("reader" in verb.by for verb in VERBS.values())
    for_payers = {name for name, verb in VERBS.items() if "payer" in verb.by}
    assert for_payers == {"send", "allocate", "ask", "dispute", "resolve", "promise", "extend", "plan"}


@pytest.mark.parametrize("role", ["owner", "clock"])
def test_nothing_is_reminded_or_charged_while_held_disputed_or_waiting_for_us(role: Role) -> None:
    overdue = OF_STAGE["overdue"]
    for verb in ("remind", "charge"):
        assert may(verb, overdue, role, TODAY) == "overdue"
        for resting, words in (
            (overdue._replace(held=True), "is held"),
            (overdue._replace(disputed=True), "dispute"),
            (overdue._replace(question_open=True), "waits for our answer"),
        ):
            with pytest.raises(Refused, match=words):
                may(verb, resting, role, TODAY)


def test_what_the_customer_may_have_is_credited_and_not_voided() -> None:
    with pytest.raises(Refused, match=r"may have reached the customer.*credit note"):
        may("void", OPEN._replace(delivered=True), "owner", TODAY)
    with pytest.raises(Refused, match=r"paid or credited.*credit note"):
        may("void", OPEN._replace(open_minor=1), "owner", TODAY)
    assert may("void", OPEN, "owner", TODAY) == "open"


@pytest.mark.parametrize(
    ("verb", "facts", "words"),
    [
        ("remind", OF_STAGE["settled"], "already settled. Nothing is open on it"),
        ("edit", OPEN, "credit note, and a new invoice"),
        ("issue", OF_STAGE["draft"], "still a draft. Approve it first"),
        ("charge", OPEN, "not late, so no late fee"),
        ("credit", OPEN._replace(credited_minor=2), "credited already"),
        ("reverse", OPEN, "Nothing was settled"),
        ("dispute", OPEN._replace(disputed=True), "is open. Settle it"),
        ("release", OPEN, "is not held"),
        ("resolve", OPEN, "No dispute"),
        ("answer", OPEN, "No question"),
    ],
)
def test_a_refusal_leads_on(verb: str, facts: Facts, words: str) -> None:
    with pytest.raises(Refused, match=words):
        may(verb, facts, "owner", TODAY)


def test_the_page_is_printed_from_the_table() -> None:
    """Run `python -m goodterms.invoicing.life_page > docs/life-of-an-invoice.md` when this fails."""
    printed = Path(__file__).parents[3] / "docs" / "life-of-an-invoice.md"
    assert printed.read_text(encoding="utf-8") == page()
