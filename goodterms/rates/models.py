"""Where rates are kept: published ones, ones given by hand, and the rate at which a document or a payment counts for good."""

from django.db import models
from django.db.models import F, Q

from goodterms.parties.models import Vendor


class PublishedRate(models.Model):
    """What one euro was worth in a currency on a day, as a publisher had it in a file that the vendor read. Never changed."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    source = models.TextField()  # ECB
    day = models.DateField()
    currency = models.CharField(max_length=3)
    per_euro = models.DecimalField(max_digits=24, decimal_places=8)
    read_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vendor", "currency", "day", "source"], name="published_rate_once"),
            models.CheckConstraint(condition=Q(per_euro__gt=0), name="published_rate_above_zero"),
        ]


class GivenRate(models.Model):
    """What one unit of a currency is worth in another from a day to a day, as somebody gave it, and where they have it from.
    It comes before what was published. Ended, never changed."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    currency = models.CharField(max_length=3)
    base = models.CharField(max_length=3)
    rate = models.DecimalField(max_digits=24, decimal_places=12)
    from_on = models.DateField()
    until_on = models.DateField()
    source = models.TextField()
    by = models.TextField()
    given_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(rate__gt=0) & Q(until_on__gte=F("from_on")), name="given_rate_above_zero"),
            models.CheckConstraint(condition=~Q(currency=F("base")), name="given_rate_of_two"),
        ]
        indexes = [models.Index(fields=["vendor", "until_on"], condition=Q(ended_at=None), name="given_rate_by_day")]


class Fixing(models.Model):
    """The rate at which an issued document or a payment in a foreign currency counts in the vendor's own: fixed once.

    `factor` is the rate between minor units, so that sums need no table of exponents: what so many minor units are worth is
    their product, rounded once.
    """

    document_id = models.UUIDField(primary_key=True)  # the invoice, credit note or payment
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, related_name="+")
    currency = models.CharField(max_length=3)
    base = models.CharField(max_length=3)  # the vendor's own
    rate = models.DecimalField(max_digits=24, decimal_places=12)  # what one unit of `currency` is worth in `base`
    factor = models.DecimalField(max_digits=34, decimal_places=16)
    rate_on = models.DateField()  # the day of the rate: at most some days before the document's
    source = models.TextField()
    fixed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(rate__gt=0) & Q(factor__gt=0), name="fixing_above_zero"),
            models.CheckConstraint(condition=~Q(currency=F("base")), name="fixing_of_two"),
        ]
