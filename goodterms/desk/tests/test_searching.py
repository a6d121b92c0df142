"""A search in the list of invoices: it looks at no more than a page can show, says so, and reads what it found once."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodterms.database.isolation import acting_for
from goodterms.desk.tests.billed import a_customer, late
from goodterms.desk.tests.cast import a_member, a_vendor, as_member
from goodterms.invoicing.seeking import found
from goodterms.parties.models import Vendor

pytestmark = pytest.mark.django_db
LIST = "/at/tom-and-co/invoices/"


@pytest.fixture
def vendor() -> Vendor:
    return a_vendor()


@pytest.fixture
def desk(vendor: Vendor) -> Client:
    return as_member(a_member(vendor))


def test_no_more_is_looked_at_than_is_shown_and_it_is_said_that_there_is_more(
    vendor: Vendor, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is found three times by `label`: by two words of its work and by its customer."""
    ours = {late(a_customer(vendor, f"Labels {n}"), work="Labels, labelled").id for n in range(4)}
    for often in (1, 2, 4):
        monkeypatch.setattr("goodterms.invoicing.seeking.OFTEN", often)
        with acting_for([vendor.id]):
            for words in ("label", "label labels"):
                few, whole = found(vendor.id, words, 3) or [], found(vendor.id, words, None) or []
                assert (len(few), set(few) <= ours, set(whole), len(whole)) == (3, True, ours, 4)
    for most, is_cut in ((3, True), (5, False)):
        monkeypatch.setattr("goodterms.desk.invoices.reading.MOST_FOUND", most)
        page = desk.get(f"{LIST}?show=all&q=label").content.decode()
        assert ("These words fit more invoices" in page) is is_cut
        assert page.count("data-row") == min(most, 4)


def test_what_words_mean_is_read_once_for_all_groups(vendor: Vendor, desk: Client) -> None:
    late(a_customer(vendor))
    with CaptureQueriesContext(connection) as asked:
        desk.get(f"{LIST}?show=all&q=autumn")
    grouped = [one["sql"] for one in asked if "union all" in one["sql"] and "'late'" in one["sql"]]
    assert len(grouped) == 2
    for sql in grouped:
        assert sql.count("invoicing_invoice") == 1, sql


@pytest.mark.parametrize(("least", "most", "fits"), [("100", "100", True), ("100.01", "", False), ("", "99.99", False)])
def test_a_sum_between_others_is_compared_to_the_cent(vendor: Vendor, desk: Client, least: str, most: str, fits: bool) -> None:
    one = late(a_customer(vendor), "100")
    total = one.total_minor / 100
    given = {"least": least and f"{total + float(least) - 100:.2f}", "most": most and f"{total + float(most) - 100:.2f}"}
    assert (one.number in desk.get(LIST, {"show": "all", **given}).content.decode()) is fits
    assert one.number in desk.get(LIST, {"show": "all", "least": f"{total - 0.001:.3f}", "most": "999999999"}).content.decode()
