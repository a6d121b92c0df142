"""Preferences and statements: what a payer says for all vendors together, and an account that adds up."""

import csv
from datetime import date
from io import StringIO

import pytest
from django.urls import reverse

from goodterms.access.tests.world import NOW, PAYER, World
from goodterms.conversations.tests.cast import an_invoice
from goodterms.database.isolation import acting_for
from goodterms.interactions.models import Interaction
from goodterms.parties.models import Payer
from goodterms.portal.tests.browser import by_link, only_looking, proven, words
from goodterms.portal.tests.test_home import paid

pytestmark = pytest.mark.django_db
WISHES = {
    "letter_weekdays": ["2", "4"], "quiet_weekdays": ["5"], "quiet_from": ["2026-12-21", "", ""],
    "quiet_to": ["2027-01-04", "", ""], "language": "id", "tone": "formal", "hours_from": "09:30", "hours_to": "15:00",
    "contacts_max": "1", "contacts_days": "14",
}  # fmt: skip


def payer(world: World) -> Payer:
    with acting_for([world.vendors[0].id]):
        return Payer.objects.get(id=PAYER)


def test_what_a_payer_wishes_is_kept_and_stands_in_every_log(world: World) -> None:
    browser = proven(world)
    assert browser.post(reverse("portal-preferences"), WISHES).status_code == 302
    kept = payer(world)
    assert (kept.letter_weekdays, kept.quiet_weekdays, kept.language, kept.tone) == ([2, 4], [5], "id", "formal")
    assert kept.quiet_ranges == [["2026-12-21", "2027-01-04"]]
    assert (kept.contacts_max, kept.contacts_days) == (1, 14)
    for vendor in world.vendors:
        with acting_for([vendor.id]):
            assert Interaction.objects.get(kind="wishes.changed").inbound
    with only_looking():
        assert 'value="2026-12-21"' in words(browser.get(reverse("portal-preferences")))


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("hours_to", "09:00", "Hours begin before they end."),
        ("hours_to", "", "Hours need a beginning and an end."),
        ("hours_from", "nine", "Write the hour like 09:00."),
        ("contacts_max", "many", "This is a whole number."),
        ("contacts_days", "", "A limit needs a number of contacts and a number of days."),
        ("quiet_to", ["2026-12-01", "", ""], "Quiet days end before they begin"),
        ("tone", "rude", "cannot be kept as a tone"),
    ],
)
def test_a_refusal_keeps_what_was_typed(world: World, field: str, value: str | list[str], sentence: str) -> None:
    said = words(proven(world).post(reverse("portal-preferences"), {**WISHES, field: value}))
    assert sentence in said
    assert 'value="14"' in said or field == "contacts_days"
    assert payer(world).letter_weekdays == []


def test_wishes_and_statements_need_a_proven_address(world: World) -> None:
    browser = by_link(world)
    for answer in (
        browser.post(reverse("portal-preferences"), WISHES),
        browser.post(reverse("portal-reminders"), {"want": "stop"}),
        browser.get(reverse("portal-statement", kwargs={"slug": world.vendors[0].slug})),
    ):
        assert answer.headers["Location"].startswith(reverse("portal-prove"))
    assert payer(world).stopped_at is None


def test_reminders_stop_and_come_again(world: World) -> None:
    browser = proven(world)
    browser.post(reverse("portal-reminders"), {"want": "stop"})
    assert payer(world).stopped_at == NOW
    browser.post(reverse("portal-reminders"), {"want": "again"})
    assert payer(world).stopped_at is None


def test_a_statement_runs_in_time_and_ends_with_what_is_open(world: World) -> None:
    paid(world, world.shown[0], 100_000)
    browser = proven(world)
    address = reverse("portal-statement", kwargs={"slug": "lindqvist-rowe"})
    with only_looking():
        said = words(browser.get(address))
    assert "1 January 2026 to 16 November 2026" in said
    assert said.index("Labels") < said.index("Retainer") < said.index("Payment, bank transfer")
    assert 'Open today</td><td class="num"><span class="amt">£5,415<span class="c">.20' in said
    assert browser.get(reverse("portal-statement", kwargs={"slug": "oakside-it"})).status_code == 404


def test_the_file_holds_the_same_lines_and_adds_up(world: World) -> None:
    paid(world, world.shown[0], 100_000)
    answer = proven(world).get(reverse("portal-statement-csv", kwargs={"slug": "lindqvist-rowe"}))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="statement-lindqvist-rowe-2026-11-16.csv"'
    rows = list(csv.DictReader(StringIO(answer.content.decode())))
    assert [row["day"] for row in rows] == sorted(row["day"] for row in rows)
    billed, paid_ = (sum(float(row[side] or 0) for row in rows) for side in ("billed", "paid"))
    assert round(billed - paid_, 2) == float(rows[-1]["balance"]) == 5415.20


def test_an_earlier_year_is_brought_forward(world: World) -> None:
    address = reverse("portal-statement-csv", kwargs={"slug": "lindqvist-rowe"})
    rows = list(csv.DictReader(StringIO(proven(world).get(f"{address}?year=2027").content.decode())))
    assert [(row["what"], row["balance"]) for row in rows] == [("Brought forward", "6415.20")]
    assert date.fromisoformat(rows[0]["day"]) == date(2027, 1, 1)


@pytest.mark.parametrize("text", ["=1+1", "+44", "-1", "@x", "\t=1"])
def test_no_cell_is_a_formula_whatever_an_invoice_was_called(world: World, text: str) -> None:
    with acting_for([world.vendors[0].id]):
        an_invoice(world.customers[0], 10_00, number="lindqvist-rowe-3", work=text)
    file = proven(world).get(reverse("portal-statement-csv", kwargs={"slug": "lindqvist-rowe"})).content.decode()
    assert f"'{text}" in [row["what"] for row in csv.DictReader(StringIO(file))]
