"""Decides that a life lived by the verbs holds, whoever asks."""

import pytest

from goodterms.proof.prove import INVARIANTS, prove
from stories.world import World

IDS = [*(f"I{n}" for n in range(1, 15)), *(f"I{n}" for n in range(18, 23)), "I24", "I28", "I29", "I30", "I31", "I32"]
pytestmark = pytest.mark.django_db


def test_a_life_lived_by_the_verbs_holds_and_every_invariant_had_rows_to_look_at(life: World) -> None:
    found = {proven.invariant.id: proven.finding for proven in prove([life.vendor.id])}
    assert {id: finding.named for id, finding in found.items() if finding.broken} == {}
    assert [id for id, finding in found.items() if not finding.checked] == []


def test_the_invariants_are_those_that_were_asked_for_each_said_once() -> None:
    assert [invariant.id for invariant in INVARIANTS] == IDS
    assert len({invariant.says for invariant in INVARIANTS}) == len(IDS)
    assert all(f"{i.id}: " in (i.check.__doc__ or "") for i in INVARIANTS)
