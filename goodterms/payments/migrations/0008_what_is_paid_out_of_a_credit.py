"""Money goes back out of what is left of a credit note as well."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('invoicing', '0019_what_is_kept_back'),
        ('parties', '0012_one_more_format'),
        ('payments', '0007_what_was_withheld'),
    ]

    operations = [
        migrations.AddField(
            model_name='refund',
            name='credit_note',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='invoicing.invoice'),
        ),
        migrations.AlterField(
            model_name='refund',
            name='payment',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='payments.payment'),
        ),
        migrations.AddIndex(
            model_name='refund',
            index=models.Index(condition=models.Q(('credit_note__isnull', False)), fields=['credit_note'], name='refund_of_credit'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('credit_note__isnull', False), ('payment', None), ('provider', '')), models.Q(('credit_note', None), ('payment__isnull', False)), _connector='OR'), name='refund_of_one_source'),
        ),
    ]
