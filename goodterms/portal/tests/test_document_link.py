"""The link in the letter of an invoice: a page that changes nothing, one press, then that invoice and its PDF, and no more."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from goodterms.access.tests.world import NOW, PAYER, SENT, World
from goodterms.database.isolation import acting_for
from goodterms.delivery.link import Carried, sealed
from goodterms.interactions.models import Interaction
from goodterms.invoicing.actions import paper_bytes
from goodterms.invoicing.models import Dispatch, Invoice
from goodterms.invoicing.writing import PURPOSE
from goodterms.parties.models import Contact
from goodterms.portal.door import COOKIE
from goodterms.portal.tests.browser import by_link, only_looking, proven, words
from goodterms.values.keys import new_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice(world: World) -> Invoice:
    """The retainer, which the reminder did not name; it was sent to Sandra by e-mail."""
    one = world.other
    with acting_for([one.vendor_id]):
        Dispatch.objects.create(
            id=new_key(SENT), vendor_id=one.vendor_id, customer_id=one.customer_id, invoice=one, by="Tom", created_at=SENT,
            posted_at=SENT, channel="email", payer_id=PAYER,
        )  # fmt: skip
    return one


def link(invoice: Invoice, days: int = 0, key: str = "") -> str:
    return f"/p/{sealed(key or settings.SECRET_KEY, PURPOSE, Carried(invoice.id, PAYER, NOW - timedelta(days=days)))}"


def page(name: str, invoice: Invoice) -> str:
    return reverse(name, kwargs={"invoice_id": invoice.id})


def opened(invoice: Invoice, way: str = "") -> Client:
    client = Client()
    assert client.post(link(invoice) + way).status_code == 302
    return client


def views(invoice: Invoice) -> list[str]:
    with acting_for([invoice.vendor_id]):
        return list(Interaction.objects.filter(kind="invoice.viewed").values_list("by", flat=True))


def test_looking_says_what_the_letter_said_lets_nobody_in_and_is_no_view(invoice: Invoice) -> None:
    client = Client()
    with only_looking():
        said = words(client.get(link(invoice)))
    assert "From Lindqvist Rowe, for <b>Sandra Whitlock</b>" in said
    assert "Retainer" in said
    assert COOKIE not in client.cookies
    assert views(invoice) == []


@pytest.mark.parametrize(
    ("way", "leads_to"),
    [
        ("", "portal-invoice"), ("/invoices/{id}/see", "portal-invoice"), ("/invoices/{id}/ask", "portal-ask"),
        ("/invoices/{id}/dispute", "portal-dispute"), ("/invoices/{id}/time", "portal-more-time"),
    ],
)  # fmt: skip
def test_each_way_of_the_letter_leads_to_its_page(invoice: Invoice, way: str, leads_to: str) -> None:
    answer = Client().post(link(invoice) + way.format(id=invoice.id))
    assert answer.headers["Location"] == page(leads_to, invoice)


def test_the_press_is_the_first_view_and_the_second_press_is_none(invoice: Invoice) -> None:
    opened(invoice)
    opened(invoice)
    assert views(invoice) == ["Sandra Whitlock"]


def test_it_shows_this_invoice_and_no_other(world: World, invoice: Invoice) -> None:
    client = opened(invoice)
    with only_looking():
        assert "Retainer" in words(client.get(page("portal-invoice", invoice)))
        assert client.get(page("portal-invoice", world.shown[0])).status_code == 404
        assert client.get(page("portal-invoice-pdf", world.shown[0])).status_code == 404


def test_the_pdf_is_the_paper_itself(invoice: Invoice) -> None:
    client = opened(invoice)
    with only_looking():
        answer = client.get(page("portal-invoice-pdf", invoice))
    with acting_for([invoice.vendor_id]):
        assert answer.content == paper_bytes(invoice_id=invoice.id)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="lindqvist-rowe-2.pdf"'


def test_a_browser_that_showed_figures_has_every_pdf_and_one_of_a_reminder_its_own(world: World) -> None:
    assert proven(world).get(page("portal-invoice-pdf", world.other)).content.startswith(b"%PDF-1.7")
    reminded = by_link(world)
    assert reminded.get(page("portal-invoice-pdf", world.shown[0])).content.startswith(b"%PDF-1.7")
    assert reminded.get(page("portal-invoice-pdf", world.other)).status_code == 404


@pytest.mark.parametrize(("days", "key", "status"), [(120, "", 410), (0, "guessed", 404)])
def test_an_old_or_forged_link_opens_nothing(invoice: Invoice, days: int, key: str, status: int) -> None:
    client = Client()
    assert client.post(link(invoice, days, key)).status_code == status
    assert COOKIE not in client.cookies


def test_it_opens_while_the_invoice_is_to_be_paid_and_a_fortnight_more(
    invoice: Invoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is due on 2 December; its letter is seven weeks old by then."""
    assert "until Wednesday 16 December" in words(Client().get(link(invoice, 30)))
    for day, status in ((16, 302), (17, 410)):
        url = link(invoice, 30)
        monkeypatch.setenv("GOODTERMS_NOW", datetime(2026, 12, day, 9, tzinfo=UTC).isoformat())
        assert Client().post(url).status_code == status


def test_who_is_no_longer_listed_is_not_let_in(invoice: Invoice) -> None:
    with acting_for([invoice.vendor_id]):
        Contact.objects.filter(vendor_id=invoice.vendor_id).update(ended_at=NOW)
    assert Client().post(link(invoice)).status_code == 410
