"""A request to pay in parts at the desk: agreed, met with other parts, declined; a plan on its pages; how a person ends it."""

from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodterms.conversations import actions
from goodterms.conversations.models import Conversation, Plan
from goodterms.conversations.plans import known
from goodterms.conversations.tests import cast as people
from goodterms.database.isolation import acting_for
from goodterms.delivery.models import Letter
from goodterms.desk.conversations.ways import BOOKS_DECIDE
from goodterms.desk.tests.cast import a_member, a_vendor, as_member
from goodterms.interactions.models import Interaction
from goodterms.invoicing.models import Hold, Invoice
from goodterms.parties.models import Customer, Vendor
from goodterms.values.keys import new_key

NOW = datetime(2026, 11, 16, 10, 20, tzinfo=UTC)
FIRST = date(2026, 11, 30)


@pytest.fixture(autouse=True)
def _at_twenty_past_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOODTERMS_NOW", NOW.isoformat())


class Desk(NamedTuple):
    """A vendor at its desk, and a customer who asks to pay an invoice in five parts."""

    vendor: Vendor
    customer: Customer
    invoice: Invoice
    plan: Plan
    tom: Client

    def at(self, path: str) -> str:
        return f"/at/{self.vendor.slug}/{path}"

    @property
    def thread(self) -> str:
        return self.at(f"conversations/{self.plan.conversation_id}/")

    @property
    def page(self) -> str:
        return self.at(f"plans/{self.plan.id}/")

    def send(self, client: Client | None = None, **given: Any) -> Any:
        form = {"key": str(new_key(NOW)), "to": "them", "words": "Of course.", **given}
        return (client or self.tom).post(self.thread, form)


@pytest.fixture
def desk(db: None) -> Desk:
    vendor = a_vendor("lindqvist-rowe", name="Lindqvist Rowe")
    tom = as_member(a_member(vendor, "Tom Okafor", "owner", email="tom@lindqvist.example"))
    with acting_for([vendor.id]):
        customer = people.a_customer(vendor, "Kestrel & Finch")
        payer = people.a_payer(customer, "sandra@kestrel.example")
        invoice = people.an_invoice(customer, 425_520, work="Spring campaign")
        plan = actions.request_plan(
            invoice_ids=[invoice.id], wish=actions.Wish(5, FIRST), by="Sandra Whitlock", now=NOW, payer_id=payer.id
        ).plan
    return Desk(vendor, customer, invoice, plan, tom)


def plain(answer: Any) -> str:
    return " ".join(answer.text.split()).replace('<span class="c">', "").replace("</span>", "")


def standing(desk: Desk) -> list[str]:
    with acting_for([desk.vendor.id]):
        return [one.standing for one in known(Plan.objects.order_by("asked_at", "by_us", "id"))]


def agreed(desk: Desk) -> None:
    assert desk.send(way="granted").status_code == 302


def states(desk: Desk) -> tuple[Any, ...]:
    with acting_for([desk.vendor.id]):
        tables = (Conversation, Plan, Hold, Letter, Interaction)
        return tuple(list(model.objects.order_by("id").values()) for model in tables)


def test_a_request_is_seen_on_today_in_the_list_and_on_its_page(desk: Desk) -> None:
    said = plain(desk.tom.get(desk.at("")))
    assert "Payment in parts · " in said
    assert "In five parts, the last on Tuesday 30 March." in said
    assert "Payment in parts · " in plain(desk.tom.get(desk.at("conversations/")))
    said = plain(desk.tom.get(desk.thread))
    assert "Request to pay in parts" in said
    assert "£4,255.20 in five parts, they ask." in said
    assert "Parts that they ask for" in said
    assert said.count("£851.04") >= 5
    assert "Agreed: you pay Spring campaign in parts, without a fee: £851.04 by 30 November 2026" in said


def test_yes_by_a_person_rests_the_reminders_and_stands_on_every_page(desk: Desk) -> None:
    agreed(desk)
    assert standing(desk) == ["agreed"]
    with acting_for([desk.vendor.id]):
        assert people.holds(desk.invoice) == [("on_plan", date(2026, 12, 3))]
        people.settle(desk.invoice, 100_000, date(2026, 11, 16))
    for path in (f"invoices/{desk.invoice.id}/", f"customers/{desk.customer.id}/", f"plans/{desk.plan.id}/"):
        said = plain(desk.tom.get(desk.at(path)))
        assert "In parts, as agreed" in said
        assert "£1,000.00 of £4,255.20 paid" in said
        assert "£702.08 still to come" in said
    assert "The next, £702.08, is due by Wednesday 30 December; reminders rest until Saturday 2 January." in said


def test_other_parts_are_offered_with_the_parts_in_the_letter(desk: Desk) -> None:
    given: dict[str, Any] = {"way": "countered", "words": "", "parts": "4", "every": "fortnightly", "first_on": "2026-11-23"}
    assert desk.send(**given).status_code == 302
    assert standing(desk) == ["countered", "offered"]
    said = plain(desk.tom.get(desk.thread))
    assert "can offer others for Spring campaign" in said
    assert "Parts that we offer" in said
    assert "Agree to these parts" not in said  # that is theirs to say
    assert "Offer other parts" in said


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"parts": "some", "first_on": "2026-11-23"}, "Write how many parts, like 4."),
        ({"parts": "4", "first_on": ""}, "Name the new day."),
        ({"parts": "1", "first_on": "2026-11-23"}, "A plan has two parts or more, and 24 at most."),
        ({"parts": "4", "first_on": "2026-11-15"}, "That day has passed; name today or a later one."),
    ],
)
def test_an_offer_that_is_none_is_shown_again_with_the_sentence(desk: Desk, given: dict[str, Any], sentence: str) -> None:
    before = states(desk)
    answer = desk.send(way="countered", words="How about this?", **given)
    assert (answer.status_code, sentence in plain(answer)) == (409, True)
    assert "How about this?" in plain(answer)
    assert states(desk) == before


def test_no_with_a_reason_lets_it_go(desk: Desk) -> None:
    assert "Please say why; a bare no helps nobody." in plain(desk.send(way="refused", words=""))
    assert desk.send(way="refused", words="The year closes.").status_code == 302
    assert standing(desk) == ["declined"]
    with acting_for([desk.vendor.id]):
        assert people.holds(desk.invoice) == []


def test_pressed_twice_it_is_decided_once(desk: Desk) -> None:
    key = str(new_key(NOW))
    for _press in range(2):
        assert desk.send(way="granted", key=key).status_code == 302
    assert standing(desk) == ["agreed"]


def test_a_plan_is_ended_by_a_person_with_a_reason(desk: Desk) -> None:
    agreed(desk)
    answer = desk.tom.post(f"{desk.page}end/", {"reason": " "})
    assert answer.status_code == 409
    assert "Say why, in a few words: it stays in the log." in plain(answer)
    assert desk.tom.post(f"{desk.page}end/", {"reason": "They pay by Direct Debit now"}).status_code == 302
    assert "Ended by Tom Okafor: They pay by Direct Debit now" in plain(desk.tom.get(desk.page))
    assert standing(desk) == ["ended"]


def test_who_may_only_read_or_care_cannot_agree_or_end(desk: Desk) -> None:
    reader = as_member(a_member(desk.vendor, "Rae", "reader"))
    manager = as_member(a_member(desk.vendor, "Priya", "receivables manager"))
    assert desk.send(reader, way="granted").status_code == 403
    assert desk.send(manager, way="granted").status_code == 409
    assert BOOKS_DECIDE in plain(manager.get(desk.thread))
    agreed(desk)
    for client in (reader, manager):
        assert client.post(f"{desk.page}end/", {"reason": "No"}).status_code == 403
        assert "End the plan" not in plain(client.get(desk.page))
    assert standing(desk) == ["agreed"]


def test_another_vendors_people_find_nothing_there(desk: Desk) -> None:
    other = a_vendor("oakside", name="Oakside")
    stranger = as_member(a_member(other, "Olga", "owner"))
    before = states(desk)
    assert stranger.get(desk.page).status_code == 404
    assert stranger.get(f"/at/oakside/plans/{desk.plan.id}/").status_code == 404
    assert stranger.post(f"/at/oakside/plans/{desk.plan.id}/end/", {"reason": "Mine"}).status_code == 404
    assert states(desk) == before


def test_looking_changes_nothing_and_costs_the_same_for_any_plan(desk: Desk) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert desk.tom.get(desk.page).status_code == 200
            assert desk.tom.get(desk.at(f"customers/{desk.customer.id}/")).status_code == 200
        return len(seen)

    before, count = states(desk), queries()
    assert states(desk) == before
    with acting_for([desk.vendor.id]):
        for n in range(4):
            another = people.an_invoice(desk.customer, 90_000, number=f"M-{n}")
            actions.request_plan(invoice_ids=[another.id], wish=actions.Wish(3, FIRST), by="Sandra", now=NOW)
    assert queries() == count
