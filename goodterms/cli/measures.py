"""`goodterms measures`: how well we treat each other, and how long our money takes; each figure with what it counts."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from goodterms.cli.viewer import a_count, a_date, amount, clock_of, on_behalf_of, say_json
from goodterms.values.days import day_in

if TYPE_CHECKING:
    from goodterms.parties.directory import Listed

USUAL_DAYS = 90
Row = tuple[str, str, str]  # what it is called, the figure, what it counts


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--vendor", metavar="SLUG")
    parser.add_argument("--as-of", type=a_date, metavar="DATE", help="the last day of the period (default: the vendor's today)")
    parser.add_argument("--days", type=a_count, default=USUAL_DAYS, metavar="N", help="of the period (default: %(default)s)")
    parser.add_argument(
        "--in",
        dest="currency",
        default="",
        metavar="CURRENCY",
        help="money of all currencies in this one, at the rates of the last day",
    )
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> None:
    with on_behalf_of(args.vendor) as vendor:
        now = clock_of(vendor)
        today = day_in(vendor.timezone, now)
        period = Period(vendor, args.as_of or today, args.days, today, now)
        answer = _measured(period) | (_in_one(period, args.currency.upper()) if args.currency else {})
    say_json(answer) if args.json else _say(vendor.name, answer)


class Period(NamedTuple):
    vendor: Listed
    as_of: date
    days: int
    today: date
    now: datetime

    @property
    def first_on(self) -> date:
        return self.as_of - timedelta(days=self.days - 1)


def _measured(period: Period) -> dict[str, Any]:
    from goodterms.relationship import measures
    from goodterms.relationship.measures.accuracy import accuracy
    from goodterms.relationship.measures.answers import answer_times
    from goodterms.relationship.measures.cash import unapplied_cash, written_off
    from goodterms.relationship.measures.collection import collection
    from goodterms.relationship.measures.prompt import time_to_issue
    from goodterms.relationship.measures.satisfaction import satisfaction
    from goodterms.relationship.measures.words_kept import promises_kept

    of: dict[str, Any] = {"vendor_id": period.vendor.id, "first_on": period.first_on, "last_on": period.as_of}
    money = collection(vendor_id=period.vendor.id, as_of=period.as_of, today=period.today, days=period.days)
    answers = answer_times(**of, now=period.now)
    return {
        "as_of": period.as_of.isoformat(),
        "first_on": period.first_on.isoformat(),
        "vendor": period.vendor.slug,
        "collection": [_plain(one) for one in money],
        "answers": _without_of(answers),
        "accuracy": _plain(accuracy(**of)),
        "time_to_issue": _plain(time_to_issue(**of)),
        "satisfaction": _plain(satisfaction(**of)),
        "promises": _plain(promises_kept(**of)),
        "unapplied": [_plain(one) for one in unapplied_cash(vendor_id=period.vendor.id)],
        "written_off": [{"currency": currency, "minor": minor} for currency, minor in written_off(**of).items()],
        "definitions": measures.DEFINITIONS,
    }


def _in_one(period: Period, currency: str) -> dict[str, Any]:
    from goodterms.relationship.measures.collection import collection_in

    of: dict[str, Any] = {"vendor_id": period.vendor.id, "as_of": period.as_of, "today": period.today, "days": period.days}
    figures, one = collection_in(currency=currency, **of)
    return {"collection": [_plain(figures)], "rates": one.as_json()}


def _without_of(answers: Sequence[Any]) -> dict[str, Any]:
    """All answers of the period, which is one row or none."""
    if not answers:
        return {"asked": 0, "answered": 0, "median_minutes": None, "within_word": None}
    return {name: value for name, value in _plain(answers[0]).items() if name != "of"}


def _plain(row: Any) -> dict[str, Any]:
    """A figure is a string with two places, as in the API; amounts and counts are whole numbers."""
    return {name: f"{value:.2f}" if isinstance(value, Decimal) else value for name, value in row._asdict().items()}


def _say(name: str, answer: dict[str, Any]) -> None:
    print(f"{name}: {answer['first_on']} to {answer['as_of']}")
    for one in answer["collection"]:
        print(f"\n{one['currency']}")
        _print(_of_money(one))
    for one in answer.get("rates", ()):
        print(f"  at {one['rate']} for 1 {one['currency']} ({one['source']}, {one['on']})")
    print("\nTreatment")
    _print([*_of_treatment(answer), *_of_cash(answer)])


def _print(rows: Iterator[Row] | Sequence[Row]) -> None:
    for what, figure, counts in rows:
        print(f"  {what:<24} {figure:>16}   {counts}")


def _of_money(one: dict[str, Any]) -> Iterator[Row]:
    def days(figure: str | None) -> str:
        return "-" if figure is None else f"{float(figure):.1f} days"

    yield "owed", amount(one["owed_minor"], one["currency"]), "open at the end of the last day"
    yield "billed", amount(one["billed_minor"], one["currency"]), "issued in the period, less credit notes"
    yield "days sales outstanding", days(one["dso"]), "owed, over billed, times the days of the period"
    yield "best possible DSO", days(one["best_possible_dso"]), "the same of what is not yet due"
    yield "average days delinquent", days(one["average_days_delinquent"]), "the difference of the two"
    yield "DSO by countback", days(one["countback_dso"]), "how many days of billing, counted backwards, what is owed stands for"
    effective = _percent(one["collection_effectiveness"])
    yield "collection effectiveness", effective, "of what could be collected in the period, what was"


def _of_treatment(answer: dict[str, Any]) -> Iterator[Row]:
    times, right, kept = answer["answers"], answer["accuracy"], answer["promises"]
    said = answer["satisfaction"]
    answered = said["good"] + said["mixed"] + said["poor"]
    typical, within = _hours(times["median_minutes"]), _percent(times["within_word"])
    yield "answer time", typical, f"business hours to a first answer: the median of {times['answered']:,}"
    yield "within our word", within, f"of {times['asked']:,} asked, answered in the hours that we promise"
    yield (
        "right first time",
        _percent(right["share"]),
        f"of {right['issued']:,} invoices, no question about content, no dispute",
    )
    steps = answer["time_to_issue"]
    days = "-" if steps["whole"] is None else f"{steps['whole']} days"
    yield "time to issue", days, f"from the work's last day to issued: the median of {steps['invoices']:,}"
    yield "content", _percent(said["share"]), f"of {answered:,} answers ({said['asked']:,} asked), those that said good"
    judged = kept["kept"] + kept["part"] + kept["broken"]
    yield "promises kept", _percent(kept["share"]), f"of {judged:,} promises whose day is over; {kept['running']:,} still run"


def _of_cash(answer: dict[str, Any]) -> Iterator[Row]:
    for one in answer["unapplied"]:
        counts = f"{one['payments']:,} payments that settle nothing yet, the oldest of {one['oldest_on']}"
        yield "unapplied", amount(one["minor"], one["currency"]), counts
    for one in answer["written_off"]:
        yield "written off", amount(one["minor"], one["currency"]), "given up in the period, less what came in after all"
    if not answer["unapplied"]:
        yield "unapplied", "nothing", "money received that settles no invoice yet"


def _percent(figure: str | None) -> str:
    return "-" if figure is None else f"{float(figure):.1f} %"


def _hours(minutes: int | None) -> str:
    return "-" if minutes is None else f"{minutes // 60} h {minutes % 60:02} min"
