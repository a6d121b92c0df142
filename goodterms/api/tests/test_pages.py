"""A list is read page by page: each thing once, in order, though others come in meanwhile."""

from hypothesis import given
from hypothesis import strategies as st

from goodterms.api.pages import Paging, page
from goodterms.api.tests.world import NOW, Program, World, told
from goodterms.database.isolation import acting_for
from goodterms.parties.actions import add_customer
from goodterms.parties.models import Customer
from goodterms.values.refusal import Refused


def names(program: Program, limit: int, query: str = "") -> list[list[str]]:
    pages, cursor = [], ""
    while True:
        answer = told(program("GET", f"/customers/?limit={limit}{query}{cursor}"))
        pages.append([one["name"] for one in answer["items"]])
        if answer["next"] is None:
            return pages
        cursor = f"&cursor={answer['next']}"


def many(ours: World, count: int) -> None:
    with acting_for([ours.vendor.id]):
        for n in range(count):
            name = f"Twin {n % 3}"  # some of one name, which only their keys tell apart
            add_customer(vendor_id=ours.vendor.id, number=f"n{n}", name=name, currency="GBP", now=NOW, by="Tom")


def test_pages_hold_each_thing_once_in_order(program: Program, ours: World) -> None:
    many(ours, 9)
    whole = ["Canary ours", *[f"Twin {n // 3}" for n in range(9)]]
    for limit in (1, 3, 10, 11):
        pages = names(program, limit)
        assert [name for part in pages for name in part] == whole
        assert {len(part) for part in pages[:-1]} <= {limit}


def test_what_comes_in_between_moves_nothing(program: Program, ours: World) -> None:
    many(ours, 6)
    first = told(program("GET", "/customers/?limit=4"))
    with acting_for([ours.vendor.id]):
        add_customer(vendor_id=ours.vendor.id, number="a", name="Aardvark", currency="GBP", now=NOW, by="Tom")
    second = told(program("GET", f"/customers/?limit=4&cursor={first['next']}"))
    assert [one["name"] for one in second["items"]] == ["Twin 1", "Twin 2", "Twin 2"]
    assert not {one["id"] for one in first["items"]} & {one["id"] for one in second["items"]}


def test_a_cursor_goes_with_the_filter_it_came_from(program: Program, ours: World) -> None:
    many(ours, 9)
    assert names(program, 2, "&name=twin 1") == [["Twin 1", "Twin 1"], ["Twin 1"]]


@given(st.one_of(st.text(max_size=50), st.binary(max_size=50).map(lambda raw: raw.decode("latin-1"))))
def test_no_cursor_of_anybodys_making_is_a_fault(cursor: str) -> None:
    for by in ("id", "folded", "created_at"):
        try:
            page(Customer.objects.none(), by, Paging(cursor=cursor.replace("\0", "")))
        except Refused as no:
            if no.code != "cursor":
                raise
