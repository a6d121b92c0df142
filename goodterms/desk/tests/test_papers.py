"""The letterhead at the desk: set by who keeps the books, refused in words beside its field, and on the next paper."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from goodterms.database.isolation import acting_for
from goodterms.desk.tests.billed import a_customer, an_invoice
from goodterms.desk.tests.cast import NOW, a_member, a_vendor, as_member, told
from goodterms.invoicing.actions import paper_bytes
from goodterms.invoicing.models import Letterhead
from goodterms.papers.tests.reading import text
from goodterms.parties.models import Vendor

pytestmark = pytest.mark.django_db
PAGE, HOME = "/at/tom-and-co/settings/papers/", "/at/tom-and-co/settings/"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 10"><rect width="40" height="10" fill="#96380f"/></svg>'
WORDS = {"trade": "Brand and web studio", "phone": "0117 496 0143", "company_number": "0912 4471", "colour": "#96380f"}


@pytest.fixture
def vendor() -> Vendor:
    return a_vendor(sandbox_now=NOW)


@pytest.fixture
def desk(vendor: Vendor) -> Client:
    return as_member(a_member(vendor))


def kept(vendor: Vendor) -> list[Letterhead]:
    with acting_for([vendor.id]):
        return list(Letterhead.objects.filter(ended_at=None))


def test_what_is_set_stands_on_the_next_paper_and_in_the_settings(desk: Client, vendor: Vendor) -> None:
    answer = desk.post(PAGE, {**WORDS, "logo": SimpleUploadedFile("logo.svg", SVG)})
    assert answer.headers["Location"] == f"{HOME}#papers"
    page = desk.get(HOME).text
    assert "Brand and web studio" in page
    assert 'src="data:image/svg+xml;base64,' in page
    assert "changed the papers: what the firm does, telephone, company number, colour, logo" in " ".join(page.split())
    one = an_invoice(a_customer(vendor))
    with acting_for([vendor.id]):
        paper = paper_bytes(invoice_id=one.id)
    assert "Brand and web studio" in text(paper)
    assert "Company 0912 4471" in text(paper)
    assert b"/Alt(Tom & Co)" in paper


def test_a_logo_is_taken_away_and_the_words_stay(desk: Client, vendor: Vendor) -> None:
    desk.post(PAGE, {**WORDS, "logo": SimpleUploadedFile("logo.svg", SVG)})
    desk.post(PAGE, {**WORDS, "without_logo": "on"})
    (now,) = kept(vendor)
    assert (now.logo, now.trade) == (None, "Brand and web studio")


@pytest.mark.parametrize(
    ("logo", "sentence"),
    [
        (b"GIF89a", "This is not a picture that can be printed."),
        (SVG.replace(b"<rect", b"<script/><rect"), "The SVG has a &lt;script&gt;"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * (301 * 1024), "The picture has 301 KB; a logo may have 300."),
    ],
)
def test_a_wrong_picture_is_refused_beside_its_field_and_the_words_stay_typed(
    desk: Client, vendor: Vendor, logo: bytes, sentence: str
) -> None:
    answer = desk.post(PAGE, {**WORDS, "logo": SimpleUploadedFile("logo.png", logo)})
    assert answer.status_code == 409
    assert sentence in answer.text
    assert 'value="Brand and web studio"' in answer.text
    assert kept(vendor) == []


def test_a_pale_colour_is_refused(desk: Client, vendor: Vendor) -> None:
    answer = desk.post(PAGE, {**WORDS, "colour": "#ffcc00"})
    assert "#ffcc00 is hard to read on white paper. Choose a darker one." in answer.text
    assert told(vendor, "letterhead.changed") == []


@pytest.mark.parametrize("role", ["reader", "approver", "receivables manager"])
def test_who_does_not_keep_the_books_only_looks(vendor: Vendor, role: str) -> None:
    client = as_member(a_member(vendor, "Rea", role))
    assert client.get(PAGE).status_code == 200
    assert client.post(PAGE, WORDS).status_code == 403
    assert kept(vendor) == []


def test_others_find_nothing(vendor: Vendor) -> None:
    stranger = as_member(a_member(a_vendor("else-where"), "Else"))
    assert stranger.get(PAGE).status_code == 404
    assert stranger.post(PAGE, WORDS).status_code == 404
