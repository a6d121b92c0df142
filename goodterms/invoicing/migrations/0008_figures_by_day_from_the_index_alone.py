"""Kind and voiding in the index by days, the key in that of the open ones: figures and lists are read from them alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0007_words_by_which_invoices_are_found"),
        ("parties", "0003_saved_views"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="invoice",
            name="invoice_as_of",
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(
                fields=["vendor", "settled_on", "issued_on"],
                include=("due_on", "currency", "total_minor", "customer", "id", "in_parts", "kind", "voided_at"),
                name="invoice_as_of",
            ),
        ),
        migrations.RemoveIndex(
            model_name="invoice",
            name="invoice_open_by_due",
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(
                condition=models.Q(("open_minor__gt", 0)),
                fields=["vendor", "currency", "due_on"],
                include=("open_minor", "customer", "id"),
                name="invoice_open_by_due",
            ),
        ),
    ]
