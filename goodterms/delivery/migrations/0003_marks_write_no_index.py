"""Claims and marks change nothing that an index holds, and find room beside the row: heap-only updates (models.Letter)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("delivery", "0002_fewer_indexes")]

    operations = [
        migrations.RemoveIndex(model_name="letter", name="letter_moving"),
        migrations.RemoveIndex(model_name="letter", name="letter_in_doubt"),
        migrations.AddField(
            model_name="letter",
            name="is_moving",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Q(("state__in", ("ready", "claimed", "streaming", "committing"))),
                output_field=models.BooleanField(),
            ),
        ),
        migrations.AddField(
            model_name="letter",
            name="is_in_doubt",
            field=models.GeneratedField(
                db_persist=True, expression=models.Q(("state", "ambiguous")), output_field=models.BooleanField()
            ),
        ),
        migrations.AlterField(model_name="letter", name="dedupe_key", field=models.TextField()),
        migrations.AlterField(model_name="letter", name="message_id", field=models.TextField()),
        migrations.AlterField(
            model_name="letter",
            name="resend_of",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="delivery.letter",
            ),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(condition=models.Q(("is_moving", True)), fields=["not_before", "id"], name="letter_moving"),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(condition=models.Q(("is_in_doubt", True)), fields=["settled_at"], name="letter_in_doubt"),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(
                condition=models.Q(("resend_of__isnull", False)), fields=["resend_of"], name="letter_sent_again"
            ),
        ),
        migrations.AddConstraint(
            model_name="letter", constraint=models.UniqueConstraint(fields=("dedupe_key",), name="letter_once")
        ),
        migrations.AddConstraint(
            model_name="letter", constraint=models.UniqueConstraint(fields=("message_id",), name="letter_by_name")
        ),
        migrations.RunSQL(
            "alter table delivery_letter set (fillfactor = 70)", "alter table delivery_letter reset (fillfactor)"
        ),
    ]
