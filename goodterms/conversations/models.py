"""What they ask, dispute and promise, and the clock of our answer."""

from typing import Self

from django.db import models
from django.db.models import Q

from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Customer, Vendor
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
