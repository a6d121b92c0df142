"""What an invoice takes off that was billed before; frozen with it."""

import django.db.models.deletion
from django.db import migrations, models


FORWARD = """
create trigger frozen before update or delete on invoicing_takenoff
  for each row execute function issued_lines_are_frozen();
"""
BACKWARD = "drop trigger frozen on invoicing_takenoff;"


class Migration(migrations.Migration):

    dependencies = [
        ('invoicing', '0014_files_that_go_with_an_invoice'),
        ('parties', '0007_four_eyes_on_invoices'),
    ]

    operations = [
        migrations.CreateModel(
            name='TakenOff',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('position', models.PositiveIntegerField()),
                ('tax_category', models.CharField(max_length=3)),
                ('tax_percent', models.DecimalField(decimal_places=4, max_digits=7)),
                ('net_minor', models.BigIntegerField()),
                ('tax_minor', models.BigIntegerField()),
                ('earlier', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='taken_off_by', to='invoicing.invoice')),
                ('invoice', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='takes_off', to='invoicing.invoice')),
                ('vendor', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.vendor')),
            ],
            options={
                'verbose_name_plural': 'taken off',
                'constraints': [models.UniqueConstraint(fields=('invoice', 'position'), name='taken_off_once_a_line'), models.CheckConstraint(condition=models.Q(('net_minor__gte', 0), ('tax_minor__gte', 0)), name='taken_off_is_not_negative')],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
