"""Decides how a vendor's numbers come to look otherwise, and where they begin: after another program's, and never in a hole."""

from datetime import date, datetime
from uuid import UUID

from goodterms.interactions.actions import Deed, record
from goodterms.invoicing import numbers
from goodterms.invoicing.actions.series import ensure_series
from goodterms.invoicing.models import Invoice, Series
from goodterms.values.refusal import Refused

MANY = 999_999  # a count by which looks that will meet one day are told from those that never do


def number_documents(
    *, vendor_id: UUID, kind: str, pattern: str, today: date, by: str, now: datetime, begin: int | None = None
) -> Series:  # fmt: skip
    """How the numbers of the usual series of a kind look from now on. Until the first is given they may `begin` anywhere; not
    said, they begin after the last of that look that documents from elsewhere have."""
    numbers.check(pattern)
    for usual in numbers.PATTERNS:  # both, so that neither comes to a number of the other
        ensure_series(vendor_id=vendor_id, kind=usual, now=now)
    series = Series.objects.select_for_update().get(vendor_id=vendor_id, code=kind)
    _must_stand_apart(series, pattern, today)
    last = _last_known(series, pattern, today)
    goes_on = _goes_on(series, begin, last)
    if goes_on <= last:
        raise Refused(
            f"{numbers.render(pattern, last, today)} is on a document already, and these numbers would come to it."
            " Begin after it, or let them look otherwise.",
            code="number", field="next",
        )  # fmt: skip
    if (pattern, goes_on) != (series.pattern, series.next):
        series.pattern, series.next = pattern, goes_on
        series.save(update_fields=["pattern", "next"])
        said = {"kind": kind, "number": numbers.render(pattern, goes_on, today)}
        record(at=now, deed=Deed(vendor_id, "numbers.changed", by, subject_id=series.id, data=said))
    return series


def _goes_on(series: Series, begin: int | None, last: int) -> int:
    if begin is not None and begin < 1:
        raise Refused("The first number of a series is 1 or more.", code="number", field="next")
    if series.last_at is None:
        return begin or max(series.next, last + 1)
    if begin not in (None, series.next):
        raise Refused(
            f"Numbers have no hole: {series.next} is next, after those that were given. How they look may still change.",
            code="number", field="next",
        )  # fmt: skip
    return series.next


def _must_stand_apart(series: Series, pattern: str, today: date) -> None:
    """No two series may come to one number."""
    later = numbers.render(pattern, max(series.next, MANY), today)
    for other in Series.objects.filter(vendor_id=series.vendor_id).exclude(id=series.id):
        if numbers.read(other.pattern, later) is not None:
            documents = other.kind.replace("_", " ") + "s"
            raise Refused(
                f"There are {documents} that are numbered like this ({other.pattern}), and two documents would get one"
                " number. Let these look otherwise.",
                code="pattern", field="pattern",
            )  # fmt: skip


def _last_known(series: Series, pattern: str, today: date) -> int:
    """The highest count among numbers of other documents that this pattern makes in the year, or the month, of that day."""
    others = Invoice.objects.filter(vendor_id=series.vendor_id).exclude(number="").exclude(series=series)
    found = ((number, numbers.read(pattern, number)) for number in others.values_list("number", flat=True).iterator())
    return max((n for number, n in found if n and numbers.render(pattern, n, today) == number), default=0)
