"""Are the figures of the design pages those that the verbs produced? Each figure stands here with the page it is on."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from statistics import mean, median
from typing import Any

import pytest

from goodterms.billing.ahead import billed_in_bits, kept_for
from goodterms.conversations.models import Conversation, Promise
from goodterms.interactions.models import Interaction, Outreach
from goodterms.invoicing.models import Hold, Invoice
from goodterms.parties.models import Customer, Payer
from goodterms.payments.models import Payment
from goodterms.relationship.measures.accuracy import accuracy
from goodterms.relationship.measures.aging import owed
from goodterms.relationship.measures.answers import answer_times, published_answer_times
from goodterms.relationship.measures.cash import written_off
from goodterms.relationship.measures.collection import collection
from goodterms.relationship.measures.words_kept import promises_kept
from goodterms.reminders.due import rehearse
from goodterms.reminders.models import Nomination
from goodterms.sample.days import END
from goodterms.sample.tables import LINDQVIST
from goodterms.sample.tests.house import House
from goodterms.values.days import instant

TODAY = date(2026, 11, 16)
A_YEAR, A_QUARTER = date(2025, 11, 17), date(2026, 8, 18)
RATES = {"GBP": Decimal(1), "EUR": Decimal("0.86"), "USD": Decimal("0.76")}  # Friday's, on insights.html

# invoices.html: number, customer, work, due day, open, in its currency
OPEN = """
LR-2026-0164 | Brandt Maschinenbau    | Trade fair stand, artwork | 2026-10-16 | EUR  3640.00
LR-2026-0171 | Hollis Grove Dental    | Practice website, care    | 2026-10-23 | GBP  1176.00
LR-2026-0179 | Atelier Moreau         | Catalogue, autumn         | 2026-11-12 | EUR  5250.00
LR-2026-0183 | Ardent Cycles          | Dealer kit                | 2026-10-30 | GBP  2148.00
LR-2026-0187 | Bellwether Foods       | Autumn range              | 2026-10-31 | GBP  4255.20
LR-2026-0194 | Kestrel & Finch Hotels | Spring campaign           | 2026-11-19 | GBP  7166.40
LR-2026-0198 | Brandt Maschinenbau    | Product catalogue         | 2026-11-28 | EUR  9800.00
LR-2026-0201 | Juniper Health         | Patient app, screens      | 2026-11-18 | USD  6400.00
LR-2026-0203 | Saltmarsh Theatre Trust | Season posters           | 2026-11-16 | GBP  2016.00
LR-2026-0206 | Bellwether Foods       | Retainer, November        | 2026-12-02 | GBP  2160.00
LR-2026-0209 | Bellwether Foods       | Gift boxes, artwork       | 2026-12-09 | GBP  1488.00
"""
# portal.html: what Sandra Whitlock sees of the other three
AT_THE_OTHERS = """
OK-10922   | Bellwether Foods | Support, November  | 2026-11-30 | GBP   894.00
PP-4471    | Bellwether Foods | Labels, second run | 2026-11-09 | GBP  1942.80
PP-4502    | Bellwether Foods | Shelf cards        | 2026-11-23 | GBP   612.00
VP-26-0318 | Bellwether Foods | Gift box tooling   | 2026-11-20 | EUR  7360.00
VP-26-0331 | Bellwether Foods | Sleeve die-cuts    | 2026-12-14 | EUR  2485.50
"""
# invoices.html: number, due day, day paid, how, total
PAID = """
LR-2026-0211 | 2026-11-12 | 2026-11-13 | card          | GBP  288.00
LR-2026-0210 | 2026-11-10 | 2026-11-12 | card          | USD 1500.00
LR-2026-0208 | 2026-11-05 | 2026-11-09 | card          | GBP 1200.00
LR-2026-0207 | 2026-11-25 | 2026-11-13 | bank_transfer | GBP  624.00
LR-2026-0205 | 2026-11-16 | 2026-11-11 | bank_transfer | GBP  456.00
LR-2026-0204 | 2026-11-16 | 2026-11-12 | bank_transfer | GBP 1320.00
LR-2026-0202 | 2026-10-30 | 2026-11-02 | card          | GBP  228.00
LR-2026-0200 | 2026-11-12 | 2026-11-12 | direct_debit  | GBP 1824.00
LR-2026-0199 | 2026-11-12 | 2026-11-12 | direct_debit  | GBP  912.00
LR-2026-0197 | 2026-11-11 | 2026-11-11 | direct_debit  | GBP 1596.00
LR-2026-0196 | 2026-11-11 | 2026-11-10 | bank_transfer | GBP 1632.00
LR-2026-0195 | 2026-11-11 | 2026-11-11 | direct_debit  | GBP 1140.00
LR-2026-0193 | 2026-11-05 | 2026-11-06 | bank_transfer | GBP 1044.00
LR-2026-0192 | 2026-10-27 | 2026-10-27 | direct_debit  | GBP  768.00
LR-2026-0191 | 2026-10-26 | 2026-10-26 | direct_debit  | GBP  540.00
LR-2026-0190 | 2026-11-07 | 2026-11-11 | bank_transfer | GBP 3312.00
LR-2026-0189 | 2026-10-20 | 2026-10-19 | bank_transfer | GBP 1188.00
LR-2026-0188 | 2026-10-31 | 2026-10-29 | bank_transfer | GBP 2160.00
LR-2026-0186 | 2026-10-21 | 2026-10-22 | bank_transfer | GBP 1728.00
LR-2026-0184 | 2026-10-14 | 2026-10-14 | direct_debit  | GBP 2340.00
LR-2026-0181 | 2026-10-13 | 2026-10-13 | direct_debit  | GBP  372.00
LR-2026-0180 | 2026-10-12 | 2026-10-12 | bank_transfer | GBP 1464.00
LR-2026-0178 | 2026-10-28 | 2026-11-10 | bank_transfer | GBP  936.00
LR-2026-0176 | 2026-10-25 | 2026-11-06 | bank_transfer | GBP  684.00
LR-2026-0174 | 2026-11-08 | 2026-11-12 | bank_transfer | EUR 1960.00
LR-2026-0168 | 2026-09-30 | 2026-10-12 | bank_transfer | USD 4800.00
LR-2026-0166 | 2026-10-08 | 2026-10-12 | bank_transfer | GBP 2880.00
"""
# customers.html: right first time, of so many; minutes to our typical answer; typical days after the due day they pay
RELATIONSHIPS = {
    "kestrel": (19, 24, 168, 4),
    "juniper": (13, 16, 294, 12),
    "brandt": (11, 12, 140, 6),
    "ardent": (13, 15, 450, 17),
    "hollis": (10, 10, 372, 14),
    "saltmarsh": (30, 30, 90, -1),
    "moreau": (8, 9, 216, 8),
    "bellwether": (17, 18, 112, 3),
    "tamsin": (28, 29, 72, 1),
    "northgate": (40, 41, 48, -2),
    "corvid": (38, 38, 30, 0),
}


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]


def money(minor: int, currency: str) -> str:
    return f"{currency} {Decimal(minor) / 100:>8.2f}".replace("  ", " ")


def shown(text: str) -> str:
    currency, amount = text.split()
    return money(int(Decimal(amount) * 100), currency)


def in_pounds(sums: dict[str, int]) -> Decimal:
    return sum((Decimal(minor) / 100 * RATES[currency] for currency, minor in sums.items()), Decimal(0))


def lindqvist(inside: House) -> Any:
    return inside.vendors[LINDQVIST].id


def the(number: str) -> Invoice:
    return Invoice.objects.get(number=number)


def payment_of(invoice: Invoice) -> Payment:
    return Payment.objects.get(allocations__invoice=invoice)


def open_of(**which: Any) -> list[list[str]]:
    found = Invoice.objects.filter(open_minor__gt=0, **which).select_related("customer").order_by("number")
    return [[one.number, one.customer.name, one.work, str(one.due_on), money(one.open_minor, one.currency)] for one in found]


def test_the_clock_stops_on_a_monday_at_twenty_past_ten_in_bristol(house: House) -> None:
    assert datetime(2026, 11, 16, 10, 20, tzinfo=UTC) == END
    assert {vendor.sandbox_now for vendor in house.vendors.values()} == {END}
    assert sorted(house.vendors) == ["lindqvist-rowe", "oakside-it", "penhale-print", "vermeer"]


def test_eleven_invoices_of_lindqvist_rowe_are_open(inside: House) -> None:
    """invoices.html: the groups “Late” and “Not yet late”."""
    assert open_of(vendor_id=lindqvist(inside)) == [[*row[:4], shown(row[4])] for row in rows(OPEN)]


def test_sandra_sees_eight_invoices_of_four_vendors(inside: House) -> None:
    """portal.html; Bellwether's open balance of £7,903.20 is on customer.html, all £11,352.00 and €9,845.50 on portal.html."""
    hers = Customer.objects.filter(contacts__payer__address="sandra@bellwether.example", contacts__pays=True)
    assert hers.count() == 4
    elsewhere = open_of(customer__in=hers.exclude(vendor_id=lindqvist(inside)))
    assert elsewhere == [[*row[:4], shown(row[4])] for row in rows(AT_THE_OTHERS)]
    ours = Invoice.objects.filter(customer__in=hers.filter(vendor_id=lindqvist(inside)), open_minor__gt=0)
    assert [ours.count(), sum(one.open_minor for one in ours)] == [3, 790_320]
    everything = Invoice.objects.filter(customer__in=hers, open_minor__gt=0)
    sums = {unit: sum(one.open_minor for one in everything if one.currency == unit) for unit in ("GBP", "EUR")}
    assert sums == {"GBP": 1_135_200, "EUR": 984_550}
    assert Payment.objects.filter(customer__in=hers).count() == 46  # portal.html: “All 46”


def test_what_was_paid_since_the_twelfth_of_october(inside: House) -> None:
    """invoices.html: “Paid since 12 October” (23), and the four collected by Direct Debit, which are paid here already."""
    settled = Invoice.objects.filter(vendor_id=lindqvist(inside), kind="invoice", settled_on__range=(date(2026, 10, 12), TODAY))
    told = {
        one.number: [one.number, str(one.due_on), str(one.settled_on), payment_of(one).method,
                     money(one.total_minor, one.currency)]
        for one in settled
    }  # fmt: skip
    wanted = {row[0]: [*row[:4], shown(row[4])] for row in rows(PAID)}
    assert told == wanted


def test_how_old_is_what_is_owed(inside: House) -> None:
    """README: one sum for each currency; insights.html: £26,122.40 not yet due, £12,094.20 to 30 days, £3,130.40 to 60."""
    found = owed(vendor_id=lindqvist(inside), as_of=TODAY, today=TODAY)
    wholes = {row.currency: (row.invoices, row.minor) for row in found if not row.bucket}
    assert wholes == {"GBP": (7, 2_040_960), "EUR": (3, 1_869_000), "USD": (1, 640_000)}
    by_age = {
        bucket: in_pounds({row.currency: row.minor for row in found if row.bucket == bucket})
        for bucket in ("current", "1_30", "31_60")
    }
    assert by_age == {"current": Decimal("26122.40"), "1_30": Decimal("12094.20"), "31_60": Decimal("3130.40")}
    assert sum(by_age.values()) == Decimal("41347.00")


def test_the_quarter_for_the_books(inside: House) -> None:
    """insights.html: £110,263.00 of £151,610.00 collected, 87.9%; 36.0 days, of which 22.7 by our terms; £312.00 given up."""
    before = A_QUARTER
    stood = {row.currency: row.minor for row in owed(vendor_id=lindqvist(inside), as_of=before, today=TODAY) if not row.bucket}
    figures = collection(vendor_id=lindqvist(inside), as_of=TODAY, today=TODAY)
    billed = in_pounds({one.currency: one.billed_minor for one in figures})
    still = in_pounds({one.currency: one.owed_minor for one in figures})
    could = in_pounds(stood) + billed
    assert (could, could - still) == (Decimal("151610.00"), Decimal("110263.00"))
    current = Decimal("26122.40")
    assert round((could - still) / (could - current) * 100, 1) == Decimal("87.9")
    assert round(still / billed * 90, 1) == Decimal("36.0")
    assert round(current / billed * 90, 1) == Decimal("22.7")
    assert written_off(vendor_id=lindqvist(inside), first_on=A_YEAR, last_on=TODAY) == {"GBP": 31_200}


@pytest.mark.parametrize("customer", RELATIONSHIPS)
def test_both_sides_of_each_relationship(inside: House, customer: str) -> None:
    """customers.html, over twelve months."""
    one = Customer.objects.get(vendor_id=lindqvist(inside), number=customer)
    right = accuracy(vendor_id=one.vendor_id, first_on=A_YEAR, last_on=TODAY, customer_id=one.id)
    answers = answer_times(vendor_id=one.vendor_id, first_on=A_YEAR, last_on=TODAY, now=END, by="customer")
    minutes = {answer.of: answer.median_minutes for answer in answers}
    paid = Invoice.objects.filter(customer=one, settled_on__lte=TODAY)
    late = median((invoice.settled_on - invoice.due_on).days for invoice in paid if invoice.due_on)
    assert (right.right, right.issued, minutes[str(one.id)], late) == RELATIONSHIPS[customer]


def test_how_bellwether_and_we_get_on(inside: House) -> None:
    """customer.html: typical of 6 questions; paid in 33 days on average; promises kept, 4 of 4, and one runs."""
    one = Customer.objects.get(vendor_id=lindqvist(inside), number="bellwether")
    asked = Conversation.objects.filter(customer=one)
    assert sorted(thread.answered_in_minutes or 0 for thread in asked)[2:4] == [112, 112]
    assert asked.count() == 6
    paid = Invoice.objects.filter(customer=one, settled_on__lte=TODAY)
    assert round(mean((invoice.settled_on - invoice.issued_on).days for invoice in paid if invoice.issued_on)) == 33
    kept = promises_kept(vendor_id=one.vendor_id, first_on=A_YEAR, last_on=date(2026, 11, 20), customer_id=one.id)
    assert (kept.kept, kept.part, kept.broken, kept.running) == (4, 0, 0, 1)


def test_how_soon_we_answer_month_by_month(inside: House) -> None:
    """insights.html: typical minutes, and the share within our word of four hours."""
    months = answer_times(vendor_id=lindqvist(inside), first_on=date(2026, 6, 1), last_on=TODAY, now=END, by="month")
    found = {month.of[-2:]: (month.median_minutes, round(month.within_word or 0)) for month in months}
    assert found == {"06": (312, 34), "07": (258, 45), "08": (210, 59), "09": (186, 69), "10": (150, 84), "11": (126, 92)}
    november = Conversation.objects.filter(vendor_id=lindqvist(inside), opened_at__gte=datetime(2026, 11, 1, tzinfo=UTC))
    minutes = sorted(one.answered_in_minutes for one in november if one.answered_in_minutes is not None)
    assert minutes[round(len(minutes) * 0.9) - 1] == 228  # nine of ten within 3 h 48 min


def test_our_word_to_payers_is_what_was_measured(inside: House) -> None:
    """portal.html: Penhale 50 min, Vermeer 3 h, Oakside 5 h; ask.html: over 34 questions."""
    told = published_answer_times(vendor_ids=inside.ids, now=END)
    minutes = {slug: tuple(told[vendor.id]) for slug, vendor in inside.vendors.items() if slug != LINDQVIST}
    assert minutes == {"penhale-print": (50, 34), "vermeer": (180, 9), "oakside-it": (300, 7)}


def test_how_often_we_were_right_and_words_were_kept(inside: House) -> None:
    """insights.html: 58 of 62, 93.5%; twelve of seventeen promises kept, three within a week, one missed, one runs."""
    right = accuracy(vendor_id=lindqvist(inside), first_on=A_QUARTER, last_on=TODAY)
    assert (right.right, right.issued, round(right.share or 0, 1)) == (58, 62, Decimal("93.5"))
    kept = promises_kept(vendor_id=lindqvist(inside), first_on=A_QUARTER, last_on=date(2026, 11, 20))
    assert (kept.kept, kept.part, kept.broken, kept.running) == (12, 0, 4, 1)
    broken = Promise.objects.filter(vendor_id=lindqvist(inside), outcome="broken", promised_on__gte=A_QUARTER)
    came = [(one.invoice.settled_on - one.promised_on).days for one in broken if one.invoice.settled_on <= TODAY]
    assert sorted(came) == [2, 3, 6]
    assert [one.invoice.number for one in broken if one.invoice.settled_on > TODAY] == ["LR-2026-0183"]


def test_the_autumn_range(inside: House) -> None:
    """invoice.html: its lines, its question, its reminder, the promise, and the part that was paid."""
    invoice = the("LR-2026-0187")
    assert [line.net_minor for line in invoice.lines.order_by("position")] == [432_000, 136_000, 203_000, 83_600]
    assert (invoice.net_minor, invoice.tax_minor, invoice.total_minor) == (854_600, 170_920, 1_025_520)
    assert (str(invoice.issued_on), invoice.order_number) == ("2026-10-01", "BF-88213")
    question = Conversation.objects.get(about__invoice=invoice, about__line_position=3)
    assert (question.opened_at, question.answered_in_minutes) == (at(10, 12, 11, 5), 108)
    assert question.first_answered_at == at(10, 12, 12, 53)
    promise = Promise.objects.get(invoice=invoice)
    assert (promise.made_at, promise.promised_on, promise.ended_at) == (at(11, 3, 14, 20), date(2026, 11, 20), None)
    part = payment_of(invoice)
    assert (part.minor, part.recorded_at) == (600_000, at(11, 4, 11, 16))
    said = Nomination.objects.filter(invoice=invoice, withdrawn_at=None).order_by("on")
    assert [(str(one.on), one.step) for one in said] == [("2026-10-26", "heads_up"), ("2026-11-03", "first")]
    assert len(said[0].notice.vendors) == 4  # “in one e-mail with three other vendors”


def at(month: int, day: int, hour: int, minute: int) -> datetime:
    return instant(date(2026, month, day), time(hour, minute), "Europe/London")


def test_sandra_was_written_to_once_since_the_third_of_november(inside: House) -> None:
    """customer.html: at most 2 reminders in 14 days, all vendors; 1 used since 3 November."""
    sandra = Payer.objects.get(address="sandra@bellwether.example")
    since = END - timedelta(days=14)
    assert [one.at.date() for one in Outreach.objects.filter(payer_id=sandra.id, at__gte=since)] == [date(2026, 11, 3)]


def test_two_of_them_wait_for_our_answer(inside: House) -> None:
    """today.html and conversation.html: Kestrel by 11:20, £624.00 of £7,166.40, first answered in 45 min; Juniper by 11:40."""
    waiting = Conversation.objects.filter(vendor_id=lindqvist(inside), waiting_since_at__isnull=False).order_by("answer_due_at")
    told = [(one.kind, one.about.get().invoice.number, one.answer_due_at) for one in waiting]
    assert told == [
        ("dispute", "LR-2026-0194", at(11, 16, 11, 20)),
        ("question", "LR-2026-0201", at(11, 16, 11, 40)),
    ]
    assert (waiting[0].disputed_minor, waiting[0].answered_in_minutes) == (62_400, 45)


def test_what_is_to_be_finished(inside: House) -> None:
    """invoices.html: “To finish”; the order number is missing on Bellwether's (new-invoice.html)."""
    drafts = Invoice.objects.draft().filter(vendor_id=lindqvist(inside)).order_by("total_minor")
    assert [(one.total_minor, one.order_number) for one in drafts] == [(342_000, "ST-114"), (700_920, "")]


def test_why_the_late_ones_are_left_alone(inside: House) -> None:
    """invoices.html: promised until Friday 20 November; a dispute; a question."""
    running = Hold.objects.filter(invoice__vendor_id=lindqvist(inside), ended_at=None, invoice__open_minor__gt=0)
    held = {one.invoice.number: one.reason for one in running if one.until_on is None or one.until_on >= TODAY}
    assert held == {"LR-2026-0187": "promised", "LR-2026-0194": "disputed", "LR-2026-0201": "question_open"}


def test_what_goes_out_next(inside: House) -> None:
    """today.html and cadence.html: Moreau on Tuesday 17, as Mondays are quiet; Brandt's heads-up on Monday 23."""
    opening: Callable[[date], datetime] = lambda on: at(on.month, on.day, 11, 5)  # noqa: E731
    coming = {
        (nomination.facts.number, decision.notice.on, nomination.step.kind)
        for decision in rehearse(vendors=inside.ids, start=TODAY, days=14, at=opening, vendor=lindqvist(inside))
        if decision.notice
        for nomination in decision.notice.nominations
    }
    assert ("LR-2026-0203", date(2026, 11, 16), "due_day") in coming
    assert ("LR-2026-0179", date(2026, 11, 17), "first") in coming
    assert ("PP-4471", date(2026, 11, 17), "first") in coming or ("PP-4471", date(2026, 11, 18), "first") in coming
    assert ("LR-2026-0198", date(2026, 11, 23), "heads_up") in coming
    silent = {"LR-2026-0194", "LR-2026-0201"}
    assert not [one for one in coming if one[0] in silent]


def test_hollis_had_a_letter_on_paper_on_the_fifth(inside: House) -> None:
    """document.html: the second reminder, in the formal tone, dated Thursday 5 November."""
    said = Nomination.objects.get(invoice=the("LR-2026-0171"), on=date(2026, 11, 5))
    assert (said.step, said.notice.channel, said.notice.tone) == ("second", "post", "formal")


def test_they_were_thanked(inside: House) -> None:
    """invoice.html: receipt and thanks on 4 November."""
    part = payment_of(the("LR-2026-0187"))
    assert Interaction.objects.filter(kind="payment.thanked", subject_id=part.id).count() == 1


def test_what_was_paid_ahead_is_that_and_its_final_invoice_takes_it_off(inside: House) -> None:
    """portal.html and invoices.html name these invoices; what they are of stands on the page of what was paid ahead."""
    [support] = kept_for([the("OK-10857").customer_id], TODAY)
    assert (support.retainer.name, support.hours, str(support.expires_on)) == ("Support", Decimal(14), "2026-11-30")
    assert [(one.invoice.number, one.is_owed) for one in support.top_ups] == [("OK-10857", False), ("OK-10922", True)]
    assert [(one.number, one.total_minor) for one in support.drawn] == [("OK-10914", 0)]
    bits = {one.project.name: one for one in billed_in_bits([the("LR-2026-0190").customer_id, the("LR-2026-0210").customer_id])}
    booking = bits["Booking page"]
    assert [(one.invoice.number, one.kind, one.taken_off_on) for one in booking.steps] == [
        ("LR-2026-0119", "progress", "LR-2026-0190"), ("LR-2026-0190", "final", ""),
    ]  # fmt: skip
    assert (booking.net.minor, booking.left.minor) == (4000_00, 0)
    assert bits["Christmas menus, printing"].left.minor == 1100_00
    assert bits["Patient app, further icons"].left.minor == 1500_00
