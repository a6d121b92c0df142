"""The day as one list: what it says, in which order, and that a sandbox never writes to anybody."""

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from goodterms.clock.tick import THE_DAY, Run, report, settle_doubts, use_banks
from goodterms.database.isolation import acting_for
from goodterms.delivery.channels.carrier import mail
from goodterms.delivery.models import Letter
from goodterms.parties.actions import add_member, add_vendor, ask_bank_change, confirm_bank_change
from goodterms.parties.models import Vendor
from goodterms.values.keys import new_key

NOW = datetime(2026, 11, 16, 10, 20, tzinfo=UTC)


def test_the_report_has_the_words_that_scripts_read() -> None:
    found = Counter({"nominated": 3, "notices": 2, "sent": 1, "printed": 1, "held:disputed": 4, "held:limit": 1, "asked": 9})
    assert report(date(2026, 11, 16), found) == {
        "on": "2026-11-16", "nominated": 3, "held": {"disputed": 4, "limit": 1}, "notices": 2, "sent": 1, "printed": 1,
        "doubts": 0,
    }  # fmt: skip


def test_what_is_no_longer_true_is_taken_back_before_anything_is_planned_or_sent() -> None:
    order = [step.__name__ for step in THE_DAY]
    assert order.index("take_back") < order.index("plan") < order.index("send_letters") < order.index("seal_log")


def test_a_sandbox_writes_into_the_outbox_whatever_mail_server_is_set(settings: Any, tmp_path: Path) -> None:
    settings.SMTP_URL, settings.HOME = "smtp://127.0.0.1:9", tmp_path
    assert mail(is_sandbox=False).server == "127.0.0.1"
    assert mail(is_sandbox=True).server == "outbox"


@pytest.mark.django_db
def test_a_doubt_is_counted_in_the_day_of_the_vendor_that_speaks_in_it() -> None:
    ours, theirs = (
        add_vendor(
            slug=slug, name=slug, currency="GBP", country="GB", timezone="Europe/London", email=f"a@{slug}.example", now=NOW,
            by="owner",
        ).id
        for slug in ("ours", "theirs")
    )  # fmt: skip
    with acting_for([ours, theirs]):
        Letter.objects.create(
            id=new_key(NOW), vendors=[ours], kind="notice", channel="email", recipient="a@payer.example", dedupe_key="1",
            message_id="1", state="ambiguous", not_before=NOW, created_at=NOW, settled_at=NOW,
        )  # fmt: skip
    counts = [settle_doubts(Run(one, [ours, theirs], NOW.date(), NOW, lambda: NOW))["doubts"] for one in (ours, theirs)]
    assert counts == [1, 0]


@pytest.mark.django_db
def test_bank_details_come_into_use_before_anything_else_of_the_day() -> None:
    asked_at, day = datetime(2026, 11, 14, 9, tzinfo=UTC), datetime(2026, 11, 16, 9, tzinfo=UTC)
    vendor = add_vendor(
        slug="v", name="V", currency="GBP", country="GB", timezone="Europe/London", email="v@v.example", now=asked_at, by="x",
        bank={"name": "Severn", "account": "0041 8203"},
    )  # fmt: skip
    with acting_for([vendor.id]):
        elin, tom = (
            add_member(vendor_id=vendor.id, email=f"{name}@v.example", name=name, role=role, now=asked_at, by="x")
            for name, role in (("Elin", "owner"), ("Tom", "bookkeeper"))
        )
        bank = {"name": "Severn", "account": "0055 1960"}
        change = ask_bank_change(vendor_id=vendor.id, bank=bank, member=elin, now=asked_at, by="Elin")
        confirm_bank_change(vendor_id=vendor.id, change_id=change.id, member=tom, now=asked_at, by="Tom")
    assert THE_DAY[0] is use_banks
    assert use_banks(Run(vendor.id, [vendor.id], day.date(), day, lambda: day)) == Counter(banks=1, owners_told=6)
    with acting_for([vendor.id]):
        assert Vendor.objects.get().bank == bank
