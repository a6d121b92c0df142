"""Decides what the page of figures shows and what its CSV holds: each figure with its question, its definition, its table."""

import csv
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path

from goodterms.desk.door import Visit, at_desk, shown
from goodterms.desk.insights import drawing, saying
from goodterms.desk.insights.reading import MARKS, PERIODS, RUNNING, Book, asked_for, read
from goodterms.relationship.measures import DEFINITIONS
from goodterms.relationship.measures.issued import issued_by_day
from goodterms.stationery.templatetags.stationery import plain_amount
from goodterms.values.money import Money


class Measure(NamedTuple):
    """A row of the table for the books."""

    name: str
    what: str
    spark: tuple[str, float, float] | None
    then: str
    now: str
    money: Money | None = None


@at_desk()
def insights(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """How we get paid, and how we stay on good terms."""
    book = _book(request, visit)
    last = visit.today + RUNNING
    charts = {
        "ages": drawing.ages(book.marks, book.aged) if book.aged else None,
        "ridges": drawing.ridges(book.minutes, book.answers, visit.vendor.answer_hours),
        "word_x": drawing.answer_x(visit.vendor.answer_hours * 60),
        "line": drawing.dso_line(book.months),
        "bars": drawing.weekly(book.weeks),
        "spots": drawing.spots(book.words, book.period.first_on, visit.today, last) if len(book.words) <= MARKS else [],
        "today_x": drawing.day_x(visit.today, book.period.first_on, last),
        "content": _content(book),
    }
    said = {
        "old": saying.how_old(book.aged, book.marks),
        "soon": saying.how_soon(book.answers, visit.vendor.answer_hours),
        "long": saying.how_long(book),
        "right": saying.how_right(book),
        "kept": saying.how_kept(book),
        "content": saying.how_content(book),
    }
    tables = {"ages": [(drawing.NAMES[row.bucket], row) for row in book.aged if row.bucket], "measures": list(_measures(book))}
    more: dict[str, Any] = {
        "book": book,
        "charts": charts,
        "said": said,
        "tables": tables,
        "definitions": DEFINITIONS,
        "periods": PERIODS,
    }
    return shown(request, visit, "desk/insights/page.html", "insights", **more)


@at_desk()
def figures_csv(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """Every figure of the page in three columns: which one, of when or what, and how much."""
    book = _book(request, visit)
    name = f"insights-{visit.vendor.slug}-{book.period.currency}-{visit.today.isoformat()}.csv"
    answer = HttpResponse(
        content_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
    writer = csv.writer(answer)
    writer.writerow(["figure", "of", "value", "unit"])
    writer.writerows(_rows(book))
    return answer


def _book(request: HttpRequest, visit: Visit) -> Book:
    issued = issued_by_day(vendor_id=visit.vendor.id)
    period, currencies = asked_for(visit.vendor, visit.today, request.GET, issued)
    return read(visit.vendor, period, currencies, issued, visit.now)


def _content(book: Book) -> dict[str, Any]:
    """Dots up to so many, then numbers alone."""
    content = book.content
    silent = content.asked - content.good - content.mixed - content.poor
    few = MARKS if content.asked <= 44 else 0
    lefts = _lefts(content.good, content.mixed, content.poor)
    counts = (content.good, content.mixed, content.poor, silent)
    dots = [drawing.rows_of_dots(number, left, few) for number, left in zip(counts, lefts, strict=True)]
    names = ("good", "mixed", "poor", "silent")
    return {name: {"dots": dots[n], "count": counts[n], "x": lefts[n] - 8} for n, name in enumerate(names)}


def _lefts(*counts: int) -> list[float]:
    """Where each group begins: beside the one before it, with room for its words."""
    lefts = [26.0]
    for count in counts:
        lefts.append(lefts[-1] + max(27.0 * -(-count // 3), 54) + 40)
    return lefts


def _measures(book: Book) -> Iterator[Measure]:
    months = book.months
    now, ago = months[-1], months[-4]
    currency = book.period.currency
    for name, what, column, unit in _MONTHLY:
        values = [getattr(month, column) for month in months]
        then, today = (saying.figure(getattr(month, column), unit) for month in (ago, now))
        yield Measure(name, what, drawing.sparkline(values), then, today)
    waiting = sum(row.minor for row in book.unapplied)
    payments = sum(row.payments for row in book.unapplied)
    oldest = min((row.oldest_on for row in book.unapplied), default=None)
    since = f"; the oldest of {oldest:%-d %B}" if oldest else ""
    yield Measure("Unapplied cash", f"{payments} payments without an invoice{since}", None, "", "", Money(waiting, currency))
    yield Measure("Written off", f"in these {book.period.days} days", None, "", "", Money(book.given_up, currency))
    yield from _of_exchange(book)
    reminders = saying.figure(book.reminders)
    days = "" if book.prompt.whole is None else f"{book.prompt.whole} day{'s' * (book.prompt.whole != 1)}"
    yield Measure("Time to issue", saying.how_prompt(book), None, "", days)
    yield Measure("Reminders for each paid invoice", "after the due day; heads-ups not counted", None, "", reminders)


def _of_exchange(book: Book) -> Iterator[Measure]:
    """All currencies in the vendor's own, and what their rates brought on settlement."""
    if book.all_open:
        total, one = book.all_open
        rates = ", ".join(f"{rate.value:f} for {code}" for code, rate in one.rates.items())
        yield Measure("Open in all currencies", f"at today's rates: {rates}", None, "", "", total)
    if (told := book.exchanged) and (told.gains or told.losses or told.waiting):
        waits = f"; {told.waiting} wait for a rate" if told.waiting else ""
        what = f"on settlement, {plain_amount(told.gains)} gained and {plain_amount(told.losses)} lost{waits}"
        yield Measure("Exchange differences", what, None, "", "", told.net)


_MONTHLY = (
    ("Days sales outstanding", "what is owed over what was billed in 90 days, times 90", "dso", ""),
    ("Best possible DSO", "the same of what is not yet due", "best_possible_dso", ""),
    ("Average days delinquent", "days sales outstanding less the best our terms allow", "average_days_delinquent", ""),
    (
        "Collection effectiveness",
        "of what could be collected in 90 days, the share that was",
        "collection_effectiveness",
        "%",
    ),
)


def _rows(book: Book) -> Iterator[tuple[Any, ...]]:
    currency = book.period.currency
    for row in book.aged:
        yield "open", row.bucket or "all", Money(row.minor, currency).major, currency
    for month in book.months:
        yield "owed", month.on, Money(month.owed_minor, currency).major, currency
        for _, _, column, unit in _MONTHLY:
            yield column, month.on, saying.figure(getattr(month, column), "", "0.01"), unit or "days"
    for answer in book.answers:
        yield "typical answer", answer.of, answer.median_minutes, "business minutes"
        yield "answers within our word", answer.of, saying.figure(answer.within_word, "", "0.01"), "%"
    for week in book.weeks:
        yield "invoices issued", week.begin_on, week.issued, "invoices"
        yield "invoices right first time", week.begin_on, week.right, "invoices"
    for name in ("kept", "part", "broken", "running"):
        yield "promises", name, getattr(book.kept, name), "promises"
    for name in ("asked", "good", "mixed", "poor"):
        yield "content", name, getattr(book.content, name), "answers"
    yield "unapplied cash", "now", Money(sum(row.minor for row in book.unapplied), currency).major, currency
    yield "written off", f"{book.period.days} days", Money(book.given_up, currency).major, currency
    yield from _rows_of_exchange(book)
    for step, figure in book.prompt._asdict().items():
        yield "time to issue", step, figure, "invoices" if step == "invoices" else "days"
    yield "reminders for each paid invoice", f"{book.period.days} days", saying.figure(book.reminders, "", "0.01"), ""


def _rows_of_exchange(book: Book) -> Iterator[tuple[Any, ...]]:
    if book.all_open:
        yield "open in all currencies", "now", book.all_open[0].major, book.period.currency
    if book.exchanged:
        for word, money in (("gained", book.exchanged.gains), ("lost", book.exchanged.losses)):
            yield "exchange differences", word, money.major, book.period.currency


urls: list[URLPattern] = [
    path("insights/", insights, name="insights"),
    path("insights.csv", figures_csv, name="insights-csv"),
]
