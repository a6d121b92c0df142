"""Every address of the desk and the portal, as everybody who may not: nothing leaks, and nothing changes."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

import psycopg
import pytest
from django.db import connection
from django.test import Client

from goodterms.database.isolation import acting_for
from goodterms.desk.tests.cast import a_member, a_vendor, as_member, with_password
from goodterms.invoicing.models import Invoice
from goodterms.parties.actions import add_contact, add_customer
from goodterms.parties.models import Contact, Customer, Member, Vendor
from goodterms.portal.door import COOKIE
from goodterms.reminders.models import Nomination
from goodterms.sample.tests.house import House
from goodterms.values.money import Money
from stories.faces.addresses import IN_FORMS, NOW, ROUTES, address, lets_in, parts_of, routes, things_of

pytestmark = pytest.mark.django_db
ELSEWHERE: dict[str, Any] = {"REMOTE_ADDR": "203.0.113.9"}  # to this machine itself an installation with a sample shows more
# Sessions, counters of tries, and the table of an import, which is there for one transaction alone.
FLEETING = ("django_session", "django_cache", "usersessions_usersession", "import_row")
NOBODY = "01a1e3de-0000-7000-8000-000000000000"
CHANGE = r'\b(?:insert\s+into|delete\s+from|merge\s+into|truncate|copy|update(?:\s+only)?)\s+"?(\w+)"?'
OF_EVERYBODY = {"invoices-views", "settings-you"}  # one's own views and keys, a reader's too
NAMED_IN_FORMS = {"portal-pay", "new-invoice", "invoices-selected", "invoices-together"}
TYPED = {
    "words": "Please look.", "reason": "QTY", "amount": "1.00", "deed": "hold", "sure": "1", "decision": "approve",
    "way": "card", "name": "X", "email": "x@elsewhere.example", "role": "owner", "note": "x", "until": "2026-12-01",
    "choice": "day", "promised_on": "2026-11-20", "until_on": "2026-11-30", "line": "2", "out": "1", "arrived": "yes",
    "why": "x", "want": "stop", "what": "promise", "received_on": "2026-11-16", "method": "cash", "currency": "GBP",
    "net_days": "14", "answer": "good",
}  # fmt: skip


class Told(NamedTuple):
    """What an address answered, without what differs from one asking to the next, and which tables were written."""

    status: int
    onward: str
    body: str
    written: frozenset[str]


class Visitor(NamedTuple):
    """A browser, and which strings may never appear in it."""

    name: str
    client: Client
    marks: list[str]

    def ask(self, method: str, name: str, things: Mapping[str, str]) -> Told:
        named = {word: things[thing] for word, thing in IN_FORMS.items()}
        path = address(name, things)
        with writes() as written:
            if method == "POST":
                answer = self.client.post(path, {**TYPED, **named}, **ELSEWHERE)
            else:
                answer = self.client.generic(method, path, QUERY_STRING=urlencode(named), **ELSEWHERE)
        body = b"".join(answer) if getattr(answer, "streaming", False) else answer.content
        onward, words = plain(answer.get("Location", ""), things), plain(body.decode(errors="replace"), things)
        return Told(answer.status_code, onward, words, frozenset(written))

    def leaks(self, told: Told) -> list[str]:
        return [mark for mark in self.marks if mark in told.body or mark in told.onward]


def plain(words: str, things: Mapping[str, str]) -> str:
    """Whatever is named in the address is told back, and nobody learns from that."""
    for one in sorted(set(things.values()), key=len, reverse=True):
        words = words.replace(one, "THING") if len(one) > 9 else words
    words = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "THING", words)
    return re.sub(r'(csrfmiddlewaretoken" value=")\w+', r"\1", words)


@contextmanager
def writes() -> Iterator[set[str]]:
    """The tables that statements of this block change, but for those of sessions and counters."""
    seen: set[str] = set()

    def watch(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        asked = re.sub(r"\bfor\s+(no\s+key\s+)?update\b|\bdo\s+update\b|'[^']*'", " ", str(sql), flags=re.IGNORECASE)
        answer = execute(sql, params, many, context)
        tables = {one.lower() for one in re.findall(CHANGE, asked, flags=re.IGNORECASE)}
        seen.update(one for one in tables if not one.endswith(FLEETING) and context["cursor"].rowcount != 0)
        return answer

    with connection.execute_wrapper(watch):
        yield seen


def books(house: House) -> dict[str, tuple[int, int]]:
    """A fingerprint of every table as PostgreSQL itself has it, whatever way a change took."""
    known = connection.get_connection_params()
    with psycopg.connect(host=known["host"], user="postgres", dbname=known["dbname"]) as session:
        tables = session.execute("select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace")
        names = [name for (name,) in tables.fetchall() if not name.endswith(FLEETING)]
        asked = " union all ".join(
            f"select '{name}', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) from public.{name} t" for name in names
        )
        return {name: (count, int(total)) for name, count, total in session.execute(asked).fetchall()}


@pytest.fixture
def things(house: House) -> dict[str, str]:
    return things_of(house)


@pytest.fixture
def nothing(things: dict[str, str]) -> dict[str, str]:
    """As if: of the same shape, and nobody's."""
    strange = {name: NOBODY if re.fullmatch(r"[0-9a-f-]{36}", one) else one for name, one in things.items()}
    return {**strange, "slug": "no-such-vendor", "letter_name": "no-such-letter.eml"}


def its(things: Mapping[str, str], **more: str) -> dict[str, str]:
    return {**things, **more}


def stranger(marks: list[str]) -> Visitor:
    return Visitor("a stranger", Client(raise_request_exception=False), marks)


def staff(vendor: Vendor, role: str, marks: list[str]) -> Visitor:
    member = a_member(vendor, f"Canary{role.title()}", role)
    with acting_for([vendor.id]):
        client = as_member(Member.objects.select_related("person").get(id=with_password(member).id))
    client.raise_request_exception = False
    assert client.get(f"/at/{vendor.slug}/").status_code == 200  # who is not let in anywhere proves nothing
    return Visitor(f"{role} of {vendor.slug}", client, marks)


def payer(house: House, name: str, marks: list[str], notice: UUID | None = None) -> Visitor:
    with acting_for(everybody(house)):
        [key] = set(Contact.objects.filter(name=name, ended_at=None).values_list("payer_id", flat=True))
    client = Client(raise_request_exception=False)
    client.cookies[COOKIE] = lets_in(everybody(house), key, notice).secret
    assert client.get("/pay/").status_code == 200
    return Visitor(f"{name}{' by a letter' if notice else ''}", client, marks)


def everybody(house: House) -> list[UUID]:
    return [one.id for one in house.vendors.values()]


def another_vendor() -> Vendor:
    """Somebody of the same installation, with a customer and a payer of its own."""
    vendor = a_vendor("canary-and-co", name="Canary & Co", legal_name="Canary Song Ltd")
    with acting_for([vendor.id]):
        theirs = add_customer(vendor_id=vendor.id, number="C1", name="Canary Islands", currency="GBP", now=NOW, by="Canary")
        add_contact(
            vendor_id=vendor.id, customer_id=theirs.id, name="Canary Bird", email="bird@canary.example", pays=True, now=NOW,
            by="Canary",
        )  # fmt: skip
    return vendor


def marks_of(invoices: Iterable[Invoice]) -> list[str]:
    """The strings by which an invoice would be known again: its number, and what is open of it."""
    open_sums = [Money(one.open_minor, one.currency).major for one in invoices if one.open_minor > 9_999]
    return [one.number for one in invoices if one.number] + [f"{one:,.2f}" for one in open_sums]


def of_lindqvist(house: House) -> list[str]:
    """What nobody outside knows of Lindqvist Rowe and of those who owe it money."""
    vendor = house.vendors["lindqvist-rowe"].id
    with acting_for([vendor]):
        names = Customer.objects.filter(vendor_id=vendor).values_list("name", flat=True)
        people = Contact.objects.filter(vendor_id=vendor).values_list("name", "email")
        own = ["Lindqvist Rowe", "Elin Lindqvist", "Tom Okafor", "Marked"]
        return [
            *own,
            *names,
            *(one for pair in people for one in pair if one),
            *marks_of(Invoice.objects.filter(vendor_id=vendor)),
        ]


def of_bellwether(house: House, but: Iterable[str] = ()) -> list[str]:
    with acting_for(everybody(house)):
        found = Invoice.objects.filter(customer__number="bellwether").exclude(number__in=but)
        return ["Marked", *marks_of(found)]


def test_every_route_is_in_the_sweep() -> None:
    missing = sorted({name for name, _ in routes()} - set(ROUTES))
    assert not missing, f"New routes: {missing}. Enter each in ROUTES of stories/faces/addresses.py: who stands at its door?"
    gone = sorted(set(ROUTES) - {name for name, _ in routes()})
    assert not gone, f"Routes that are gone: {gone}. Take them out of ROUTES of stories/faces/addresses.py."


def test_looking_writes_nothing_whoever_looks(house: House, things: dict[str, str]) -> None:
    vendor = house.vendors["lindqvist-rowe"]
    with acting_for([vendor.id]):
        kept = Vendor.objects.get(id=vendor.id)
    visitors = [stranger([]), staff(kept, "owner", []), payer(house, "Sandra Whitlock", [])]
    before, faults = books(house), []
    for visitor in visitors:
        for name, _ in routes():
            for method in ("GET", "HEAD"):
                told = visitor.ask(method, name, things)
                if told.written or told.status >= 500:
                    faults.append(f"{method} {name} by {visitor.name}: {told.status}, wrote {set(told.written)}")
    assert faults == []
    assert {name: one for name, one in books(house).items() if one != before[name]} == {}


def test_strangers_and_other_vendors_learn_nothing_and_change_nothing(
    house: House, things: dict[str, str], nothing: dict[str, str]
) -> None:
    other = another_vendor()
    marks = of_lindqvist(house)
    outside = [stranger(marks), staff(other, "owner", marks), payer(house, "Sandra Whitlock", [])]
    before, faults = books(house), []
    for visitor in outside:
        at_home = visitor.client.cookies.get(COOKIE) is not None
        for name, route in ROUTES.items():
            if route.door not in ("desk", "person", "here") + (() if at_home else ("payer",)):
                continue
            if route.door == "person" and visitor is outside[1]:
                continue  # it is their own
            for method in ("GET", "POST"):
                faults += unlike(visitor, method, name, things, nothing)
    for name in ROUTES:
        takes_something = set(parts_of(name)) - {"slug", "day", "verb"} or name in NAMED_IN_FORMS
        if ROUTES[name].door == "desk" and takes_something:
            for method in ("GET", "POST"):
                own = its(things, slug=other.slug), its(nothing, slug=other.slug)
                faults += unlike(outside[1], method, name, *own)
    assert faults == []
    assert {name: one for name, one in books(house).items() if one != before[name]} == {}


def test_other_payers_and_other_letters_show_nothing(house: House, things: dict[str, str], nothing: dict[str, str]) -> None:
    with acting_for(everybody(house)):
        shown = Nomination.objects.filter(notice_id=things["letter_id"]).values_list("invoice__number", flat=True)
        letter_shows = list(shown)
    visitors = [
        payer(house, "Graham Tait", ["Bellwether", "Sandra Whitlock", *of_bellwether(house)]),
        payer(house, "Sandra Whitlock", of_bellwether(house, letter_shows), UUID(things["letter_id"])),
    ]
    before, faults = books(house), []
    others = its(things, slug="penhale-print")
    for visitor in visitors:
        for name, route in ROUTES.items():
            if route.door != "payer":
                continue
            takes_something = parts_of(name) or name in NAMED_IN_FORMS
            for method in ("GET", "POST") if takes_something else ("GET",):
                faults += unlike(visitor, method, name, others, nothing)
    for name in ("portal-preferences", "portal-reminders", "portal-end-all"):
        told = visitors[1].ask("POST", name, things)
        faults += (
            [f"POST {name} by a letter alone: {told.status}, {told.written}"] if told.status != 302 or told.written else []
        )
    assert faults == []
    assert {name: one for name, one in books(house).items() if one != before[name]} == {}


def test_a_wrong_token_is_told_like_an_unknown_thing(house: House, things: dict[str, str], nothing: dict[str, str]) -> None:
    visitor, faults, before = stranger(of_lindqvist(house)), [], books(house)
    wrong = dict.fromkeys(("token", "feedback_token", "receipt_token", "order_token", "before_token", "secret"), "A" * 43)
    for name, route in ROUTES.items():
        if route.door == "token" or name == "hook":
            for method in ("GET", "POST"):
                faults += unlike(visitor, method, name, its(things, **wrong), its(nothing, **wrong))
    assert faults == []
    assert {name: one for name, one in books(house).items() if one != before[name]} == {}


def test_a_reader_reads_the_own_firm_and_changes_nothing(house: House, things: dict[str, str]) -> None:
    another_vendor()
    with acting_for(everybody(house)):
        vendor = Vendor.objects.get(id=house.vendors["lindqvist-rowe"].id)
        others = list(Invoice.objects.exclude(vendor_id=vendor.id))
    theirs = ["Canary & Co", "Canary Bird", "Canary Islands", *(one.number for one in others if one.number)]
    visitor = staff(vendor, "reader", theirs)
    before, faults = books(house), []
    for name, route in ROUTES.items():
        if route.door != "desk":
            continue
        told = visitor.ask("GET", name, things)
        if told.status not in (200, 302, 404, 405) or told.written or visitor.leaks(told):
            faults.append(f"GET {name}: {told.status}, wrote {set(told.written)}, told {visitor.leaks(told)}")
        if name not in OF_EVERYBODY:
            told = visitor.ask("POST", name, things)
            if told.status not in (403, 405) or told.written:
                faults.append(f"POST {name}: {told.status}, wrote {set(told.written)}")
    assert faults == []
    assert {name: one for name, one in books(house).items() if one != before[name]} == {}


def unlike(visitor: Visitor, method: str, name: str, others: Mapping[str, str], nothing: Mapping[str, str]) -> list[str]:
    """What is wrong when a visitor names a thing of others: it must be told like one that is not there."""
    told, strange = visitor.ask(method, name, others), visitor.ask(method, name, nothing)
    who, faults = f"{method} {name} by {visitor.name}", []
    if told.written or strange.written:
        faults.append(f"{who} wrote {set(told.written | strange.written)}")
    if leaked := visitor.leaks(told):
        faults.append(f"{who} told {leaked}")
    if told != strange:
        faults.append(f"{who} was told {told.status} {told.onward}, and of nothing {strange.status} {strange.onward}")
    if told.status >= 500:
        faults.append(f"{who} broke: {told.status}")
    return faults
