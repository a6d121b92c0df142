"""No part is added to an issued invoice: its due days are those of its terms, written in one statement, and add up to its total.

Invoices that are made many at once are written as issued and get their parts in the next statement; beside parts that stood
before, in terms that have none, or with another sum, a part is refused; and so is one of an invoice that whoever writes it cannot see.
"""

from django.db import migrations

FORWARD = """
create function issued_parts_are_whole() returns trigger language plpgsql set enable_seqscan = off as $$
begin
  if exists (
    select from (select invoice_id, count(*) as parts, sum(minor) as minor from added group by invoice_id) a
    left join invoicing_invoice i on i.id = a.invoice_id
    where i.id is null or i.issued_at is not null and (
      (select count(*) from invoicing_instalment p where p.invoice_id = a.invoice_id) <> a.parts
      or a.minor <> i.total_minor
      or jsonb_array_length(coalesce(nullif(i.terms -> 'instalments', 'null'), '[]')) = 0))
  then
    raise exception 'the parts of an issued invoice never change, and none is added' using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger whole after insert on invoicing_instalment referencing new table as added
  for each statement execute function issued_parts_are_whole();
"""
BACKWARD = "drop trigger whole on invoicing_instalment; drop function issued_parts_are_whole();"


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0016_asked_before_a_surprise")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
