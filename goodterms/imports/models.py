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


class Upload(models.Model):
    """A file on its way into the books: what it is, how its columns are to be read, and what was mended by hand. Nothing of
    it is in the books before it is taken over whole; then its bytes are let go."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, related_name="+")
    name = models.TextField()
    content = models.BinaryField()
    size = models.PositiveIntegerField()
    profile = models.JSONField()  # as Profile has it; a word without a column is left out
    mended = models.JSONField(default=dict)  # {"9": {"3": "29/11/2026"}}: by line and place of the field; null: left out
    by = models.TextField()
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    taken = models.ForeignKey(Import, models.PROTECT, null=True, db_constraint=False, related_name="+")


class SavedProfile(models.Model):
    """How the files of one program are read, kept under a name for the next one."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, related_name="+")
    name = models.TextField()
    data = models.JSONField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["vendor", "name"], name="profile_name_once")]
