"""What they ask, dispute and promise, and the clock of our answer."""

from collections.abc import Collection
from datetime import datetime
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Q

from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Customer, Member, Payer, Vendor
from goodterms.parties.rules import Viewer


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def seen_by(self, viewer: Viewer) -> Self:
        """A payer sees those of the customers that list them."""
        seen = self.filter(vendor_id__in=viewer.vendor_ids)
        return seen if viewer.payer_id is None else seen.filter(customer__in=Customer.objects.seen_by(viewer))


class Conversation(models.Model):
    """A question, a dispute or a request about one or more invoices; its response clock runs until we answer."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, db_constraint=False, related_name="conversations")
    kind = models.CharField(max_length=8, choices=[("question", "question"), ("dispute", "dispute"), ("request", "request")])
    reason = models.CharField(max_length=3, default="")  # OPStatusReason of Peppol: PRI, QTY, REF …
    wants = models.CharField(max_length=3, default="")  # OPStatusAction: PIN, NIN, CNF, CNP …
    subject = models.TextField(default="")
    disputed_minor = models.BigIntegerField(null=True)  # NULL: the whole invoice
    opened_by = models.TextField()
    payer = models.ForeignKey(  # who asked, where it is known: answers go there
        Payer, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    assigned_to = models.ForeignKey(  # who looks after it; NULL: whoever comes first
        Member, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    opened_at = models.DateTimeField()
    answer_due_at = models.DateTimeField()
    waiting_since_at = models.DateTimeField(null=True)  # we owe an answer since; NULL: we do not
    first_answered_at = models.DateTimeField(null=True)
    first_answered_by = models.TextField(default="")
    answered_in_minutes = models.PositiveIntegerField(null=True)  # of business hours, from question to first answer
    closed_at = models.DateTimeField(null=True)
    resolution = models.CharField(max_length=12, default="")  # answered, credited, corrected, withdrawn, granted, refused

    objects = ConversationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["vendor", "answer_due_at"], condition=Q(closed_at=None), name="conversation_open"),
            models.Index(fields=["vendor", "opened_at"], name="conversation_by_day"),
            models.Index(fields=["vendor", "closed_at", "id"], condition=~Q(closed_at=None), name="conversation_closed"),
        ]


class About(models.Model):
    """Which invoice, and which line of it, a conversation is about."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, related_name="+")
    conversation = models.ForeignKey(Conversation, models.PROTECT, db_constraint=False, related_name="about")
    invoice = models.ForeignKey(Invoice, models.PROTECT, db_constraint=False, related_name="mentions")
    line_position = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name_plural = "about"
        constraints = [models.UniqueConstraint(fields=["conversation", "invoice"], name="about_once")]


class MessageQuerySet(models.QuerySet["Message"]):
    def heard(self, clock: datetime) -> Self:
        """What the customer sees by the real clock: no internal note, nothing that was taken back or may yet be."""
        return self.filter(Q(free_until_at=None) | Q(free_until_at__lte=clock), internal=False, withdrawn_at=None)


class Message(models.Model):
    """What somebody said in a conversation. An internal note is never shown to the customer."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, related_name="+")
    conversation = models.ForeignKey(Conversation, models.PROTECT, db_constraint=False, related_name="messages")
    at = models.DateTimeField()
    by = models.TextField()
    inbound = models.BooleanField()
    internal = models.BooleanField(default=False)
    words = models.TextField()
    position = models.PositiveIntegerField(default=1, db_default=1)  # a sandbox's clock stands: `at` is no order
    letter_id = models.UUIDField(null=True)  # of ours: by which it reaches them; NULL where nobody can be written to
    free_until_at = models.DateTimeField(null=True)  # until then it can be taken back, by the real clock
    before = models.JSONField(null=True)  # how its conversation stood: what taking it back restores
    withdrawn_at = models.DateTimeField(null=True)  # taken back before it left: the customer never saw it
    withdrawn_by = models.TextField(default="", db_default="")

    objects = MessageQuerySet.as_manager()


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    """Lists leave the bytes where they are (PostgreSQL keeps them out of the row); who needs them asks for `content`."""

    def seen_by(self, viewer: Viewer) -> Self:
        """A payer sees what came with messages that were said to them or by them, and no internal note's."""
        seen = self.filter(vendor_id__in=viewer.vendor_ids)
        if viewer.payer_id is None:
            return seen
        mine = Conversation.objects.seen_by(viewer)
        return seen.filter(conversation__in=mine, message__internal=False, message__withdrawn_at=None)

    def light(self) -> Self:
        return self.defer("content")


class Attachment(models.Model):
    """A file that came with a message, as it was given: its cleaned name, what it is by its own bytes, and the bytes."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, related_name="+")
    conversation = models.ForeignKey(Conversation, models.PROTECT, db_constraint=False, related_name="attachments")
    message = models.ForeignKey(Message, models.PROTECT, db_constraint=False, related_name="attachments")
    name = models.TextField()
    media_type = models.CharField(max_length=20)
    size = models.PositiveIntegerField()
    sha256 = models.BinaryField()
    content = models.BinaryField()
    by = models.TextField()
    at = models.DateTimeField()

    objects = AttachmentQuerySet.as_manager()


class Promise(models.Model):
    """They will pay this much of an invoice by that day. Kept or broken follows from the ledger."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, related_name="+")
    invoice = models.ForeignKey(Invoice, models.PROTECT, db_constraint=False, related_name="promises")
    minor = models.BigIntegerField()
    open_then_minor = models.BigIntegerField()  # what was open when it was made: kept when at most the rest is open
    promised_on = models.DateField()
    by = models.TextField()
    words = models.TextField(default="")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # replaced or withdrawn
    outcome = models.CharField(max_length=8, default="")  # kept, part, broken: judged once, after its day
    judged_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["vendor", "promised_on"], condition=Q(judged_at=None), name="promise_running")]
        constraints = [
            models.UniqueConstraint(fields=["invoice"], condition=Q(ended_at=None, judged_at=None), name="promise_one_running")
        ]


class Extension(models.Model):
    """More time, granted for an invoice: reminders count from its day; the agreed due date stays for aging."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, related_name="+")
    invoice = models.ForeignKey(Invoice, models.PROTECT, db_constraint=False, related_name="extensions")
    until_on = models.DateField()
    asked_by = models.TextField()
    asked_at = models.DateTimeField()
    granted_by = models.TextField(default="")  # "the rule" where the vendor's rule said yes at once
    granted_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)
    conversation = models.ForeignKey(  # the request that a person decides; NULL where the rule answered at once
        Conversation, models.PROTECT, null=True, db_constraint=False, related_name="extensions"
    )


class PlanQuerySet(models.QuerySet["Plan"]):
    def seen_by(self, viewer: Viewer) -> Self:
        """A payer sees those of the customers that list them."""
        seen = self.filter(vendor_id__in=viewer.vendor_ids)
        return seen if viewer.payer_id is None else seen.filter(customer__in=Customer.objects.seen_by(viewer))

    def waiting(self) -> Self:
        """Asked for or offered, and not decided."""
        return self.filter(agreed_at=None, ended_at=None)

    def running(self) -> Self:
        return self.filter(ended_at=None).exclude(agreed_at=None)

    def over(self, invoice_ids: Collection[UUID]) -> Self:
        """Those that any of these invoices is part of."""
        return self.filter(id__in=PlanShare.objects.filter(invoice__in=invoice_ids).values("plan"))


class Plan(models.Model):
    """Invoices of one customer and currency, paid in parts. How it stands follows from its dated facts, and what is paid from
    what is open (rules.plans)."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, db_constraint=False, db_index=False, related_name="plans")
    currency = models.CharField(max_length=3)
    by_us = models.BooleanField(default=False)  # we offered these parts; it is for the customer to agree
    asked_by = models.TextField()
    asked_at = models.DateTimeField()
    agreed_by = models.TextField(default="")  # "the rule" where the vendor's rule said yes at once
    agreed_at = models.DateTimeField(null=True)
    declined_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)  # taken back by the customer before it was decided
    replaced_by = models.ForeignKey("self", models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+")
    paid_on = models.DateField(null=True)  # kept: on this day all of it was paid
    missed_on = models.DateField(null=True)  # broken: the day of the part that did not come
    ended_at = models.DateTimeField(null=True)  # in whichever way
    ended_by = models.TextField(default="")
    reason = models.TextField(default="")  # why a person ended it
    conversation = models.ForeignKey(  # the request that a person decides; NULL where the rule answered at once
        Conversation, models.PROTECT, null=True, db_constraint=False, related_name="plans"
    )

    objects = PlanQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["vendor", "id"], condition=Q(ended_at=None), name="plan_not_ended"),
            models.Index(fields=["customer", "asked_at"], name="plan_of_customer"),
        ]


class PlanPart(models.Model):
    """So much of a plan by that day."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, related_name="+")
    plan = models.ForeignKey(Plan, models.PROTECT, db_constraint=False, db_index=False, related_name="parts")
    position = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    minor = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "position"], name="plan_part_position_once")]


class PlanShare(models.Model):
    """An invoice in a plan, and what was open on it when the plan was drawn up: what was settled since counts as paid. The
    parts are of what is to be paid to us, so without what was to be kept back of it for the tax office."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, related_name="+")
    plan = models.ForeignKey(Plan, models.PROTECT, db_constraint=False, db_index=False, related_name="shares")
    invoice = models.ForeignKey(Invoice, models.PROTECT, db_constraint=False, related_name="plan_shares")
    open_then_minor = models.BigIntegerField()
    withheld_then_minor = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "invoice"], name="plan_share_once")]
