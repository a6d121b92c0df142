"""What was agreed: each version of the terms of a vendor, or of one customer."""

from django.db import models

from goodterms.parties.models import Customer, Vendor


class AgreedTerms(models.Model):
    """One version; the newest that has begun is in effect. Without a customer: the vendor's usual terms."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, db_constraint=False, related_name="terms")
    version = models.PositiveIntegerField()
    from_on = models.DateField()
    data = models.JSONField()  # rules.Terms.to_json()
    agreed_by = models.TextField(default="")  # who agreed for the customer; empty: stated by the vendor
    agreed_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "agreed terms"
        constraints = [
            models.UniqueConstraint(fields=["vendor", "customer", "version"], nulls_distinct=False, name="terms_version_once")
        ]
