"""Decides which invoices a few typed words mean: by number, work, purchase order or sum, or by the customer's name.

Row security lets PostgreSQL use an index for comparisons only, so a word is looked up as a range of folded words, and a sum
as the word that its minor units make.
"""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Func, TextField, Value
from django.db.models.functions import Cast, Left
from psycopg import Cursor

from goodterms.parties.rules import fold
from goodterms.values.typed import without_commas

MOST_WORDS = 6
OFTEN = 4  # times that one invoice is usually found at most: by its words, its number, its customer, its sum
LONGEST = 60  # letters of a word that are kept
EDGES = ".,;:()[]'\"“”"
LAST = "\U0010ffff"


class Sought(NamedTuple):
    """SQL that selects the keys of invoices of the vendor `%(vendor)s`, some of them twice, and what fills it."""

    sql: str
    given: dict[str, Any]


def found(vendor_id: UUID, words: str, most: int | None) -> list[UUID] | None:
    """The keys of what `words` mean, newest first, at most so many of them; None where nothing is asked for."""
    what = sought(words)
    if what is None:
        return None
    looked_at = most and most * OFTEN
    keys, rows = _keys(what, vendor_id, most, looked_at)
    if most and rows == looked_at and len(keys) < most:  # so many were the same that it cannot be said that these are all
        keys, _ = _keys(what, vendor_id, most, None)
    return sorted(keys, key=attrgetter("int"), reverse=True)


def _keys(what: Sought, vendor_id: UUID, most: int | None, looked_at: int | None) -> tuple[set[UUID], int]:
    """Different keys among the first rows that are found, and how many rows those were: of a word that means all invoices no
    more than that are read."""
    with connection.cursor() as wrapped:
        cursor: Cursor[Any] = wrapped.cursor
        given = {**what.given, "vendor": vendor_id, "most": most, "looked_at": looked_at}
        # A word may mean one invoice or all of them: planned anew for each, a plan for any word takes five times as long.
        cursor.execute(_FOUND.format(sql=what.sql).encode(), given, prepare=False)
        rows = cursor.fetchall()
    return {key for key, _ in rows}, rows[0][1] if rows else 0


def sought(words: str) -> Sought | None:
    """Every word has to be met, each by the invoice or by its customer; None where nothing is asked for."""
    typed = [word.strip(EDGES) for word in words.replace("\0", "").split()][:MOST_WORDS]
    parts = [_one(at, word) for at, word in enumerate(typed) if fold(word)]
    if not parts:
        return None
    first, *rest = parts
    given = {name: value for part in parts for name, value in part.given.items()}
    if not rest:
        return first
    # Looked up in the others, not cut with them: the smaller side is hashed, and the rest of the larger one never read.
    others = " and ".join(f"first.invoice_id in ({part.sql})" for part in rest)
    return Sought(f"select first.invoice_id from ({first.sql}) first where {others}", given)


def as_word(number: str) -> Left:
    """A whole number as the triggers keep it among the words, for a queryset."""
    return Left(Func(Cast(Value(number), TextField()), function="invoicing_folded", output_field=TextField()), LONGEST)


def minors(word: str) -> Sequence[int]:
    """What `4,255.20`, `£4255.20` or `4255` may be in minor units, whatever the currency: none, two or three digits."""
    plain = without_commas(word).strip("£€$¥")
    if not plain.replace(".", "", 1).isdecimal() or not plain.isascii() or len(plain) > 15:
        return ()
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        return ()
    return sorted({int(amount.scaleb(digits)) for digits in (0, 2, 3) if amount.scaleb(digits) % 1 == 0})


def _one(at: int, word: str) -> Sought:
    folded, sums = fold(word), minors(word)
    given: dict[str, Any] = {
        f"word{at}": word,
        f"last{at}": LAST,
        f"from{at}": folded,
        f"until{at}": folded + LAST,
        f"inside{at}": f"% {_escaped(folded)}%",
        f"tail{at}": folded.lstrip("0") or folded,
        f"sums{at}": [f"#{one}" for one in sums],
        f"open{at}": list(sums),
    }
    sql = _BY_WORD + (_BY_OPEN if sums else "")
    return Sought(sql.replace("{n}", str(at)), given)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


_FOUND = """
with looked_at as materialized (select * from ({sql}) as found (invoice_id) limit %(looked_at)s)
select distinct invoice_id, (select count(*) from looked_at) from looked_at limit %(most)s
"""
_BY_WORD = """
select w.invoice_id from invoicing_word w
where w.vendor_id = %(vendor)s and w.word >= invoicing_folded(%(word{n})s)
  and w.word < invoicing_folded(%(word{n})s) || %(last{n})s
union all select w.invoice_id from invoicing_word w
where w.vendor_id = %(vendor)s and w.word = any(array[%(tail{n})s] || %(sums{n})s::text[])
union all select i.id from invoicing_invoice i join parties_customer c on c.id = i.customer_id
where c.vendor_id = %(vendor)s and i.vendor_id = %(vendor)s
  and (c.folded >= %(from{n})s and c.folded < %(until{n})s or c.folded like %(inside{n})s)
"""
_BY_OPEN = """
union all select i.id from invoicing_invoice i
where i.vendor_id = %(vendor)s and i.open_minor > 0 and i.open_minor = any(%(open{n})s::bigint[])
"""
