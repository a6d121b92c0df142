"""Decides which money stands on the page of the day: payments and refunds of which nobody knows whether it moved."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from goodterms.values.money import Money


class Uncertain(NamedTuple):
    """What is known of it, and of whom."""

    kind: str  # checkout or refund
    id: UUID
    customer_id: UUID
    customer: str
    currency: str
    minor: int
    at: datetime
    why: str
    numbers: list[str]  # of what was to be paid
    provider: str

    @property
    def money(self) -> Money:
        return Money(self.minor, self.currency)

    @property
    def typed(self) -> str:
        """The sum, as one would type it."""
        return str(self.money.major)


CHECKOUTS = "payments_checkout c where c.vendor_id = %(vendor)s and c.succeeded_at is null and c.doubted_at is not null"
REFUNDS = """payments_refund r where r.vendor_id = %(vendor)s and r.provider <> '' and r.sent_at is null
  and r.failed_at is null and r.asked_at is not null"""
ROWS = f"""
select 'checkout', c.id, c.customer_id, cu.name, c.currency, c.minor, c.doubted_at, c.doubt,
       (select coalesce(array_agg(i.number order by x.position), '{{}}') from payments_checkoutitem x
        join invoicing_invoice i on i.id = x.invoice_id where x.checkout_id = c.id), c.provider
from (select * from {CHECKOUTS} order by c.doubted_at, c.id limit %(most)s) c
join parties_customer cu on cu.id = c.customer_id
union all
select 'refund', r.id, y.customer_id, cu.name, y.currency, r.minor, r.asked_at, r.reason, '{{}}', r.provider
from (select * from {REFUNDS} order by r.asked_at, r.id limit %(most)s) r
join payments_payment y on y.id = r.payment_id join parties_customer cu on cu.id = y.customer_id
"""
