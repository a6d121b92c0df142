"""An approved invoice may have a day on which it is issued by itself; once it is issued, that is frozen like all else."""

from django.db import migrations, models

FROZEN = """
drop trigger frozen_update on invoicing_invoice;
create trigger frozen_update before update of
    id, vendor_id, customer_id, kind, corrects_id, series_id, seq, number, work, order_number, currency, issued_on, due_on,
    net_minor, tax_minor, total_minor, terms, document, document_sha256, on_paper, created_by, created_at, approved_at,
    approved_by, {more}issued_at, voided_at, void_reason
  on invoicing_invoice for each row when (old.issued_at is not null) execute function issued_is_frozen();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('invoicing', '0019_what_is_kept_back'),
        ('parties', '0012_one_more_format'),
    ]

    operations = [
        migrations.AddField(
            model_name='invoice',
            name='issues_on',
            field=models.DateField(null=True),
        ),
        migrations.AddIndex(
            model_name='invoice',
            index=models.Index(condition=models.Q(('issued_on', None), ('issues_on__isnull', False)), fields=['vendor', 'issues_on'], name='invoice_issued_later'),
        ),
        migrations.RunSQL(FROZEN.replace("{more}", "issues_on, "), FROZEN.replace("{more}", "")),
    ]
