"""A payer reads what both sides said, never what we said among ourselves, and writes again."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from goodterms.access.tests.world import NOW, World
from goodterms.conversations.actions import answer, ask, attach, note
from goodterms.conversations.models import Attachment, Conversation, Message
from goodterms.conversations.rules import File
from goodterms.conversations.tests.cast import a_customer, an_invoice
from goodterms.database.isolation import acting_for
from goodterms.portal.tests.browser import by_link, only_looking, proven, words
from goodterms.values.keys import new_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def thread(world: World) -> Conversation:
    """Sandra asked, Tom wrote a note with a file, and answered."""
    with acting_for([world.vendors[0].id]):
        thread = ask(invoice_ids=[world.shown[0].id], words="Which run was it?", by="Sandra Whitlock", now=NOW)
        inner = new_key(NOW)
        note(conversation_id=thread.id, words="She asks every month.", by="Tom Okafor", now=NOW, key=inner)
        files = [File("inner.txt", b"Only for us.")]
        attach(conversation_id=thread.id, files=files, by="Tom Okafor", now=NOW, message_id=inner)
        answer(conversation_id=thread.id, words="The <second> one.", by="Tom Okafor", role="bookkeeper", now=NOW, settles=False)
    return thread


def page(thread: Conversation) -> str:
    return reverse("portal-conversation", kwargs={"conversation_id": thread.id})


def test_both_sides_are_read_with_names_and_notes_are_never_shown(world: World, thread: Conversation) -> None:
    client = proven(world)
    with only_looking():
        said = words(client.get(page(thread)))
    assert '<p class="said">Which run was it?</p>' in said
    assert '<p class="said">The &lt;second&gt; one.</p>' in said
    assert "<b>Tom Okafor</b>" in said
    assert "every month" not in said
    assert "inner.txt" not in said
    with acting_for([thread.vendor_id]):
        inner = Attachment.objects.get()
    assert client.get(reverse("portal-attachment", kwargs={"attachment_id": inner.id})).status_code == 404


def test_writing_again_starts_our_clock_and_brings_files_once(world: World, thread: Conversation) -> None:
    client, key = proven(world), str(new_key(NOW))
    for _ in range(2):
        file = SimpleUploadedFile("list.txt", b"Run two, 14 October.")
        assert client.post(page(thread), {"key": key, "words": "And the first?", "files": file}).status_code == 302
    said = words(client.get(page(thread)))
    assert said.count("And the first?") == 1
    assert said.count("list.txt") == 1
    assert "Lindqvist Rowe answers by 16:20." in said
    answer = client.post(page(thread), {"key": str(new_key(NOW)), "words": ""})
    assert answer.status_code == 400
    assert "There is nothing in this message yet." in words(answer)


def test_taking_it_back_ends_it_and_lets_the_invoice_go(world: World, thread: Conversation) -> None:
    client = proven(world)
    back = reverse("portal-take-back", kwargs={"invoice_id": world.shown[0].id})
    answer = client.post(back, {"what": str(thread.id)}, follow=True)
    assert "Taken back. Nothing else changed." in words(answer)
    assert "Nothing is noted about this invoice." in words(answer)
    assert "Taken back." in words(client.get(page(thread)))
    assert client.post(back, {"what": "nonsense"}).status_code == 404
    assert client.get(back).status_code == 405


def test_conversations_of_other_customers_are_not_there(world: World) -> None:
    with acting_for([world.vendors[0].id]):
        neighbour = an_invoice(a_customer(world.vendors[0], "Northgate"), number="LR-9")
        theirs = ask(invoice_ids=[neighbour.id], words="Ours?", by="Nadia", now=NOW)
        attach(conversation_id=theirs.id, files=[File("theirs.txt", b"Theirs.")], by="Nadia", now=NOW)
        file = Attachment.objects.get()
    for client in (proven(world), by_link(world)):
        assert client.get(page(theirs)).status_code == 404
        assert client.post(page(theirs), {"words": "Hello"}).status_code == 404
        assert client.get(reverse("portal-attachment", kwargs={"attachment_id": file.id})).status_code == 404
    with acting_for([world.vendors[0].id]):
        assert Message.objects.filter(conversation=theirs).count() == 1
    assert Client().get(page(theirs)).headers["Location"] == reverse("portal-lost")


def test_the_list_goes_on_by_key_at_a_constant_price(world: World) -> None:
    client, place = proven(world), reverse("portal-conversations")

    def asked(count: int) -> None:
        with acting_for([world.vendors[0].id]):
            for n in range(count):
                ask(invoice_ids=[world.other.id], words=f"Question {n}", by="Sandra Whitlock", now=NOW)

    def seen() -> tuple[int, str]:
        with CaptureQueriesContext(connection) as queries:
            page = words(client.get(place))
        return len(queries), page

    asked(2)
    before, _ = seen()
    asked(30)
    after, first = seen()
    assert after == before
    assert first.count("Retainer") == 30
    more = first.partition('href="?after=')[2].partition('"')[0]
    assert words(client.get(f"{place}?after={more}")).count("Retainer") == 2
    assert words(client.get(f"{place}?after=nonsense")).count("Retainer") == 30


def test_the_payers_page_leads_to_what_was_asked_and_says_how_it_stands(world: World, thread: Conversation) -> None:
    client = proven(world)
    with acting_for([world.vendors[1].id]):
        waiting = ask(invoice_ids=[world.shown[1].id], words="Two boxes?", by="Sandra Whitlock", now=NOW)
        over = ask(invoice_ids=[world.shown[1].id], words="And three?", by="Sandra Whitlock", now=NOW)
        answer(conversation_id=over.id, words="Three.", by="Jory Penhale", role="bookkeeper", now=NOW)
    with only_looking():
        home = words(client.get("/pay/"))
    assert f'<a class="act" href="{reverse("portal-conversations")}">Conversations</a>' in home
    for one, standing in ((thread, "answered, still open"), (waiting, "answer by 16:20"), (over, "Answered")):
        line = home.partition(f'href="{page(one)}"')[2].partition("</li>")[0]
        assert f'">{standing}</span>' in line
    assert f'href="{page(thread)}"' in words(by_link(world).get("/pay/"))


def test_an_answer_of_long_ago_leaves_the_payers_page_and_stays_in_the_list(world: World, thread: Conversation) -> None:
    with acting_for([thread.vendor_id]):
        answer(conversation_id=thread.id, words="Settled.", by="Tom Okafor", role="bookkeeper", now=NOW)
        Conversation.objects.filter(id=thread.id).update(closed_at=NOW - timedelta(days=15))
    client = proven(world)
    assert page(thread) not in words(client.get("/pay/"))
    assert page(thread) in words(client.get(reverse("portal-conversations")))
