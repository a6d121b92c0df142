"""What payers kept back of an invoice for the tax office has an account of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0005_replayed_from_the_index_alone'),
    ]

    operations = [
        migrations.AlterField(
            model_name='posting',
            name='account',
            field=models.CharField(choices=[('receivable', 'receivable'), ('unapplied', 'unapplied'), ('bank', 'bank'), ('sales', 'sales'), ('tax', 'tax'), ('discount', 'discount'), ('fees', 'fees'), ('write_off', 'write_off'), ('rounding', 'rounding'), ('exchange', 'exchange'), ('withheld', 'withheld'), ('clearing', 'clearing')], max_length=20),
        ),
    ]
