"""What payers kept back of an invoice for the tax office, and the certificate that says so."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('invoicing', '0019_what_is_kept_back'),
        ('parties', '0010_how_invoices_come_together_and_surprises'),
        ('payments', '0006_money_of_another_currency'),
    ]

    operations = [
        migrations.CreateModel(
            name='Withheld',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('name', models.TextField(default='')),
                ('minor', models.BigIntegerField()),
                ('effective_on', models.DateField()),
                ('certificate', models.TextField(default='')),
                ('certificate_on', models.DateField(null=True)),
                ('certified_at', models.DateTimeField(null=True)),
                ('certified_by', models.TextField(default='')),
                ('created_at', models.DateTimeField()),
                ('created_by', models.TextField()),
                ('reversed_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name_plural': 'withheld',
            },
        ),
        migrations.RemoveConstraint(
            model_name='allocation',
            name='allocation_positive',
        ),
        migrations.AddField(
            model_name='allocation',
            name='withheld_minor',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddConstraint(
            model_name='allocation',
            constraint=models.CheckConstraint(condition=models.Q(('discount_minor__gte', 0), ('let_go_minor__gte', 0), ('minor__gt', 0), ('withheld_minor__gte', 0), models.Q(('spent_minor', None), ('spent_minor__gt', 0), _connector='OR')), name='allocation_positive'),
        ),
        migrations.AddField(
            model_name='withheld',
            name='allocation',
            field=models.OneToOneField(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='withheld', to='payments.allocation'),
        ),
        migrations.AddField(
            model_name='withheld',
            name='invoice',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='withheld', to='invoicing.invoice'),
        ),
        migrations.AddField(
            model_name='withheld',
            name='vendor',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.vendor'),
        ),
        migrations.AddIndex(
            model_name='withheld',
            index=models.Index(condition=models.Q(('certificate', ''), ('reversed_at', None)), fields=['vendor', 'id'], name='withheld_uncertified'),
        ),
        migrations.AddConstraint(
            model_name='withheld',
            constraint=models.CheckConstraint(condition=models.Q(('minor__gt', 0)), name='withheld_positive'),
        ),
        migrations.AddConstraint(
            model_name='withheld',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('certificate', ''), ('certificate_on', None)), models.Q(models.Q(('certificate', ''), _negated=True), ('certificate_on__isnull', False)), _connector='OR'), name='withheld_certificate_has_day'),
        ),
    ]
