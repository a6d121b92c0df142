"""A dispute from the payer's word to its letter: seen on the desk with its clock, credited by the way that fits, measured."""

from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from goodterms.clock.nudges import waited_for
from goodterms.conversations import actions
from goodterms.conversations.models import Conversation
from goodterms.conversations.tests.cast import a_customer, a_payer, an_invoice, holds
from goodterms.database.isolation import acting_for
from goodterms.delivery.channels.carrier import into_folder
from goodterms.delivery.due import send
from goodterms.delivery.link import Carried, opened
from goodterms.desk.tests.cast import a_member, a_vendor, as_member
from goodterms.invoicing.models import Invoice
from goodterms.parties.directory import named
from goodterms.proof.prove import prove
from goodterms.reminders.actions import still_due
from goodterms.values.keys import new_key

DISPUTED_AT = datetime(2026, 11, 12, 16, 45, tzinfo=UTC)  # a Thursday, a quarter of an hour before closing
NOW = datetime(2026, 11, 13, 10, 20, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_a_dispute_is_seen_credited_answered_and_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOODTERMS_NOW", NOW.isoformat())
    vendor = a_vendor("lindqvist-rowe", name="Lindqvist Rowe")
    tom = as_member(a_member(vendor, "Tom Okafor", "owner", email="tom@lindqvist.example"))
    with acting_for([vendor.id]):
        customer = a_customer(vendor, "Kestrel & Finch")
        payer = a_payer(customer, "graham@kestrel.example")
        invoice = an_invoice(customer, 716_640, number="LR-2026-0194", due_on=date(2026, 11, 19), work="Spring campaign")
        thread = actions.dispute(
            invoice_id=invoice.id, reason="QTY", wants="CNP", words="Six have reached us, not eight.", disputed_minor=62_400,
            by="Sandra Whitlock", payer_id=payer.id, now=DISPUTED_AT,
        )  # fmt: skip
        assert holds(invoice) == [("disputed", None)]
    page = f"/at/lindqvist-rowe/conversations/{thread.id}/"

    assert "2 h 25 left" in tom.get("/at/lindqvist-rowe/conversations/").text
    assert "£624.00 and this answer" in tom.get(page).text
    given = {"key": str(new_key(NOW)), "to": "them", "way": "credited", "amount": "624.00", "words": "You are right: six."}
    assert tom.post(page, given).status_code == 302

    with acting_for([vendor.id]):
        settled = Conversation.objects.get()
        assert (settled.resolution, settled.closed_at, settled.waiting_since_at) == ("credited", NOW, None)
        assert settled.answered_in_minutes == 15 + 80  # until closing, and from opening: the night is nobody's
        assert holds(invoice) == []
        assert Invoice.objects.get(id=invoice.id).open_minor == 716_640 - 62_400

    def carried(at: datetime) -> int:
        outbox = into_folder("email", tmp_path, ".eml")
        return send(vendors=[vendor.id], carrier=outbox, clock=lambda: at, recheck=still_due)["accepted"]

    assert carried(NOW + timedelta(seconds=9)) == 0
    assert carried(NOW + timedelta(seconds=10)) == 1
    assert carried(NOW + timedelta(days=1)) == 0
    [path] = tmp_path.glob("*.eml")
    letter = message_from_bytes(path.read_bytes(), policy=policy.default)
    part = letter.get_body(("plain",))
    assert part is not None
    text = part.get_content()
    assert (letter["To"].addresses[0].addr_spec, letter["Reply-To"].addresses[0].addr_spec) == (payer.address, vendor.email)
    assert "You are right: six." in text
    assert opened(settings.SECRET_KEY, "answer", text.partition("/p/")[2].split(maxsplit=1)[0]) == Carried(
        thread.id, payer.id, NOW
    )
    # The invoice of the cast was written by hand, so no hash of its issue stands on it (I19).
    broken = [one.invariant.id for one in prove([vendor.id]) if one.finding.broken]
    assert broken == ["I19"]


@pytest.mark.django_db(transaction=True)
def test_in_a_sandbox_an_answer_leaves_once_it_can_no_longer_be_taken_back(tmp_path: Path, settings: Any) -> None:
    settings.HOME = tmp_path
    vendor = a_vendor("lindqvist-rowe", name="Lindqvist Rowe", sandbox_now=NOW)
    with acting_for([vendor.id]):
        customer = a_customer(vendor, "Kestrel & Finch")
        payer = a_payer(customer, "graham@kestrel.example")
        invoice = an_invoice(customer, 716_640, number="LR-2026-0194", due_on=date(2026, 11, 19), work="Spring campaign")
        asked: dict[str, Any] = {"invoice_ids": [invoice.id], "words": "Why?", "by": "Graham", "payer_id": payer.id, "now": NOW}
        thread = actions.ask(**asked)
        real = datetime(2027, 3, 1, 12, tzinfo=UTC)
        actions.answer(conversation_id=thread.id, words="Because.", by="Tom", role="owner", now=NOW, clock=real)
    listed = named("lindqvist-rowe")

    def left(seconds: int) -> int:
        return waited_for(listed, [vendor.id], real + timedelta(seconds=seconds))

    assert left(9) == 0
    assert left(11) == 1
    assert left(12) == 0
    assert len(list((tmp_path / "outbox").glob("*.eml"))) == 1
