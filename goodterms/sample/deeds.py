"""Decides which verb tells each thing that happened. Nothing here writes a row: every deed is a verb of its context."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from goodterms.conversations.actions import answer, ask, dispute, note, promise, reply, resolve
from goodterms.invoicing.actions import approve, draft, hold, issue, write_off
from goodterms.invoicing.line import Line
from goodterms.invoicing.models import Invoice
from goodterms.payments import actions as payments
from goodterms.relationship.actions import answer_feedback
from goodterms.relationship.models import Feedback
from goodterms.sample.ahead import by_agreement
from goodterms.sample.days import FIRST_DAY
from goodterms.sample.opening import agreed
from goodterms.sample.stage import Stage
from goodterms.sample.tables import LINDQVIST, Billed, Promised, Said
from goodterms.sample.work import by_schedule
from goodterms.terms.actions import agree
from goodterms.values.days import day_in
from goodterms.values.money import Money

APPROVES_UP_TO = 500_000  # what Tom approves himself; above it an owner does


def bill(stage: Stage, row: Billed, lines: Sequence[Sequence[str]], now: datetime) -> None:
    """Draft, approve and issue one invoice, on terms of its own where it has some."""
    vendor = stage.vendors[row.vendor]
    who = (row.vendor, row.customer)
    drafted = (
        by_schedule(stage, row, now)
        or by_agreement(stage, row, now)
        or propose(stage, who, row.work, row.order, lines or [[row.work, "1", "", str(row.net)]], now)
    )
    by = vendor.sender if drafted.total_minor <= APPROVES_UP_TO or row.vendor != LINDQVIST else "Elin Lindqvist"
    approve(invoice_id=drafted.id, by=by, role="owner", now=now)
    if row.terms:
        settle_terms(stage, who, row.terms, now, agreed_by="")
    series = stage.series_of(vendor.id, row.number, now)
    issued = issue(
        invoice_id=drafted.id, issued_on=row.issued_on, by=vendor.sender, role="bookkeeper", now=now, series=series,
        send=row.issued_on >= FIRST_DAY,  # what is older was sent by the program that they had before
    )  # fmt: skip
    if row.terms:
        settle_terms(stage, who, stage.terms[who], now, agreed_by="")
    assert issued.number == row.number, (issued.number, row.number)
    stage.invoices[row.number] = issued


def propose(
    stage: Stage, who: tuple[str, str], work: str, order: str, lines: Sequence[Sequence[str]], now: datetime
) -> Invoice:
    """A draft; a line is its description, quantity, unit, price and, where there are several, its project."""
    slug, _ = who
    by = "Priya Nair" if slug == LINDQVIST else stage.vendors[slug].sender
    priced = [
        Line(what, Decimal(quantity), Decimal(price), stage.taxes[who], unit, project=project[0] if project else "")
        for what, quantity, unit, price, *project in lines
    ]
    return draft(
        vendor_id=stage.vendors[slug].id, customer_id=stage.customers[who], lines=priced, work=work, order_number=order, by=by,
        role="approver", now=now,
    )  # fmt: skip


def settle_terms(stage: Stage, who: tuple[str, str], notation: str, now: datetime, *, agreed_by: str) -> None:
    """From today the customer's invoices are on these terms."""
    vendor = stage.vendors[who[0]]
    agree(
        vendor_id=vendor.id, customer_id=stage.customers[who], terms=agreed(notation, vendor.slug),
        from_on=day_in(vendor.timezone, now), now=now, by=vendor.sender, agreed_by=agreed_by,
    )  # fmt: skip


def pay(stage: Stage, number: str, minor: int, on: date, method: str, now: datetime) -> None:
    """Money for one invoice, named by its reference."""
    invoice = stage.invoices[number]
    payments.record(
        vendor_id=invoice.vendor_id, customer_id=invoice.customer_id, amount=Money(minor, invoice.currency), received_on=on,
        method=method, idempotency_key=f"{number} {on}", by="bank feed", role="clock", now=now, named=[invoice.id],
        reference=number,
    )  # fmt: skip


def read_bank(stage: Stage, now: datetime) -> None:
    vendor = stage.vendors[LINDQVIST]
    payments.reading(
        vendor_id=vendor.id, source="Bank of Severn", known_until_on=day_in(vendor.timezone, now), by="bank feed", now=now
    )


def give_up(stage: Stage, row: dict[str, Any], now: datetime) -> None:
    """What is still open of an invoice and not worth another letter."""
    invoice = stage.invoices[row["number"]]
    write_off(invoice_id=invoice.id, reason=row["reason"], on=now.date(), by="Elin Lindqvist", role="owner", now=now)


def open_words(stage: Stage, row: Said, now: datetime) -> None:
    """A question or a dispute of the customer's."""
    invoice = stage.invoices[row.number]
    who = stage.about(row.number, row.by)
    if row.kind == "dispute":
        part = 62_400 if row.settled_on is None else None
        thread = dispute(
            invoice_id=invoice.id, reason=row.reason, words=row.words, line=row.line, disputed_minor=part, now=now, **who
        )
    else:
        thread = ask(invoice_ids=[invoice.id], words=row.words, line=row.line, now=now, **who)
    stage.threads[row.number] = thread.id


def answer_words(stage: Stage, row: Said, thread_id: UUID, now: datetime) -> None:
    """Our first answer; it settles a question, and sorts it by its cause."""
    question = row.kind == "question"
    answer(
        conversation_id=thread_id, words=row.answer, by=row.answered_by, role="bookkeeper", now=now, settles=question,
        reason=row.reason if question else None,
    )  # fmt: skip


def settle_dispute(row: Said, thread_id: UUID, now: datetime) -> None:
    """The answer that ends a dispute of the past."""
    words = "Thank you for your patience; this is settled as you asked."
    resolve(conversation_id=thread_id, resolution="answered", words=words, by=row.answered_by, role="bookkeeper", now=now)


def give_word(stage: Stage, row: Promised, now: datetime) -> None:
    promise(
        invoice_id=stage.invoices[row.number].id, promised_on=row.promised_on, words=row.words, now=now,
        **stage.about(row.number, row.by),
    )  # fmt: skip


def rest(stage: Stage, row: dict[str, Any], now: datetime) -> None:
    """Somebody of ours leaves an invoice alone for some days."""
    hold(
        invoice_ids=[stage.invoices[row["number"]].id], reason="manual", from_on=now.date(), until_on=row["until_on"],
        by=row["by"], role="bookkeeper", now=now, note=row["note"],
    )  # fmt: skip


def note_down(stage: Stage, row: dict[str, Any], now: datetime) -> None:
    note(conversation_id=stage.threads[row["number"]], words=row["words"], by=row["by"], now=now)


def write_back(stage: Stage, row: dict[str, Any], now: datetime) -> None:
    who = stage.about(row["number"], row["by"])
    reply(conversation_id=stage.threads[row["number"]], words=row["words"], now=now, **who)


def say_how_it_was(stage: Stage, feedback: Feedback, answers: dict[str, list[str]], now: datetime) -> None:
    """The payer's answer to our one question, if the table has one left for them."""
    name = next(name for name, key in stage.payers.items() if key == feedback.payer_id)
    nth = stage.asked.get(name, 0)
    stage.asked[name] = nth + 1
    said = answers.get(name, [])[nth : nth + 1]
    if said and said[0]:
        word, _, words = said[0].partition(": ")
        answer_feedback(feedback_id=feedback.id, answer=word, words=words, by=name, now=now)
