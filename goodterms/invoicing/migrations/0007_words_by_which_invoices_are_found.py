"""Words by which invoices are found, kept by triggers so that no writer can forget them; of what was there already, now."""

from django.db import migrations, models

FORWARD = r"""
create function invoicing_folded(said text) returns text language sql immutable parallel safe as $$
  select regexp_replace(lower(normalize(said, NFKD)), '[\u0300-\u036f]', '', 'g')
$$;
create function invoicing_words(work text, number text, order_number text, total_minor bigint) returns text[]
language sql immutable parallel safe as $$
  select array(
    select distinct left(word, 60) from (
      select regexp_split_to_table(invoicing_folded(work || ' ' || order_number), '[][\s,.;:/()&"''–—_-]+')
      union all select invoicing_folded(number)
      union all select invoicing_folded(order_number)
      union all select ltrim(substring(number from '[0-9]+$'), '0')
      union all select '#' || total_minor
    ) as said (word) where word <> ''
  )
$$;
create function invoicing_words_added() returns trigger language plpgsql as $$ begin
  insert into invoicing_word (vendor_id, word, invoice_id)
  select a.vendor_id, w.word, a.id from added a,
    lateral unnest(invoicing_words(a.work, a.number, a.order_number, a.total_minor)) as w (word);
  return null;
end $$;
create function invoicing_words_changed() returns trigger language plpgsql as $$ begin
  delete from invoicing_word where vendor_id = old.vendor_id and invoice_id = old.id
    and word = any(invoicing_words(old.work, old.number, old.order_number, old.total_minor));
  insert into invoicing_word (vendor_id, word, invoice_id)
  select new.vendor_id, w.word, new.id
  from unnest(invoicing_words(new.work, new.number, new.order_number, new.total_minor)) as w (word);
  return null;
end $$;
create trigger words_added after insert on invoicing_invoice
  referencing new table as added for each statement execute function invoicing_words_added();
create trigger words_changed after update of number, work, order_number, total_minor on invoicing_invoice for each row
  when ((old.number, old.work, old.order_number, old.total_minor)
        is distinct from (new.number, new.work, new.order_number, new.total_minor))
  execute function invoicing_words_changed();

alter table invoicing_invoice no force row level security;
insert into invoicing_word (vendor_id, word, invoice_id)
select a.vendor_id, w.word, a.id from invoicing_invoice a,
  lateral unnest(invoicing_words(a.work, a.number, a.order_number, a.total_minor)) as w (word);
alter table invoicing_invoice force row level security;
"""
BACKWARD = """
drop trigger words_added on invoicing_invoice; drop trigger words_changed on invoicing_invoice;
drop function invoicing_words_added(); drop function invoicing_words_changed();
drop function invoicing_words(text, text, text, bigint); drop function invoicing_folded(text);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0006_open_invoices_of_a_customer_within_the_vendor"),
        ("parties", "0002_invitations_and_bank_changes"),
    ]

    operations = [
        migrations.CreateModel(
            name="Word",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "vendor_id", "word", "invoice_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("vendor_id", models.UUIDField()),
                ("word", models.TextField(db_collation="C")),
                ("invoice_id", models.UUIDField()),
            ],
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(
                condition=models.Q(("voided_at__isnull", False)), fields=["vendor", "voided_at"], name="invoice_void"
            ),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(
                condition=models.Q(("kind", "credit_note")), fields=["vendor", "issued_on"], name="invoice_credit_notes"
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
