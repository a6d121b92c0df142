"""Periods that were passed over while a schedule paused can be open again, since pauses end early."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0003_whose_team_it_was'),
        ('invoicing', '0019_what_is_kept_back'),
        ('parties', '0012_one_more_format'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='billed',
            name='billed_once',
        ),
        migrations.AddField(
            model_name='billed',
            name='reopened_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddConstraint(
            model_name='billed',
            constraint=models.UniqueConstraint(condition=models.Q(('reopened_at', None)), fields=('schedule', 'from_on'), name='billed_once'),
        ),
        migrations.AddConstraint(
            model_name='billed',
            constraint=models.CheckConstraint(condition=models.Q(('reopened_at', None), ('invoice', None), _connector='OR'), name='billed_stays'),
        ),
    ]
