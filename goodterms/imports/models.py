"""What was taken over: each file once, with what it added."""

from django.db import models

from goodterms.parties.models import Vendor


class Import(models.Model):
    """A file that was read once, whole, and what it added."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, related_name="+")
    kind = models.TextField()  # invoices
    name = models.TextField()
    sha256 = models.BinaryField()
    known_until_on = models.DateField(null=True)
    rows = models.PositiveIntegerField()
    added = models.PositiveIntegerField()
    by = models.TextField()
    at = models.DateTimeField()
