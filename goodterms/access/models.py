"""Who was let in where: sessions of payers, and the figures and links that were sent to their addresses."""

from django.db import models

from goodterms.parties.models import Payer


class Session(models.Model):
    """A payer's browser, let in by a pressed button. Its cookie holds the secret; here is the hash.

    With a `notice_id` it shows what that letter showed and nothing else, so a forwarded link opens no more than the letter: the
    invoices of a notice, or, where the letter was an answer, that conversation (whose key it then is) with its invoices. Six
    figures sent to the address turn it into a session that shows everything of the payer.
    """

    id = models.UUIDField(primary_key=True)
    payer = models.ForeignKey(Payer, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    secret_sha256 = models.CharField(max_length=64, unique=True)
    notice_id = models.UUIDField(null=True)
    device = models.TextField(default="")  # such as "Firefox on Windows"
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["payer", "expires_at"], name="session_of_payer")]


class Code(models.Model):
    """Six figures for one browser, which holds the secret; they went to the address that the vendors know."""

    id = models.UUIDField(primary_key=True)
    payer = models.ForeignKey(Payer, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    secret_sha256 = models.CharField(max_length=64, unique=True)
    figures_sha256 = models.CharField(max_length=64)
    tries_left = models.PositiveSmallIntegerField()
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    waits_until = models.DateTimeField(null=True)  # nothing is tried before, since the last try was wrong
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["payer", "sent_at"], name="code_of_payer")]


class Link(models.Model):
    """What is known of a link beside the notice that first carried it: that it was asked for anew, or that it is used up.

    One that was asked for shows what the payer's last notice showed, so that it, too, opens no more than a letter.
    """

    id = models.UUIDField(primary_key=True)
    payer = models.ForeignKey(Payer, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    secret_sha256 = models.CharField(max_length=64, unique=True)
    notice_id = models.UUIDField()  # its own id where the payer had no notice yet: then it shows nothing until figures
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_up_at = models.DateTimeField(null=True)  # somebody said: this is not me

    class Meta:
        indexes = [models.Index(fields=["payer", "sent_at"], name="link_of_payer")]
