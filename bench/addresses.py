"""Decides which pages are asked: every page of the desk and the portal by its address, and with what it is filled.

What an address names (a customer, a project, a link) is whatever has the most to show in the book, and is found or made here.
"""

import os
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from secrets import token_hex
from typing import Any
from uuid import UUID

from bench import book, house

DESK = {
    "today": "",
    "today, a group unfolded": "?whole=to-approve",
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
    "a draft looked at, with its files": "invoices/{draft}/",
    "a draft, whether its format holds": "invoices/{draft}/?check=xrechnung",
    "a draft that waits for a word": "invoices/{foretold}/",
    "new invoice": "invoices/new/",
    "new invoice, by hand": "invoices/new/?customer={customer}&by-hand=1",
    "new invoice, 500 items to choose from": "invoices/new/?customer={customer}",
    "record a payment": "customers/{customer}/payment/",
    "certificates that are missing": "invoices/certificates/",
    "a credit without an invoice": "customers/{customer}/credit/",
    "spend what is kept": "credits/{kept}/spend/",
    "a refund": "credits/{payment}/refund/",
    "money for an invoice of another currency": "payments/{payment}/settle/",
    "to be billed": "to-be-billed/",
    "new project": "projects/new/",
    "a project, 500 items and twelve parts": "projects/{project}/",
    "price of a project": "projects/{project}/price/",
    "retainers": "retainers/",
    "new retainer": "retainers/new/",
    "a retainer": "retainers/{retainer}/",
    "schedules": "schedules/",
    "schedules, ended": "schedules/?show=ended",
    "new schedule": "schedules/new/",
    "new schedule, of a customer": "schedules/new/?customer={customer}",
    "a schedule": "schedules/{schedule}/",
    "customers": "customers/",
    "customers, late": "customers/?view=late",
    "customers, by name": "customers/?order=name&q=firm+77",
    "a customer": "customers/{customer}/",
    "new customer": "customers/new/",
    "details of a customer": "customers/{customer}/details/",
    "preferences of a customer": "customers/{customer}/preferences/",
    "terms of a customer": "customers/{customer}/terms/",
    "a new contact": "customers/{customer}/people/",
    "a contact": "customers/{customer}/people/{contact}/",
    "a plan": "plans/{plan}/",
    "conversations": "conversations/",
    "conversations, settled": "conversations/?view=closed",
    "conversations, by words": "conversations/?q=firm+1",
    "a conversation": "conversations/{conversation}/",
    "reminders, with rehearsal": "reminders/",
    "words of the reminders": "reminders/words/",
    "words of an invoice's letter": "reminders/words/?kind=invoice",
    "words of a credit note's letter": "reminders/words/?kind=credit_note",
    "words of the question for an order": "reminders/words/?kind=order",
    "words of a welcome": "reminders/words/?kind=welcome",
    "words of a receipt": "reminders/words/?kind=on_time",
    "words, previewed": "reminders/words/preview/?kind=invoice&opening=Here+it+is.",
    "insights, 90 days": "insights/",
    "insights, a year": "insights/?days=365",
    "import": "import/",
    "import, 200 lines looked at": "import/{upload}/",
    "settings": "settings/",
    "settings, the firm": "settings/firm/",
    "settings, the papers": "settings/papers/",
    "settings, exchange rates": "settings/rates/",
    "settings, the numbers": "settings/numbers/",
    "settings, the bank": "settings/bank/",
    "settings, an invitation": "settings/people/invite/",
    "settings, a colleague": "settings/people/{colleague}/",
    "settings, a key": "settings/keys/new/",
}
ACCOUNT = {"own sign-in": "/account/"}
PORTAL = {
    "home": "/pay/",
    "an invoice": "/pay/invoices/{payable}/",
    "past": "/pay/past/",
    "paid ahead": "/pay/ahead/",
    "statement": "/pay/statements/{slug}/",
    "conversations": "/pay/conversations/",
    "a conversation": "/pay/conversations/{own_conversation}/",
    "ask": "/pay/invoice/{payable}/ask/",
    "dispute": "/pay/invoice/{payable}/dispute/",
    "a part": "/pay/invoice/{payable}/part/",
    "more time": "/pay/invoice/{payable}/more-time/",
    "a promise": "/pay/invoice/{payable}/promise/",
    "it is paid": "/pay/invoice/{payable}/paid/",
    "hand on": "/pay/invoice/{payable}/hand-on/",
    "ask for a plan": "/pay/invoice/{payable}/plan/",
    "a plan": "/pay/plans/{plan}/",
    "what is noted": "/pay/invoice/{payable}/noted/",
    "preferences": "/pay/preferences/",
    "colleagues": "/pay/preferences/colleagues/",
    "pay": "/pay/now/?invoice={payable}",
    "how paying went": "/pay/now/{paying}/",
    "the sandbox bank": "/sandbox-bank/{paying}/",
    "a receipt": "/pay/receipts/{payment}/",
    "not me": "/pay/not-me/",
}
LINKS = {  # opened by somebody whom this browser does not know
    "a letter's link": "/p/{token}",
    "a letter's link, not me": "/p/{token}/not-me",
    "a letter's link, to stop": "/p/{token}/stop",
    "a link that was lost": "/pay/lost/",
    "an order is asked for": "/order/{order_token}",
    "a question before an invoice": "/before/{before_token}",
    "a receipt by letter": "/receipt/{payment}/{receipt_token}",
    "how content": "/feedback/{feedback}/{feedback_token}/good",
    "how content, to stop": "/feedback/{feedback}/{feedback_token}/stop",
}
_MOST = "(select customer_id from invoicing_invoice where open_minor > 0 group by 1 order by count(*) desc, 1 limit 1)"
_PAYER = f"(select payer_id from parties_contact where customer_id = {_MOST} and pays and payer_id is not null limit 1)"
_OF_PAYER = f"(select customer_id from parties_contact where payer_id = {_PAYER})"
_OPEN = f"(select id from invoicing_invoice where customer_id = {_MOST} and open_minor > 0 order by number limit 1 offset "
_DRAFT = "settled_on = '9999-12-31' and issued_on is null and voided_at is null and approved_at is null"
_FORETOLD = "invoicing_forewarning f join invoicing_invoice i on i.id = f.invoice_id and i.voided_at is null"
SUBJECTS = {
    "vendor": "(select id from parties_vendor where slug = 'vendor-0')",
    "slug": "'vendor-0'",
    "person": "(select person_id from parties_member where role = 'owner' limit 1)",
    "customer": _MOST,
    "invoice": "(select invoice_id from conversations_about join invoicing_invoice i on i.id = invoice_id"
    " where i.open_minor > 0 order by i.number limit 1)",
    "number": "(select number from invoicing_invoice where open_minor > 0 order by number limit 1)",
    "settled": "(select id from invoicing_invoice where settled_on < '2026-11-17' order by number limit 1)",
    "draft": f"(select id from invoicing_invoice where {_DRAFT} order by id limit 1)",
    "draft_payer": f"""(select k.payer_id from invoicing_invoice i
      join parties_contact k on k.customer_id = i.customer_id and k.pays where {_DRAFT} order by i.id limit 1)""",
    "foretold": f"(select i.id from {_FORETOLD} order by f.id limit 1)",
    "forewarning": f"(select f.id from {_FORETOLD} order by f.id limit 1)",
    "forewarned": f"(select f.payer_id from {_FORETOLD} order by f.id limit 1)",
    "conversation": "(select id from conversations_conversation where waiting_since_at is not null and closed_at is null"
    " order by id limit 1)",
    "payer": _PAYER,
    "payable": f"{_OPEN} 0)",
    "planned": f"{_OPEN} 1)",
    "paid_next": f"{_OPEN} 2)",
    "own_conversation": f"""coalesce((select id from conversations_conversation where customer_id in {_OF_PAYER}
      order by id limit 1), gen_random_uuid())""",
    "payment": f"(select id from payments_payment where customer_id in {_OF_PAYER} order by id limit 1)",
    "kept": f"(select id from payments_payment where customer_id = {_MOST} and unapplied_minor > 0 order by id limit 1)",
    "project": "(select project_id from billing_item group by 1 order by count(*) desc, 1 limit 1)",
    "retainer": "(select retainer_id from billing_topup group by 1 order by count(*) desc, 1 limit 1)",
    "schedule": "(select schedule_id from billing_scheduleline group by 1 order by count(*) desc, 1 limit 1)",
    "contact": f"(select id from parties_contact where pays and customer_id = {_MOST} limit 1)",
    "colleague": "(select id from parties_member where role <> 'owner' order by id limit 1)",
    "feedback": "(select id from relationship_feedback where answered_at is null order by asked_at desc, id limit 1)",
    "notice": """(select n.id from reminders_notice n join parties_contact k on k.payer_id = n.payer_id and k.pays
      where n.channel = 'email' and n.withdrawn_at is null order by n."on" desc, n.id limit 1)""",
}
_SESSION = """
insert into access_session (id, payer_id, secret_sha256, device, opened_at, expires_at)
values (gen_random_uuid(), %s, %s, '', %s, %s)
"""


def filled(name: str, now: datetime) -> tuple[dict[str, Any], Any, Any]:
    """By word of an address what fills it, and the browsers of a member and of a payer."""
    os.environ["GOODTERMS_SANDBOX_PAY"] = "1"  # or nobody but a sandbox's vendor can be paid here
    with house.superuser(name) as rows:
        one = dict(zip(SUBJECTS, rows.execute(f"select {', '.join(SUBJECTS.values())}").fetchone(), strict=True))
        member, payer = _member(one["person"]), _payer(rows, one["payer"], now)
        one |= _tokens(rows, one, now)
    one |= _made(one, now)
    answer = member.get(f"/at/{one['slug']}/")
    found = re.search(rf'"/at/{one["slug"]}/(messages/[^"/]+/[^"/]+/)edit/', answer.text)
    return {**one, "message": found[1] if found else ""}, member, payer


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


def _payer(rows: Any, payer_id: Any, now: datetime) -> Any:
    from django.test import Client

    client, secret = Client(), token_hex()
    rows.execute(_SESSION, [payer_id, sha256(secret.encode()).hexdigest(), now, now + timedelta(days=1)])
    client.cookies["goodterms_payer"] = secret
    return client


def _tokens(rows: Any, one: dict[str, Any], now: datetime) -> dict[str, str]:
    """What the links of letters carry; the notice keeps the hash of its own."""
    from django.conf import settings

    from goodterms.delivery.link import Carried, sealed
    from goodterms.invoicing.forewarnings import PURPOSE as BEFORE
    from goodterms.invoicing.orders import PURPOSE as ORDER
    from goodterms.reminders.token import hash_of, link_token

    token = link_token(settings.SECRET_KEY, one["notice"])
    rows.execute("update reminders_notice set link_sha256 = %s where id = %s", [hash_of(token), one["notice"]])
    lately = now - timedelta(days=1)
    return {
        "token": token,
        "order_token": sealed(settings.SECRET_KEY, ORDER, Carried(one["draft"], one["draft_payer"], lately)),
        "before_token": sealed(settings.SECRET_KEY, BEFORE, Carried(one["forewarning"], one["forewarned"], lately)),
        "receipt_token": link_token(settings.SECRET_KEY, one["payment"]),
        "feedback_token": link_token(settings.SECRET_KEY, one["feedback"]),
    }


def _made(one: dict[str, Any], now: datetime) -> dict[str, Any]:
    """What verbs do more easily than rows: a file that waits, a price with its parts, terms, a plan, a payment."""
    from goodterms.conversations.actions import Wish, request_plan
    from goodterms.database.isolation import acting_for
    from goodterms.parties.rules import Viewer
    from goodterms.payments.actions.checkout import open_checkouts
    from goodterms.terms.actions import agree
    from goodterms.terms.rules import Terms

    with acting_for([one["vendor"]]):
        own = Terms(grace_days=3)
        agree(vendor_id=one["vendor"], customer_id=one["customer"], terms=own, from_on=now.date(), by="Person", now=now)
        upload = _upload(one["vendor"], now)
        _price(one["project"], now)
        wish = Wish(6, date(2026, 12, 1))
        plan = request_plan(invoice_ids=[one["planned"]], wish=wish, by="Person", payer_id=one["payer"], now=now).plan.id
    viewer = Viewer("Person", frozenset(_vendors(one["payer"])), role="payer", payer_id=one["payer"])
    with acting_for(viewer.vendor_ids):
        paying = open_checkouts(viewer=viewer, wanted={one["paid_next"]: None}, provider="sandbox", key="bench", now=now)
    return {"upload": upload, "plan": plan, "paying": paying.paying_id}


def _vendors(payer_id: UUID) -> list[UUID]:
    from goodterms.parties.directory import vendors_listing

    return vendors_listing(payer_id)


def _upload(vendor_id: Any, now: datetime) -> Any:
    """A file of 200 invoices that waits to be looked at."""
    from goodterms.imports.actions import keep

    lines = [f"N-{n},Firm {n},2026-10-01,2026-10-31,GBP,{n + 1}.00,firm-{n}@firm.example" for n in range(200)]
    content = "\n".join(["number,customer,issued,due,currency,total,email", *lines, ""]).encode()
    return keep(vendor_id=vendor_id, name="book.csv", content=content, by="Tom Okafor", now=now).id


def _price(project_id: Any, now: datetime) -> None:
    """Twenty lines agreed, and twelve parts of it drafted."""
    from goodterms.billing.actions import agree_price, bill_part
    from goodterms.billing.rules import Ask
    from goodterms.invoicing.line import Line, Tax

    says: dict[str, Any] = {"by": "Tom Okafor", "role": "owner", "now": now}
    lines = [Line(f"Milestone {n}", Decimal(1), Decimal(1_000 + n), Tax("S", Decimal(20))) for n in range(1, 21)]
    agree_price(project_id=project_id, lines=lines, **says)
    for n in range(1, 13):
        bill_part(project_id=project_id, kind="progress", ask=Ask(milestone=n), on=book.ON, **says)
