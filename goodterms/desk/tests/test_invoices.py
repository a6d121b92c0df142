"""The list of invoices and its search: what the sentence asks for is what stands there, by groups, pages, files and names."""

import csv
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodterms.conversations.actions import ask, promise
from goodterms.database.isolation import acting_for
from goodterms.desk.invoices import filter as asking
from goodterms.desk.invoices import reading
from goodterms.desk.invoices.filter import Wish
from goodterms.desk.tests.billed import BY, TODAY, a_customer, a_draft, a_line, an_invoice, late, paid
from goodterms.desk.tests.cast import NOW, a_member, a_vendor, as_member
from goodterms.interactions.models import Interaction
from goodterms.invoicing.actions import approve, credit, discard, edit, hold
from goodterms.invoicing.models import Hold, Invoice, Word
from goodterms.invoicing.seeking import sought
from goodterms.invoicing.tests.book import a_rate
from goodterms.parties.models import Customer, Member, SavedView, Vendor

pytestmark = pytest.mark.django_db
LIST = "/at/tom-and-co/invoices/"


@pytest.fixture
def vendor() -> Vendor:
    vendor = a_vendor(sandbox_now=NOW)
    with acting_for([vendor.id]):
        a_rate(vendor.id, "EUR", "0.87")
    return vendor


@pytest.fixture
def elin(vendor: Vendor) -> Member:
    return a_member(vendor)


@pytest.fixture
def desk(elin: Member) -> Client:
    return as_member(elin)


def numbers(page: str) -> list[str]:
    """The rows of a page, in order; drafts by their word."""
    return re.findall(r'data-open href="[^"]+">([^<]+)<', page)


def queries(ask_for: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as seen:
        ask_for()
    return len(seen)


def found(vendor: Vendor, words: str) -> set[str]:
    what = sought(words)
    assert what is not None
    with acting_for([vendor.id]), connection.cursor() as cursor:
        cursor.execute(f"select number from invoicing_invoice where id in ({what.sql})", {**what.given, "vendor": vendor.id})
        return {number for (number,) in cursor.fetchall()}


def test_groups_stand_in_the_order_of_what_they_ask_of_us_with_one_sum_for_each_currency(vendor: Vendor, desk: Client) -> None:
    ours, theirs = a_customer(vendor), a_customer(vendor, "Atelier Moreau", currency="EUR")
    ahead = an_invoice(ours, "300")
    settled = an_invoice(ours, "50")
    paid(settled)
    over, over_too, euros = late(ours, "100", by=3), late(ours, "200", by=9), late(theirs, "400", by=5)
    a_draft(ours, "10")
    page = desk.get(LIST).content.decode()
    titles = re.findall(r'scope="rowgroup">([^<]+) <', page)
    assert titles == ["To finish", "Late", "Not yet late", "Settled"]
    assert numbers(page) == ["draft", over_too.number, euros.number, over.number, ahead.number, settled.number]
    heads = re.findall(r'class="gh".*?</tr>', page, re.S)
    late_sums = re.sub(r"<[^>]+>", "", heads[1])
    assert "£360.00" in late_sums
    assert "€480.00" in late_sums
    assert "Four are open, £720.00 and €480.00." in re.sub(r"<[^>]+>", "", page)
    assert "<b>Three are late</b>" in page


def test_what_matters_most_is_said_of_each(vendor: Vendor, desk: Client) -> None:
    ours = a_customer(vendor, order_required=True)
    a_draft(ours)
    asked = late(a_customer(vendor, "Juniper"), by=4)
    part = late(a_customer(vendor, "Hollis"), "100", by=1)
    paid(part, 5_000)
    with acting_for([vendor.id]):
        ask(invoice_ids=[asked.id], words="Which page?", by="Sandra", now=NOW)
    page = re.sub(r"<[^>]+>", " ", desk.get(LIST).content.decode())
    assert "Draft, PO is missing" in page
    assert re.search(r"Question, answer by \S+", page)
    assert "rest of £120.00" in page
    assert "1 day late" in page


def everything(vendor: Vendor) -> list[Any]:
    with acting_for([vendor.id]):
        return [list(model.objects.order_by("pk").values()) for model in (Invoice, Hold, Interaction, SavedView)]


def test_looking_changes_nothing(vendor: Vendor, desk: Client) -> None:
    one = late(a_customer(vendor))
    before = everything(vendor)
    for address in (LIST, f"{LIST}?show=all&q=autumn", "/at/tom-and-co/invoices.csv", "/at/tom-and-co/find/?q=autumn",
                    f"{LIST}{one.id}/", f"{LIST}new/"):  # fmt: skip
        answer = desk.get(address)
        assert answer.status_code == 200, address
        b"".join(answer) if answer.streaming else answer.content
    assert everything(vendor) == before


# The list against an oracle in plain Python.


def a_book(vendor: Vendor, random: Random, many: int) -> list[Invoice]:
    names = ("Bellwether", "Élan Vital", "Corvid Books", "Moreau")
    customers = [a_customer(vendor, name, currency=random.choice(("GBP", "EUR"))) for name in names]
    for _ in range(many):
        whose, pounds = random.choice(customers), str(random.randint(1, 400))
        work = random.choice(("Autumn range", "Labels, second run", "Café menus", ""))
        match random.choice(("draft", "approved", "discarded", "ahead", "late", "paid", "part", "credited")):
            case "draft":
                a_draft(whose, pounds, work)
            case "approved" | "discarded" as way:
                one = a_draft(whose, pounds, work)
                with acting_for([vendor.id]):
                    approve(invoice_id=one.id, **BY) if way == "approved" else discard(invoice_id=one.id, reason="no", **BY)
            case "ahead":
                an_invoice(whose, pounds, issued_on=TODAY - timedelta(days=random.randint(0, 30)), work=work)
            case "late":
                late(whose, pounds, by=random.randint(1, 60), work=work)
            case "paid" | "part" as way:
                one = late(whose, pounds, by=random.randint(1, 60), work=work)
                paid(
                    one,
                    one.total_minor if way == "paid" else one.total_minor // 2,
                    TODAY - timedelta(days=random.randint(0, 20)),
                )
            case "credited":
                one = late(whose, pounds, work=work)
                with acting_for([vendor.id]):
                    credit(invoice_id=one.id, reason="Wrong", issued_on=TODAY, **BY)
    with acting_for([vendor.id]):
        return list(Invoice.objects.select_related("customer"))


def group_of(one: Invoice) -> str:
    if one.voided_at:
        return "void"
    if one.kind == "credit_note":
        return "credit"
    if one.issued_on is None:
        return "finish"
    if one.open_minor:
        return "late" if one.due_on and one.due_on < TODAY else "ahead"
    return "settled"


def wanted(one: Invoice, wish: Wish) -> bool:
    if group_of(one) not in wish.groups:
        return False
    if wish.show == "current" and group_of(one) == "settled" and one.settled_on < TODAY - asking.LATELY:
        return False
    major = Decimal(one.total_minor) / 100
    return (
        (wish.show != "approve" or one.approved_at is None)
        and (not wish.currency or one.currency == wish.currency)
        and (not wish.due_from or (one.due_on is not None and one.due_on >= wish.due_from))
        and (not wish.due_until or (one.due_on is not None and one.due_on <= wish.due_until))
        and (wish.least is None or major >= wish.least)
        and (wish.most is None or major <= wish.most)
        and (not wish.customer or one.customer.folded.startswith(wish.customer.lower()))
        and all(says(one, word.lower()) for word in wish.words.split())
    )


def says(one: Invoice, word: str) -> bool:
    plain = f"{one.work} {one.customer.name}".lower().replace("é", "e").replace(",", " ").split()
    return any(part.startswith(word) for part in [*plain, one.number.lower()])


def a_wish(random: Random) -> Wish:
    """Each part of the sentence in one of three."""

    def now_and_then(*choices: Any, otherwise: Any = "") -> Any:
        return random.choice(choices) if random.random() < 0.34 else otherwise

    shows = [name for name in asking.SHOWS if name not in ("week", "asked", "held")]
    return Wish(
        random.choice(shows),
        now_and_then("autumn", "lab", "second lab", "cafe", "elan", "corvid autumn", "2026"),
        now_and_then("bell", "elan", "nobody"),
        now_and_then("GBP", "EUR"),
        now_and_then(TODAY - timedelta(days=random.randint(0, 60)), otherwise=None),
        now_and_then(TODAY + timedelta(days=random.randint(-30, 30)), otherwise=None),
        now_and_then(Decimal(random.randint(1, 300)), otherwise=None),
        now_and_then(Decimal("250.50"), otherwise=None),
    )


@pytest.mark.parametrize("seed", range(3))
def test_every_sentence_finds_what_plain_python_finds(vendor: Vendor, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """On any book: the same rows, once each, whatever the size of a page; and the sums of all pages on each."""
    random = Random(seed)
    book = a_book(vendor, random, 40)
    monkeypatch.setattr(reading, "PAGE", 7)
    some = 0
    with acting_for([vendor.id]):
        for _ in range(40):
            wish = a_wish(random)
            expected = [one for one in book if wanted(one, wish)]
            rows, after = [], ""
            while True:
                page = reading.listed(vendor.id, wish._replace(after=after), TODAY)
                rows += [(group.key, row) for group in page.groups for row in group.rows]
                for group in page.groups:
                    theirs = [one for one in expected if group_of(one) == group.key]
                    assert group.many == len(theirs), wish
                    assert sum(one.minor for one in group.sums) == sum(worth(one) for one in theirs), wish
                if not (after := page.after):
                    break
            assert [row.id for _, row in rows] == list(dict.fromkeys(row.id for _, row in rows)), wish
            assert {row.id: key for key, row in rows} == {one.id: group_of(one) for one in expected}, wish
            groups = [key for key, _ in rows]
            assert groups == sorted(groups, key=list(asking.GROUPS).index)
            assert [row.id for _, row in rows] == [row.id for _, row in reading.everything(vendor.id, wish, TODAY)]
            some += bool(rows)
    assert some > 10  # else nothing was compared


@pytest.mark.parametrize("seed", range(2))
def test_the_figure_beside_each_view_is_what_its_list_finds(vendor: Vendor, seed: int) -> None:
    random = Random(seed)
    book = a_book(vendor, random, 40)
    with acting_for([vendor.id]):
        for one in [one for one in book if group_of(one) in ("late", "ahead", "settled")]:
            match random.choice(("asked", "promised", "neither")):
                case "asked":
                    ask(invoice_ids=[one.id], words="Why?", by="Dana", now=NOW)
                case "promised" if one.open_minor:
                    day = TODAY + timedelta(days=random.randint(1, 13))
                    promise(invoice_id=one.id, promised_on=day, by="Dana", now=NOW)
        counts = reading.counted(vendor.id, TODAY)
        assert counts == reading.Counts(*(reading.listed(vendor.id, Wish(show), TODAY).many for show in reading.Counts._fields))
    assert 0 < counts.week < counts.open
    assert 0 < counts.asked < counts.current < counts.all


def worth(one: Invoice) -> int:
    return one.open_minor if group_of(one) in ("late", "ahead") else one.total_minor


def test_the_state_of_the_sentence_lives_in_the_address() -> None:
    wish = Wish("late", "autumn range", "bell", "GBP", date(2026, 10, 1), date(2026, 11, 1), Decimal("10"), Decimal("99.5"))
    assert asking.asked(QueryDict(wish.address()[1:]).dict()) == wish
    assert Wish().address() == "?"


def test_a_day_that_is_none_is_refused_in_words(vendor: Vendor, desk: Client) -> None:
    answer = desk.get(f"{LIST}?from=tomorrow")
    assert answer.status_code == 409
    assert "“tomorrow” is not a day like 2026-12-01." in answer.content.decode()
    assert "is not an amount like 1,250.00." in desk.get(f"{LIST}?least=much").content.decode()
    assert desk.get(f"{LIST}?after=nonsense").status_code == 409


def test_the_file_holds_what_the_list_holds_and_runs_no_formula(vendor: Vendor, desk: Client) -> None:
    ours = a_customer(vendor)
    late(ours, work="=cmd()")
    an_invoice(ours, "300")
    a_draft(ours)
    answer = desk.get("/at/tom-and-co/invoices.csv?show=open")
    rows = list(csv.DictReader(b"".join(answer).decode().splitlines()))
    assert [row["number"] for row in rows] == numbers(desk.get(f"{LIST}?show=open").content.decode())
    assert rows[0]["work"] == "'=cmd()"
    assert rows[0]["open"] == "120.00"


def one_of_each(ours: Customer, theirs: Customer) -> None:
    a_draft(ours)
    an_invoice(ours)
    late(theirs)
    paid(an_invoice(ours))


def test_as_many_queries_for_forty_rows_as_for_four(vendor: Vendor, desk: Client) -> None:
    ours = a_customer(vendor)
    one_of_each(ours, ours)
    addresses = (f"{LIST}?show=all", "/at/tom-and-co/find/?q=autumn")
    before = [queries(lambda address=address: desk.get(address)) for address in addresses]  # type: ignore[misc]
    for at in range(12):
        one_of_each(ours, a_customer(vendor, f"C{at}"))
    assert [queries(lambda address=address: desk.get(address)) for address in addresses] == before  # type: ignore[misc]


# Search.


def test_an_invoice_is_found_by_its_number_work_order_customer_or_sum(vendor: Vendor) -> None:
    one = late(a_customer(vendor, "Kestrel & Finch Hôtels"), "1250", work="Café menus, winter", order_number="BF-88213")
    late(a_customer(vendor), "3", work="Something else")
    for words in (
        one.number, one.number.lower(), one.number[-4:], one.number[-2:].lstrip("0"), "cafe", "CAFÉ", "winter", "bf-882",
        "88213", "kestrel", "hotels", "kestrel winter", "1500", "1,500.00", "£1500.00",
    ):  # fmt: skip
        assert one.number in found(vendor, words), words
    assert found(vendor, "kestrel something") == set()
    assert found(vendor, "afe") == set()
    assert found(vendor, "100%") == set()
    assert sought("  ") is None


def test_the_rest_that_is_open_is_found_as_well(vendor: Vendor) -> None:
    one = late(a_customer(vendor), "1000")
    paid(one, 45_000)
    assert found(vendor, "750.00") == {one.number}


def test_a_draft_is_found_by_what_it_says_now(vendor: Vendor) -> None:
    one = a_draft(a_customer(vendor), work="Autumn range")
    with acting_for([vendor.id]):
        edit(invoice_id=one.id, lines=[a_line("7")], work="Spring range", **BY)
        kept = set(Word.objects.filter(invoice_id=one.id).values_list("word", flat=True))
    assert "spring" in kept
    assert "autumn" not in kept


def test_search_uses_its_index_as_the_application(vendor: Vendor) -> None:
    """Row security hides an index behind an operator that could leak; comparisons cannot."""
    late(a_customer(vendor))
    what = sought("autumn 0001")
    assert what is not None
    with acting_for([vendor.id]), connection.cursor() as cursor:
        cursor.execute("select current_user")
        assert cursor.fetchone() == ("goodterms_app",)
        cursor.execute("set local enable_seqscan = off")
        cursor.execute(f"explain {what.sql}", {**what.given, "vendor": vendor.id})
        plan = "\n".join(line for (line,) in cursor.fetchall())
    conditions = re.findall(r"Index Cond: (.*)", plan)
    assert "Seq Scan on invoicing_word" not in plan
    assert any("word >=" in line and "word <" in line for line in conditions), plan
    assert any("word = ANY" in line for line in conditions), plan


def test_the_words_of_one_vendor_are_no_others(vendor: Vendor) -> None:
    other = a_vendor("another")
    late(a_customer(other), work="Secret plans")
    assert found(vendor, "secret") == set()


def test_find_shows_customers_invoices_and_sentences(vendor: Vendor, desk: Client) -> None:
    one = late(a_customer(vendor, "Bellwether Foods"))
    with acting_for([vendor.id]):
        ask(invoice_ids=[one.id], words="I count 13 pages, not 14.", by="Sandra", now=NOW)
    page = desk.get("/at/tom-and-co/find/?q=bellwether").content.decode()
    assert "<h2>Customers</h2>" in page
    assert one.number in page
    assert "I count 13 pages, not 14." in desk.get("/at/tom-and-co/find/?q=PAGES").content.decode()
    assert "Nothing is found for “zebra”." in desk.get("/at/tom-and-co/find/?q=zebra").content.decode()


# Views with a name.


def test_a_view_is_the_sentence_with_a_name_and_its_members_own(vendor: Vendor, desk: Client) -> None:
    rita = as_member(a_member(vendor, "Rita", "reader"))
    late(a_customer(vendor))
    desk.post(f"{LIST}views/", {"name": "Late in pounds", "show": "late", "currency": "GBP"})
    assert 'href="?show=late&amp;currency=GBP">Late in pounds' in desk.get(LIST).content.decode()
    assert "Late in pounds" not in rita.get(LIST).content.decode()
    with acting_for([vendor.id]):
        view = SavedView.objects.get()
    rita.post(f"{LIST}views/", {"forget": view.id})
    assert "Late in pounds" in desk.get(LIST).content.decode()
    desk.post(f"{LIST}views/", {"forget": view.id})
    assert "Late in pounds" not in desk.get(LIST).content.decode()


def test_an_eighth_view_is_refused(vendor: Vendor, desk: Client) -> None:
    for at in range(8):
        answer = desk.post(f"{LIST}views/", {"name": f"View {at}", "show": "late"}, follow=True)
    assert "There are 7 views already. Let one go first." in answer.content.decode()


# Several at once.


def test_before_several_are_held_the_page_says_which_it_cannot_touch_and_why(vendor: Vendor, desk: Client) -> None:
    ours = a_customer(vendor)
    over, settled, held = late(ours), an_invoice(ours), late(ours)
    paid(settled)
    with acting_for([vendor.id]):
        hold(invoice_ids=[held.id], reason="manual", from_on=TODAY, **BY)
    chosen = {"deed": "hold", "id": [over.id, settled.id, held.id]}
    page = desk.post(f"{LIST}together/", chosen).content.decode()
    assert "This invoice is already settled. Nothing is open on it." in page
    assert "It is held already." in page
    with acting_for([vendor.id]):
        assert Hold.objects.count() == 1
    answer = desk.post(f"{LIST}together/", {**chosen, "sure": "yes", "until": "2026-12-01"}, follow=True)
    assert "1 held; no reminder goes out for it. 2 could not be touched" in answer.content.decode()
    with acting_for([vendor.id]):
        assert set(Hold.objects.values_list("invoice_id", flat=True)) == {over.id, held.id}


def test_several_are_released_at_once(vendor: Vendor, desk: Client) -> None:
    both = [late(a_customer(vendor)).id, late(a_customer(vendor, "Moreau")).id]
    with acting_for([vendor.id]):
        hold(invoice_ids=both, reason="manual", from_on=TODAY, **BY)
    desk.post(f"{LIST}together/", {"deed": "release", "id": both, "sure": "yes"})
    with acting_for([vendor.id]):
        assert not Hold.objects.filter(ended_at=None).exists()


def test_the_bar_names_what_is_selected_in_money(vendor: Vendor, desk: Client) -> None:
    both = [late(a_customer(vendor), "100").id, late(a_customer(vendor, "Moreau", currency="EUR"), "50").id]
    page = re.sub(r"<[^>]+>", "", desk.post(f"{LIST}selected/", {"id": both}).content.decode())
    assert "2 selected" in page
    assert "£120.00" in page
    assert "€60.00" in page
    assert "Release: none of them. This invoice is not held." in page


def test_readers_touch_nothing_and_others_find_nothing(vendor: Vendor) -> None:
    one = late(a_customer(vendor))
    rita = as_member(a_member(vendor, "Rita", "reader"))
    stranger = as_member(a_member(a_vendor("another"), "Mallory"))
    for address in ("together/", "selected/"):
        given = {"deed": "hold", "id": [one.id], "sure": "yes"}
        assert rita.post(f"{LIST}{address}", given).status_code == 403
        assert stranger.post(f"{LIST}{address}", given).status_code == 404
    assert rita.get(LIST).status_code == 200
    assert 'name="id"' not in rita.get(LIST).content.decode()
    for address in (LIST, "/at/tom-and-co/invoices.csv", "/at/tom-and-co/find/"):
        assert stranger.get(address).status_code == 404
    mine = stranger.post("/at/another/invoices/together/", {"deed": "hold", "id": [one.id], "sure": "yes"})
    assert one.number not in mine.content.decode()
    with acting_for([vendor.id]):
        assert not Hold.objects.exists()


def test_rows_are_moved_over_and_opened_by_keys(vendor: Vendor, desk: Client) -> None:
    late(a_customer(vendor))
    page = desk.get(LIST).content.decode()
    assert re.search(r'<tr data-row>.*?data-key="x".*?data-open', page, re.S)


def test_words_that_mean_too_much_are_asked_for_more_and_the_file_has_all(
    vendor: Vendor, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_FOUND", 3)
    ours = a_customer(vendor)
    for _ in range(5):
        late(ours)
    page = desk.get(f"{LIST}?q=autumn").content.decode()
    assert "These words fit more invoices than can be looked at together." in page
    assert len(numbers(page)) == 3
    whole = b"".join(desk.get("/at/tom-and-co/invoices.csv?q=autumn")).decode()
    assert len(whole.splitlines()) == 6
    assert "fit more" not in desk.get(f"{LIST}?q={numbers(page)[0]}").content.decode()


def test_of_very_many_the_head_says_more_than(vendor: Vendor, desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    late(ours := a_customer(vendor))
    late(ours)
    assert "2 of 2<" in desk.get(LIST).content.decode()
    monkeypatch.setattr(reading, "MOST_COUNTED", 1)
    assert "2 of more than 1<" in desk.get(LIST).content.decode()
