"""What payers keep back of what is open is kept on the invoice, where the day reads it; a cache, so it may move."""

from django.db import migrations, models


FROZEN = """
create or replace function issued_is_frozen() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'invoice % is issued: it is corrected by a credit note, never deleted', old.number
      using errcode = 'check_violation';
  end if;
  if (to_jsonb(new) - array[{caches}, 'voided_at', 'void_reason'])
     is distinct from
     (to_jsonb(old) - array[{caches}, 'voided_at', 'void_reason'])
     or (old.voided_at is not null and (new.voided_at, new.void_reason) is distinct from (old.voided_at, old.void_reason))
  then
    raise exception 'invoice % is issued: it is corrected by a credit note, never changed', old.number
      using errcode = 'check_violation';
  end if;
  return new;
end $$
"""
BEFORE = "'open_minor', 'settled_on', 'in_parts', 'chase_on'"
SINCE = f"{BEFORE}, 'to_withhold_minor'"


class Migration(migrations.Migration):

    dependencies = [
        ('invoicing', '0018_sums_and_parts_from_the_index_alone'),
        ('parties', '0010_how_invoices_come_together_and_surprises'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='invoice',
            name='invoice_open_of_customer',
        ),
        migrations.AddField(
            model_name='invoice',
            name='to_withhold_minor',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddIndex(
            model_name='invoice',
            index=models.Index(condition=models.Q(('open_minor__gt', 0)), fields=['customer'], include=('vendor', 'id', 'number', 'currency', 'open_minor', 'to_withhold_minor', 'total_minor', 'issued_on', 'chase_on', 'kind', 'voided_at'), name='invoice_open_of_customer'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(('to_withhold_minor__range', (0, models.F('open_minor')))), name='invoice_withheld_of_open'),
        ),
        migrations.RunSQL(FROZEN.replace("{caches}", SINCE), FROZEN.replace("{caches}", BEFORE)),
    ]
