"""Decides every way in which one letter can go: two workers, a crash at any point, any answer, over the real rules.

A breadth-first walk over all worlds. A world is one row of the database, two workers, the dots that travel without
their sender, what the server stored, whether the invoice was paid, and one backup that may be restored.
"""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from goodterms.delivery import rules
from goodterms.delivery.rules import Event, Fault, Phase, Reply, State, Verdict

MOST_TRIES = 2
MOST_CLAIMS = 3
YES, LATER, NO, SILENCE = Reply(250, "queued"), Reply(451, "later"), Reply(550, "no"), Fault("closed")


class Worker(NamedTuple):
    at: str = "idle"  # idle, streaming, marked, waiting (the dot is out), answered
    fence: int = 0
    verdict: Verdict | None = None


IDLE = Worker()


class World(NamedTuple):
    state: State = State.READY
    fence: int = 0
    tries: int = 0
    workers: tuple[Worker, Worker] = (IDLE, IDLE)
    stray_dots: int = 0  # sent by a worker that no longer waits for the answer
    stored: int = 0  # copies that the server took
    refused: bool = False  # the server said 5yz at least once
    paid: bool = False
    marked_when_paid: bool = False
    backup: tuple[State, int, int] | None = None
    restored: bool = False


def explore() -> tuple[int, set[State]]:
    """Visit every world that can be reached from one ready letter, and check each; the count, and the ends found."""
    seen, waiting, ends = {World()}, deque([World()]), set[State]()
    while waiting:
        world = waiting.popleft()
        onward = set(_works(world)) | set(_mends(world))
        check(world, is_end=not onward)
        if not onward:
            ends.add(world.state)
        fresh = (onward | set(_befalls(world))) - seen
        seen |= fresh
        waiting.extend(fresh)
    return len(seen), ends


def check(world: World, *, is_end: bool) -> None:
    """The promises: one copy at most (I21), no mark after the payment (I22), and no end that hides what happened."""
    assert world.stored <= 1, f"two copies: {world}"
    assert not world.marked_when_paid, f"marked after the payment: {world}"
    if world.stored:
        assert world.state in rules.COUNTS_AS_SENT, f"sent, and the row does not know: {world}"
    if not is_end:
        return
    honest = {
        State.ACCEPTED: world.stored == 1,
        State.RESOLVED_SENT: world.stored == 1,
        State.RESOLVED_NOT_SENT: world.stored == 0,
        State.REJECTED: world.stored == 0 and world.refused,
        State.EXPIRED: world.stored == 0 and (world.tries > MOST_TRIES or world.fence >= MOST_CLAIMS),
        State.CANCELLED: world.stored == 0 and world.paid,
        State.CLOSED_UNKNOWN: True,  # by way of a doubt on record
    }
    assert honest.get(world.state, False), f"a lost letter: {world}"


def _works(world: World) -> Iterator[World]:
    for place, worker in enumerate(world.workers):
        for after, then in _steps(world, worker):
            yield after._replace(workers=_put(world.workers, place, then))
        if worker.at != "idle":
            stray = worker.at == "waiting"
            yield world._replace(workers=_put(world.workers, place, IDLE), stray_dots=world.stray_dots + stray)


def _steps(world: World, worker: Worker) -> Iterator[tuple[World, Worker]]:
    """What a worker may do next, as (the world after it, the worker after it)."""
    match worker.at:
        case "idle":
            if world.state == State.READY and world.fence < MOST_CLAIMS:
                fence = world.fence + 1
                yield (
                    world._replace(state=rules.after(world.state, Event.CLAIMED), fence=fence),
                    Worker("streaming", fence),
                )
        case "streaming":
            yield from _stream(world, worker)
        case "marked":
            yield world, worker._replace(at="waiting")
            yield world, _answered(worker, Phase.BODY, SILENCE)  # seen to be cut before the dot was written
        case "waiting":
            yield from _served(world, worker)
        case _:
            assert worker.verdict is not None
            yield _settle(world, worker.fence, worker.verdict), IDLE


def _stream(world: World, worker: Worker) -> Iterator[tuple[World, Worker]]:
    for phase in (Phase.CONNECT, Phase.RCPT, Phase.BODY):
        for answer in (LATER, SILENCE):
            yield world, _answered(worker, phase, answer)
    yield world._replace(refused=True), _answered(worker, Phase.RCPT, NO)
    if not rules.may_mark(world.state, row_fence=world.fence, our_fence=worker.fence):
        yield world, IDLE  # closes the socket: without the dot the server forgets the letter
        return
    streaming = rules.after(world.state, Event.STREAMED) if world.state == State.CLAIMED else world.state
    yield world._replace(state=streaming), worker
    if is_due(world):
        marked = rules.after(streaming, Event.MARKED)
        yield world._replace(state=marked, marked_when_paid=world.paid), worker._replace(at="marked")
    else:
        yield world._replace(state=rules.after(streaming, Event.CANCELLED)), IDLE


def is_due(world: World) -> bool:
    """The question that is asked again in the transaction of the mark."""
    return not world.paid


def _served(world: World, worker: Worker) -> Iterator[tuple[World, Worker]]:
    """The server takes the dot, or we stop waiting for it."""
    stored = world._replace(stored=world.stored + 1)
    yield stored, _answered(worker, Phase.DOT, YES)
    yield stored, _answered(worker, Phase.DOT, SILENCE)
    yield world, _answered(worker, Phase.DOT, LATER)
    yield world._replace(refused=True), _answered(worker, Phase.DOT, NO)
    yield world, _answered(worker, Phase.DOT, SILENCE)
    yield world._replace(stray_dots=world.stray_dots + 1), _answered(worker, Phase.DOT, SILENCE)


def _settle(world: World, fence: int, verdict: Verdict) -> World:
    state = rules.settled(world.state, verdict, row_fence=world.fence, our_fence=fence)
    return world._replace(state=state, tries=world.tries + (state != world.state and verdict == Verdict.RETRY))


def _mends(world: World) -> Iterator[World]:
    """What the clock does, and what evidence shows; only these and the workers bring a letter to its end."""
    recovered = rules.recover(world.state, lease_over=True)
    if recovered != world.state:
        yield world._replace(state=recovered)
    if world.state == State.READY and (world.tries > MOST_TRIES or world.fence >= MOST_CLAIMS):
        yield world._replace(state=rules.after(world.state, Event.EXPIRED))
    if world.state == State.READY and world.paid:
        yield world._replace(state=rules.after(world.state, Event.CANCELLED))
    if world.state == State.AMBIGUOUS:
        yield world._replace(state=rules.after(world.state, Event.GIVEN_UP))
        if world.stored:
            yield world._replace(state=rules.after(world.state, Event.PROVED_SENT))
    if world.stray_dots:
        yield world._replace(stray_dots=world.stray_dots - 1)
        yield world._replace(stray_dots=world.stray_dots - 1, stored=world.stored + 1)


def _befalls(world: World) -> Iterator[World]:
    """What may happen at any moment and need never happen: a payment, a backup, its restoring."""
    yield world._replace(paid=True)
    if world.backup is None:
        yield world._replace(backup=(world.state, world.fence, world.tries))
    elif not world.restored:
        state, fence, tries = world.backup
        stray = world.stray_dots + sum(worker.at == "waiting" for worker in world.workers)
        yield world._replace(
            state=rules.TABLE[state].get(Event.RESTORED, state),
            fence=fence,
            tries=tries,
            workers=(IDLE, IDLE),
            stray_dots=stray,
            restored=True,
        )


def _answered(worker: Worker, phase: Phase, answer: Reply | Fault) -> Worker:
    return worker._replace(at="answered", verdict=rules.outcome_of(phase, answer).verdict)


def _put(workers: tuple[Worker, Worker], place: int, worker: Worker) -> tuple[Worker, Worker]:
    return (worker, workers[1]) if place == 0 else (workers[0], worker)
