"""What is billed again and again at the desk: begun by plain choices, previewed, repriced, paused, taken up again and ended."""

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from django.http import QueryDict
from django.test import Client

from goodterms.billing import actions
from goodterms.billing.due import bill
from goodterms.billing.models import Pause, Schedule, ScheduleLine
from goodterms.database.isolation import acting_for
from goodterms.desk.billing.rule import chosen, in_words
from goodterms.desk.tests.billed import BY, a_customer
from goodterms.desk.tests.cast import NOW, a_member, a_vendor, as_member
from goodterms.desk.tests.test_to_be_billed import a_project, an_item, statements, text
from goodterms.interactions.models import Interaction
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Customer, Vendor
from goodterms.values.keys import new_key
from goodterms.values.refusal import Refused

LIST = "/at/tom-and-co/schedules/"
NEW = f"{LIST}new/"


class Desk(NamedTuple):
    vendor: Vendor
    customer: Customer
    elin: Client

    def post(self, one: Schedule, verb: str, **given: str) -> Any:
        return self.elin.post(f"{LIST}{one.id}/{verb}/", given)


@pytest.fixture
def desk(db: None) -> Desk:
    vendor = a_vendor(sandbox_now=NOW)
    return Desk(vendor, a_customer(vendor), as_member(a_member(vendor)))


def a_schedule(customer: Customer, work: str = "Retainer, {month}", **more: Any) -> Schedule:
    given: dict[str, Any] = {"rule": "FREQ=MONTHLY;BYMONTHDAY=1", "starts_on": date(2026, 12, 1), **more}
    line = Line(work, Decimal(1), Decimal(1800), Tax("S", Decimal(20)))
    with acting_for([customer.vendor_id]):
        return actions.start_schedule(
            vendor_id=customer.vendor_id, customer_id=customer.id, work=work, lines=[line], **given, **BY
        )


def form(customer: Customer, **more: Any) -> dict[str, Any]:
    return {
        "key": str(new_key(NOW)), "customer": str(customer.id), "work": "Retainer, {month}", "order_number": "BF-1",
        "description": ["Retainer", ""], "project": ["", ""], "quantity": ["1", ""], "unit": ["", ""], "price": ["1,800", ""],
        "discount": ["", ""], "tax": ["S|20|", "S|20|"], "every": "1", "unit_of_time": "months", "day": "1",
        "starts_on": "2026-12-01", "ends_on": "", "when": "ahead", "prorated": "1", "rule": "", "deed": "begin", **more,
    }  # fmt: skip


def states(desk: Desk) -> tuple[Any, ...]:
    with acting_for([desk.vendor.id]):
        tables = (Schedule, ScheduleLine, Pause, Invoice, Interaction)
        return tuple(list(model.objects.order_by("id").values()) for model in tables)


@pytest.mark.parametrize(
    ("given", "rule", "words"),
    [
        ("every=1&unit_of_time=months&day=31", "FREQ=MONTHLY;BYMONTHDAY=31", "every month, on day 31"),
        ("every=3&unit_of_time=months", "FREQ=MONTHLY;INTERVAL=3", "every 3 months, on day 1"),
        ("unit_of_time=weeks&every=2", "FREQ=WEEKLY;INTERVAL=2", "every 2 weeks, on Tuesday"),
        ("unit_of_time=years&every=1", "FREQ=YEARLY", "every year, on 1 December"),
        ("unit_of_time=years&every=1&day=24", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24", "every year, on 24 December"),
        ("unit_of_time=years&rule=FREQ%3DMONTHLY%3BBYDAY%3D-1FR", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=MONTHLY;BYDAY=-1FR"),
    ],
)
def test_plain_choices_are_a_rule_and_read_as_they_were_chosen(given: str, rule: str, words: str) -> None:
    starts_on = date(2026, 12, 1)
    assert chosen(QueryDict(given), starts_on) == rule
    assert in_words(rule, starts_on) == words


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("every=0&unit_of_time=months", "How often is a whole number, 1 to 1000."),
        ("every=1&unit_of_time=hours", "Choose weeks, months or years."),
        ("every=1&unit_of_time=months&day=32", "A day of the month is 1 to 31; 31 is its last."),
        ("unit_of_time=weeks&day=3", "Weeks go by the weekday of the first day. Leave the day of the month empty."),
    ],
)
def test_a_choice_that_is_no_rule_is_refused(given: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        chosen(QueryDict(given), date(2026, 12, 1))


def test_a_schedule_is_begun_once_however_often_the_form_is_sent(desk: Desk) -> None:
    assert "For whom is it?" in text(desk.elin.get(NEW))
    assert "Schedule for Bellwether Foods" in text(desk.elin.get(f"{NEW}?customer={desk.customer.id}"))
    given = form(desk.customer, automatic="1")
    answer = desk.elin.post(NEW, given)
    assert desk.elin.post(NEW, given)["Location"] == answer["Location"]
    with acting_for([desk.vendor.id]):
        one = Schedule.objects.get()
    assert answer["Location"] == f"{LIST}{one.id}/"
    assert (one.rule, one.order_number, one.automatic, one.in_advance, one.prorated, one.project) == (
        "FREQ=MONTHLY;BYMONTHDAY=1", "BF-1", True, True, True, "",
    )  # fmt: skip
    said = text(desk.elin.get(answer["Location"]))
    assert "For Bellwether Foods . £2,160.00 is billed next, on Tuesday 1 December, by itself." in said
    assert "Every month, on day 1" in said
    assert said.count("£2,160.00") == 13


def test_a_line_is_added_without_script_and_nothing_is_kept(desk: Desk) -> None:
    page = desk.elin.post(NEW, form(desk.customer, deed="line"))
    assert page.content.decode().count('name="description"') == 3
    assert 'value="1,800"' in page.content.decode()
    with acting_for([desk.vendor.id]):
        assert not Schedule.objects.exists()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"customer": ""}, "Choose for whom it is."),
        ({"starts_on": ""}, "Say on which day it begins."),
        ({"ends_on": "2026-11-01"}, "A schedule ends on its first day or later."),
        ({"work": " "}, "Say what is billed: a name for the work, and at least one line."),
        ({"price": ["much", ""]}, "Line 1: “much” is not a number like 1,250.00."),
        ({"rule": "whenever"}, "“whenever” does not say how often by days, weeks, months or years."),
        ({"key": "old"}, "This form is too old."),
    ],
)
def test_what_is_no_schedule_is_shown_again_with_what_was_typed(desk: Desk, given: dict[str, Any], sentence: str) -> None:
    before = states(desk)
    answer = desk.elin.post(NEW, form(desk.customer) | given)
    assert answer.status_code == 409
    assert sentence in text(answer)
    assert given.get("customer") == "" or 'value="BF-1"' in answer.content.decode()
    assert states(desk) == before


def test_the_list_has_the_next_to_be_billed_first_and_the_ended_apart(desk: Desk) -> None:
    a_schedule(desk.customer, "Care", rule="FREQ=YEARLY", starts_on=date(2027, 3, 1), automatic=True)
    a_schedule(desk.customer)
    over = a_schedule(desk.customer, "Over", starts_on=date(2026, 1, 1), ends_on=date(2026, 1, 31))
    bill(vendor_id=desk.vendor.id, today=date(2026, 11, 16), now=NOW)
    said = text(desk.elin.get(LIST))
    assert "The next is billed on Tuesday 1 December: Retainer, each month, for Bellwether Foods." in said
    assert "Bellwether Foods Retainer, each month Every month, on day 1 to approve 1 Dec £2,160.00" in said
    assert "Bellwether Foods Care Every year, on 1 March by itself 1 Mar 2027 £2,160.00" in said
    assert said.index("Every month") < said.index("Every year")
    assert str(over.id) not in desk.elin.get(LIST).content.decode()
    assert "Over Every month" in text(desk.elin.get(f"{LIST}?show=ended"))


def test_the_list_goes_on_where_its_page_ends(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("goodterms.desk.billing.coming.AT_ONCE", 2)
    names = [a_schedule(desk.customer, f"Work {at}", starts_on=date(2026, 12, 1 + at // 2)).work for at in range(5)]
    seen, address = [], LIST
    for _ in range(3):
        page = desk.elin.get(address).content.decode()
        seen += [name for name in names if f">{name}<" in page]
        more = page.partition('href="?after=')[2].partition('"')[0]
        address = f"{LIST}?after={more}"
    assert sorted(seen) == names
    assert more == ""
    assert desk.elin.get(f"{LIST}?after=nowhere").status_code == 404


def test_another_price_from_a_day_on(desk: Desk) -> None:
    one = a_schedule(desk.customer)
    assert desk.post(one, "price", line="1", from_on="2027-02-01", price="2,000").status_code == 302
    said = text(desk.elin.get(f"{LIST}{one.id}/"))
    assert said.count("£2,160.00") == 3
    assert "{month}" not in said, "nobody reads the words that a period fills in"
    assert said.count("1, Retainer, each month") == 3, "both prices, and the line to choose"
    assert said.count("£2,400.00") == 10
    desk.post(one, "price", line="1", from_on="2027-04-01", stops="1")
    assert "no longer billed" in text(desk.elin.get(f"{LIST}{one.id}/"))
    late = desk.post(one, "price", line="1", from_on="2027-05-01", price="1")
    assert "On that day this line is not billed. Choose a later day, or another line." in text(late)


def test_it_pauses_and_is_taken_up_again(desk: Desk) -> None:
    one = a_schedule(desk.customer)
    desk.post(one, "pause", pause_from="2026-12-01", reason="They move house")
    said = text(desk.elin.get(f"{LIST}{one.id}/"))
    assert "It pauses." in said
    assert "They move house" in said
    assert "Pauses, every month, on day 1" in text(desk.elin.get(LIST))
    desk.post(one, "resume", last_on="2026-12-31")
    assert "£2,160.00 is billed next, on Friday 1 January" in text(desk.elin.get(f"{LIST}{one.id}/"))


def test_it_ends_on_a_day_with_its_share(desk: Desk) -> None:
    one = a_schedule(desk.customer)
    desk.post(one, "end", ends_on="2027-01-15", reason="The contract is over")
    said = text(desk.elin.get(f"{LIST}{one.id}/"))
    assert said.count("£2,160.00") == 2
    assert "£1,045.16" in said  # 15 of 31 days


@pytest.mark.parametrize(
    ("verb", "given", "sentence"),
    [
        ("price", {"line": "", "from_on": "2027-01-01", "price": "1"}, "Choose the line whose price changes."),
        ("price", {"line": "1", "from_on": "2027-01-01", "price": "x"}, "“x” is not a number like 1,250.00."),
        ("price", {"line": "1", "from_on": "", "price": "17.25"}, "Say from which day on."),
        ("pause", {"pause_from": "2026-12-01", "reason": " "}, "Say why it pauses: it stands on the schedule."),
        ("pause", {"pause_from": "2026-12-01", "pause_until": "2026-11-01", "reason": "So"}, "A pause ends on its first day"),
        ("resume", {"last_on": "2026-12-31"}, "This schedule does not pause, so there is nothing to take up again."),
        ("end", {"ends_on": "2027-01-15", "reason": ""}, "Say why it ends: it stays in the log."),
        ("end", {"ends_on": "soon", "reason": "So"}, "“soon” is not a day like 2026-12-01."),
    ],
)  # fmt: skip
def test_a_deed_that_is_none_is_shown_again(desk: Desk, verb: str, given: dict[str, str], sentence: str) -> None:
    one = a_schedule(desk.customer)
    before = states(desk)
    answer = desk.post(one, verb, **given)
    assert answer.status_code == 409
    assert sentence in text(answer)
    assert verb == "resume" or f'value="{next(each for each in given.values() if each.strip() and each != "1")}"' in answer.text
    assert states(desk) == before


def test_the_customer_has_both_on_its_page(desk: Desk) -> None:
    a_schedule(desk.customer)
    an_item(a_project(desk.customer, "Gift boxes"))
    said = text(desk.elin.get(f"/at/tom-and-co/customers/{desk.customer.id}/"))
    assert "Gift boxes one item £1,012.00" in said
    assert "Retainer, each month every month, on day 1; next 1 Dec £2,160.00" in said


def test_readers_approvers_and_strangers_change_nothing(desk: Desk) -> None:
    one = a_schedule(desk.customer)
    rita = as_member(a_member(desk.vendor, "Rita", "reader"))
    priya = as_member(a_member(desk.vendor, "Priya", "approver"))
    mallory = as_member(a_member(a_vendor("another"), "Mallory"))
    before = states(desk)
    given = form(desk.customer)
    for path in (NEW, *(f"{LIST}{one.id}/{verb}/" for verb in ("price", "pause", "resume", "end"))):
        assert rita.post(path, given).status_code == 403
        assert priya.post(path, given).status_code == 403
        assert mallory.post(path, given).status_code == 404
        assert mallory.post(path.replace("tom-and-co", "another"), given).status_code == (409 if path == NEW else 404)
    assert mallory.get(f"/at/another/schedules/{one.id}/").status_code == 404
    assert desk.post(one, "burn").status_code == 404
    assert "schedule-deed" not in rita.get(f"{LIST}{one.id}/").text
    assert "/end/" not in rita.get(f"{LIST}{one.id}/").text
    assert states(desk) == before


def test_the_pages_read_with_a_constant_number_of_statements_and_write_nothing(desk: Desk) -> None:
    one = a_schedule(desk.customer)
    an_item(a_project(desk.customer, "Gift boxes"))
    paths = (LIST, f"{LIST}{one.id}/", NEW, f"/at/tom-and-co/customers/{desk.customer.id}/")
    for path in paths:
        desk.elin.get(path)
    few = [statements(lambda path=path: desk.elin.get(path)) for path in paths]  # type: ignore[misc]
    for at in range(5):
        desk.post(
            a_schedule(desk.customer, f"Care {at}"), "pause", pause_from="2027-01-01", pause_until="2027-01-09", reason="So"
        )
        an_item(a_project(desk.customer, f"Project {at}"))
        desk.post(one, "price", line="1", from_on=f"2027-0{at + 1}-10", price="2000")
    before = states(desk)
    assert [statements(lambda path=path: desk.elin.get(path)) for path in paths] == few  # type: ignore[misc]
    assert states(desk) == before
