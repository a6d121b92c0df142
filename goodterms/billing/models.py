"""What is to be billed: projects with their billable items, schedules with what was agreed from when, and what was billed."""

from datetime import date
from typing import Self, TypeVar

from django.db import models
from django.db.models import Q

from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Customer, Vendor
from goodterms.parties.rules import Viewer

Row = TypeVar("Row", bound=models.Model)


class Priced(models.Model):
    """What a line of an invoice will say: as invoicing.line.Line has it."""

    description = models.TextField()
    quantity = models.DecimalField(max_digits=18, decimal_places=6)
    unit = models.TextField(default="")
    unit_price = models.DecimalField(max_digits=24, decimal_places=8)
    discount_percent = models.DecimalField(max_digits=7, decimal_places=4, default=0)
    includes_tax = models.BooleanField(default=False)
    tax_category = models.CharField(max_length=3, default="S")
    tax_percent = models.DecimalField(max_digits=7, decimal_places=4, default=0)
    tax_reason = models.TextField(default="")

    class Meta:
        abstract = True


class Seen(models.QuerySet[Row]):
    """What belongs to a vendor, and to no payer."""

    def seen_by(self, viewer: Viewer) -> Self:
        return self.filter(vendor_id__in=viewer.vendor_ids) if viewer.payer_id is None else self.none()


class ProjectQuerySet(Seen["Project"]):
    pass


class Project(models.Model):
    """Work for one customer that is billed under its own name."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, db_constraint=False, related_name="projects")
    name = models.TextField()
    currency = models.CharField(max_length=3)
    order_number = models.TextField(default="")
    estimate_minor = models.BigIntegerField(null=True)  # before tax, as the customer knows it
    finished_on = models.DateField(null=True)
    finished_by = models.TextField(default="")
    created_at = models.DateTimeField()
    created_by = models.TextField()

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "name"], name="project_name_once")]


class ItemQuerySet(Seen["Item"]):
    def unbilled(self) -> Self:
        """On no invoice, or on one that was discarded or void."""
        return self.filter(Q(invoice=None) | Q(invoice__voided_at__isnull=False), dropped_at=None)

    def finished(self) -> Self:
        """What can be billed now: nobody waits for a word about it."""
        return self.unbilled().filter(finished_on__isnull=False, waits_for="")


class Item(Priced):
    """Something done in a project that has not been billed yet, or the invoice that it was billed on."""

    KINDS = [("time", "time"), ("expense", "expense"), ("fixed", "fixed fee"), ("usage", "usage")]

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="+")
    project = models.ForeignKey(Project, models.PROTECT, db_constraint=False, db_index=False, related_name="items")
    kind = models.CharField(max_length=8, choices=KINDS)
    done_on = models.DateField()
    done_by = models.TextField(default="")  # whose work, such as "Priya"
    team = models.TextField(default="", db_default="", blank=True)  # where they belong, such as "Design"
    finished_on = models.DateField(null=True)  # from then on it waits to be billed
    waits_for = models.TextField(default="")  # whose word is missing, such as "Beth’s yes"
    reference = models.TextField(default="")  # the sender's own name for it: told twice, it is kept once
    invoice = models.ForeignKey(Invoice, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="items")
    dropped_at = models.DateTimeField(null=True)  # will never be billed
    dropped_why = models.TextField(default="")
    created_at = models.DateTimeField()
    created_by = models.TextField()

    objects = ItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vendor", "reference"], condition=~Q(reference=""), name="item_reference_once"),
        ]
        indexes = [
            models.Index(
                fields=["vendor", "finished_on"], condition=Q(invoice__isnull=True, dropped_at__isnull=True),
                name="item_unbilled",
            ),
            models.Index(fields=["project"], name="item_of_project"),
            models.Index(fields=["invoice"], condition=Q(invoice__isnull=False), name="item_on_invoice"),
        ]  # fmt: skip


class ScheduleQuerySet(Seen["Schedule"]):
    def running(self) -> Self:
        return self.exclude(next_on=None)

    def due(self, today: date) -> Self:
        return self.filter(next_on__lte=today)


class Schedule(models.Model):
    """What is billed again and again: by which rule, from when, and whether a person looks first."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, db_constraint=False, related_name="schedules")
    work = models.TextField()  # what its invoices are called; {month} and {year} are those of the period
    project = models.TextField(default="")
    order_number = models.TextField(default="")
    currency = models.CharField(max_length=3)
    rule = models.TextField()  # RFC 5545, by days, weeks, months or years
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)  # the last day that is billed
    in_advance = models.BooleanField(default=True)  # on the first day of a period, else after its last
    prorated = models.BooleanField(default=True)  # a broken period costs its share of days
    automatic = models.BooleanField(default=False)  # issued by itself; else a draft waits for approval
    created_at = models.DateTimeField()
    created_by = models.TextField()
    # A cache of its rule and of what was billed: the next period's day, on which the run looks at it; NULL: there is none.
    next_on = models.DateField(null=True)

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["vendor", "next_on"], condition=Q(next_on__isnull=False), name="schedule_next"),
            models.Index(fields=["vendor", "customer"], name="schedule_of_customer"),
        ]


class ScheduleLine(Priced):
    """One line of a schedule as agreed from a day on: another price is another row. Quantity 0: no longer billed."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="+")
    schedule = models.ForeignKey(Schedule, models.PROTECT, db_constraint=False, db_index=False, related_name="lines")
    position = models.PositiveSmallIntegerField()
    from_on = models.DateField()
    created_at = models.DateTimeField()
    created_by = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["schedule", "position", "from_on"], name="schedule_line_once")]


class PauseQuerySet(models.QuerySet["Pause"]):
    def standing(self) -> Self:
        """Without those that were taken back before they began."""
        return self.exclude(until_on__lt=models.F("from_on"))


class Pause(models.Model):
    """Days on which a schedule bills nothing, and why. Ended by its last day, never deleted: one that was taken back whole ends
    on the day before its first."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="+")
    schedule = models.ForeignKey(Schedule, models.PROTECT, db_constraint=False, related_name="pauses")
    from_on = models.DateField()
    until_on = models.DateField(null=True)  # NULL: until somebody takes it up again
    reason = models.TextField()
    created_at = models.DateTimeField()
    created_by = models.TextField()

    objects = PauseQuerySet.as_manager()


class BilledQuerySet(models.QuerySet["Billed"]):
    def standing(self) -> Self:
        return self.filter(reopened_at=None)


class Billed(models.Model):
    """That a period of a schedule was billed: once, whoever runs. Without an invoice where nothing was to be paid for it; such
    a one is open again, and billed once more, where the pause that made it nothing ends early."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="+")
    schedule = models.ForeignKey(Schedule, models.PROTECT, db_constraint=False, db_index=False, related_name="billed")
    from_on = models.DateField()
    until_on = models.DateField()
    invoice = models.ForeignKey(Invoice, models.PROTECT, null=True, db_constraint=False, related_name="periods")
    at = models.DateTimeField()
    reopened_at = models.DateTimeField(null=True)

    objects = BilledQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["schedule", "from_on"], condition=Q(reopened_at=None), name="billed_once"),
            models.CheckConstraint(condition=Q(reopened_at=None) | Q(invoice=None), name="billed_stays"),
        ]


class AgreedPrice(models.Model):
    """What a project costs, whatever the hours: one version of it. A change is another version, with its reason."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="+")
    project = models.ForeignKey(Project, models.PROTECT, db_constraint=False, db_index=False, related_name="prices")
    version = models.PositiveIntegerField()
    net_minor = models.BigIntegerField()  # what its lines come to, before tax
    tax_minor = models.BigIntegerField()
    reason = models.TextField(default="")  # why it is another than before
    created_at = models.DateTimeField()
    created_by = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "version"], name="price_version_once")]


class PriceLine(Priced):
    """One line of an agreed price; by its description it may be billed when that milestone is reached."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="+")
    price = models.ForeignKey(AgreedPrice, models.PROTECT, db_constraint=False, db_index=False, related_name="lines")
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["price", "position"], name="price_line_once")]


class Part(models.Model):
    """That an invoice bills a part of an agreed price: ahead of the work, as it goes on, or what is left in the end."""

    KINDS = [("deposit", "deposit"), ("progress", "part"), ("final", "final invoice")]

    invoice = models.OneToOneField(Invoice, models.PROTECT, primary_key=True, db_constraint=False, related_name="part")
    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="+")
    project = models.ForeignKey(Project, models.PROTECT, db_constraint=False, related_name="parts")
    kind = models.CharField(max_length=8, choices=KINDS)
    percent = models.DecimalField(max_digits=7, decimal_places=4, null=True)  # asked ahead, or complete by then
    milestone = models.TextField(default="")  # the description of the line that was reached
    at = models.DateTimeField()
    by = models.TextField()


class RetainerQuerySet(Seen["Retainer"]):
    def running(self) -> Self:
        return self.filter(ended_on=None)


class Retainer(models.Model):
    """Money or hours that a customer pays ahead, and finished work is taken out of."""

    UNITS = [("sum", "a sum of money"), ("hours", "hours")]

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, db_constraint=False, related_name="retainers")
    name = models.TextField()
    unit = models.CharField(max_length=5, choices=UNITS)
    currency = models.CharField(max_length=3)
    unit_price = models.DecimalField(max_digits=24, decimal_places=8, null=True)  # of an hour, before tax
    tax_category = models.CharField(max_length=3, default="S")
    tax_percent = models.DecimalField(max_digits=7, decimal_places=4, default=0)
    tax_reason = models.TextField(default="")
    keeps_months = models.PositiveSmallIntegerField(null=True)  # after the month it is paid for; NULL: it never expires
    order_number = models.TextField(default="")
    created_at = models.DateTimeField()
    created_by = models.TextField()
    ended_on = models.DateField(null=True)
    ended_by = models.TextField(default="")
    ended_why = models.TextField(default="")

    objects = RetainerQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "name"], name="retainer_name_once")]


class TopUp(models.Model):
    """That an invoice bills something ahead for a retainer, and until when work may be taken out of it."""

    invoice = models.OneToOneField(Invoice, models.PROTECT, primary_key=True, db_constraint=False, related_name="top_up")
    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="+")
    retainer = models.ForeignKey(Retainer, models.PROTECT, db_constraint=False, related_name="top_ups")
    expires_on = models.DateField(null=True)  # the last day
    at = models.DateTimeField()
    by = models.TextField()


class Drawing(models.Model):
    """That an invoice bills work and takes it out of a retainer, as far as that goes."""

    invoice = models.OneToOneField(Invoice, models.PROTECT, primary_key=True, db_constraint=False, related_name="drawing")
    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="+")
    retainer = models.ForeignKey(Retainer, models.PROTECT, db_constraint=False, related_name="drawings")
    at = models.DateTimeField()
    by = models.TextField()
