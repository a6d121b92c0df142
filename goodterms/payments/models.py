"""What came in: payments, which invoices they settle, and refunds."""

from typing import Self

from django.db import models
from django.db.models import Q

from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Customer, Vendor
from goodterms.parties.rules import Viewer


class PaymentQuerySet(models.QuerySet["Payment"]):
    def seen_by(self, viewer: Viewer) -> Self:
        """A payer sees those of the customers that list them."""
        seen = self.filter(vendor_id__in=viewer.vendor_ids)
        return seen if viewer.payer_id is None else seen.filter(customer__in=Customer.objects.seen_by(viewer))


class Payment(models.Model):
    """Money received. Recorded once for each idempotency key and once for each object of a provider (I14)."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, db_constraint=False, related_name="payments")
    method = models.TextField()  # bank_transfer, card, cheque, cash, direct_debit
    provider = models.TextField(default="")
    provider_object_id = models.TextField(default="")
    reference = models.TextField(default="")
    currency = models.CharField(max_length=3)
    minor = models.BigIntegerField()
    unapplied_minor = models.BigIntegerField()  # cache: minor - allocations - refunds, recomputed by prove
    refunded_minor = models.BigIntegerField(default=0)  # cache
    received_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.TextField()
    idempotency_key = models.TextField()
    request_sha256 = models.BinaryField()
    answer = models.JSONField(default=dict)  # what the first request was told, word for word
    thanked_at = models.DateTimeField(null=True)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vendor", "idempotency_key"], name="payment_once"),
            models.UniqueConstraint(
                fields=["vendor", "provider", "provider_object_id"],
                condition=~Q(provider_object_id=""),
                name="payment_of_provider_once",
            ),
            models.CheckConstraint(
                condition=Q(minor__gt=0, unapplied_minor__gte=0, refunded_minor__gte=0), name="payment_never_overspent"
            ),
        ]
        indexes = [
            models.Index(fields=["vendor", "received_on"], name="payment_by_day"),
            models.Index(fields=["vendor", "recorded_at"], condition=Q(thanked_at=None), name="payment_to_thank"),
            models.Index(fields=["customer"], condition=Q(unapplied_minor__gt=0), name="payment_unapplied"),
        ]


class Allocation(models.Model):
    """So much of a payment, or of a credit note, settles so much of an invoice. Reversed, never deleted."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, related_name="+")
    payment = models.ForeignKey(
        Payment, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="allocations"
    )
    credit_note = models.ForeignKey(
        Invoice, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="spent"
    )
    invoice = models.ForeignKey(Invoice, models.PROTECT, db_constraint=False, db_index=False, related_name="allocations")
    minor = models.BigIntegerField()
    discount_minor = models.BigIntegerField(default=0)  # early-payment discount taken with it
    let_go_minor = models.BigIntegerField(default=0, db_default=0)  # short by so little that it is let go (terms' tolerance)
    spent_minor = models.BigIntegerField(null=True)  # in the payment's currency, where that is not the invoice's
    effective_on = models.DateField()
    created_at = models.DateTimeField()
    reversed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(minor__gt=0, discount_minor__gte=0, let_go_minor__gte=0)
                & (Q(spent_minor=None) | Q(spent_minor__gt=0)),
                name="allocation_positive",
            ),
            models.CheckConstraint(
                condition=Q(payment=None, credit_note__isnull=False) | Q(payment__isnull=False, credit_note=None),
                name="allocation_of_one_source",
            ),
        ]
        indexes = [
            models.Index(fields=["payment"], name="allocation_of_payment"),
            models.Index(fields=["invoice"], name="allocation_of_invoice"),
            models.Index(fields=["credit_note"], condition=Q(credit_note__isnull=False), name="allocation_of_credit"),
        ]


class Refund(models.Model):
    """Money given back out of what was not applied."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    payment = models.ForeignKey(Payment, models.PROTECT, db_constraint=False, related_name="refunds")
    minor = models.BigIntegerField()
    reason = models.TextField()
    refunded_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.TextField()
    idempotency_key = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vendor", "idempotency_key"], name="refund_once"),
            models.CheckConstraint(condition=Q(minor__gt=0), name="refund_positive"),
        ]


class Reading(models.Model):
    """That payments are known up to a day: a bank feed or an import was read. Reminders stop when the last is too old."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    source = models.TextField()  # import, or the bank account's name
    known_until_on = models.DateField()
    read_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["vendor", "known_until_on"], name="reading_by_day")]
