"""Decides whether asking first holds: nothing was issued over a question that nobody answered, but by a person who said why."""

from goodterms.proof.looking import Finding, looked_at


def asked_first_is_waited_for() -> Finding:
    """I31: of an issued invoice about which the customer was asked, they said that it is fine, for no less than was issued; or
    somebody issued it all the same, and why is kept."""
    return looked_at(_ASKED)


_ASKED = """
select 'forewarning ' || f.id,
       case when f.overruled_at is not null and trim(f.overruled_why) = '' then 'was overruled, and nobody said why'
            when f.overruled_at is not null then null
            when f.answer <> 'fine' then 'is of an issued invoice, and the customer did not say that it is fine'
            when i.net_minor > f.net_minor then 'said yes to less than was issued' end
from invoicing_forewarning f join invoicing_invoice i on i.id = f.invoice_id
where f.ended_at is null and i.issued_on is not null
"""
