"""What leaves the house: letters, the very bytes of each, and what is known about how they fared."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from goodterms.parties.models import Payer, Vendor

MOVING = ("ready", "claimed", "streaming", "committing")


class Letter(models.Model):
    """One message to one address, through the state machine of rules.py. Several vendors may speak in it."""

    id = models.UUIDField(primary_key=True)
    vendors = ArrayField(models.UUIDField())
    payer = models.ForeignKey(Payer, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+")
    kind = models.TextField()  # notice, receipt, answer, question of satisfaction, …
    channel = models.TextField()  # email, post
    recipient = models.TextField()
    dedupe_key = models.TextField()
    message_id = models.TextField()
    state = models.TextField(default="ready")
    # For the indexes: a claim and a mark change neither, so they write no entry of any index (heap-only updates).
    is_moving = models.GeneratedField(
        expression=Q(state__in=MOVING),  # type: ignore[arg-type]
        output_field=models.BooleanField(),
        db_persist=True,
    )
    is_in_doubt = models.GeneratedField(
        expression=Q(state="ambiguous"),  # type: ignore[arg-type]
        output_field=models.BooleanField(),
        db_persist=True,
    )
    not_before = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0)  # rises with each claim; an old claim can do nothing more
    worker = models.BigIntegerField(null=True)  # an advisory lock that its sender holds: free means that the sender is gone
    committing_at = models.DateTimeField(null=True)  # the durable mark between body and final dot
    settled_at = models.DateTimeField(null=True)  # when its last state was reached
    server = models.TextField(default="")
    answer = models.TextField(default="")  # the server's words, or why it was held, cancelled or doubted
    resend_of = models.ForeignKey("self", models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["not_before", "id"], condition=Q(is_moving=True), name="letter_moving"),
            models.Index(fields=["settled_at"], condition=Q(is_in_doubt=True), name="letter_in_doubt"),
            models.Index(fields=["payer", "created_at"], name="letter_of_payer"),
            models.Index(fields=["resend_of"], condition=Q(resend_of__isnull=False), name="letter_sent_again"),
        ]
        constraints = [  # not unique=True, whose second index for LIKE nobody reads
            models.UniqueConstraint(fields=["dedupe_key"], name="letter_once"),
            models.UniqueConstraint(fields=["message_id"], name="letter_by_name"),
        ]


class Body(models.Model):
    """The frozen bytes of a letter, compressed; the hash is of the raw bytes and outlives them."""

    letter = models.OneToOneField(Letter, models.PROTECT, primary_key=True, db_constraint=False, related_name="body")
    vendors = ArrayField(models.UUIDField())
    subject = models.TextField()
    packed = models.BinaryField()
    sha256 = models.BinaryField()


class OwnWording(models.Model):
    """A vendor's own words for one kind of letter, in one voice and language, in place of the house's."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, related_name="+")
    kind = models.CharField(max_length=16)
    tone = models.CharField(max_length=8)
    language = models.CharField(max_length=8)
    pieces = models.JSONField()  # subject, greeting, opening, closing, signature: delivery.words.Wording
    by = models.TextField()
    since_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # others took their place, or the house's came back

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vendor", "kind", "tone", "language"], condition=Q(ended_at=None), name="own_wording_one_running"
            )
        ]
