"""What was published and what was fixed is never rewritten: documents and booked differences rest on it."""

from django.db import migrations

FORWARD = """
create trigger frozen before update or delete on rates_publishedrate for each statement execute function append_only();
create trigger frozen before update or delete on rates_fixing for each statement execute function append_only();
"""
BACKWARD = "drop trigger frozen on rates_publishedrate; drop trigger frozen on rates_fixing;"


class Migration(migrations.Migration):
    dependencies = [("rates", "0001_initial"), ("ledger", "0002_triggers")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
