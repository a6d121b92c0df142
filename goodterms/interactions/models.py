"""What the log remembers: interactions, their seals, how often a payer was contacted, and answers already given."""

from typing import Self
from uuid import UUID

from django.db import models


class InteractionQuerySet(models.QuerySet["Interaction"]):
    def about(self, *, vendor_id: UUID, customer_id: UUID, invoice_id: UUID) -> Self:
        """The timeline of an invoice, oldest first; by way of its customer, which is what the index knows."""
        return self.filter(vendor_id=vendor_id, customer_id=customer_id, invoice_id=invoice_id).order_by("at", "id")


class Interaction(models.Model):
    """One contact or deed, of any kind, about a customer. Never changed, never deleted (trigger)."""

    id = models.UUIDField(primary_key=True)
    vendor_id = models.UUIDField()
    at = models.DateTimeField()
    kind = models.TextField()  # noun.past, such as invoice.issued
    by = models.TextField()  # a member's name, "customer", or "the clock"
    inbound = models.BooleanField(default=False)  # from them, not from us
    channel = models.TextField(default="")  # email, post, call, portal, api, desk, import
    customer_id = models.UUIDField(null=True)
    invoice_id = models.UUIDField(null=True)
    payer_id = models.UUIDField(null=True)
    subject_id = models.UUIDField(null=True)  # the conversation, payment, letter … that it is about
    data = models.JSONField(default=dict)

    objects = InteractionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["vendor_id", "customer_id", "at"], name="interaction_of_customer"),
            models.Index(fields=["vendor_id", "kind", "at"], name="interaction_of_kind"),
            models.Index(fields=["subject_id"], name="interaction_of_subject", condition=models.Q(subject_id__isnull=False)),
        ]


class Seal(models.Model):
    """The hash chain of a vendor's log (I20), laid over committed rows by the clock, so that writers never wait for it."""

    id = models.BigAutoField(primary_key=True)
    vendor_id = models.UUIDField()
    seq = models.BigIntegerField()
    interaction = models.OneToOneField(Interaction, models.PROTECT, db_constraint=False, related_name="seal")
    hash = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["vendor_id", "seq"], name="seal_in_order")]


class Outreach(models.Model):
    """That a payer was contacted, when and how, without by whom or what about: limits count over all vendors."""

    id = models.UUIDField(primary_key=True)  # of the letter or call
    payer_id = models.UUIDField()
    at = models.DateTimeField()
    channel = models.TextField()
    day = models.DateField(null=True)  # in the payer's calendar; NULL: of before it was kept

    class Meta:
        indexes = [models.Index(fields=["payer_id", "at"], name="outreach_of_payer")]
        # By which the claim is made: whoever else writes to this payer at the same moment waits, and then does not.
        constraints = [models.UniqueConstraint(fields=["payer_id", "day"], name="outreach_once_a_day")]


class Answer(models.Model):
    """What was answered to a request with an idempotency key, to be said again in the same words (I26)."""

    id = models.UUIDField(primary_key=True)
    vendor_id = models.UUIDField()
    key = models.TextField()
    route = models.TextField()
    request_sha256 = models.BinaryField()
    status = models.SmallIntegerField(null=True)  # NULL while the first request is still at work
    body = models.TextField(default="")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["vendor_id", "key", "route"], name="answer_once")]
