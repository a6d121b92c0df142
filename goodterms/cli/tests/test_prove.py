"""Decides that prove says what it found in the shape that scripts read, and ends with 1 when anything is broken."""

import json

import pytest

from goodterms.cli import main
from goodterms.proof.looking import NAMED_MAX
from goodterms.proof.prove import INVARIANTS
from goodterms.proof.tests import conftest
from goodterms.proof.tests.test_faults import opened_up, planted
from stories.world import World

life = conftest.life  # the same life, for this door
IDS = [invariant.id for invariant in INVARIANTS]


@pytest.mark.django_db
def test_prove_prints_one_document(life: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["prove", "--vendor", life.slug, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["ok"], [one["id"] for one in document["invariants"]]) == (True, IDS)
    assert all(set(one) == {"id", "checked", "broken"} and one["checked"] > 0 for one in document["invariants"])


@pytest.mark.django_db
def test_prove_says_each_in_a_line(life: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["prove"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(IDS)
    assert all(line.endswith("holds") for line in lines)


@pytest.mark.django_db
def test_of_a_vendor_that_is_not_there_nothing_is_proven(life: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["prove", "--vendor", "nobody"]) == 1
    assert "There is no vendor 'nobody'" in capsys.readouterr().err


def test_prove_exits_with_1_and_names_no_more_than_five(life: World, capsys: pytest.CaptureFixture[str]) -> None:
    with opened_up(), planted("update invoicing_invoice set document_sha256 = '\\x00'"):
        assert main.run(["prove", "--vendor", life.slug]) == 1
    told, refused = capsys.readouterr()
    assert refused == ""
    assert "I19" in told
    assert told.count("is not what was issued") == NAMED_MAX
    assert "more" in told
