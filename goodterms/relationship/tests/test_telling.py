"""Every kind of interaction is said as a person would say it, and never as data."""

import ast
import re
from pathlib import Path

import pytest

import goodterms
from goodterms.relationship.rules.telling import FOR_PAYERS, PREPARING, Told, duration, kinds, said
from goodterms.terms.rules import Terms
from goodterms.values.money import Money

PACKAGE = Path(goodterms.__file__).parent
KIND = re.compile(r"[a-z]{2,}\.[a-z_]+")  # one letter is a table in a statement
# Deeds about the vendor alone, which stand on nobody's timeline; and the name of the log's own table.
OF_THE_HOUSE = {"bank", "vendor", "member", "key", "cadence", "import", "profile", "wording", "interactions"}
CONVERSATIONS, OUTCOMES = ("question", "dispute", "request"), ("kept", "part", "broken")


def recorded() -> set[str]:
    """Every kind that an action writes into the log, read from the source."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        if "actions" in path.as_posix() and "tests" not in path.parts:
            for node in ast.walk(ast.parse(path.read_text())):
                found |= _written(node)
    return {kind for kind in found if KIND.fullmatch(kind) and kind.partition(".")[0] not in OF_THE_HOUSE}


def _written(node: ast.AST) -> set[str]:
    """A plain word, or one made of the kind of a conversation, or of how a promise ended."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.JoinedStr):
        written = ast.unparse(node)[2:-1]
        return {written.replace("{thread.kind}", noun).replace("{outcome}", end) for noun in CONVERSATIONS for end in OUTCOMES}
    return set()


def test_every_kind_that_is_recorded_has_words_of_its_own() -> None:
    found = recorded()
    assert {"reminder.planned", "promise.kept", "dispute.resolved", "letter.sent", "wishes.changed"} <= found
    assert found - kinds() == set()


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_the_words_say_what_happened_even_when_little_is_known(kind: str) -> None:
    words = said(Told(kind, "Tom Okafor"))
    assert words.title
    assert not re.search(r"[{}_\[\]]|None", f"{words.title} {words.rest} {words.quote}")


def test_a_kind_that_nobody_knows_is_said_plainly() -> None:
    words = said(Told("parcel.lost_again", "Tom Okafor", inbound=True, data={"x": {"y": 1}}))
    assert (words.side, words.title, words.rest, words.quote) == ("them", "Parcel lost again", " by Tom Okafor", "")


def test_who_may_pay_reads_nothing_that_only_stays_among_us() -> None:
    assert set(FOR_PAYERS) <= kinds()
    assert not {"customer.noted", "conversation.noted", "invoice.held", "invoice.written_off", *PREPARING} & set(FOR_PAYERS)


def line(told: Told) -> str:
    """As the template writes it, about LR-1."""
    words = said(told)
    money = f" {words.of} {words.amount.major}".replace("  ", " ") if words.amount else ""
    return f"{words.title}{money} {words.about} LR-1{words.rest}".replace("  ", " ")


def test_each_side_is_said_in_the_voice_of_the_design() -> None:
    first = Told("reminder.planned", "the clock", data={"step": "first"}, channel="email", tone="informal", vendors=4)
    assert line(first) == "First reminder for LR-1, informal, in one message with three other vendors"
    assert line(first._replace(vendors=2, state="withdrawn")).endswith("one other vendor; taken back before it left")
    post = Told("reminder.planned", "the clock", data={"step": "own_word"}, channel="post", state="rejected")
    assert line(post) == "Own word for LR-1, by post; could not be delivered"
    assert line(Told("reminder.planned", "the clock", data={"step": "call"}, channel="call")) == "Call due for LR-1"
    paid = Told("payment.received", "bank feed", True, data={"minor": 600_000, "currency": "GBP"}, method="bank_transfer")
    assert line(paid) == "Paid 6000.00 of LR-1, by bank transfer"
    assert said(paid).side == "them"
    share = paid._replace(kind="payment.allocated", inbound=False, data={"minor": 98, "discount_minor": 2}, currency="EUR")
    assert line(share) == "Paid 0.98 of LR-1, by bank transfer, with the early discount"
    assert said(share._replace(method="")).title == "Credit used"
    answer = Told("question.answered", "Tom Okafor", data={"minutes": 108}, quote="Gift boxes is the fourteenth.")
    assert line(answer) == "Answer on LR-1, after 1 h 48 min"
    assert (said(answer).quote, said(answer).quoted) == ("Gift boxes is the fourteenth.", "Tom Okafor")


def test_their_words_keep_their_names_and_days() -> None:
    data = {"minor": 425_520, "currency": "GBP", "promised_on": "2026-11-20", "words": "The rest on the 20th."}
    promise = Told("promise.made", "Sandra Whitlock", True, data=data)
    assert line(promise) == "Promise of 4255.20 for LR-1, by Friday 20 November"
    assert said(promise)[-2:] == ("The rest on the 20th.", "Sandra Whitlock")
    dispute = Told("dispute.opened", "Graham Tait", True, data={"reason": "QTY", "minor": 62_400, "currency": "GBP"}, line=2)
    assert line(dispute) == "Dispute over 624.00 on LR-1, line 2, quantity"
    time = Told("extension.granted", "the rule", data={"until_on": "2026-12-18"})
    assert line(time) == "More time granted for LR-1, until Friday 18 December"
    content = Told("feedback.given", "Sandra Whitlock", True, data={"answer": "good", "words": ""})
    assert line(content) == "“Good.” asked after paying LR-1"


def test_what_we_did_for_ourselves_is_said_with_its_reason() -> None:
    gone = Told("invoice.written_off", "Tom", data={"minor": 31_200, "currency": "GBP", "reason": "Lost on the way."})
    assert (said(gone).rest, said(gone).amount) == (" by Tom: Lost on the way.", Money(31_200, "GBP"))
    note = Told("invoice.credited", "Tom", data={"total_minor": 100, "reason": "QTY"}, currency="EUR")
    assert (said(note).rest, said(note).amount) == (" by Tom: quantity", Money(100, "EUR"))
    wish = Told("preferences.changed", "Tom", data={"hours_from": {}, "hours_to": {}, "tone": {}})
    assert said(wish).rest == ": hours and tone by Tom"
    terms = Told("terms.agreed", data={"from_on": "2026-11-05", "version": 2}, terms=Terms().to_json())
    assert (said(terms).side, said(terms).rest) == ("both", " from 5 November: 30 days from invoice date")
    person = Told("contact.added", "Tom", data={"roles": ["pays", "receives_copies"]}, name="Sandra")
    assert said(person).rest == " Sandra, who pays and gets copies by Tom"


@pytest.mark.parametrize(("minutes", "words"), [(0, "0 min"), (48, "48 min"), (60, "1 h"), (108, "1 h 48 min"), (1500, "25 h")])
def test_business_time_is_said_in_hours_and_minutes(minutes: int, words: str) -> None:
    assert duration(minutes) == words


def test_paying_in_parts_is_said_with_how_many_and_from_when() -> None:
    data = {"parts": 3, "minor": 425_520, "currency": "GBP", "first_on": "2026-11-20", "last_on": "2027-01-20"}
    asked = Told("plan.asked", "Sandra Whitlock", True, data={**data, "words": "Could we?"})
    assert line(asked) == "Asked to pay in parts over 4255.20 for LR-1: 3 parts, the first by Friday 20 November"
    assert (said(asked).side, said(asked).quote, said(asked).quoted) == ("them", "Could we?", "Sandra Whitlock")
    agreed = Told("plan.agreed", "Tom Okafor", data=data)
    assert line(agreed).endswith("3 parts, the first by Friday 20 November by Tom Okafor")
    broken = Told("plan.broken", "the clock", data={"on": "2026-11-20"})
    assert line(broken) == "Plan not kept for LR-1: the part of Friday 20 November has not come"
