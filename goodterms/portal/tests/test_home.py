"""The payer's page: what is open and how it stands, what is suggested, and with how few questions to the books."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Q
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from goodterms.access.tests.world import NOW, PAYER, World
from goodterms.conversations.actions import ask, declare_paid, dispute, promise
from goodterms.conversations.models import Conversation
from goodterms.conversations.tests.cast import a_customer, an_invoice
from goodterms.database.isolation import acting_for
from goodterms.invoicing.actions import credit_on_account
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Payer
from goodterms.payments.actions import record
from goodterms.portal.acts.seeing import threads_of
from goodterms.portal.door import COOKIE, visit_of
from goodterms.portal.standing import standing_of
from goodterms.portal.talks import FRESH, fresh_talks, talk_of
from goodterms.portal.tests.browser import by_link, only_looking, proven, words
from goodterms.terms.rules import parse
from goodterms.values.money import Money

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 16)


def home(world: World, browser: Client | None = None, query: str = "") -> str:
    browser = browser or proven(world)
    with only_looking():
        return words(browser.get(f"/pay/{query}"))


def paid(world: World, invoice: Invoice, minor: int, key: str = "one") -> Any:
    with acting_for([invoice.vendor_id]):
        return record(
            vendor_id=invoice.vendor_id, customer_id=invoice.customer_id, amount=Money(minor, "GBP"), received_on=TODAY,
            method="bank_transfer", idempotency_key=key, named=[invoice.id], by="Tom", role="owner", now=NOW,
        )  # fmt: skip


def test_it_greets_says_what_is_open_and_suggests_what_is_late(world: World) -> None:
    said = home(world)
    assert "Good afternoon, Sandra" in said
    assert "Three open invoices from two vendors. <b>All of them are late</b>" not in said
    assert "Three open invoices from two vendors. <b>Two are late</b>." in said
    assert said.count("7 days late") == 2
    assert "Due Wed 2 Dec" in said
    assert said.count(" checked>") == 2
    assert 'In British pounds</td><td class="num"><span class="amt panel">£8,510<span class="c">.40' in said
    assert 'All open: <span class="amt">£10,670<span class="c">.40' in said
    assert "At most three reminder e-mails in 7 days, for all two vendors together." in said


def test_what_is_ticked_is_added_up_without_script(world: World) -> None:
    said = home(world, query=f"?invoice={world.other.id}")
    assert said.count(" checked>") == 1
    assert '<span class="amt panel">£2,160<span class="c">.00' in said
    assert said.count('formaction="/pay/"') == 2, "beside the slip, and in the bar of a phone"


def test_an_early_discount_is_suggested_and_all_sums_agree_with_or_without_script(world: World) -> None:
    vendor, customer = world.vendors[1], world.customers[1]
    with acting_for([vendor.id]):
        early = {"terms": parse("2/10 net 30").to_json()}
        one = an_invoice(customer, 10_000, number="EARLY-1", issued_on=TODAY, due_on=date(2026, 12, 16), **early)
        friday = an_invoice(customer, 5_000, number="FRI-DAY-1", due_on=date(2026, 11, 20))
    for query in ("", f"?invoice={one.id}&invoice={world.shown[0].id}&invoice={world.shown[1].id}"):
        said = home(world, query=query)
        chosen = [part.partition('"')[0] for part in said.split('name="invoice" value="')[1:] if " checked>" in part[:120]]
        assert sorted(chosen) == sorted(str(invoice.id) for invoice in (*world.shown, one)), "what is not late yet may wait"
        assert str(friday.id) in said
        assert said.count('<span class="amt">£98<span class="c">.00') == 2, "its line and its line in the slip"
        assert 'In British pounds</td><td class="num"><span class="amt panel">£8,608<span class="c">.40' in said
        assert said.count('<span class="amt">£8,608<span class="c">.40') == 2, "both buttons say what the slip says"
        assert 'All open: <span class="amt">£10,820<span class="c">.40' in said
        assert '<span data-n>2</span> chosen</span></span> <span class="amt">£4,403<span class="c">.20' in said


def test_what_is_talked_about_is_not_suggested_whatever_is_off_it(world: World) -> None:
    vendor, customer = world.vendors[1], world.customers[1]
    early: dict[str, Any] = {"issued_on": TODAY, "due_on": date(2026, 12, 16), "terms": parse("2/10 net 30").to_json()}
    with acting_for([vendor.id]):
        asked, disputed, paid_ = (an_invoice(customer, 10_000, number=f"EARLY-{n}", **early) for n in range(3))
        ask(invoice_ids=[asked.id], words="Which run?", by="Sandra", now=NOW)
        dispute(invoice_id=disputed.id, words="Counted twice", reason="QTY", by="Sandra", now=NOW)
        declare_paid(invoice_ids=[paid_.id], paid_on=TODAY, by="Sandra", now=NOW)
    said = home(world)
    assert said.count(" checked>") == 2, "the two that are late"
    for words_ in ("We owe you an answer", "Being looked at", "You said it is paid"):
        assert words_ in said


def test_the_form_leads_to_paying_with_what_is_ticked(world: World) -> None:
    said = home(world)
    assert f'method="get" action="{reverse("portal-pay")}"' in said
    assert f'name="invoice" value="{world.shown[0].id}"' in said


def test_a_promise_and_a_dispute_are_said_before_the_day_that_passed(world: World) -> None:
    one, two = world.shown
    given: dict[str, Any] = {"by": "Sandra Whitlock", "now": NOW}
    with acting_for([one.vendor_id]):
        promise(invoice_id=one.id, promised_on=date(2026, 11, 20), **given)
    with acting_for([two.vendor_id]):
        dispute(invoice_id=two.id, words="Counted twice", reason="QTY", **given)
    said = home(world)
    assert "You said Fri 20 Nov" in said
    assert "Being looked at" in said
    assert "One rests on your promise and one waits for our answer." in said


def test_a_payment_is_there_with_its_receipt_and_what_is_left(world: World) -> None:
    paid(world, world.shown[0], 100_000)
    said = home(world)
    assert "Paid, with receipts" in said
    assert '<span class="no">lindqvist-rowe-1</span>, part' in said
    assert 'rest of <span class="amt">£4,255<span class="c">.20' in said
    assert "All 1" in said
    assert "Paid, with receipts" not in home(world, by_link(world)), "a letter alone shows no payments"


def test_what_a_vendor_keeps_for_them_is_said_on_their_page_and_on_their_statement(world: World) -> None:
    vendor, customer = world.vendors[0], world.customers[0]
    assert "keeps for you" not in home(world)
    with acting_for([vendor.id]):
        note = credit_on_account(
            vendor_id=vendor.id, customer_id=customer.id, lines=[Line("Late", Decimal(1), Decimal(40), Tax("Z", Decimal(0)))],
            reason="We were late", issued_on=TODAY, by="Tom", role="owner", now=NOW,
        )  # fmt: skip
    said = home(world)
    assert f"{vendor.name} keeps for you, to be taken off an invoice:" in said
    assert '<span class="amt">£40<span class="c">.00' in said
    assert "keeps for you" not in home(world, by_link(world)), "a letter alone shows none"
    browser = proven(world)
    with only_looking():
        account = words(browser.get(f"/pay/statements/{vendor.slug}/"))
        paper = words(browser.get(f"/pay/invoices/{note.id}/"))
    assert "Kept for you from credit note" in account
    assert "Credit note" in paper
    assert "Kept for you until it is spent" in paper


def test_the_limit_that_is_named_is_the_one_that_holds(world: World) -> None:
    with acting_for([world.vendors[0].id]):
        Payer.objects.filter(id=PAYER).update(contacts_max=2, contacts_days=14)
    assert "At most two reminder e-mails in 14 days, for all two vendors together." in home(world)


def test_the_number_of_statements_does_not_grow_with_the_book(world: World) -> None:
    browser = proven(world)

    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert browser.get("/pay/").status_code == 200
        return sum(not one["sql"].startswith(("SAVEPOINT", "RELEASE")) for one in asked.captured_queries)

    paid(world, world.shown[0], 1_000)
    few = count()
    with acting_for([one.id for one in world.vendors]):
        for n in range(25):
            an_invoice(world.customers[n % 2], number=f"more-{n}", work="More", due_on=TODAY + timedelta(days=n))
    for n in range(5):
        paid(world, world.shown[1], 1_000, f"more-{n}")
    assert count() == few <= 11


def test_every_vendor_has_its_statement_also_when_nothing_is_open(world: World) -> None:
    paid(world, world.shown[1], 425_520)
    said = home(world)
    assert "Statement of Penhale Print" in said
    assert "Statement of" not in home(world, by_link(world)), "a letter alone shows none"


def test_where_one_vendor_is_all_there_is_nothing_is_folded_away(world: World) -> None:
    with acting_for([world.vendors[1].id]):
        dispute(invoice_id=world.shown[1].id, words="Counted twice", reason="QTY", by="Sandra Whitlock", now=NOW)
    assert home(world).count('<details class="vendor" open>') == 1
    for invoice in (world.shown[0], world.other):
        paid(world, invoice, invoice.open_minor, str(invoice.id))
    assert '<details class="vendor" open><summary><h2>Penhale Print</h2>' in home(world)


def test_nobody_without_a_cookie_sees_anything(world: World) -> None:
    for name in ("portal", "portal-past", "portal-preferences", "portal-not-me"):
        assert Client().get(reverse(name)).headers["Location"] == reverse("portal-lost")


def test_who_is_no_longer_listed_is_out(world: World) -> None:
    browser = proven(world)
    for vendor in world.vendors:
        with acting_for([vendor.id]):
            world.customers[0].contacts.model.objects.filter(payer_id=PAYER).update(ended_at=NOW)
    assert browser.get("/pay/").headers["Location"] == reverse("portal-lost")


def test_an_invoice_lies_on_its_sheet_with_every_way_to_act(world: World) -> None:
    browser = proven(world)
    with only_looking():
        said = words(browser.get(reverse("portal-invoice", kwargs={"invoice_id": world.shown[0].id})))
    for way in ("Pay part", "Ask", "Something is wrong", "More time", "Say when you will pay", "I have paid"):
        assert way in said
    assert "lindqvist-rowe-1" in said


def test_looking_back_goes_on_page_by_page_and_misses_nothing(world: World) -> None:
    keys = [paid(world, world.shown[0], 100 + n, f"key-{n}")["payment_id"] for n in range(65)]
    browser, seen, address = proven(world), [], "/pay/past/"
    while address:
        said = browser.get(address).content.decode()
        seen += [str(key) for key in keys if str(key) in said]
        link = said.partition('class="btn" href="')[2].partition('"')[0]
        address = f"/pay/past/{link}" if link else ""
    assert sorted(seen) == sorted(map(str, keys))


@pytest.mark.parametrize(
    ("counts_from", "held", "promised_on", "word"),
    [
        (date(2026, 11, 15), (), None, "late"),
        (TODAY, (), None, "today"),
        (date(2026, 11, 20), (), None, "this_week"),
        (date(2026, 11, 23), (), None, "due"),
        (date(2026, 11, 1), ("promised",), TODAY, "promised"),
        (date(2026, 11, 1), (), date(2026, 11, 15), "late"),
        (date(2026, 11, 1), ("promised", "question_open"), TODAY, "question_open"),
        (date(2026, 11, 1), ("question_open", "disputed"), None, "disputed"),
    ],
)
def test_how_an_invoice_stands(counts_from: date, held: tuple[str, ...], promised_on: date | None, word: str) -> None:
    assert standing_of(counts_from, held, promised_on, TODAY).word == word


def test_the_page_lists_what_the_list_of_conversations_would_but_nothing_old_or_taken_back(world: World) -> None:
    given: dict[str, Any] = {"by": "Sandra Whitlock", "now": NOW}
    rows = Conversation.objects.all()
    ends = [("answered", NOW - timedelta(days=13)), ("answered", NOW - timedelta(days=15)), ("withdrawn", NOW)]
    for vendor, customer in zip(world.vendors, world.customers, strict=True):
        with acting_for([vendor.id]):
            for resolution, closed_at in ends:
                asked = ask(
                    invoice_ids=[an_invoice(customer, number=f"{resolution}-{closed_at.day}").id], words="Why?", **given
                )
                rows.filter(id=asked.id).update(resolution=resolution, closed_at=closed_at)
            ask(invoice_ids=[an_invoice(customer, number="open").id], words="Which?", **given)
            ask(invoice_ids=[an_invoice(a_customer(vendor, "Other"), number="theirs").id], words="Not Sandra's", **given)
    request = RequestFactory().get("/pay/")
    request.COOKIES[COOKIE] = proven(world).cookies[COOKIE].value
    with transaction.atomic():
        visit = visit_of(request)
        assert visit is not None
        lately = Q(closed_at=None) | Q(closed_at__gte=visit.now - FRESH)
        seen = threads_of(visit).filter(lately).exclude(resolution="withdrawn").order_by("-opened_at", "-id")
        assert fresh_talks(visit)() == [talk_of(visit, one) for one in seen]
        assert len(seen) == 4 < threads_of(visit).count() == 8
