"""What was agreed: each version of the terms of a vendor, or of one customer."""

from typing import Self

from django.db import models

from goodterms.parties.models import Customer, Vendor
from goodterms.parties.rules import Viewer


class AgreedTermsQuerySet(models.QuerySet["AgreedTerms"]):
    def seen_by(self, viewer: Viewer) -> Self:
        """A payer sees those of the customers that list them."""
        seen = self.filter(vendor_id__in=viewer.vendor_ids)
        return seen if viewer.payer_id is None else seen.filter(customer__in=Customer.objects.seen_by(viewer))


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

    objects = AgreedTermsQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "agreed terms"
        constraints = [
            models.UniqueConstraint(fields=["vendor", "customer", "version"], nulls_distinct=False, name="terms_version_once")
        ]
