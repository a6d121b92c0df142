"""What a form says for a payer: which lines are meant, and in the payer's language what they did not write themselves."""

import pytest

from goodterms.access.tests.world import PAYER, World
from goodterms.conversations.models import Conversation, Message
from goodterms.database.isolation import acting_for
from goodterms.invoicing.models import Invoice
from goodterms.parties.models import Payer, Vendor
from goodterms.portal.acts.tests.test_acts import press, with_lines
from goodterms.portal.tests.browser import proven, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice(world: World) -> Invoice:
    return world.shown[0]


def test_several_lines_are_disputed_together_and_the_words_say_which(world: World, invoice: Invoice) -> None:
    with_lines(invoice)
    client = proven(world)
    over = press(client, "dispute", invoice, line=["1", "2"], reason="QTY", words="Too many.", amount="4,255.21")
    assert words(over).count(" checked><span>") >= 2, "what was ticked stays"
    assert press(client, "dispute", invoice, line=["1", "2", "99"], reason="QTY", words="Too many.").status_code == 302
    with acting_for([invoice.vendor_id]):
        thread = Conversation.objects.get()
        assert thread.about.get().line_position is None
        assert thread.disputed_minor == sum(round(one.net_minor * 1.2) for one in invoice.lines.all())
        assert thread.messages.get().words == "Lines 1 and 2: Too many."


def test_words_that_an_act_writes_are_in_the_payers_language(world: World, invoice: Invoice) -> None:
    with acting_for([invoice.vendor_id]):
        Payer.objects.filter(id=PAYER).update(language="id")
        Vendor.objects.filter(id=invoice.vendor_id).update(extension_days_max=0)
    client = proven(world)
    press(client, "more-time", invoice, choice="day", until_on="2026-12-18")
    press(client, "hand-on", invoice, name="Priya Shah", address="priya@bellwether.example", words="Dia yang tahu.")
    with acting_for([invoice.vendor_id]):
        said = list(Message.objects.order_by("at", "id").values_list("words", flat=True))
    assert sorted(said) == [
        "Mohon tambahan waktu sampai 18 Desember 2026.",
        "Mohon tanyakan kepada Priya Shah <priya@bellwether.example> tentang faktur ini.\n\nDia yang tahu.",
    ]


def test_what_is_noted_is_told_apart_by_its_words_and_time_that_waits_is_not_called_granted(
    world: World, invoice: Invoice
) -> None:
    client = proven(world)
    press(client, "ask", invoice, words="Which <run> was it?")
    after = press(client, "more-time", invoice, choice="day", until_on="2027-02-11", words="We wait for a subsidy.")
    page = words(client.get(after.headers["Location"]))
    assert "<h1>You have asked for more time</h1>" in page
    assert '<p class="said">Which &lt;run&gt; was it?</p>' in page
    assert '<p class="said">We wait for a subsidy.</p>' in page
    granted = press(client, "more-time", world.other, choice="day", until_on="2026-12-10")
    assert "<h1>More time</h1>" in words(client.get(granted.headers["Location"]))
