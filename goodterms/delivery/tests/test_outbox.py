"""Decides that the local outbox holds each letter once, whole, and only after its mark."""

import asyncio
import threading
from collections.abc import AsyncIterator, Collection, Hashable, Sequence
from pathlib import Path

import pytest

from goodterms.delivery.channels.commit import GroupCommitter, Outgoing, Settlement
from goodterms.delivery.channels.outbox import file_of, put_all
from goodterms.delivery.rules import Verdict
from goodterms.delivery.tests.test_smtp_faults import Books, letter
from goodterms.values.refusal import Refused


def put(folder: Path, letters: list[Outgoing], books: Books | None = None) -> Books:
    books = books or Books()

    async def go() -> None:
        async with GroupCommitter(books.commit) as committer:
            await put_all(letters, folder, committer)

    asyncio.run(go())
    return books


def files(folder: Path) -> list[str]:
    return sorted(found.name for found in folder.iterdir())


def test_each_letter_becomes_one_file_with_its_very_bytes(tmp_path: Path) -> None:
    letters = [letter(number) for number in range(150)]
    books = put(tmp_path / "outbox", letters)
    assert books.settled == dict.fromkeys(range(150), Verdict.ACCEPTED)
    assert len(files(tmp_path / "outbox")) == 150
    assert all(file_of(tmp_path / "outbox", one.message_id).read_bytes() == one.message for one in letters)
    assert books.commits < 60


def test_a_letter_that_is_there_already_is_not_put_twice(tmp_path: Path) -> None:
    put(tmp_path, [letter(1)])
    books = put(tmp_path, [letter(1)])
    assert files(tmp_path) == ["letter-1@mail.penhale.example.eml"]
    assert books.reasons == ["letter-1@mail.penhale.example.eml was there already"]


def test_a_letter_that_is_no_longer_due_leaves_nothing(tmp_path: Path) -> None:
    books = put(tmp_path, [letter(1), letter(2)], Books(withheld={1}))
    assert books.settled == {2: Verdict.ACCEPTED}
    assert files(tmp_path) == ["letter-2@mail.penhale.example.eml"]


def test_without_a_mark_there_is_no_file(tmp_path: Path) -> None:
    class Watching(Books):
        def commit(self, marks: list[Outgoing], settlements: list[Settlement]) -> Collection[Hashable]:
            assert not any(file_of(tmp_path, one.message_id).exists() for one in marks)
            return super().commit(marks, settlements)

    assert put(tmp_path, [letter(number) for number in range(5)], Watching()).settled


def test_when_the_books_fail_nothing_lies_there_and_the_error_is_told(tmp_path: Path) -> None:
    class Broken(Books):
        def commit(self, marks: list[Outgoing], settlements: list[Settlement]) -> Collection[Hashable]:
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk is full"):
        put(tmp_path, [letter(1)], Broken())
    assert files(tmp_path) == []


def test_a_folder_that_takes_no_file_lets_the_letter_wait(tmp_path: Path) -> None:
    file_of(tmp_path, letter(1).message_id).mkdir()  # something else lies there
    books = put(tmp_path, [letter(1)])
    assert books.settled == {1: Verdict.RETRY}
    assert "takes no file" in books.reasons[0]


def test_letters_may_come_as_they_are_claimed(tmp_path: Path) -> None:
    async def coming() -> AsyncIterator[Sequence[Outgoing]]:
        for number in range(0, 70, 10):
            yield [letter(one) for one in range(number, number + 10)]

    async def go() -> int:
        books = Books()
        async with GroupCommitter(books.commit) as committer:
            return (await put_all(coming(), tmp_path, committer))[Verdict.ACCEPTED]

    assert asyncio.run(go()) == 70


@pytest.mark.parametrize("name", ["<../../etc/passwd@x>", "<a/b@x.example>", "no brackets", "<a@b>\n", ""])
def test_a_name_cannot_lead_out_of_the_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is not a Message-ID"):
        file_of(tmp_path, name)


def test_an_outcome_whose_commit_failed_goes_into_the_next(tmp_path: Path) -> None:
    class OnceBroken(Books):
        broken = True

        def commit(self, marks: list[Outgoing], settlements: list[Settlement]) -> Collection[Hashable]:
            if settlements and self.broken:
                self.broken = False
                raise OSError("a moment of weakness")
            return super().commit(marks, settlements)

    assert put(tmp_path, [letter(1)], OnceBroken()).settled == {1: Verdict.ACCEPTED}


def test_the_thread_of_the_books_is_closed_in_that_thread(tmp_path: Path) -> None:
    closed: list[str] = []

    def close() -> None:
        closed.append(threading.current_thread().name)

    async def go() -> None:
        async with GroupCommitter(Books().commit, close=close) as committer:
            await committer.mark(letter(1))

    asyncio.run(go())
    assert closed == ["committer_0"]
