"""The log is only ever added to."""

from django.db import migrations

FORWARD = """
create function log_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: say what is true now in a new row', tg_table_name using errcode = 'check_violation';
end $$;
create trigger frozen before update or delete on interactions_interaction
  for each statement execute function log_is_append_only();
create trigger frozen before update or delete on interactions_seal
  for each statement execute function log_is_append_only();
"""
BACKWARD = """
drop trigger frozen on interactions_interaction; drop trigger frozen on interactions_seal;
drop function log_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("interactions", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
