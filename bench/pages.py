"""Pages for one user at a time: every page of the desk and of the portal, on a vendor with 100,000 invoices.

The vendor has 10,000 customers, 4,000 payers, 20,000 open invoices among 80,000 settled ones, with lines, payments, letters,
8,800 conversations, promises, answers about content, drafts, and a log of 600,000 rows. Who asks is signed in with a second
factor (desk) or proven (portal); the customer, the payer and the invoice are those with the most to show.

- answer time: Django's test client in one process, with all middleware and the database behind it, not the way through a
  web server; it reads templates and frees its start from the collector as a worker does (goodterms/wsgi.py). Pages are asked
  in turns, 60 rounds after 5 that do not count; p99 is the longest of the 60.
- Yardstick: /readyz in the same turns, which asks the database for one row.
- statements: how many one page sends to the database, here and on the same book with 2,000 invoices.
"""

import os
import re
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from datetime import time as at_time
from hashlib import sha256
from secrets import token_hex
from statistics import median
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from bench import book, house
from bench.measure import Row

NAME = "bench_pages"
NOW = datetime.combine(book.ON, at_time(10, 20), ZoneInfo("UTC"))
FIRST = 5  # rounds that do not count
LIMIT = 0.2
BARE = "/readyz"


class Page(NamedTuple):
    """A page by its name, who asks, and its address."""

    name: str
    client: Any
    path: str


class Measured(NamedTuple):
    """What came of a page: seconds of each answer, statements, and bytes of the last answer."""

    seconds: list[float]
    statements: int
    bytes: int


def run(small: bool) -> Iterator[Row]:
    os.environ["GOODTERMS_NOW"] = NOW.isoformat()
    few = {name: one.statements for name, one in _of_book(book.Shape(400, 1_600, True, True, 1, 2), 0).items()}
    shape = book.Shape(2_000, 8_000, True, True, 1, 2) if small else book.Shape(20_000, 80_000, True, True, 1, 2)
    found = _of_book(shape, 5 if small else 60)
    bare = median(found.pop(BARE).seconds) * 1000
    for name, one in found.items():
        usual, longest = median(one.seconds) * 1000, max(one.seconds) * 1000
        yield Row(
            "pages", name, f"{usual:.0f} ms, p99 {longest:.0f} ms", f"{BARE} {bare:.1f} ms", f"{usual / bare:.0f} x its time",
            "p99 under 200 ms", longest < LIMIT * 1000, f"{one.statements} statements, {one.bytes / 1024:.0f} kB",
        )  # fmt: skip
    odd = {name: (few[name], one.statements) for name, one in found.items() if few[name] != one.statements}
    yield Row(
        "pages", f"statements of {len(found)} pages, 2,000 and {shape.open + shape.settled:,} invoices",
        f"{len(found) - len(odd)} the same", "", "", "the same number", not odd,
        "; ".join(f"{name} {a} and {b}" for name, (a, b) in odd.items()),
    )  # fmt: skip
    house.drop_books(NAME)


def _of_book(shape: book.Shape, rounds: int) -> dict[str, Measured]:
    """By name: a new book, and all of its pages so many times after those that do not count."""
    book.make(NAME, shape)
    house.move_in(NAME)
    return measured(pages(), rounds)


def measured(asked: list[Page], rounds: int) -> dict[str, Measured]:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from goodterms.wsgi import warm_up

    warm_up()
    asked = [Page(BARE, Client(), BARE), *asked]
    seconds: dict[str, list[float]] = {one.name: [] for one in asked}
    for turn in range(FIRST + rounds):
        for one in asked:
            took, _ = _ask(one)
            if turn >= FIRST:
                seconds[one.name].append(took)
    found = {}
    for one in asked:
        with CaptureQueriesContext(connection) as sent:
            _, size = _ask(one)
        found[one.name] = Measured(seconds[one.name], len(sent), size)
    return found


def _ask(page: Page) -> tuple[float, int]:
    began = time.perf_counter()
    answer = page.client.get(page.path)
    took = time.perf_counter() - began
    if answer.status_code != 200:
        raise RuntimeError(f"{page.name}: {page.path} answered {answer.status_code}")
    return took, len(answer.content)


def pages() -> list[Page]:
    """Every page, with whom and what has the most to show."""
    with house.superuser(NAME) as rows:
        one = dict(zip(_SUBJECTS, rows.execute(f"select {', '.join(_SUBJECTS.values())}").fetchone(), strict=True))
        member, payer = _member(one["person"]), _payer(rows, one["payer"])
    desk = f"/at/{one['slug']}/"
    upload = _upload(one["vendor"])
    message = re.search(rf'"({desk}messages/[^"/]+/[^"/]+/)edit/', member.get(desk).text)
    given = {**one, "upload": upload, "message": message[1].removeprefix(desk) if message else ""}
    return [
        *(Page(f"desk: {name}", member, desk + path.format(**given)) for name, path in _DESK.items()),
        *(Page(f"desk: {name}", member, path) for name, path in _ACCOUNT.items()),
        *(Page(f"portal: {name}", payer, "/pay/" + path.format(**given)) for name, path in _PORTAL.items()),
    ]


def _member(person_id: Any) -> Any:
    """A browser with a session in which two factors were shown."""
    from django.test import Client

    from goodterms.database.isolation import looking_up
    from goodterms.parties.models import Person

    client = Client()
    with looking_up("signin", "on"):
        client.force_login(Person.objects.get(id=person_id))
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "type": "webauthn"}]
    session["account_authentication_methods_user"] = str(person_id)
    session.save()
    return client


def _payer(rows: Any, payer_id: Any) -> Any:
    from django.test import Client

    client, secret = Client(), token_hex()
    rows.execute(_SESSION, [payer_id, sha256(secret.encode()).hexdigest(), NOW, NOW + timedelta(days=1)])
    client.cookies["goodterms_payer"] = secret
    return client


def _upload(vendor_id: Any) -> Any:
    """A file of 200 invoices that waits to be looked at."""
    from goodterms.database.isolation import acting_for
    from goodterms.imports.actions import keep

    lines = [f"N-{n},Firm {n},2026-10-01,2026-10-31,GBP,{n + 1}.00,firm-{n}@firm.example" for n in range(200)]
    content = "\n".join(["number,customer,issued,due,currency,total,email", *lines, ""]).encode()
    with acting_for([vendor_id]):
        return keep(vendor_id=vendor_id, name="book.csv", content=content, by="Tom Okafor", now=NOW).id


_DESK = {
    "today": "",
    "a message": "{message}edit/",
    "the letter of a message": "{message}letter/",
    "invoices, open and lately settled": "invoices/",
    "invoices, open": "invoices/?show=open",
    "invoices, late": "invoices/?show=late",
    "invoices, this week": "invoices/?show=week",
    "invoices, in question or dispute": "invoices/?show=asked",
    "invoices, held": "invoices/?show=held",
    "invoices, to approve": "invoices/?show=approve",
    "invoices, settled": "invoices/?show=settled",
    "invoices, all": "invoices/?show=all",
    "invoices, of a customer": "invoices/?show=all&customer={customer}",
    "invoices, by a name": "invoices/?show=all&q=firm+77",
    "invoices, by words of all": "invoices/?show=all&q=item+firm",
    "invoices, by a sum": "invoices/?show=all&least=4000&most=4100",
    "find a number": "find/?q={number}",
    "find a name": "find/?q=firm+77",
    "find a word of all": "find/?q=item",
    "find what was said": "find/?q=the+price+of+march",
    "find nothing": "find/?q=zyzzyva",
    "an invoice": "invoices/{invoice}/",
    "an invoice, settled": "invoices/{settled}/",
    "a draft": "invoices/{draft}/draft/",
    "new invoice": "invoices/new/",
    "record a payment": "customers/{customer}/payment/",
    "customers": "customers/",
    "customers, late": "customers/?view=late",
    "customers, by name": "customers/?order=name&q=firm+77",
    "a customer": "customers/{customer}/",
    "new customer": "customers/new/",
    "preferences of a customer": "customers/{customer}/preferences/",
    "terms of a customer": "customers/{customer}/terms/",
    "a new contact": "customers/{customer}/people/",
    "conversations": "conversations/",
    "conversations, settled": "conversations/?view=closed",
    "conversations, by words": "conversations/?q=firm+1",
    "a conversation": "conversations/{conversation}/",
    "reminders, with rehearsal": "reminders/",
    "words of the reminders": "reminders/words/",
    "insights, 90 days": "insights/",
    "insights, a year": "insights/?days=365",
    "import": "import/",
    "import, 200 lines looked at": "import/{upload}/",
    "settings": "settings/",
    "settings, the firm": "settings/firm/",
    "settings, the bank": "settings/bank/",
    "settings, an invitation": "settings/people/invite/",
    "settings, a key": "settings/keys/new/",
}
_ACCOUNT = {"own sign-in": "/account/"}
_PORTAL = {
    "home": "",
    "an invoice": "invoices/{payable}/",
    "past": "past/",
    "statement": "statements/{slug}/",
    "conversations": "conversations/",
    "a conversation": "conversations/{own_conversation}/",
    "ask": "invoice/{payable}/ask/",
    "what is noted": "invoice/{payable}/noted/",
    "preferences": "preferences/",
    "pay": "now/?invoice={payable}",
    "a receipt": "receipts/{payment}/",
}
_MOST = "(select {0} from invoicing_invoice where open_minor > 0 group by 1 order by count(*) desc, 1 limit 1)"
_CUSTOMER = _MOST.format("customer_id")
_OF_PAYER = """(select customer_id from parties_contact where payer_id = (
  select k.payer_id from invoicing_invoice i join parties_contact k on k.customer_id = i.customer_id
  where i.open_minor > 0 group by 1 order by count(*) desc, 1 limit 1))"""
_SUBJECTS = {
    "vendor": "(select id from parties_vendor where slug = 'vendor-0')",
    "slug": "'vendor-0'",
    "person": "(select id from parties_person limit 1)",
    "customer": _CUSTOMER,
    "invoice": "(select invoice_id from conversations_about join invoicing_invoice i on i.id = invoice_id"
    " where i.open_minor > 0 order by i.number limit 1)",
    "number": "(select number from invoicing_invoice where open_minor > 0 order by number limit 1)",
    "settled": "(select id from invoicing_invoice where settled_on < '2026-11-17' order by number limit 1)",
    "draft": "(select id from invoicing_invoice where settled_on = '9999-12-31' and issued_on is null and approved_at is null"
    " order by id limit 1)",
    "conversation": "(select id from conversations_conversation where waiting_since_at is not null and closed_at is null"
    " order by id limit 1)",
    "payer": f"(select payer_id from parties_contact where customer_id in {_OF_PAYER} limit 1)",
    "payable": f"(select id from invoicing_invoice where customer_id in {_OF_PAYER} and open_minor > 0"
    " order by number limit 1)",
    "own_conversation": f"""coalesce((select id from conversations_conversation where customer_id in {_OF_PAYER}
      order by id limit 1), gen_random_uuid())""",
    "payment": f"(select id from payments_payment where customer_id in {_OF_PAYER} order by id limit 1)",
}
_SESSION = """
insert into access_session (id, payer_id, secret_sha256, device, opened_at, expires_at)
values (gen_random_uuid(), %s, %s, '', %s, %s)
"""
