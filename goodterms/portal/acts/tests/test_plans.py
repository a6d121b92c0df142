"""A payer sees the days and sums before asking, has a yes at once or an answer by a time, and pays each part from the page."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from goodterms.access.tests.world import NOW, World
from goodterms.conversations.actions import Wish, agree_plan, counter_plan
from goodterms.conversations.models import Conversation, Plan
from goodterms.conversations.tests.cast import a_customer, an_invoice, holds, settle, unsaved_vendor
from goodterms.database.isolation import acting_for
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Payer
from goodterms.portal.tests.browser import by_link, only_looking, proven, words
from goodterms.values.keys import new_key

pytestmark = pytest.mark.django_db
THIRDS = {"parts": "3", "every": "monthly", "first_on": "2026-11-20"}
FIVE = {**THIRDS, "parts": "5"}
OURS: dict[str, Any] = {"by": "Tom Okafor", "role": "owner", "now": NOW}


@pytest.fixture
def invoice(world: World) -> Invoice:
    return world.shown[0]


def form(invoice: Invoice) -> str:
    return reverse("portal-plan", kwargs={"invoice_id": invoice.id})


def page(plan: Plan) -> str:
    return reverse("portal-planned", kwargs={"plan_id": plan.id})


def ask(client: Client, invoice: Invoice, **said: Any) -> Any:
    return client.post(form(invoice), {"key": str(new_key(NOW)), **THIRDS, **said})


def plain(answer: Any) -> str:
    return words(answer).replace('<span class="c">', "").replace("</span>", "")


def asked(client: Client, world: World, invoice: Invoice, **said: Any) -> Plan:
    answer = ask(client, invoice, **said)
    assert answer.status_code == 302
    with acting_for([one.id for one in world.vendors]):
        return Plan.objects.get(id=answer.headers["Location"].rstrip("/").rpartition("/")[2])


def test_the_days_and_sums_are_shown_before_anything_is_asked(world: World, invoice: Invoice) -> None:
    client = proven(world)
    with only_looking():
        said = plain(client.get(form(invoice), THIRDS))
    assert "Lindqvist Rowe agrees at once to up to 3 parts, the last by 16 February 2027." in said
    for day in ("Friday 20 November 2026", "Sunday 20 December 2026", "Wednesday 20 January 2027"):
        assert day in said
    assert said.count("£1,418.40") == 3
    assert "Agree to these parts" in said
    assert "Ask for these parts" in plain(client.get(form(invoice), FIVE))
    assert "Tom Okafor answers by" in plain(client.get(form(invoice), FIVE))
    with acting_for([invoice.vendor_id]):
        assert not Plan.objects.exists()


def test_within_the_rule_it_holds_at_once_and_the_home_page_pays_the_next_part(world: World, invoice: Invoice) -> None:
    client = proven(world)
    answer = ask(client, invoice)
    said = plain(client.get(answer.headers["Location"]))
    assert "In parts, as agreed" in said
    assert "The next part is £1,418.40, by Friday 20 November." in said
    paying = f"/pay/checkout/?invoice={invoice.id}&amp;amount-{invoice.id}=1418.40"
    link = reverse("portal-pay") + paying.removeprefix("/pay/checkout/")
    assert link in said
    home = plain(client.get(reverse("portal")))
    assert link in home
    assert "Next part Fri 20 Nov" in home
    assert client.get(link.replace("&amp;", "&")).status_code == 200
    with acting_for([invoice.vendor_id]):
        assert holds(invoice) == [("on_plan", date(2026, 11, 23))]
        settle(invoice, 200_000, date(2026, 11, 16))
    said = plain(client.get(answer.headers["Location"]))
    assert "£2,000.00 of £4,255.20 paid" in said
    assert "The next part is £836.80, by Sunday 20 December." in said


def test_pressed_twice_it_is_asked_once(world: World, invoice: Invoice) -> None:
    client, key = proven(world), str(new_key(NOW))
    for _press in range(2):
        assert ask(client, invoice, key=key).status_code == 302
    with acting_for([invoice.vendor_id]):
        assert Plan.objects.count() == 1


def test_beyond_the_rule_a_person_answers_and_it_can_be_taken_back(world: World, invoice: Invoice) -> None:
    client = proven(world)
    plan = asked(client, world, invoice, **FIVE, words="The season begins in March.")
    said = plain(client.get(page(plan)))
    assert "Your request is with the vendor" in said
    assert "Tom Okafor answers by" in said
    with acting_for([invoice.vendor_id]):
        first = Conversation.objects.get().messages.get().words
    assert first.startswith("In 5 parts, please: £851.04 by 20 November 2026, ")
    assert first.endswith("The season begins in March.")
    assert client.get(form(invoice)).headers["Location"] == page(plan)  # the form leads to what waits
    assert client.post(page(plan), {"do": "withdraw"}).status_code == 302
    assert "Taken back" in plain(client.get(page(plan)))
    with acting_for([invoice.vendor_id]):
        assert holds(invoice) == []
    assert "This was decided already." in words(client.post(page(plan), {"do": "withdraw"}))


def test_what_was_offered_is_agreed_to_from_the_page(world: World, invoice: Invoice) -> None:
    client = proven(world)
    plan = asked(client, world, invoice, **FIVE)
    with acting_for([invoice.vendor_id]):
        offer = counter_plan(plan_id=plan.id, wish=Wish(4, date(2026, 11, 20)), words="Four?", **OURS)
    said = plain(client.get(page(offer)))
    assert "Other parts are offered to you" in said
    assert "Other parts were offered since" in plain(client.get(page(plan)))
    assert "offered to you" in plain(client.get(reverse("portal-noted", kwargs={"invoice_id": invoice.id})))
    for _press in range(2):
        assert client.post(page(offer), {"do": "agree"}).status_code == 302
    assert "In parts, as agreed" in plain(client.get(page(offer)))


def test_several_invoices_of_one_vendor_are_paid_together(world: World, invoice: Invoice) -> None:
    client = proven(world)
    said = plain(client.get(form(invoice), {**THIRDS, "with": str(world.other.id)}))
    assert "£6,415.20" in said
    assert world.shown[1].number not in said  # another vendor's
    plan = asked(client, world, invoice, **{"with": str(world.other.id)})
    with acting_for([invoice.vendor_id]):
        assert plan.shares.count() == 2
    assert "Ask for other parts" in plain(client.get(page(plan)))
    said = plain(client.get(form(world.other)))  # to change it, both are chosen
    assert "£6,415.20" in said
    assert "The parts that are agreed stay until then." in said


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"first_on": "2026-11-15"}, "That day has passed; name today or a later one."),
        ({"first_on": "soon"}, "Name a day."),
        ({"parts": "1"}, "A plan has two parts or more, and 24 at most."),
        ({"parts": "many"}, "Choose how many parts."),
    ],
)
def test_what_is_no_plan_is_refused_with_a_sentence(
    world: World, invoice: Invoice, said: dict[str, str], sentence: str
) -> None:
    client = proven(world)
    answer = ask(client, invoice, **said)
    assert answer.status_code == 400
    assert sentence in words(answer)
    assert sentence in words(client.get(form(invoice), {**THIRDS, **said}))
    with acting_for([invoice.vendor_id]):
        assert not Plan.objects.exists()


def test_plans_of_others_are_not_there(world: World, invoice: Invoice) -> None:
    stranger = unsaved_vendor("oakside")
    with acting_for([stranger.id]):
        stranger.save(force_insert=True)
        strange = an_invoice(a_customer(stranger), number="OK-1")
    with acting_for([invoice.vendor_id]):
        neighbour = an_invoice(a_customer(world.vendors[0], "Northgate"), number="LR-9")
    client = proven(world)
    for other in (strange, neighbour):
        assert client.get(form(other)).status_code == 404
        assert ask(client, other).status_code == 404
    plan = asked(client, world, world.other)
    letter = by_link(world)  # whose letter did not name that invoice
    assert letter.get(page(plan)).status_code == 404
    assert letter.post(page(plan), {"do": "agree"}).status_code == 404
    assert str(world.other.id) not in words(letter.get(form(invoice)))


def test_another_customers_invoice_cannot_be_smuggled_in(world: World, invoice: Invoice) -> None:
    with acting_for([invoice.vendor_id]):
        neighbour = an_invoice(a_customer(world.vendors[0], "Northgate"), number="LR-9")
    plan = asked(proven(world), world, invoice, **{"with": [str(neighbour.id), str(world.shown[1].id)]})
    with acting_for([invoice.vendor_id]):
        assert list(plan.shares.values_list("invoice", flat=True)) == [invoice.id]


def test_in_indonesian_the_request_is_written_in_the_payers_words(world: World, invoice: Invoice) -> None:
    with acting_for([invoice.vendor_id]):
        Payer.objects.update(language="id")
    client = proven(world)
    plan = asked(client, world, invoice, **FIVE)
    with acting_for([invoice.vendor_id]):
        first = Conversation.objects.get().messages.get().words
        agree_plan(plan_id=plan.id, **OURS)
        answered = Conversation.objects.get().messages.get(inbound=False).words
    assert "paling lambat 20 November 2026" in first
    assert answered.startswith("Setuju: ")
    assert "Agree" not in words(client.get(page(plan)))


def test_a_page_costs_the_same_however_many_invoices_and_parts(world: World, invoice: Invoice) -> None:
    client = proven(world)

    def queries(path: str, **said: Any) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path, said).status_code == 200
        return len(seen)

    first = queries(form(invoice), **THIRDS)
    plan = asked(client, world, invoice)
    one = queries(page(plan)), queries(reverse("portal"))
    with acting_for([invoice.vendor_id]):
        for n in range(4):
            an_invoice(world.customers[0], number=f"LR-2{n}")
    fresh = an_invoice_of(world)
    assert queries(form(fresh), **FIVE) <= first + 2  # the plan that runs beside it
    several = asked(client, world, fresh, **FIVE)
    with acting_for([invoice.vendor_id]):
        agree_plan(plan_id=several.id, **OURS)
    assert (queries(page(plan)), queries(reverse("portal"))) == one


def an_invoice_of(world: World) -> Invoice:
    with acting_for([world.vendors[0].id]):
        return an_invoice(world.customers[0], number="LR-30")
