"""How content they are: one short question after a payment, and what was answered."""

from django.db import models

from goodterms.parties.models import Customer, Payer, Vendor


class Feedback(models.Model):
    """One question of satisfaction to one payer, and the answer if there was one."""

    id = models.UUIDField(primary_key=True)
    vendor = models.ForeignKey(Vendor, models.PROTECT, db_constraint=False, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, db_constraint=False, related_name="feedback")
    payer = models.ForeignKey(Payer, models.PROTECT, db_constraint=False, related_name="+")
    payment_id = models.UUIDField()
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=8, default="")  # good, mixed, poor
    words = models.TextField(default="")

    class Meta:
        verbose_name_plural = "feedback"
        indexes = [
            models.Index(fields=["payer", "asked_at"], name="feedback_of_payer"),
            models.Index(fields=["vendor", "asked_at"], name="feedback_by_day"),
        ]


class Asked(models.Model):
    """When a payer was last asked how content they are, by any vendor, without by whom: once a quarter for a person."""

    payer = models.OneToOneField(Payer, models.PROTECT, primary_key=True, db_constraint=False, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "asked"
