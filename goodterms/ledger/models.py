"""What was booked: entries and their postings. Balanced and append-only by triggers."""

from django.db import models
from django.db.models import Q

from goodterms.ledger.rules import Account
from goodterms.parties.models import Vendor


class Entry(models.Model):
    """One event in the books, on one day, with postings that add up to nothing."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    kind = models.TextField()  # invoice, payment, allocation, discount, fee, credit, write_off, refund, exchange, withholding …
    effective_on = models.DateField()
    recorded_at = models.DateTimeField()
    document_id = models.UUIDField()  # the invoice, payment … that caused it
    memo = models.TextField(default="")
    reverses = models.ForeignKey(
        "self", models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="reversed_by"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reverses"], condition=Q(reverses__isnull=False), name="entry_reversed_once")
        ]
        indexes = [
            models.Index(fields=["document_id"], name="entry_of_document"),
            models.Index(fields=["vendor", "effective_on"], name="entry_by_day"),
        ]


class Posting(models.Model):
    """One side of an entry: minor units of a currency on an account, debit positive, credit negative."""

    id = models.BigAutoField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    entry = models.ForeignKey(Entry, models.PROTECT, db_constraint=False, db_index=False, related_name="postings")
    account = models.CharField(max_length=20, choices=[(account.value, account.value) for account in Account])
    currency = models.CharField(max_length=3)
    minor = models.BigIntegerField()
    customer_id = models.UUIDField(null=True)
    invoice_id = models.UUIDField(null=True)  # on the receivable account: which invoice; on unapplied: which credit note
    effective_on = models.DateField()

    class Meta:
        indexes = [
            models.Index(fields=["entry"], name="posting_of_entry"),
            models.Index(  # with the vendor, whom row security asks: what was paid in parts is replayed from it alone
                fields=["invoice_id", "effective_on"],
                include=["minor", "vendor"],
                condition=Q(account=Account.RECEIVABLE.value),
                name="posting_of_invoice",
            ),
            models.Index(fields=["vendor", "account", "customer_id"], name="posting_of_account"),
            models.Index(  # what is left of credit notes, which are few beside what is paid
                fields=["vendor", "customer_id", "invoice_id"],
                include=["minor"],
                condition=Q(account=Account.UNAPPLIED.value, invoice_id__isnull=False),
                name="posting_of_credit",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(minor=0), name="posting_not_zero"),
            models.CheckConstraint(
                condition=~Q(account=Account.RECEIVABLE.value) | Q(invoice_id__isnull=False),
                name="receivable_has_invoice",
            ),
        ]
