"""Decides how a schedule begins, changes its price, rests and ends; what was billed already stays as it was."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max, Q

from goodterms.billing.gathering import Plan, last_billed, plans
from goodterms.billing.models import Billed, Pause, Schedule, ScheduleLine
from goodterms.billing.rules import checked
from goodterms.database.arrays import arrays
from goodterms.interactions.actions import Deed, record
from goodterms.invoicing.life import Role
from goodterms.invoicing.line import Line
from goodterms.parties.models import Customer
from goodterms.values.keys import new_key, new_keys
from goodterms.values.refusal import Refused

_MAY: tuple[Role, ...] = ("owner", "bookkeeper")


@transaction.atomic
def start_schedule(
    *,
    vendor_id: UUID,
    customer_id: UUID,
    work: str,
    rule: str,
    starts_on: date,
    lines: Sequence[Line],
    by: str,
    role: Role,
    now: datetime,
    ends_on: date | None = None,
    in_advance: bool = True,
    prorated: bool = True,
    automatic: bool = False,
    project: str = "",
    order_number: str = "",
    currency: str = "",
    key: UUID | None = None,
) -> Schedule:
    """What is billed again and again, from `starts_on` on. `key`: of the one to be, so that a form sent twice makes one."""
    _must_keep_books(role)
    if key is not None and (there := Schedule.objects.filter(id=key, vendor_id=vendor_id).first()):
        return there
    customer = Customer.objects.filter(id=customer_id, vendor_id=vendor_id).first()
    if customer is None:
        raise Refused("There is no customer like that here.", code="customer", field="customer")
    _must_say(work, lines, starts_on, ends_on)
    schedule = Schedule.objects.create(
        id=key or new_key(now), vendor_id=vendor_id, customer=customer, work=work.strip(), project=project,
        order_number=order_number, currency=currency or customer.currency, rule=checked(rule), starts_on=starts_on,
        ends_on=ends_on, in_advance=in_advance, prorated=prorated, automatic=automatic, created_at=now, created_by=by,
    )  # fmt: skip
    for position, (line_key, line) in enumerate(zip(new_keys(now, len(lines)), lines, strict=True), 1):
        _agree(line_key, schedule, position, starts_on, line, by, now)
    look_ahead(plans([schedule]))
    _record(schedule, "schedule.started", by, now, rule=schedule.rule, from_on=starts_on.isoformat())
    return schedule


@transaction.atomic
def change_line(
    *, schedule_id: UUID, position: int, from_on: date, line: Line | None, by: str, role: Role, now: datetime
) -> ScheduleLine:
    """Another price, quantity or text from a day on; `line` None: from then on it is not billed. A new position is a new line.
    What was agreed for that very day before is replaced: it was a slip, or plans changed; the log has both.

    Refused for days that were billed already, since what was billed is corrected by a credit note.
    """
    schedule = _locked(schedule_id, role)
    until = last_billed([schedule.id]).get(schedule.id)
    if until is not None and from_on <= until:
        raise Refused(
            f"The days until {until.isoformat()} are billed already. Choose a later day, or write a credit note.",
            code="billed", field="from_on",
        )  # fmt: skip
    agreed = _agree(new_key(now), schedule, position, from_on, line, by, now)
    price = None if line is None else str(line.unit_price)
    _record(schedule, "schedule.price_changed", by, now, from_on=from_on.isoformat(), unit_price=price, position=position)
    return agreed


@transaction.atomic
def pause(
    *, schedule_id: UUID, from_on: date, reason: str, by: str, role: Role, now: datetime, until_on: date | None = None
) -> Pause:
    """Bill nothing for these days, both included; without `until_on` until somebody takes it up again."""
    schedule = _locked(schedule_id, role)
    if not reason.strip():
        raise Refused("Say why it pauses: it stands on the schedule.", code="pause", field="reason")
    if until_on is not None and until_on < from_on:
        raise Refused("A pause ends on its first day or later.", code="pause", field="until_on")
    _must_not_be_billed(schedule, from_on, "Pause it from a later day", "from_on")
    paused = Pause.objects.create(
        id=new_key(now), vendor_id=schedule.vendor_id, schedule=schedule, from_on=from_on, until_on=until_on,
        reason=reason.strip(), created_at=now, created_by=by,
    )  # fmt: skip
    last = until_on.isoformat() if until_on else None
    _record(schedule, "schedule.paused", by, now, from_on=from_on.isoformat(), until_on=last, reason=reason.strip())
    return paused


@transaction.atomic
def resume(*, schedule_id: UUID, last_on: date, by: str, role: Role, now: datetime) -> int:
    """End what pauses, early or at all: `last_on` is the last day that is not billed; a pause that would begin on the day after
    it is taken back whole. How many pauses that were. Periods that were passed over meanwhile are billed for what is left of
    them."""
    schedule = _locked(schedule_id, role)
    pauses = Pause.objects.standing().filter(Q(until_on=None) | Q(until_on__gt=last_on), schedule=schedule)
    meant = pauses.filter(from_on__lte=last_on + timedelta(days=1))
    if not meant.exists():
        if pauses.exists():
            raise Refused("The pause begins after that day. Choose a later one.", code="pause", field="last_on")
        raise Refused("This schedule does not pause, so there is nothing to take up again.", code="pause")
    _must_not_be_billed(schedule, last_on + timedelta(days=1), "Choose a later day", "last_on")
    ended = meant.update(until_on=last_on)
    passed = Billed.objects.standing().filter(schedule=schedule, invoice=None, until_on__gt=last_on)
    passed.update(reopened_at=now)
    look_ahead(plans([schedule]))
    _record(schedule, "schedule.resumed", by, now, until_on=last_on.isoformat())
    return ended


@transaction.atomic
def end_schedule(*, schedule_id: UUID, ends_on: date, reason: str, by: str, role: Role, now: datetime) -> Schedule:
    """Bill until `ends_on` and not after; a broken last period costs its share where the schedule is prorated."""
    schedule = _locked(schedule_id, role)
    until = last_billed([schedule.id]).get(schedule.id)
    if until is not None and ends_on < until:
        raise Refused(
            f"It is billed until {until.isoformat()} already. End it then, and write a credit note for the rest.",
            code="billed", field="ends_on",
        )  # fmt: skip
    schedule.ends_on = ends_on
    schedule.save(update_fields=["ends_on"])
    look_ahead(plans([schedule]))
    _record(schedule, "schedule.ended", by, now, ends_on=ends_on.isoformat(), reason=reason)
    return schedule


def look_ahead(planned: Sequence[Plan]) -> None:
    """When each of them is looked at again: on the day its next unbilled period falls due."""
    for plan in planned:
        period = plan.next_period()
        plan.schedule.next_on = None if period is None else plan.due_on(period)
    with connection.cursor() as cursor:
        cursor.execute(_LOOK_AHEAD, arrays((plan.schedule.id, plan.schedule.next_on) for plan in planned))


_LOOK_AHEAD = """
update billing_schedule s set next_on = n.next_on from unnest(%s::uuid[], %s::date[]) as n (id, next_on) where s.id = n.id
"""


def _must_say(work: str, lines: Sequence[Line], starts_on: date, ends_on: date | None) -> None:
    """Refuses no lines, no name for the work, and an end before the beginning; the rule is refused by `checked`."""
    if not work.strip() or not lines:
        raise Refused("Say what is billed: a name for the work, and at least one line.", code="schedule", field="work")
    if ends_on is not None and ends_on < starts_on:
        raise Refused("A schedule ends on its first day or later.", code="schedule", field="ends_on")


def _agree(
    key: UUID, schedule: Schedule, position: int, from_on: date, line: Line | None, by: str, now: datetime
) -> ScheduleLine:
    given: dict[str, Any] = {"description": "", "quantity": 0, "unit_price": 0, "unit": "", "discount_percent": 0}
    if line is not None:
        if line.discount_amount:
            raise Refused("Give the discount of a line that comes again in per cent.", code="line", field="discount")
        given = {
            "description": line.description, "quantity": line.quantity, "unit": line.unit, "unit_price": line.unit_price,
            "discount_percent": line.discount_percent, "includes_tax": line.includes_tax, "tax_category": line.tax.category,
            "tax_percent": line.tax.rate, "tax_reason": line.tax.reason,
        }  # fmt: skip
    agreed, _ = ScheduleLine.objects.update_or_create(
        schedule=schedule, position=position, from_on=from_on,
        defaults={"created_at": now, "created_by": by, **given},
        create_defaults={"id": key, "vendor_id": schedule.vendor_id, "created_at": now, "created_by": by, **given},
    )  # fmt: skip
    return agreed


def _must_not_be_billed(schedule: Schedule, from_on: date, instead: str, field: str) -> None:
    """Days for which an invoice was written; those that were passed over while it paused are none."""
    until = Billed.objects.standing().filter(schedule=schedule, invoice__isnull=False).aggregate(last=Max("until_on"))["last"]
    if until is not None and from_on <= until:
        raise Refused(
            f"The days until {until.isoformat()} are billed already. {instead}, and write a credit note for what is too much.",
            code="billed", field=field,
        )  # fmt: skip


def _locked(schedule_id: UUID, role: Role) -> Schedule:
    _must_keep_books(role)
    schedule = Schedule.objects.select_for_update(of=("self",)).select_related("customer").filter(id=schedule_id).first()
    if schedule is None:
        raise Refused("There is no schedule like that here.", code="schedule")
    return schedule


def _must_keep_books(role: Role) -> None:
    if role not in _MAY:
        raise Refused("What is billed again and again is set by the owner or a bookkeeper. Ask one of them.", code="role")


def _record(schedule: Schedule, kind: str, by: str, now: datetime, **data: Any) -> None:
    said = {"work": schedule.work, **data}
    record(at=now, deed=Deed(schedule.vendor_id, kind, by, schedule.customer_id, subject_id=schedule.id, data=said))
