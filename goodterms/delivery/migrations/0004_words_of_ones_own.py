from django.db import migrations, models
import django.db.models.deletion


class Migration(migrations.Migration):
    """The table was that of reminders; letters of every kind may have words of a vendor's own now. Its rows stay."""

    dependencies = [
        ("delivery", "0003_marks_write_no_index"),
        ("parties", "0007_four_eyes_on_invoices"),
        ("reminders", "0007_words_lie_with_all_letters"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "alter table reminders_ownwording rename to delivery_ownwording",
                    "alter table delivery_ownwording rename to reminders_ownwording",
                )
            ],
            state_operations=[
                migrations.CreateModel(
                    name="OwnWording",
                    fields=[
                        ("id", models.UUIDField(primary_key=True, serialize=False)),
                        ("kind", models.CharField(max_length=16)),
                        ("tone", models.CharField(max_length=8)),
                        ("language", models.CharField(max_length=8)),
                        ("pieces", models.JSONField()),
                        ("by", models.TextField()),
                        ("since_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "vendor",
                            models.ForeignKey(
                                db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                                to="parties.vendor",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)), fields=("vendor", "kind", "tone", "language"),
                                name="own_wording_one_running",
                            )
                        ],
                    },
                ),
            ],
        ),
    ]
