"""Decides what was gained or lost on settlement: what the money was worth when it came, less what the receivable was worth
when it was billed, both in the vendor's own currency.

The ledger keeps each currency apart and whole (I1); this is read from it, and nothing of it is stored but the rates, which are
fixed once (rates.models.Fixing). A receivable is carried at what is left of it times its rate, rounded; so is money that
settles nothing yet. Each entry moves both from one carrying amount to the next, in the order of the journal, which is only
added to: what was once a difference stays one, and all differences of an invoice add up, to the cent, to what the money was
worth less what was billed (decision 23).
"""

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from goodterms.values.money import Money


class Difference(NamedTuple):
    """Of one settlement, or of its being taken back: in the vendor's own currency, above zero a gain. `money` is what came off
    the money, `receivable` what came off the invoice. None of both where a rate is not known yet."""

    on: date
    invoice_id: UUID
    number: str
    customer: str
    source_id: UUID  # the payment or the credit note
    settled: Money  # of the invoice, in its own currency
    money: Money | None
    receivable: Money | None

    @property
    def gained(self) -> Money | None:
        return None if self.money is None or self.receivable is None else self.money - self.receivable


class Summed(NamedTuple):
    """Gains and losses of a period, and how many settlements wait for a rate."""

    gains: Money
    losses: Money
    waiting: int

    @property
    def net(self) -> Money:
        return self.gains - self.losses

    @property
    def losses_net(self) -> Money:
        """What was lost in all, where more was lost than gained."""
        return -self.net


def differences(
    *, vendor_id: UUID, first_on: date = date.min, last_on: date = date.max, invoice_id: UUID | None = None,
    payment_id: UUID | None = None, is_billed_abroad: bool = True,
) -> list[Difference]:  # fmt: skip
    """Every settlement with a foreign currency in it, in the order of the journal: of a period, and where named of one
    invoice, or of what one payment settles; one statement. Whoever knows that all was billed in the vendor's own currency
    (`is_billed_abroad`) saves a look at every invoice."""
    values: dict[str, Any] = {
        "vendor": vendor_id,
        "first": first_on,
        "last": last_on,
        "invoice": invoice_id,
        "payment": payment_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENCES.format(abroad=_ABROAD if is_billed_abroad else ""), values)
        return [_difference(*row) for row in cursor.fetchall()]


def summed(found: list[Difference], base: str) -> Summed:
    """Gains and losses apart, as they are reported."""
    known = [one.gained for one in found if one.gained is not None]
    return Summed(
        Money.total((one for one in known if one.minor > 0), base),
        -Money.total((one for one in known if one.minor < 0), base),
        len(found) - len(known),
    )


def _difference(
    base: str, on: date, invoice: UUID, number: str, customer: str, source: UUID, currency: str, settled: int,
    money: int | None, receivable: int | None,
) -> Difference:  # fmt: skip
    known = money is not None and receivable is not None
    of_money, of_invoice = (Money(money or 0, base), Money(receivable or 0, base)) if known else (None, None)
    return Difference(on, invoice, number, customer, source, Money(settled, currency), of_money, of_invoice)


# The journal's sums are in minor units; a factor makes minor units of the vendor's currency of them. Both windows run over all
# that was ever booked on the invoice or on the money, so that what is asked for does not change what it came to.
# Money of another currency than the invoice's says what was spent of it (`spent_minor`), and has an index for that.
_ABROAD = """
  union all
  select a.id, a.invoice_id, coalesce(a.payment_id, a.credit_note_id)
  from payments_allocation a join invoicing_invoice i on i.id = a.invoice_id
  join parties_vendor v on v.id = a.vendor_id
  where a.vendor_id = %(vendor)s::uuid and i.currency <> v.currency
    and (%(invoice)s::uuid is null or a.invoice_id = %(invoice)s::uuid)
    and (%(payment)s::uuid is null or a.payment_id = %(payment)s::uuid)
  union all
  select n.id, n.corrects_id, n.id from invoicing_invoice n join parties_vendor v on v.id = n.vendor_id
  where n.vendor_id = %(vendor)s::uuid and n.kind = 'credit_note' and n.issued_on is not null and n.currency <> v.currency
    and n.corrects_id is not null and %(payment)s::uuid is null
    and (%(invoice)s::uuid is null or n.corrects_id = %(invoice)s::uuid)"""
_DIFFERENCES = """
with wanted as materialized (
  select a.id, a.invoice_id, coalesce(a.payment_id, a.credit_note_id) as source_id
  from payments_allocation a join invoicing_invoice i on i.id = a.invoice_id
  join parties_vendor v on v.id = a.vendor_id
  where a.vendor_id = %(vendor)s::uuid and a.spent_minor is not null and i.currency = v.currency
    and (%(invoice)s::uuid is null or a.invoice_id = %(invoice)s::uuid)
    and (%(payment)s::uuid is null or a.payment_id = %(payment)s::uuid)
  {abroad}
), papers (id, source_id) as (
  select id, id from payments_payment where id in (select source_id from wanted)
  union all
  select id, id from invoicing_invoice where id in (select source_id from wanted)
  union all
  select a.id, coalesce(a.payment_id, a.credit_note_id) from payments_allocation a
  where a.payment_id in (select source_id from wanted) or a.credit_note_id in (select source_id from wanted)
  union all
  select r.id, coalesce(r.payment_id, r.credit_note_id) from payments_refund r
  where r.payment_id in (select source_id from wanted) or r.credit_note_id in (select source_id from wanted)
), money as (
  select e.document_id, coalesce(first.kind, e.kind) as kind, first.id is not null as is_reversal,
         round(known.factor * sum(p.minor) over way)
           - round(known.factor * (sum(p.minor) over way - p.minor)) as worth
  from papers d join ledger_entry e on e.document_id = d.id
  left join ledger_entry first on first.id = e.reverses_id
  join ledger_posting p on p.entry_id = e.id and p.account = 'unapplied'
  join parties_vendor v on v.id = p.vendor_id
  left join rates_fixing f on f.document_id = d.source_id
  cross join lateral (select case when p.currency = v.currency then 1 else f.factor end) known (factor)
  window way as (partition by d.source_id order by p.id)
), owed as (
  select e.document_id, coalesce(first.kind, e.kind) as kind, first.id is not null as is_reversal,
         p.invoice_id, p.effective_on, p.currency, p.minor, p.id,
         round(known.factor * sum(p.minor) over way)
           - round(known.factor * (sum(p.minor) over way - p.minor)) as worth
  from ledger_posting p join ledger_entry e on e.id = p.entry_id
  left join ledger_entry first on first.id = e.reverses_id
  join parties_vendor v on v.id = p.vendor_id
  left join rates_fixing f on f.document_id = p.invoice_id
  cross join lateral (select case when p.currency = v.currency then 1 else f.factor end) known (factor)
  where p.account = 'receivable' and p.invoice_id in (select invoice_id from wanted)
  window way as (partition by p.invoice_id order by p.id)
)
select v.currency, o.effective_on, i.id, i.number, c.name, w.source_id, o.currency, -o.minor, m.worth::bigint, -o.worth::bigint
from wanted w
join owed o on o.document_id = w.id and o.invoice_id = w.invoice_id and o.kind in ('allocation', 'exchange')
join money m on m.document_id = w.id and m.kind = o.kind and m.is_reversal = o.is_reversal
join invoicing_invoice i on i.id = w.invoice_id
join parties_customer c on c.id = i.customer_id
join parties_vendor v on v.id = i.vendor_id
where o.effective_on between %(first)s::date and %(last)s::date
order by o.id
"""
