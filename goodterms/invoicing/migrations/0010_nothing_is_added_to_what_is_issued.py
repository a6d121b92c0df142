"""No line is added to an issued invoice either: all of its lines are written in one statement, and none beside them later.

An import, a credit note and invoices made many at once write an issued document first and its lines after, so a line alone is
let in; a line beside one that stood before the statement is refused.
"""

from django.db import migrations

FORWARD = """
create function issued_lines_are_whole() returns trigger language plpgsql as $$
begin
  if exists (
    select from added a join invoicing_invoice i on i.id = a.invoice_id and i.issued_at is not null
    join invoicing_line l on l.invoice_id = a.invoice_id
    where not exists (select from added b where b.id = l.id))
  then
    raise exception 'the lines of an issued invoice never change, and none is added' using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger whole after insert on invoicing_line referencing new table as added
  for each statement execute function issued_lines_are_whole();
"""
BACKWARD = "drop trigger whole on invoicing_line; drop function issued_lines_are_whole();"


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0009_papers_and_their_way_to_the_customer")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
