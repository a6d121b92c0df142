"""What is issued is frozen (VAT Directive, art. 226 and 233): caches may move, a void may be set once, nothing else."""

from django.db import migrations

FORWARD = """
create function issued_is_frozen() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'invoice % is issued: it is corrected by a credit note, never deleted', old.number
      using errcode = 'check_violation';
  end if;
  if (to_jsonb(new) - array['open_minor', 'settled_on', 'in_parts', 'chase_on', 'voided_at', 'void_reason'])
     is distinct from
     (to_jsonb(old) - array['open_minor', 'settled_on', 'in_parts', 'chase_on', 'voided_at', 'void_reason'])
     or (old.voided_at is not null and (new.voided_at, new.void_reason) is distinct from (old.voided_at, old.void_reason))
  then
    raise exception 'invoice % is issued: it is corrected by a credit note, never changed', old.number
      using errcode = 'check_violation';
  end if;
  return new;
end $$;

create trigger frozen_update before update of
    id, vendor_id, customer_id, kind, corrects_id, series_id, seq, number, work, order_number, currency, issued_on, due_on,
    net_minor, tax_minor, total_minor, terms, document, document_sha256, on_paper, created_by, created_at, approved_at,
    approved_by, issued_at, voided_at, void_reason
  on invoicing_invoice for each row when (old.issued_at is not null) execute function issued_is_frozen();
create trigger frozen_delete before delete on invoicing_invoice
  for each row when (old.issued_at is not null) execute function issued_is_frozen();

create function issued_lines_are_frozen() returns trigger language plpgsql as $$
begin
  if exists (select from invoicing_invoice i where i.id = old.invoice_id and i.issued_at is not null) then
    raise exception 'the lines of an issued invoice never change' using errcode = 'check_violation';
  end if;
  return coalesce(new, old);
end $$;
create trigger frozen before update or delete on invoicing_line
  for each row execute function issued_lines_are_frozen();
create trigger frozen before update or delete on invoicing_instalment
  for each row execute function issued_lines_are_frozen();
"""
BACKWARD = """
drop trigger frozen_update on invoicing_invoice; drop trigger frozen_delete on invoicing_invoice;
drop trigger frozen on invoicing_line; drop trigger frozen on invoicing_instalment;
drop function issued_is_frozen(); drop function issued_lines_are_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
