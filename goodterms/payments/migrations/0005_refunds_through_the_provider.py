"""Decides how it is known whether a refund went back through the provider by whom the payment came."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("payments", "0004_checkouts")]
    operations = [
        migrations.AddField("refund", "asked_at", models.DateTimeField(null=True)),
        migrations.AddField("refund", "failed_at", models.DateTimeField(null=True)),
        migrations.AddField("refund", "failure", models.TextField(db_default="", default="")),
        migrations.AddField("refund", "provider", models.TextField(db_default="", default="")),
        migrations.AddField("refund", "sent_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "refund",
            models.Index(fields=["vendor"], condition=Q(sent_at=None, failed_at=None) & ~Q(provider=""), name="refund_unsent"),
        ),
        migrations.AddConstraint(
            "refund", models.CheckConstraint(condition=Q(sent_at=None) | Q(failed_at=None), name="refund_ends_once")
        ),
        migrations.AddIndex(
            "checkout",
            models.Index(
                fields=["vendor"], condition=Q(succeeded_at=None, doubted_at__isnull=False), name="checkout_in_doubt"
            ),
        ),
    ]
