"""What is billed: series, invoices and credit notes with their lines, instalments, holds, papers and ways to the customer."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q

from goodterms.parties.models import Contact, Customer, Vendor
from goodterms.parties.rules import Viewer
from goodterms.values.days import NEVER
from goodterms.values.money import Money


class Series(models.Model):
    """A run of numbers without gaps. `next` moves in the transaction that issues (foundation for P7)."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    code = models.TextField()
    kind = models.CharField(max_length=12, choices=[("invoice", "invoice"), ("credit_note", "credit note")])
    pattern = models.TextField()  # numbers.render
    next = models.BigIntegerField(default=1)
    last_at = models.DateTimeField(null=True)  # when the last number was given: instants rise with numbers

    class Meta:
        verbose_name_plural = "series"
        constraints = [models.UniqueConstraint(fields=["vendor", "code"], name="series_code_once")]


_OF_THE_DAY = ["vendor", "id", "number", "currency", "open_minor", "to_withhold_minor", "total_minor", "issued_on", "chase_on",
               "kind", "voided_at"]  # fmt: skip


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    """Adjectives: the twins of life.stage, in SQL; and who sees which."""

    def seen_by(self, viewer: Viewer) -> Self:
        """A payer sees what was issued to the customers that list them."""
        seen = self.filter(vendor_id__in=viewer.vendor_ids)
        return seen if viewer.payer_id is None else seen.issued().filter(customer__in=Customer.objects.seen_by(viewer))

    def draft(self) -> Self:
        return self.filter(issued_on=None, approved_at=None, voided_at=None)

    def approved(self) -> Self:
        return self.filter(issued_on=None, voided_at=None).exclude(approved_at=None)

    def issued(self) -> Self:
        return self.exclude(issued_on=None)

    def open(self, today: date) -> Self:
        return self.issued().filter(Q(due_on__gte=today) | Q(due_on=None), voided_at=None, open_minor__gt=0)

    def overdue(self, today: date) -> Self:
        return self.issued().filter(voided_at=None, open_minor__gt=0, due_on__lt=today)

    def settled(self) -> Self:
        return self.issued().filter(voided_at=None, open_minor=0)

    def void(self) -> Self:
        return self.exclude(voided_at=None)


class Invoice(models.Model):
    """An issued document (or the draft of one). Frozen at issue by trigger, but for the caches named below."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, db_constraint=False, related_name="invoices")
    kind = models.CharField(max_length=12, default="invoice")  # invoice, credit_note
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="corrections"
    )
    series = models.ForeignKey(Series, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+")
    seq = models.BigIntegerField(null=True)  # its place in the series; NULL for numbers that came from elsewhere
    number = models.TextField(default="")
    work = models.TextField(default="")  # named before the number, such as "Labels, second run"
    order_number = models.TextField(default="")
    currency = models.CharField(max_length=3)
    issued_on = models.DateField(null=True)
    due_on = models.DateField(null=True)  # the last day on which all of it should have been paid, as agreed
    net_minor = models.BigIntegerField(default=0)
    tax_minor = models.BigIntegerField(default=0)
    total_minor = models.BigIntegerField(default=0)
    terms = models.JSONField(default=dict)  # the version in effect, copied in
    document = models.JSONField(default=dict)  # parties, bank details, tax groups of that day: copied in, not joined
    document_sha256 = models.BinaryField(null=True)
    on_paper = models.BooleanField(default=False)
    created_by = models.TextField(default="")
    created_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)
    approved_by = models.TextField(default="")
    issues_on = models.DateField(null=True)  # on which day the clock issues it, where somebody chose one
    issued_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)
    void_reason = models.TextField(default="")
    # Caches that `goodterms prove` recomputes from the ledger, the instalments and the extensions:
    open_minor = models.BigIntegerField(default=0)
    settled_on = models.DateField(default=NEVER)  # the effective day from which nothing is open for good
    in_parts = models.BooleanField(default=False)  # anything else than one full settlement ever happened
    chase_on = models.DateField(null=True)  # the day reminders count from: an instalment's, an extension's, else due_on
    to_withhold_minor = models.BigIntegerField(default=0, db_default=0)  # of what is open, kept back for the tax office

    objects = InvoiceQuerySet.as_manager()

    @property
    def to_pay(self) -> Money:
        """What is still to be paid to us: what is open, less what they keep back for the tax office."""
        return Money(self.open_minor - self.to_withhold_minor, self.currency)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vendor", "number"], condition=~Q(number=""), name="invoice_number_once"),
            models.UniqueConstraint(fields=["series", "seq"], name="invoice_seq_once"),
            models.CheckConstraint(condition=Q(open_minor__gte=0), name="invoice_never_overpaid"),
            models.CheckConstraint(condition=Q(issued_on=None) | ~Q(number=""), name="invoice_issued_has_number"),
            models.CheckConstraint(condition=Q(to_withhold_minor__range=(0, F("open_minor"))), name="invoice_withheld_of_open"),
        ]
        indexes = [
            models.Index(fields=["vendor", "currency", "due_on"], include=["open_minor", "customer", "id", "total_minor"],
                         condition=Q(open_minor__gt=0), name="invoice_open_by_due"),
            models.Index(fields=["customer"], include=_OF_THE_DAY, condition=Q(open_minor__gt=0),
                         name="invoice_open_of_customer"),  # all that the day asks of it: the table is not read
            models.Index(fields=["corrects"], condition=Q(corrects__isnull=False), name="invoice_corrected"),
            models.Index(fields=["vendor", "settled_on", "issued_on"], name="invoice_as_of",
                         include=["due_on", "currency", "total_minor", "customer", "id", "in_parts", "kind", "voided_at"]),
            models.Index(fields=["vendor", "settled_on"], include=["issued_on", "due_on", "currency", "customer", "id"],
                         condition=Q(in_parts=True), name="invoice_in_parts"),  # whose postings are replayed, which are few
            models.Index(fields=["vendor", "voided_at"], condition=Q(voided_at__isnull=False), name="invoice_void"),
            models.Index(fields=["vendor", "issues_on"], condition=Q(issues_on__isnull=False, issued_on=None),
                         name="invoice_issued_later"),
            models.Index(fields=["vendor", "issued_on"], condition=Q(kind="credit_note"), name="invoice_credit_notes"),
        ]  # fmt: skip
        ordering = [F("issued_on").asc(nulls_last=True), "number"]


class Line(models.Model):
    """One line of a document, rounded as EN 16931 has it (totals.py)."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    invoice = models.ForeignKey(Invoice, models.CASCADE, db_constraint=False, db_index=False, related_name="lines")
    position = models.PositiveIntegerField()
    project = models.TextField(default="")
    description = models.TextField()
    quantity = models.DecimalField(max_digits=18, decimal_places=6)
    unit = models.TextField(default="")
    unit_price = models.DecimalField(max_digits=24, decimal_places=8)
    discount_percent = models.DecimalField(max_digits=7, decimal_places=4, default=0)
    discount_amount = models.DecimalField(max_digits=24, decimal_places=8, default=0, db_default=0)  # or this, not both
    includes_tax = models.BooleanField(default=False, db_default=False)  # the price holds the tax already
    tax_category = models.CharField(max_length=3, default="S")  # UNCL5305: S, Z, E, AE, O …
    tax_percent = models.DecimalField(max_digits=7, decimal_places=4, default=0)
    tax_reason = models.TextField(default="")
    net_minor = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["invoice", "position"], name="line_position_once")]


class TakenOff(models.Model):
    """What a line of an invoice takes off that an earlier one billed: before tax and tax of one tax rate, both above zero."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    invoice = models.ForeignKey(Invoice, models.PROTECT, db_constraint=False, related_name="takes_off")
    earlier = models.ForeignKey(Invoice, models.PROTECT, db_constraint=False, related_name="taken_off_by")
    position = models.PositiveIntegerField()  # of the line
    tax_category = models.CharField(max_length=3)
    tax_percent = models.DecimalField(max_digits=7, decimal_places=4)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "taken off"
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="taken_off_once_a_line"),
            models.CheckConstraint(condition=Q(net_minor__gte=0, tax_minor__gte=0), name="taken_off_is_not_negative"),
        ]


class Instalment(models.Model):
    """A part of an invoice with a due day of its own, where the terms have several (I10)."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, related_name="+")
    invoice = models.ForeignKey(Invoice, models.PROTECT, db_constraint=False, db_index=False, related_name="instalments")
    position = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    minor = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["invoice", "position"], name="instalment_position_once")]


class Hold(models.Model):
    """Why an invoice is left alone, by whom, from when and until when. Ended, never deleted."""

    REASONS = [(word, word) for word in ("disputed", "question_open", "promised", "extended", "on_plan", "paid", "manual")]

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, related_name="+")
    invoice = models.ForeignKey(Invoice, models.PROTECT, db_constraint=False, related_name="holds")
    reason = models.CharField(max_length=16, choices=REASONS)
    by = models.TextField()
    note = models.TextField(default="")
    from_on = models.DateField()
    until_on = models.DateField(null=True)  # the last day it holds; NULL: until somebody ends it
    subject_id = models.UUIDField(null=True)  # the conversation, promise, extension or declared payment behind it
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(default="")

    class Meta:
        indexes = [
            models.Index(fields=["invoice"], condition=Q(ended_at=None), name="hold_running"),
            models.Index(fields=["subject_id"], name="hold_of_subject"),
        ]


class Word(models.Model):
    """A word by which an invoice is found: of its work, its number, its purchase order, or `#` and its total in minor units.
    Kept by triggers, whoever writes the invoice. A table of its own, since a payment would move each index on the invoice."""

    pk = models.CompositePrimaryKey("vendor_id", "word", "invoice_id")
    vendor_id = models.UUIDField()
    # Folded, in the order of its bytes: searched with ranges, which row security lets use an index.
    word = models.TextField(db_collation="C")
    invoice_id = models.UUIDField()


class Letterhead(models.Model):
    """What stands on the vendor's papers beside its name and address, since a moment; papers that were made keep theirs."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="+")
    trade = models.TextField(default="")  # what the firm does, such as "Brand and web studio"
    phone = models.TextField(default="")
    company_number = models.TextField(default="")
    colour = models.CharField(max_length=7, default="")  # such as #1d43b4; empty: ink
    logo = models.BinaryField(null=True)  # as it was given
    logo_type = models.CharField(max_length=20, default="")
    by = models.TextField()
    since_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["vendor"], condition=Q(ended_at=None), name="letterhead_one_in_use")]


class Paper(models.Model):
    """An issued document as PDF, and as XML where its customer takes it so: made once after its issue, never changed."""

    invoice = models.OneToOneField(Invoice, models.PROTECT, primary_key=True, db_constraint=False, related_name="paper")
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    language = models.CharField(max_length=8, default="")
    content = models.BinaryField(null=True)
    sha256 = models.BinaryField(null=True)
    made_at = models.DateTimeField(null=True)
    format = models.CharField(max_length=10, default="", db_default="")  # the customer's at issue
    xml = models.BinaryField(null=True)
    xml_sha256 = models.BinaryField(null=True)

    class Meta:
        indexes = [models.Index(fields=["vendor", "invoice"], condition=Q(made_at=None), name="paper_to_make")]


class EnclosureQuerySet(models.QuerySet["Enclosure"]):
    """Lists leave the bytes where they are; who needs them asks for `content`."""

    def seen_by(self, viewer: Viewer) -> Self:
        """Whoever may see the invoice."""
        seen = self.filter(vendor_id__in=viewer.vendor_ids)
        return seen if viewer.payer_id is None else seen.filter(invoice__in=Invoice.objects.seen_by(viewer))

    def light(self) -> Self:
        return self.defer("content").order_by("position", "id")


class Enclosure(models.Model):
    """A file that goes with an invoice: a timesheet, a receipt, the purchase order. Kept as it was given, never changed, and
    frozen with the invoice at issue (by trigger)."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    invoice = models.ForeignKey(Invoice, models.PROTECT, db_constraint=False, related_name="enclosures")
    position = models.PositiveSmallIntegerField(default=1)  # a sandbox's clock stands: neither `at` nor the key is an order
    kind = models.CharField(max_length=8, default="document")  # document, order
    name = models.TextField()
    media_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    sha256 = models.BinaryField()
    content = models.BinaryField()
    by = models.TextField()
    at = models.DateTimeField()

    objects = EnclosureQuerySet.as_manager()


class Dispatch(models.Model):
    """An issued document on its way to one recipient: who sent it, when it may still be taken back, and what became of it.

    Without a contact it goes to whoever pays there. `letter` is empty where no letter was wanted, or where there is no way.
    """

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    invoice = models.ForeignKey(Invoice, models.PROTECT, db_constraint=False, related_name="dispatches")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+")
    is_copy = models.BooleanField(default=False)
    by = models.TextField()
    created_at = models.DateTimeField()
    free_until_at = models.DateTimeField(null=True)  # by the real clock: until then it can be taken back
    withdrawn_at = models.DateTimeField(null=True)
    posted_at = models.DateTimeField(null=True)  # when it was settled by which way it goes; its link is as old as that
    channel = models.CharField(max_length=8, default="")  # email, post, portal; empty: no way was found
    payer_id = models.UUIDField(null=True)
    letter_id = models.UUIDField(null=True)
    viewed_at = models.DateTimeField(null=True)  # when the page was first opened by its link

    class Meta:
        indexes = [
            models.Index(fields=["vendor", "id"], condition=Q(posted_at=None, withdrawn_at=None), name="dispatch_to_post")
        ]


class Expectation(models.Model):
    """What a customer was told that something will cost, before tax: a project's estimate, or the amount of their own order."""

    KINDS = [("estimate", "estimate"), ("order", "purchase order")]

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    kind = models.CharField(max_length=8, choices=KINDS)
    name = models.TextField()  # of the project, or the number of the order
    currency = models.CharField(max_length=3)
    minor = models.BigIntegerField()
    by = models.TextField()
    since_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "kind", "name"], name="expectation_once")]


class ForewarningQuerySet(models.QuerySet["Forewarning"]):
    """Adjectives: what still counts, and what an invoice waits for."""

    def standing(self) -> Self:
        return self.filter(ended_at=None)

    def waiting(self) -> Self:
        """Not yes, and not decided by a person."""
        return self.standing().filter(overruled_at=None).exclude(answer="fine")


class Forewarning(models.Model):
    """That an invoice about to be issued is more than its customer expects, so that they are asked first; and their word."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    invoice = models.ForeignKey(Invoice, models.PROTECT, db_constraint=False, db_index=False, related_name="forewarnings")
    basis = models.CharField(max_length=8)  # estimate, order, usual
    about = models.TextField(default="")  # the project, the number of the order
    expected_minor = models.BigIntegerField()  # before tax, as all of these
    before_minor = models.BigIntegerField(default=0)  # billed of it before
    comes_to_minor = models.BigIntegerField()  # with this invoice
    net_minor = models.BigIntegerField()  # of this invoice when it was asked about: yes holds up to that
    note = models.TextField(default="")  # why it is more, in our own words
    by = models.TextField()
    at = models.DateTimeField()
    payer_id = models.UUIDField(null=True)  # who is asked; NULL: nobody there can be written to
    asked = models.TextField(default="")  # their name
    reminded_at = models.DateTimeField(null=True)
    lapses_on = models.DateField(null=True)  # where silence is yes: the day from which it is
    then_issue = models.BooleanField(default=False)  # somebody who may wanted it issued: yes issues it
    then_send = models.BooleanField(default=True)
    series_code = models.TextField(default="")
    answer = models.CharField(max_length=8, default="")  # fine, objected
    answered_at = models.DateTimeField(null=True)
    answered_by = models.TextField(default="")
    words = models.TextField(default="")
    overruled_at = models.DateTimeField(null=True)
    overruled_by = models.TextField(default="")
    overruled_why = models.TextField(default="")
    ended_at = models.DateTimeField(null=True)  # no longer asked: the draft was changed or discarded
    ended_why = models.TextField(default="")

    objects = ForewarningQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["invoice"], condition=Q(ended_at=None), name="forewarning_one_standing")]
        indexes = [
            models.Index(fields=["vendor", "at"], condition=Q(ended_at=None, overruled_at=None, answer=""),
                         name="forewarning_unanswered"),
        ]  # fmt: skip
