"""Decides that a life lived by the verbs holds, whoever asks, and that prove says so in the shape that scripts read."""

import json

import pytest

from goodterms.cli import main
from goodterms.proof.prove import INVARIANTS, prove
from stories.world import World

IDS = [*(f"I{n}" for n in range(1, 15)), *(f"I{n}" for n in range(18, 23)), "I24"]
pytestmark = pytest.mark.django_db


def test_a_life_lived_by_the_verbs_holds_and_every_invariant_had_rows_to_look_at(life: World) -> None:
    found = {proven.invariant.id: proven.finding for proven in prove([life.vendor.id])}
    assert {id: finding.named for id, finding in found.items() if finding.broken} == {}
    assert [id for id, finding in found.items() if not finding.checked] == []


def test_the_invariants_are_those_that_were_asked_for_each_said_once() -> None:
    assert [invariant.id for invariant in INVARIANTS] == IDS
    assert len({invariant.says for invariant in INVARIANTS}) == len(IDS)
    assert all(f"{i.id}: " in (i.check.__doc__ or "") for i in INVARIANTS)


def test_prove_prints_one_document(life: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["prove", "--vendor", life.slug, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["ok"], [one["id"] for one in document["invariants"]]) == (True, IDS)
    assert all(set(one) == {"id", "checked", "broken"} and one["checked"] > 0 for one in document["invariants"])


def test_prove_says_each_in_a_line(life: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["prove"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(IDS)
    assert all(line.endswith("holds") for line in lines)


def test_of_a_vendor_that_is_not_there_nothing_is_proven(life: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["prove", "--vendor", "nobody"]) == 1
    assert "There is no vendor 'nobody'" in capsys.readouterr().err
