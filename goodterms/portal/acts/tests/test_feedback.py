"""Our one question: looking answers nothing, one press does, once; and the same link stops further questions."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from goodterms.access.tests.world import NOW, PAYER, World
from goodterms.database.isolation import acting_for
from goodterms.interactions.models import Interaction
from goodterms.parties.models import Payer
from goodterms.portal.tests.browser import only_looking, words
from goodterms.relationship.models import Feedback
from goodterms.reminders.token import link_token
from goodterms.values.keys import new_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def question(world: World) -> Feedback:
    with acting_for([world.vendors[0].id]):
        return Feedback.objects.create(
            id=new_key(NOW), vendor=world.vendors[0], customer=world.customers[0], payer_id=PAYER, payment_id=new_key(NOW),
            asked_at=NOW,
        )  # fmt: skip


def link(question: Feedback, way: str, token: str = "") -> str:
    """As relationship/writing.py puts it into the letter."""
    return f"/feedback/{question.id}/{token or link_token(settings.SECRET_KEY, question.id)}/{way}"


def kept(question: Feedback) -> tuple[str, str]:
    with acting_for([question.vendor_id]):
        question.refresh_from_db()
    return question.answer, question.words


def test_following_the_link_answers_nothing_and_pressing_answers_once(question: Feedback) -> None:
    client = Client()
    with only_looking():
        said = words(client.get(link(question, "mixed")))
    assert "How was it with Lindqvist Rowe?" in said
    assert 'value="mixed" checked' in said
    assert kept(question) == ("", "")
    answer = client.post(link(question, "mixed"), {"answer": "good", "words": "Quick, this time."})
    assert "Your answer is kept, once; Tom Okafor reads it." in words(answer)
    client.post(link(question, "poor"), {"answer": "poor", "words": "Changed by another."})
    assert kept(question) == ("good", "Quick, this time.")
    with acting_for([question.vendor_id]):
        assert Interaction.objects.filter(kind="feedback.given").count() == 1
    assert "Your answer is kept, once" in words(client.get(link(question, "good")))


def test_one_press_without_words_is_enough_and_nonsense_is_refused(question: Feedback) -> None:
    answer = Client().post(link(question, "poor"), {"answer": "splendid"})
    assert answer.status_code == 400
    assert "Choose one of the three." in words(answer)
    Client().post(link(question, "poor"))
    assert kept(question) == ("poor", "")


def test_without_our_token_there_is_no_question(question: Feedback) -> None:
    other = link_token(settings.SECRET_KEY, new_key(NOW))
    for way in ("good", "stop", "preferences"):
        assert Client().get(link(question, way, other)).status_code == 404
        assert Client().get(link(question, way, "a")).status_code == 404
    assert Client().post(link(question, "good", other), {"answer": "good"}).status_code == 404
    assert Client().post(link(question, "stop", other)).status_code == 404
    assert Client().get(link(question, "splendid")).status_code == 404
    assert kept(question) == ("", "")


def test_a_mail_program_stops_the_questions_with_one_press(world: World, question: Feedback) -> None:
    mail = Client(enforce_csrf_checks=True)
    with only_looking():
        assert "Stop them" in words(mail.get(link(question, "stop")))
    assert mail.post(link(question, "stop"), {"List-Unsubscribe": "One-Click"}).status_code == 200
    with acting_for([one.id for one in world.vendors]):
        assert Payer.objects.get(id=PAYER).stopped_at is not None
        told = Interaction.objects.filter(kind="reminders.stopped")
        assert {one.vendor_id for one in told} == {one.id for one in world.vendors}


def test_its_preferences_are_behind_the_payers_own_door(question: Feedback) -> None:
    assert Client().get(link(question, "preferences")).headers["Location"] == reverse("portal-preferences")
