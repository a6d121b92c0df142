"""The links in a letter are the payer's: who reads it over a vendor's shoulder does not get them."""

from datetime import date, time

from django.conf import settings

from goodterms.api.tests.world import Program, World, a_draft, issued, told
from goodterms.database.isolation import acting_for
from goodterms.reminders import due
from goodterms.reminders.models import Notice
from goodterms.reminders.token import link_token
from goodterms.values.days import instant

SATURDAY, TUESDAY = date(2026, 10, 31), date(2026, 11, 3)  # due, and the day of the first reminder


def test_a_program_reads_a_letter_without_the_payers_own_link(program: Program, ours: World) -> None:
    with acting_for([ours.vendor.id]):
        fresh = issued(a_draft(ours.customer))
        assert fresh.due_on == SATURDAY
        now = instant(TUESDAY, time(10), "Europe/London")
        due.nominate(vendors=[ours.vendor.id], on=TUESDAY, now=now)
        notice = Notice.objects.get(letter__isnull=False)
    answer = program("GET", f"/notices/{notice.id}/")
    words = told(answer)["words"]
    assert "/p/" in words["text"]
    assert "/p/" in words["html"]
    assert link_token(settings.SECRET_KEY, notice.id) not in answer.content.decode()
