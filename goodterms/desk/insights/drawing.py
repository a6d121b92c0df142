"""Decides where the marks of each chart stand. Plain geometry in the units of the drawing; what it means is said in words."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from goodterms.desk.insights.reading import MARKS, Mark
from goodterms.relationship.measures.accuracy import Week
from goodterms.relationship.measures.aging import Owed
from goodterms.relationship.measures.answers import AnswerTime
from goodterms.relationship.measures.months import MonthEnd
from goodterms.relationship.measures.words_kept import Word

WIDTH = 612.0


class Bar(NamedTuple):
    """A rectangle with its class, and words at its top where there is room for them."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    words: str = ""
    at: float = 0.0  # where its words begin


class Tick(NamedTuple):
    x: float
    y: float
    words: str
    anchor: str = "middle"


class Ages(NamedTuple):
    bars: list[Bar]
    due_x: float | None  # where the due day stands; None: bars are buckets
    ticks: list[Tick]
    grid: list[tuple[float, int]]  # y, and the amount there in minor units


class Ridge(NamedTuple):
    """One month of answers: dots, or the area of many, its median, and its two figures."""

    month: date
    y: float
    dots: list[tuple[float, float, bool]]  # x, y, and whether it was later than our word
    soon: str  # path of the area within our word, empty where dots are drawn
    late: str
    median_x: float | None
    row: AnswerTime


class Line(NamedTuple):
    points: str
    best: str
    gap: str
    end: tuple[float, float]
    days: Decimal | None
    best_y: float  # of the words beside the lower line, clear of those beside the upper one
    best_days: Decimal | None
    grid: list[tuple[float, int]]
    ticks: list[Tick]


class Spot(NamedTuple):
    """One promise: its day, how it ended, and where it was paid instead."""

    x: float
    kind: str
    paid_x: float | None
    late_days: int
    words: str


COLOURS = {"current": "a0", "1_30": "a1", "31_60": "a2", "61_90": "bad", "over_90": "bad"}
FLOOR, TOP = 166.0, 24.0  # of ages
NAMES = {"current": "not yet due", "1_30": "1 to 30", "31_60": "31 to 60", "61_90": "61 to 90", "over_90": "over 90"}


def kind_of(late_days: int) -> str:
    """The colour of an age, the same in bars and marks."""
    if late_days <= 0:
        return "a0"
    return "a1" if late_days <= 30 else "a2" if late_days <= 60 else "bad"


def ages(marks: Sequence[Mark] | None, aged: Sequence[Owed]) -> Ages:
    """Each open invoice at its days before and after its due day, or the buckets where there are too many."""
    return _each(marks) if marks else _buckets(aged)


def _each(marks: Sequence[Mark]) -> Ages:
    """Days beyond 60 on either side are drawn at the edge, where the tick says so."""
    left, right = (max(-60, min(-20, *(one.late_days for one in marks))), min(60, max(30, *(one.late_days for one in marks))))
    scale = 510.0 / (right - left)
    most = max(one.minor for one in marks)

    def at(days: int) -> float:
        return round(66 + (min(max(days, left), right) - left) * scale, 1)

    bars, free = [], dict.fromkeys(range(3), 0.0)
    for one in sorted(marks, key=lambda mark: mark.late_days):
        height = round((FLOOR - TOP - 24) * one.minor / most, 1)
        x, y = at(one.late_days) - 6, round(FLOOR - height, 1)
        row = min(int((FLOOR - y) // 50), 2)
        words = one.customer.split()[0] if free[row] <= x - 4 and len(marks) <= 24 else ""
        if words:
            free[row] = x + 8 + 7.2 * len(words)
        bars.append(Bar(round(x, 1), y, 12, height, kind_of(one.late_days), words, round(x, 1)))
    ticks = [Tick(at(left), 192, _days(left)), Tick(at(0), 192, "due today")]
    ticks += [Tick(at(days), 192, _days(days)) for days in ((15, 30) if right <= 45 else (30, 60)) if days <= right]
    return Ages(bars, at(0), ticks, _levels(most, FLOOR, FLOOR - TOP - 24))


def _days(days: int) -> str:
    return f"{-days} days to go" if days < 0 else f"{days} days late"


def _buckets(aged: Sequence[Owed]) -> Ages:
    sums = {row.bucket: row.minor for row in aged if row.bucket}
    most = max(sums.values(), default=1) or 1
    step = 530.0 / len(NAMES)
    bars, ticks = [], []
    for n, (name, words) in enumerate(NAMES.items()):
        height = round((FLOOR - TOP - 24) * sums.get(name, 0) / most, 1)
        x = round(56 + n * step, 1)
        bars.append(Bar(x, round(FLOOR - height, 1), 64, height, COLOURS[name]))
        ticks.append(Tick(x + 32, 192, words))
    return Ages(bars, None, ticks, _levels(most, FLOOR, FLOOR - TOP - 24))


def _levels(most: int, floor: float, height: float) -> list[tuple[float, int]]:
    """Two lines at round amounts below `most`."""
    unit = 10 ** max(len(str(most)) - 1, 0)
    first = next(
        unit * part for part in (Decimal("2.5"), Decimal(1), Decimal("0.5"), Decimal("0.2")) if unit * part * 2 <= most
    )
    return [(round(floor - height * float(first) * n / most, 1), int(first * n)) for n in (1, 2)]


ANSWER_LEFT, ANSWER_WIDE, ANSWER_HOURS, ANSWER_STEP = 84.0, 392.0, 12, 34.0


def ridges(minutes: dict[str, list[int]], rows: Sequence[AnswerTime], word_hours: int) -> list[Ridge]:
    """A line of answers for each month, the newest last; half an hour is one place, later than 12 hours the last."""
    found = []
    for n, row in enumerate(rows):
        y = 50 + (n + 1) * ANSWER_STEP
        said = minutes.get(row.of, [])
        soon, late = ("", "") if len(said) <= MARKS else _areas(said, y, word_hours)
        median_x = None if row.median_minutes is None else answer_x(row.median_minutes)
        found.append(Ridge(date.fromisoformat(f"{row.of}-01"), y, _dots(said, y, word_hours), soon, late, median_x, row))
    return found


def answer_x(minutes: float) -> float:
    return round(ANSWER_LEFT + ANSWER_WIDE * min(minutes / 60, ANSWER_HOURS) / ANSWER_HOURS, 1)


def _dots(said: Sequence[int], y: float, word_hours: int) -> list[tuple[float, float, bool]]:
    if len(said) > MARKS:
        return []
    stacks: dict[int, int] = {}
    dots = []
    lift = min(5.0, 28.0 / max(_highest(said), 1))
    for minute in said:
        place = min(minute // 30, ANSWER_HOURS * 2 - 1)
        stacks[place] = stacks.get(place, 0) + 1
        dots.append((answer_x(place * 30 + 15), round(y - 4 - lift * (stacks[place] - 1), 1), minute > word_hours * 60))
    return dots


def _highest(said: Sequence[int]) -> int:
    places = [min(minute // 30, ANSWER_HOURS * 2 - 1) for minute in said]
    return max((places.count(place) for place in set(places)), default=0)


def _areas(said: Sequence[int], y: float, word_hours: int) -> tuple[str, str]:
    """Steps of half an hour, as high as they are full, split where our word ends."""
    counts = [0] * (ANSWER_HOURS * 2)
    for minute in said:
        counts[min(minute // 30, len(counts) - 1)] += 1
    most, edge = max(counts), min(word_hours * 2, len(counts))

    def steps(places: Iterable[int]) -> str:
        path = [
            f"H{answer_x((place + 1) * 30)}" if part else f"L{answer_x(place * 30)},{round(y - 30 * counts[place] / most, 1)}"
            for place in places
            for part in (0, 1)
        ]
        return " ".join(path)

    first = f"M{answer_x(0)},{y} {steps(range(edge))} V{y} Z"
    rest = f"M{answer_x(edge * 30)},{y} {steps(range(edge, len(counts)))} V{y} Z" if edge < len(counts) else ""
    return first, rest


def dso_line(months: Sequence[MonthEnd]) -> Line | None:
    """Days sales outstanding and the best our terms allow, over the months that have both."""
    known = [month for month in months if month.dso is not None and month.best_possible_dso is not None]
    if len(known) < 2:
        return None
    tops = [float(month.dso or 0) for month in known]
    bests = [float(month.best_possible_dso or 0) for month in known]
    most = max(*tops, 10.0)
    step = 452.0 / (len(known) - 1)

    def at(n: int, value: float) -> str:
        return f"{round(44 + n * step, 1)},{round(174 - 150 * value / most, 1)}"

    upper, lower = ([at(n, value) for n, value in enumerate(values)] for values in (tops, bests))
    grid = [(round(174 - 150 * level / most, 1), level) for level in range(0, int(most) + 1, _step_of(most))]
    ticks = [Tick(round(44 + n * step, 1), 206, f"{month.on:%b}"[:1]) for n, month in enumerate(known)]
    right = round(44 + (len(known) - 1) * step, 1)
    end, best = (round(174 - 150 * values[-1] / most, 1) for values in (tops, bests))
    gap = f"M{' '.join(upper)} L{' '.join(reversed(lower))}Z"
    last, best_y = known[-1], max(best + 4, end + 20)
    days, best_days = last.dso, last.best_possible_dso
    return Line(" ".join(upper), " ".join(lower), gap, (right, end), days, best_y, best_days, grid, ticks)


def _step_of(most: float) -> int:
    return next(step for step in (5, 10, 20, 50, 100, 200, 500, 10**6) if most / step <= 5)


def weekly(weeks: Sequence[Week]) -> list[Bar]:
    """For each week a column: a block for each invoice, or bars in proportion where there are too many."""
    issued = sum(week.issued for week in weeks)
    step = min(43.5, 556.0 / max(len(weeks), 1))
    wide = round(step * 0.64, 1)
    tallest = max((week.issued for week in weeks), default=1) or 1
    height = min(21.0, 130.0 / tallest)
    bars: list[Bar] = []
    for n, week in enumerate(weeks):
        x = round(30 + n * step, 1)
        parts = [("okk", week.right), ("bad", len(week.causes))]
        if issued > MARKS or height < 4:
            bars += _column(x, wide, parts, height)
        else:
            kinds = [kind for kind, count in parts for _ in range(count)]
            bars += [Bar(x, round(174 - height * (i + 1), 1), wide, round(height * 0.76, 1), k) for i, k in enumerate(kinds)]
    return bars


def _column(x: float, wide: float, parts: Sequence[tuple[str, int]], height: float) -> Iterable[Bar]:
    floor = 174.0
    for kind, count in parts:
        if count:
            floor = round(floor - height * count, 1)
            yield Bar(x, floor, wide, round(height * count, 1), kind)


def spots(words: Sequence[Word], first_on: date, today: date, last_on: date) -> list[Spot]:
    """Promises along the days of the period; what was paid late is joined to the day on which it was paid."""

    def at(on: date) -> float:
        return round(20 + 572 * min(max((on - first_on).days, 0) / max((last_on - first_on).days, 1), 1), 1)

    found = []
    for word in words:
        late = (word.paid_on - word.promised_on).days if word.paid_on else 0
        kind = {"kept": "kept", "part": "broken", "broken": "broken"}.get(word.outcome, "runs")
        if kind == "broken" and word.paid_on and word.paid_on <= today:
            kind = "later"
        found.append(
            Spot(
                at(word.promised_on), kind, at(word.paid_on) if kind == "later" and word.paid_on else None, late, word.customer
            )
        )
    return found


def day_x(on: date, first_on: date, last_on: date) -> float:
    return round(20 + 572 * (on - first_on).days / max((last_on - first_on).days, 1), 1)


def rows_of_dots(count: int, left: float, most: int) -> list[tuple[float, float]]:
    """Up to `most` dots in columns of three; none where there are more."""
    return [(left + 27 * (n // 3), 30.0 + 27 * (n % 3)) for n in range(count)] if count <= most else []


def sparkline(values: Sequence[Decimal | int | None]) -> tuple[str, float, float] | None:
    """Twelve months in a table row, with the place of the last."""
    known = [float(value) for value in values if value is not None]
    if len(known) < 2:
        return None
    low, high = min(known), max(known)
    step = 132.0 / (len(known) - 1)

    def y(value: float) -> float:
        return round(22 - 16 * (value - low) / (high - low), 1) if high > low else 14.0

    points = " ".join(f"{round(4 + n * step, 1)},{y(value)}" for n, value in enumerate(known))
    return points, 136.0, y(known[-1])
