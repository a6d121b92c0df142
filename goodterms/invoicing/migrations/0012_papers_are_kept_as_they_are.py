"""A PDF is compressed already; to try once more costs as much as to write it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0011_lines_are_counted")]
    operations = [
        migrations.RunSQL(
            "alter table invoicing_paper alter content set storage external",
            "alter table invoicing_paper alter content set storage extended",
        )
    ]
