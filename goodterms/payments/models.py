"""What came in: payments, which invoices they settle, and refunds."""

from typing import Self

from django.db import models
from django.db.models import Q

from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Customer, Payer, Vendor
from goodterms.parties.rules import Viewer
from goodterms.values.money import Money


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

    @property
    def free(self) -> Money:
        """What settles nothing and was not given back."""
        return Money(self.unapplied_minor, self.currency)

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
    withheld_minor = models.BigIntegerField(default=0, db_default=0)  # kept back with it for the tax office (Withheld)
    spent_minor = models.BigIntegerField(null=True)  # in the payment's currency, where that is not the invoice's
    effective_on = models.DateField()
    created_at = models.DateTimeField()
    reversed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(minor__gt=0, discount_minor__gte=0, let_go_minor__gte=0, withheld_minor__gte=0)
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
            models.Index(fields=["vendor"], condition=Q(spent_minor__isnull=False), name="allocation_of_other_money"),
        ]


class WithheldQuerySet(models.QuerySet["Withheld"]):
    def seen_by(self, viewer: Viewer) -> Self:
        """Whoever may see the invoice."""
        seen = self.filter(vendor_id__in=viewer.vendor_ids)
        return seen if viewer.payer_id is None else seen.filter(invoice__in=Invoice.objects.seen_by(viewer))

    def standing(self) -> Self:
        return self.filter(reversed_at=None)

    def without_certificate(self) -> Self:
        """What the tax office will not believe yet."""
        return self.standing().filter(certificate="")


class Withheld(models.Model):
    """What a payer kept back of an invoice for the tax office, with a payment or by itself, and the certificate that says so:
    theirs comes with the money, or weeks later. Reversed, never deleted."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    invoice = models.ForeignKey(Invoice, models.PROTECT, db_constraint=False, related_name="withheld")
    allocation = models.OneToOneField(
        Allocation, models.PROTECT, null=True, db_constraint=False, related_name="withheld"
    )  # what was paid with it; NULL: booked by itself
    name = models.TextField(default="")  # what the tax is called, such as IRPF
    minor = models.BigIntegerField()
    effective_on = models.DateField()
    certificate = models.TextField(default="")  # its number; empty: not here yet
    certificate_on = models.DateField(null=True)
    certified_at = models.DateTimeField(null=True)
    certified_by = models.TextField(default="")
    created_at = models.DateTimeField()
    created_by = models.TextField()
    reversed_at = models.DateTimeField(null=True)

    objects = WithheldQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "withheld"
        constraints = [
            models.CheckConstraint(condition=Q(minor__gt=0), name="withheld_positive"),
            models.CheckConstraint(
                condition=Q(certificate="", certificate_on=None) | (~Q(certificate="") & Q(certificate_on__isnull=False)),
                name="withheld_certificate_has_day",
            ),
        ]
        indexes = [
            models.Index(fields=["vendor", "id"], condition=Q(certificate="", reversed_at=None), name="withheld_uncertified"),
        ]

    @property
    def amount(self) -> Money:
        return Money(self.minor, self.invoice.currency)


class RefundQuerySet(models.QuerySet["Refund"]):
    def unsent(self) -> Self:
        """To be given back by a provider that has not said yes or no to it."""
        return self.exclude(provider="").filter(sent_at=None, failed_at=None)

    def doubted(self) -> Self:
        """The provider was asked, and nobody knows what it did."""
        return self.unsent().exclude(asked_at=None)


class Refund(models.Model):
    """Money given back out of what was not applied of a payment, or of a credit note: by hand, or by the provider through whom
    a payment came. That is asked after the row stands, under the row's own key, so that whatever breaks the money goes back
    once."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, db_constraint=False, related_name="refunds")
    credit_note = models.ForeignKey(
        Invoice, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="refunds"
    )
    minor = models.BigIntegerField()
    reason = models.TextField()
    refunded_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.TextField()
    idempotency_key = models.TextField()
    provider = models.TextField(default="", db_default="")  # through whom it goes back; empty: a person sent it
    asked_at = models.DateTimeField(null=True)  # by the real clock: the mark before the provider is first asked
    sent_at = models.DateTimeField(null=True)  # it said yes
    failed_at = models.DateTimeField(null=True)  # it said no, and the booking was taken back
    failure = models.TextField(default="", db_default="")

    objects = RefundQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vendor", "idempotency_key"], name="refund_once"),
            models.CheckConstraint(condition=Q(minor__gt=0), name="refund_positive"),
            models.CheckConstraint(condition=Q(sent_at=None) | Q(failed_at=None), name="refund_ends_once"),
            models.CheckConstraint(
                condition=Q(payment=None, credit_note__isnull=False, provider="") | Q(payment__isnull=False, credit_note=None),
                name="refund_of_one_source",
            ),
        ]
        indexes = [
            models.Index(fields=["credit_note"], condition=Q(credit_note__isnull=False), name="refund_of_credit"),
            models.Index(fields=["vendor"], condition=Q(sent_at=None, failed_at=None) & ~Q(provider=""), name="refund_unsent"),
        ]

    @property
    def standing(self) -> str:
        """In one word: sent, failed, doubted or on its way; what a person sent is sent."""
        if self.failed_at:
            return "failed"
        return "sent" if self.sent_at or not self.provider else "doubted" if self.asked_at else "on its way"


class Reading(models.Model):
    """That payments are known up to a day: a bank feed or an import was read. Reminders stop when the last is too old."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    source = models.TextField()  # import, or the bank account's name
    known_until_on = models.DateField()
    read_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["vendor", "known_until_on"], name="reading_by_day")]


class CheckoutQuerySet(models.QuerySet["Checkout"]):
    """Adjectives of a checkout: what the payer, or a person at the vendor, has still to hear of."""

    def waiting(self) -> Self:
        """Not known to have come to an end."""
        return self.filter(succeeded_at=None, failed_at=None, doubted_at=None)

    def pending(self) -> Self:
        """Approved by the payer; the money is on its way."""
        return self.waiting().exclude(pending_at=None)

    def doubted(self) -> Self:
        """The provider tells of money that is not what was asked for: a person decides."""
        return self.filter(succeeded_at=None).exclude(doubted_at=None)


class Checkout(models.Model):
    """A payer is sent to a provider to pay one vendor in one currency. Those of one press share `paying_id`."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    payer = models.ForeignKey(Payer, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    paying_id = models.UUIDField()
    request_sha256 = models.BinaryField()  # what the press asked for, all vendors together
    currency = models.CharField(max_length=3)
    minor = models.BigIntegerField()
    provider = models.TextField()
    provider_reference = models.TextField(default="")
    address = models.TextField(default="")  # where the payer approves it
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    pending_at = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    failure = models.TextField(default="")  # rules of the providers: declined, cancelled, late, failed
    doubted_at = models.DateTimeField(null=True)
    doubt = models.TextField(default="")
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+")

    objects = CheckoutQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vendor", "paying_id", "currency"], name="checkout_once"),
            models.UniqueConstraint(
                fields=["vendor", "provider", "provider_reference"],
                condition=~Q(provider_reference=""),
                name="checkout_of_provider_once",
            ),
            models.CheckConstraint(condition=Q(minor__gt=0), name="checkout_of_something"),
            models.CheckConstraint(
                condition=Q(succeeded_at=None) | Q(failed_at=None, payment__isnull=False), name="checkout_ends_once"
            ),
        ]
        indexes = [
            models.Index(fields=["paying_id"], name="checkout_of_paying"),
            models.Index(
                fields=["vendor", "expires_at"],
                condition=Q(succeeded_at=None, failed_at=None, doubted_at=None),
                name="checkout_waiting",
            ),
            models.Index(fields=["vendor"], condition=Q(succeeded_at=None, doubted_at__isnull=False), name="checkout_in_doubt"),
        ]

    @property
    def standing(self) -> str:
        """In one word how it stands: paid, doubted, failed, pending or open."""
        if self.succeeded_at:
            return "paid"
        if self.doubted_at:
            return "doubted"
        return "failed" if self.failed_at else "pending" if self.pending_at else "open"


class CheckoutItem(models.Model):
    """So much of a checkout is for an invoice: `minor` is paid, `discount_minor` is off for paying early."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    checkout = models.ForeignKey(Checkout, models.PROTECT, db_constraint=False, db_index=False, related_name="items")
    invoice = models.ForeignKey(Invoice, models.PROTECT, db_constraint=False, related_name="checkout_items")
    position = models.PositiveIntegerField()
    minor = models.BigIntegerField()
    discount_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["checkout", "invoice"], name="checkout_item_once"),
            models.CheckConstraint(condition=Q(minor__gt=0, discount_minor__gte=0), name="checkout_item_positive"),
        ]


class ProviderEvent(models.Model):
    """What a provider told us, as it came: stored first, answered, and worked once."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    provider = models.TextField()
    event_id = models.TextField()
    kind = models.TextField(default="")
    reference = models.TextField(default="")  # of the checkout, as the provider calls it
    raw = models.BinaryField()
    received_at = models.DateTimeField()
    worked_at = models.DateTimeField(null=True)
    outcome = models.TextField(default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["vendor", "provider", "event_id"], name="provider_event_once")]
        indexes = [
            models.Index(fields=["vendor", "received_at"], condition=Q(worked_at=None), name="provider_event_to_work"),
        ]


class SandboxPayment(models.Model):
    """What the pretend bank of the sandbox provider knows of a payment that it was asked to take. No money moves."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    together_id = models.UUIDField()  # approved with the others of one press
    order_id = models.UUIDField()  # asked for once
    reference = models.TextField()
    payee = models.TextField()
    purpose = models.TextField()
    back = models.TextField()  # where the payer goes afterwards
    currency = models.CharField(max_length=3)
    minor = models.BigIntegerField()
    refunds = models.JSONField(default=dict)  # minor units by key
    word = models.TextField(default="open")  # open, pending, paid, failed
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    settles_at = models.DateTimeField(null=True)  # a delayed one is paid then
    told_at = models.DateTimeField(null=True)  # when the vendor heard the last of it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vendor", "order_id"], name="sandbox_payment_once"),
            models.UniqueConstraint(fields=["vendor", "reference"], name="sandbox_payment_by_reference"),
        ]
        indexes = [models.Index(fields=["together_id"], name="sandbox_payment_together")]
