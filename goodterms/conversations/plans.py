"""Decides what is known of plans: their parts, the invoices they are over, and what of them is paid, by what is open now."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.conversations.models import Plan, PlanPart
from goodterms.conversations.rules import Part, PlanRule, Progress, next_part, progress, rests_until, spread, standing_of_plan
from goodterms.conversations.rules.plans import Facts, Standing
from goodterms.parties.models import Vendor
from goodterms.values.money import Money
from goodterms.values.refusal import Refused


class Share(NamedTuple):
    """An invoice of a plan as it stands now; `paid_minor` was settled since the plan was drawn up, `to_pay_minor` is still to
    come: all that is open, but for what is kept back for the tax office. No fee is charged meanwhile: the invoice is held."""

    invoice_id: UUID
    number: str
    work: str
    open_minor: int
    to_pay_minor: int
    paid_minor: int
    is_void: bool


class Known(NamedTuple):
    """A plan with all that follows from it."""

    plan: Plan
    parts: tuple[Part, ...]
    shares: tuple[Share, ...]  # the oldest due day first

    @property
    def paid_minor(self) -> int:
        return sum(one.paid_minor for one in self.shares)

    @property
    def total(self) -> Money:
        return self._money(sum(part.minor for part in self.parts))

    @property
    def paid(self) -> Money:
        return self._money(min(max(self.paid_minor, 0), self.total.minor))

    @property
    def left(self) -> Money:
        return self.total - self.paid

    @property
    def progress(self) -> list[tuple[Progress, Money, Money]]:
        """Each part with its sum, and what of it is still to come."""
        found = progress(self.parts, self.paid_minor)
        return [(one, self._money(one.part.minor), self._money(one.left_minor)) for one in found]

    @property
    def next(self) -> Progress | None:
        return next_part(self.parts, self.paid_minor)

    @property
    def next_on(self) -> date | None:
        return self.next.part.on if self.next else None

    @property
    def next_sum(self) -> Money | None:
        return self._money(self.next.left_minor) if self.next else None

    @property
    def next_paying(self) -> list[tuple[UUID, Money]]:
        """How the next part is paid: the oldest of its invoices first."""
        if self.next is None:
            return []
        still = [(one.invoice_id, one.to_pay_minor) for one in self.open]
        return [(key, self._money(minor)) for key, minor in spread(self.next.left_minor, still)]

    @property
    def rests_until(self) -> date | None:
        return rests_until(self.parts, self.paid_minor)

    @property
    def open(self) -> list[Share]:
        return [one for one in self.shares if one.open_minor > 0 and not one.is_void]

    @property
    def last_on(self) -> date:
        return self.parts[-1].on

    @property
    def standing(self) -> Standing:
        return standing_of_plan(facts_of(self.plan))

    def _money(self, minor: int) -> Money:
        return Money(minor, self.plan.currency)


def known(plans: Iterable[Plan]) -> list[Known]:
    """These plans, in their order; two statements however many."""
    wanted = list(plans)
    if not wanted:
        return []
    keys = [one.id for one in wanted]
    parts: dict[UUID, list[Part]] = defaultdict(list)
    for plan_id, on, minor in (
        PlanPart.objects.filter(plan__in=keys).order_by("position").values_list("plan", "due_on", "minor")
    ):
        parts[plan_id].append(Part(on, minor))
    shares = _shares(keys)
    return [Known(one, tuple(parts[one.id]), tuple(shares[one.id])) for one in wanted]


def running_over(invoice_ids: Collection[UUID]) -> list[Known]:
    """The plans that run over any of these invoices."""
    return known(Plan.objects.running().over(invoice_ids).order_by("agreed_at", "id"))


def standing_over(invoice_ids: Collection[UUID]) -> list[Known]:
    """Those that run over any of these invoices, or wait to be decided."""
    return known(Plan.objects.filter(ended_at=None).over(invoice_ids).order_by("asked_at", "id"))


def standing_of_customer(customer_id: UUID) -> list[Known]:
    return known(Plan.objects.filter(ended_at=None, customer=customer_id).order_by("asked_at", "id"))


def check_off_plan(invoice_id: UUID) -> None:
    """Refuses another word about paying an invoice whose parts are agreed."""
    if Plan.objects.running().over([invoice_id]).exists():
        raise Refused("This is paid in parts, as agreed; to change that, ask for other parts.", code="on_plan")


def rule_of(vendor: Vendor) -> PlanRule:
    return PlanRule(vendor.plan_parts_max, vendor.plan_days_max, vendor.plan_minor_max, vendor.currency)


def facts_of(plan: Plan) -> Facts:
    return Facts(
        plan.by_us, plan.agreed_at, plan.ended_at, plan.declined_at, plan.withdrawn_at, plan.replaced_by_id is not None,
        plan.paid_on, plan.missed_on,
    )  # fmt: skip


class Rest(NamedTuple):
    """What a reminder must know of an invoice's plan: until when it rests, and the day that was named for the part that is
    next, or that was missed."""

    until: date | None
    named_on: date | None


def rests_of(plans: Sequence[UUID]) -> dict[str, Rest]:
    """By invoice, of these plans that are in FORCE."""
    found: dict[str, Rest] = {}
    for one in known(Plan.objects.filter(id__in=plans).order_by("agreed_at", "id")) if plans else ():
        found |= {str(share.invoice_id): _rest(one) for share in one.shares}
    return found


def _rest(one: Known) -> Rest:
    missed_on = one.plan.missed_on
    if missed_on is None:
        return Rest(one.rests_until, one.next_on)
    return Rest(None, missed_on if one.next_on is not None and one.next_on <= missed_on else None)


def _shares(keys: Sequence[UUID]) -> dict[UUID, list[Share]]:
    found: dict[UUID, list[Share]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_SHARES, [list(keys)])
        for plan_id, *share in cursor.fetchall():
            found[plan_id].append(Share(*share))
    return found


_SHARES = """
select s.plan_id, i.id, i.number, i.work, i.open_minor, i.open_minor - kept.now,
       s.open_then_minor - s.withheld_then_minor - (i.open_minor - kept.now), i.voided_at is not null
from conversations_planshare s join invoicing_invoice i on i.id = s.invoice_id,
lateral (select case when s.withheld_then_minor > 0 then i.to_withhold_minor else 0 end as now) kept
where s.plan_id = any(%s::uuid[]) order by i.due_on, i.number
"""
# Plans that run, and those that broke while the missed part has not come since: on these an invoice may rest.
FORCE = "agreed_at is not null and (ended_at is null or missed_on is not null)"
