"""Questions that share a trip: each is answered as if it had been asked alone, and rows become what Django makes of them."""

from datetime import date
from uuid import UUID

import pytest
from django.apps import apps
from django.db import DatabaseError, connection
from django.forms.models import model_to_dict

from goodterms.database.asked import as_models, asked
from goodterms.database.isolation import acting_for
from goodterms.database.together import together

pytestmark = pytest.mark.django_db
OURS = UUID(int=1)
DEED = (
    "insert into interactions_interaction (id, vendor_id, at, kind, by, inbound, channel, data)"
    """ values (gen_random_uuid(), %s, now(), 'tried', 'us', false, '', '{"words": ["Thank you"]}')"""
)


def test_several_questions_are_answered_each_and_rows_are_those_of_the_orm() -> None:
    model = apps.get_model("interactions.Interaction")
    with acting_for([OURS]), connection.cursor() as cursor:
        cursor.execute(DEED, [OURS])
        with together():
            rows, number = asked("select * from interactions_interaction", []), asked("select 6 * %s", [7])
        (found,) = as_models(model, rows)
        assert number.fetchone() == (42,)
        assert model_to_dict(found) == model_to_dict(model._default_manager.get())
        assert found.data == {"words": ["Thank you"]}, "what JSON says, not its text"
        assert not found.get_deferred_fields()


def test_what_one_question_declares_holds_for_those_after_it() -> None:
    with together():
        asked("select set_config('goodterms.payer', %s, true)", ["somebody"])
        who = asked("select current_setting('goodterms.payer')", [])
    assert who.fetchone() == ("somebody",)


def ask_badly() -> None:
    with acting_for([]), together():
        asked("select 1 / %s", [0])
        asked("select 2", [])


def test_a_refused_question_is_heard_of_and_the_connection_goes_on() -> None:
    with pytest.raises(DatabaseError, match="division by zero"):
        ask_badly()
    with connection.cursor() as cursor:
        cursor.execute("select %s::date", [date(2026, 11, 16)])
        assert cursor.fetchone() == (date(2026, 11, 16),)
