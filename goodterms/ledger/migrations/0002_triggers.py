"""The books balance and are never rewritten: statement triggers on the transition table.

A deferred check would be blind under row security: it runs at COMMIT, when the declared vendors may be gone.
"""

from django.db import migrations

FORWARD = """
create function append_only() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: correct by a reversal, never by % ', tg_table_name, tg_op using errcode = 'check_violation';
end $$;

create function posting_balances() returns trigger language plpgsql as $$
declare bad text;
begin
  select entry_id::text into bad from added group by entry_id, vendor_id, currency having sum(minor) <> 0 limit 1;
  if found then
    raise exception 'entry % does not balance', bad using errcode = 'check_violation';
  end if;
  return null;
end $$;

create trigger balances after insert on ledger_posting
  referencing new table as added for each statement execute function posting_balances();
create trigger frozen before update or delete on ledger_posting for each statement execute function append_only();
create trigger frozen before update or delete on ledger_entry for each statement execute function append_only();
"""
BACKWARD = """
drop trigger balances on ledger_posting; drop trigger frozen on ledger_posting; drop trigger frozen on ledger_entry;
drop function posting_balances(); drop function append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
