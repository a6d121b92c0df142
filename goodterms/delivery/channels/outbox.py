"""Decides where letters go when no mail server is set: one file for each in a local folder, named by its Message-ID.

The rename into place is the dot: the mark is durable before it, and a letter that is there already is not put twice.
"""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from goodterms.delivery import failpoint
from goodterms.delivery.channels.commit import Committer, Outgoing
from goodterms.delivery.channels.supply import Letters
from goodterms.delivery.mime import MESSAGE_ID
from goodterms.delivery.rules import Outcome, Verdict
from goodterms.values.refusal import Refused

Press = Callable[[bytes], bytes]  # what is frozen of a letter, as the file that is put
BATCH = 64  # letters whose marks share a commit; also what a kill can leave in doubt


async def put_all(
    letters: Letters,
    folder: Path,
    committer: Committer,
    ending: str = ".eml",
    press: Press = bytes,
) -> Counter[Verdict]:
    """Put each letter into the folder once, as the press makes it, and settle each; how many of each verdict. Withheld ones
    leave no file."""
    folder.mkdir(parents=True, exist_ok=True)
    tally: Counter[Verdict] = Counter()
    async for batch in _batches(letters):
        results = await asyncio.gather(
            *(_put(outgoing, folder, committer, ending, press) for outgoing in batch), return_exceptions=True
        )
        await asyncio.to_thread(_sync, folder)
        for outgoing, result in zip(batch, results, strict=True):
            if isinstance(result, Outcome):
                tally[result.verdict] += 1
                await committer.settle(outgoing, result)
        for result in results:
            if isinstance(result, BaseException):
                raise result
    return tally


def file_of(folder: Path, message_id: str, ending: str = ".eml") -> Path:
    """Where the letter with this Message-ID lies, or would: where it exists, a doubt is resolved."""
    if not MESSAGE_ID.fullmatch(message_id) or "/" in message_id:
        raise Refused(f"{message_id[:80]!r} is not a Message-ID.", field="message_id")
    return folder / f"{message_id.strip('<>')}{ending}"


async def _batches(letters: Letters) -> AsyncIterator[Sequence[Outgoing]]:
    async for claimed in _each(letters):
        for start in range(0, len(claimed), BATCH):
            yield claimed[start : start + BATCH]


async def _each(letters: Letters) -> AsyncIterator[Sequence[Outgoing]]:
    if isinstance(letters, AsyncIterator):
        async for claimed in letters:
            yield claimed
    else:
        yield list(letters)


async def _put(outgoing: Outgoing, folder: Path, committer: Committer, ending: str, press: Press) -> Outcome | None:
    """Write, mark, rename; None when the mark was not allowed."""
    place = file_of(folder, outgoing.message_id, ending)
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        await asyncio.to_thread(_write, draft, press(outgoing.message))
    except OSError as failure:
        draft.unlink(missing_ok=True)
        return Outcome(Verdict.RETRY, f"The outbox folder takes no file: {failure.strerror}")
    try:
        if not await committer.mark(outgoing):
            return None
        return _rename(draft, place)
    finally:
        draft.unlink(missing_ok=True)


def _rename(draft: Path, place: Path) -> Outcome:
    was_there = place.exists()
    try:
        draft.replace(place)  # over the very same bytes, where a doubt was put already
    except OSError as failure:
        return Outcome(Verdict.RETRY, f"The outbox folder takes no file: {failure.strerror}")
    failpoint.passed("dotted")
    return Outcome(Verdict.ACCEPTED, f"{place.name} was there already" if was_there else place.name)


def _write(draft: Path, message: bytes) -> None:
    with draft.open("wb") as file:
        file.write(message)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Make the new names durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
