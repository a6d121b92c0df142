"""Decides what a reminder on paper shows: the same words as by e-mail, what is open, and a code that opens the payer's page."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from goodterms.delivery.words import spoken_language
from goodterms.invoicing.heading import firm_of, in_lines
from goodterms.invoicing.models import Letterhead
from goodterms.papers import letter as papers
from goodterms.papers.letterhead import Firm, To, abroad
from goodterms.papers.press import sheet
from goodterms.papers.slip import Slip, slip
from goodterms.papers.words import words
from goodterms.parties.models import Customer, Vendor
from goodterms.reminders.letter import LINK, NoticeContent, pieces
from goodterms.values.money import Money


class Around(NamedTuple):
    """Who writes and who is written to on paper, by their keys."""

    vendors: Mapping[str, Vendor]
    letterheads: Mapping[str, Letterhead]
    customers: Mapping[str, Customer]


def around(vendors: Sequence[str], customers: Sequence[str]) -> Around:
    """Three queries for any number of letters, and none where none goes by post."""
    if not customers:
        return Around({}, {}, {})
    heads = Letterhead.objects.filter(vendor_id__in=vendors, ended_at=None)
    return Around(
        {str(one.id): one for one in Vendor.objects.filter(id__in=vendors)},
        {str(one.vendor_id): one for one in heads},
        {str(one.id): one for one in Customer.objects.filter(id__in=customers)},
    )


def printed(notice: NoticeContent, vendors: Sequence[str], customer_id: str, page: str, beside: Around) -> bytes:
    """The sheet of the letter, under the letterhead of the vendor; where several write together, under that of the first, by
    all of their names."""
    told, firm = pieces(notice), _firm(vendors, beside)
    customer = beside.customers[customer_id]
    said = papers.Said(
        subject=told.words.subject,
        greeting=told.words.greeting,
        paragraphs=[told.words.opening, *told.forewords],
        after=[
            *told.kept,
            told.already.replace(LINK, told.time_words),
            *told.promises,
            words(notice.language)["letter"]["page"],
        ],
        closing=told.words.closing,
        signature=told.words.signature,
    )
    several = len(vendors) > 1
    rows = [
        papers.Open(line.work, line.number, line.sender.vendor if several else "", line.due_on, line.open)
        for line in notice.lines
    ]
    language, home = spoken_language(notice.language)[1], beside.vendors[vendors[0]].country
    address = abroad(in_lines(customer.address), customer.country, home, language)
    to = To(customer.legal_name or customer.name, notice.name, address)
    data = papers.data(
        firm=firm, to=to, on=notice.on, said=said, language=language, open=rows,
        slip=_slip(notice, vendors, page, language, beside),
    )  # fmt: skip
    return sheet(data)


def _firm(vendors: Sequence[str], beside: Around) -> Firm:
    first = firm_of(beside.vendors[vendors[0]], beside.letterheads.get(vendors[0]))
    if len(vendors) == 1:
        return first
    return Firm(", ".join(beside.vendors[key].name for key in vendors), "", (), "", first.email)


def _slip(notice: NoticeContent, vendors: Sequence[str], page: str, language: str, beside: Around) -> Slip | None:
    """Account and reference where it is about one invoice; else the code alone, which opens all of them."""
    if len(notice.lines) == 1:
        (line,), vendor = notice.lines, beside.vendors[vendors[0]]
        of = slip(
            to=vendor.legal_name or vendor.name, bank=vendor.bank, number=line.number, amount=line.open, due_on=None, page=page,
            language=language,
        )  # fmt: skip
        return of._replace(code=page, by_transfer=False)
    currencies = {line.open.currency for line in notice.lines}
    if len(currencies) > 1:
        return None
    total = Money.total((line.open for line in notice.lines), currencies.pop())
    return Slip([], page, False, total, None, page)
