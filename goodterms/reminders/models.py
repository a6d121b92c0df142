"""What the day found and said: cadences, nominations and notices."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from goodterms.delivery.models import Letter
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Customer, Payer, Vendor
from goodterms.parties.rules import Viewer


class Cadence(models.Model):
    """The ordered steps of friendly reminder, reminder, call, as data (rules.Cadence.to_json)."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, related_name="+")
    name = models.TextField()
    data = models.JSONField()
    usual = models.BooleanField(default=False)  # used for every customer who has no other
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vendor", "name"], name="cadence_name_once"),
            models.UniqueConstraint(fields=["vendor"], condition=Q(usual=True), name="cadence_one_usual"),
        ]


class NoticeQuerySet(models.QuerySet["Notice"]):
    def seen_by(self, viewer: Viewer) -> Self:
        """A vendor sees those in which it speaks; a payer their own."""
        seen = self.filter(vendors__overlap=list(viewer.vendor_ids))
        return seen if viewer.payer_id is None else seen.filter(payer_id=viewer.payer_id)


class Notice(models.Model):
    """The one message a payer gets on a day, bundling the nominations of all vendors for that payer."""

    id = models.UUIDField(primary_key=True)
    vendors = ArrayField(models.UUIDField())
    # Of the payer; of the customer itself where nobody is known who pays, and a letter goes on paper.
    payer = models.ForeignKey(Payer, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+")
    on = models.DateField()
    channel = models.CharField(max_length=8)  # email, post, call, person
    step = models.TextField()  # the highest step's word
    tone = models.CharField(max_length=8)
    language = models.CharField(max_length=8)
    dedupe_key = models.TextField(unique=True)
    letter = models.OneToOneField(Letter, models.PROTECT, null=True, db_constraint=False, related_name="notice")
    link_sha256 = models.BinaryField(null=True)  # of the token in its links: opens what this notice showed, no more
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)  # before it left: an invoice in it was paid or held meanwhile

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["payer", "on"], name="notice_of_payer"),
            models.Index(fields=["link_sha256"], name="notice_of_link"),
            models.Index(fields=["on"], condition=Q(withdrawn_at=None), name="notice_by_day"),
            models.Index(fields=["on"], condition=Q(channel="call", withdrawn_at=None), name="notice_calls"),
        ]


class Nomination(models.Model):
    """An invoice whose cadence said that on this day a step was due, and the notice that carried it."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, db_constraint=False, related_name="+")
    invoice = models.ForeignKey(Invoice, models.PROTECT, db_constraint=False, db_index=False, related_name="nominations")
    notice = models.ForeignKey(Notice, models.PROTECT, db_constraint=False, db_index=False, related_name="nominations")
    on = models.DateField()
    step_days = models.SmallIntegerField()  # days from the chase day: the step's place in the cadence
    step = models.TextField()
    chase_on = models.DateField()  # a step is done once for each chase day, so an extension begins anew
    open_minor = models.BigIntegerField()  # what was open when it was said
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)  # with its notice: the step is not done

    class Meta:
        indexes = [
            models.Index(  # all that the day asks, and the vendor, whom row security asks: the table is not read
                fields=["invoice", "chase_on"],
                include=["step_days", "on", "withdrawn_at", "vendor"],
                name="nomination_of_invoice",
            ),
            models.Index(fields=["notice"], name="nomination_of_notice"),
        ]


class MessageHoldQuerySet(models.QuerySet["MessageHold"]):
    def seen_by(self, viewer: Viewer) -> Self:
        """How we deal with our letters is for our own people."""
        return self.filter(vendor_id__in=viewer.vendor_ids) if viewer.payer_id is None else self.none()

    def running(self) -> Self:
        return self.filter(released_at=None)


class MessageHold(models.Model):
    """A vendor's part of the message to one payer waits, from that day on, until somebody releases it."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, related_name="+")
    payer_id = models.UUIDField()  # as in Notice: of the customer itself where nobody is known who pays
    from_on = models.DateField()
    by = models.TextField()
    why = models.TextField(default="")
    created_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    released_by = models.TextField(default="")

    objects = MessageHoldQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vendor", "payer_id"], condition=Q(released_at=None), name="message_hold_one_running"
            )
        ]
        indexes = [models.Index(fields=["payer_id"], condition=Q(released_at=None), name="message_hold_of_payer")]


class Foreword(models.Model):
    """A sentence of our own in front of the invoices of one message; once that is written, it is frozen with it."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, related_name="+")
    payer_id = models.UUIDField()  # as in Notice
    on = models.DateField()  # the day its message was planned for
    words = models.TextField()
    by = models.TextField()
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # another took its place, or it was withdrawn
    notice = models.ForeignKey(  # that said it; where that was withdrawn, it waits for the next
        Notice, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="forewords"
    )

    class Meta:
        indexes = [models.Index(fields=["payer_id"], condition=Q(ended_at=None), name="foreword_of_payer")]
