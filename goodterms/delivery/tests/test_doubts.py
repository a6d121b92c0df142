"""How a doubt ends: by a person's word, by what lies in the folder, or unknown after three days; never by sending again."""

import time
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from goodterms.database.isolation import acting_for
from goodterms.delivery import due
from goodterms.delivery.actions import post, resolve
from goodterms.delivery.channels.carrier import Carrier, into_folder
from goodterms.delivery.channels.commit import Committer
from goodterms.delivery.channels.outbox import file_of
from goodterms.delivery.channels.supply import Letters
from goodterms.delivery.rules import DOUBT_LASTS, Verdict
from goodterms.delivery.tests.cast import BOTH, NOW, a_draft, a_sender, posted, states, still_true, the_letter
from goodterms.interactions.models import Interaction
from goodterms.values.refusal import Refused

pytestmark = pytest.mark.django_db


def in_doubt(number: int = 1, **changes: Any) -> None:
    posted(number, **changes)
    dead = a_sender(channel=str(changes.get("channel", "email")))
    dead.commit(dead.claim(), [])
    assert a_sender().recover() == number


@pytest.mark.parametrize(("was_sent", "state"), [(True, "resolved_sent"), (False, "resolved_not_sent")])
def test_a_person_resolves_a_doubt_and_the_log_says_who(was_sent: bool, state: str) -> None:
    in_doubt()
    with acting_for(BOTH):
        assert resolve(letter_id=the_letter().id, was_sent=was_sent, by="Jory", now=NOW).state == state
        record = Interaction.objects.get(kind="letter.resolved")
        assert (record.by, record.data) == ("Jory", {"sent": was_sent})
    assert a_sender().claim() == []


def test_only_a_doubt_can_be_resolved() -> None:
    posted()
    with acting_for(BOTH), pytest.raises(Refused, match="ready cannot be proved sent"):
        resolve(letter_id=the_letter().id, was_sent=True, by="Jory", now=NOW)
    with acting_for(BOTH), pytest.raises(Refused, match="no such letter"):
        resolve(letter_id=BOTH[0], was_sent=True, by="Jory", now=NOW)


def test_a_doubt_is_closed_as_unknown_after_three_days_and_not_before() -> None:
    in_doubt()
    assert due.close_doubts(vendors=BOTH, now=NOW + DOUBT_LASTS - timedelta(seconds=1)) == 0
    assert due.close_doubts(vendors=BOTH, now=NOW + DOUBT_LASTS) == 1
    assert states() == ["closed_unknown"]
    assert due.close_doubts(vendors=BOTH, now=NOW + DOUBT_LASTS * 2) == 0
    with acting_for(BOTH):
        assert Interaction.objects.filter(kind="letter.closed").count() == 1


def carriers(folder: Path) -> list[tuple[str, str, Carrier]]:
    return [("email", ".eml", into_folder("email", folder, ".eml")), ("post", ".html", into_folder("post", folder, ".html"))]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("place", [0, 1])
def test_a_doubt_whose_letter_lies_in_the_folder_was_sent_and_others_stay_doubts(place: int, tmp_path: Path) -> None:
    channel, ending, carrier = carriers(tmp_path)[place]
    posted(2, channel=channel)
    dead = a_sender(channel=channel)
    there, lost = dead.claim()
    dead.commit([there, lost], [])
    dead.close()
    file_of(tmp_path, there.message_id, ending).write_bytes(there.message)
    tally = due.send(vendors=BOTH, carrier=carrier, clock=lambda: NOW, recheck=still_true)
    assert (tally["recovered"], tally["resolved"]) == (2, 1)
    assert sorted(states()) == ["ambiguous", "resolved_sent"]
    assert due.send(vendors=BOTH, carrier=carrier, clock=lambda: NOW, recheck=still_true)["resolved"] == 0


@pytest.mark.django_db(transaction=True)
def test_letters_on_paper_become_pages_to_print_once(tmp_path: Path) -> None:
    posted(3, channel="post", page=b"%PDF-1.7 Bellwether")
    carrier = into_folder("post", tmp_path / "print", ".pdf")
    first, again = (due.send(vendors=BOTH, carrier=carrier, clock=lambda: NOW, recheck=still_true) for _ in range(2))
    assert (first["accepted"], again["accepted"]) == (3, 0)
    pages = list((tmp_path / "print").iterdir())
    assert len(pages) == 3
    assert {page.suffix for page in pages} == {".pdf"}
    assert {page.read_bytes() for page in pages} == {b"%PDF-1.7 Bellwether"}


@pytest.mark.django_db(transaction=True)
def test_what_a_run_leaves_behind_when_it_fails_is_sent_by_the_next(tmp_path: Path) -> None:
    """Its session is gone with it, so its letters are free, though its process lives."""

    async def fails(letters: Letters, committer: Committer) -> Counter[Verdict]:
        assert isinstance(letters, AsyncIterator)
        await anext(letters)
        raise OSError("the network is gone")

    posted(3)
    with pytest.raises(OSError, match="network is gone"):
        due.send(vendors=BOTH, carrier=Carrier("email", fails, "nowhere"), clock=lambda: NOW, recheck=still_true)
    outbox, sent, end = into_folder("email", tmp_path, ".eml"), 0, time.monotonic() + 10
    while sent < 3 and time.monotonic() < end:
        sent += due.send(vendors=BOTH, carrier=outbox, clock=lambda: NOW, recheck=still_true)["accepted"]
    assert (sent, len(list(tmp_path.iterdir())), states()) == (3, 3, ["accepted"] * 3)


@pytest.mark.django_db(transaction=True)
def test_a_copy_that_a_person_wants_is_another_letter(tmp_path: Path) -> None:
    in_doubt()
    first = the_letter()
    with acting_for(BOTH):
        post(letters=[a_draft(0, dedupe_key=first.dedupe_key + "|copy", resend_of=first.id)], now=NOW)
    sent = due.send(vendors=BOTH, carrier=into_folder("email", tmp_path, ".eml"), clock=lambda: NOW, recheck=still_true)
    assert sent["accepted"] == 1
    assert sorted(states()) == ["accepted", "ambiguous"]
    assert not file_of(tmp_path, first.message_id).exists()
