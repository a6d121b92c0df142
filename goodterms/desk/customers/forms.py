"""Decides which fields the forms about a customer have, and what was typed into them means."""

import re
from collections.abc import Callable, Sequence
from datetime import date, time
from typing import Any, Literal, NamedTuple, TypeVar
from uuid import UUID

from django.http import QueryDict

from goodterms.delivery.spoken import weekday
from goodterms.desk.customers.liking import METHODS
from goodterms.desk.schemes import offered
from goodterms.parties.models import BILLED_BY, BREAKDOWNS, CHANNELS, TONES, Contact, Customer
from goodterms.parties.rules import FORMATS
from goodterms.values.refusal import Refused

Kind = Literal["text", "email", "tel", "number", "date", "time", "select", "check", "weekdays", "lines"]
T = TypeVar("T")
LANGUAGES = [("", "As we usually write"), ("en", "English"), ("id", "Indonesian")]
WEEKDAYS = [(n, weekday(date(2024, 1, n), "en")) for n in range(1, 8)]  # 1 January 2024 was a Monday
_CHANNELS = [(word, name.capitalize()) for word, name in CHANNELS]
_TONES = [("", "As we usually write"), *((word, word.capitalize()) for word, _ in TONES)]
_FORMATS = [(word, "PDF, as we usually send" if not word else name) for word, name in FORMATS]
_BILLED_BY = [(word, name.capitalize()) for word, name in BILLED_BY]
_BREAKDOWNS = [(word, name.capitalize()) for word, name in BREAKDOWNS]
_METHODS = [("", "Not said"), *METHODS.items()]
SCHEMES_HINT = "Where electronic invoices go, as in the Peppol directory."
_DETAILS = (
    "name", "legal_name", "address", "tax_id", "company_number", "street", "post_code", "city", "region", "endpoint_scheme",
    "endpoint_id", "buyer_reference", "note",
)  # fmt: skip
ROLES = (("pays", "Pays"), ("approves", "Approves"), ("receives_copies", "Gets copies"), ("signs", "Signs"))
_RANGE = re.compile(r"(\d{4}-\d\d-\d\d)\s*(?:to|–|-)\s*(\d{4}-\d\d-\d\d)")


class Field(NamedTuple):
    """One field: its name in the form, its label, what stands in it, and how it is typed."""

    name: str
    label: str
    value: Any = ""
    kind: Kind = "text"
    hint: str = ""
    choices: Sequence[tuple[Any, str]] = ()
    required: bool = False


def of_preferences(customer: Customer, cadences: Sequence[str]) -> list[Field]:
    """How they want to be treated, as it is."""
    one = customer
    quiet = "\n".join(f"{first} to {last}" for first, last in one.quiet_ranges)
    usual = [("", "Our usual one"), *((name, name) for name in cadences)]
    return [
        Field("channel", "Channel", one.channel, "select", choices=_CHANNELS),
        Field("language", "Language", one.language, "select", choices=_with(LANGUAGES, one.language)),
        Field("tone", "Tone", one.tone, "select", choices=_TONES),
        Field("cadence", "Reminders by", one.cadence, "select", choices=_with(usual, one.cadence)),
        Field("quiet_weekdays", "Quiet weekdays", one.quiet_weekdays, "weekdays", "No letter and no call on them.", WEEKDAYS),
        Field("quiet_ranges", "Quiet times", quiet, "lines", "One a line: 2026-12-21 to 2027-01-04, both days included."),
        Field("hours_from", "Contact from", _clock(one.hours_from), "time", "By their clock."),
        Field("hours_to", "Contact until", _clock(one.hours_to), "time"),
        Field("contacts_max", "At most so many reminders", one.contacts_max, "number", "From all vendors together."),
        Field("contacts_days", "in so many days", one.contacts_days, "number"),
        *_of_billing(one),
        Field("order_required", "No invoice without a PO number", one.order_required, "check"),
        Field("enclosure_required", "No invoice without this paper", one.enclosure_required, hint="Like signed timesheet."),
        Field(
            "invoice_format",
            "Takes invoices as",
            one.invoice_format,
            "select",
            "It is held against the official rules first; what they find wrong holds it.",
            _FORMATS,
        ),
        Field("paperless_on", "Paper until", one.paperless_on, "date", "Before this day, invoices and reminders go on paper."),
        Field("pays_by", "Pays by", one.pays_by, "select", choices=_with(_METHODS, one.pays_by)),
        Field("pays_automatically", "Pays automatically", one.pays_automatically, "check"),
        Field("country", "Country", one.country, hint="Whose public holidays they keep, like GB."),
        Field("timezone", "Time zone", one.timezone, hint="Like Europe/London."),
    ]


def _of_billing(one: Customer) -> list[Field]:
    """On which days, and what comes together."""
    billed = ", ".join(str(day) for day in one.bill_days)
    return [
        Field("bill_days", "Bill on these days of the month", billed, hint="Like 1, 9; empty: any day."),
        Field("cut_off_day", "Not after this day of the month", one.cut_off_day, "number"),
        Field("billed_by", "Invoices", one.billed_by, "select", choices=_BILLED_BY),
        Field("breakdown", "On them", one.breakdown, "select", choices=_BREAKDOWNS),
    ]


def of_contact(contact: Contact | None = None) -> list[Field]:
    one = contact or Contact()
    return [
        Field("name", "Name", one.name, required=True),
        Field("title", "Title", one.title, hint="Ms, Mr, Dr: for the formal tone."),
        Field("email", "E-mail", one.email, "email"),
        Field("phone", "Telephone", one.phone, "tel"),
        *(Field(role, words, getattr(one, role), "check") for role, words in ROLES),
        Field("note", "What they do there", one.note, hint="Only you and your colleagues read this."),
    ]


def of_customer(currency: str, *, welcomes: bool) -> list[Field]:
    return [
        Field("name", "Name", required=True),
        Field("number", "Number", hint="Your own name for them in the books. Empty: made from their name."),
        Field("contact", "Who pays there", hint="A person, who gets invoices and reminders."),
        Field("email", "Their e-mail", "", "email"),
        Field("address", "Address", "", "lines"),
        Field("country", "Country", hint="Like GB."),
        Field("tax_id", "Tax number"),
        Field("currency", "Currency", currency, required=True, hint="Like GBP."),
        Field("language", "Language", "", "select", "", LANGUAGES),
        Field("welcome", "Send them the welcome packet", welcomes, "check", "What was agreed about money, on one page."),
    ]


def of_details(customer: Customer, groups: Sequence[tuple[str, str]]) -> list[Field]:
    """Who they are, as it is; `groups`: the customers that it may belong to, by key."""
    one, above = customer, [("", "Nobody"), *groups]
    return [
        Field("name", "Name", one.name, required=True),
        Field("legal_name", "Legal name", one.legal_name, hint="As the register has it; it stands on documents."),
        Field("address", "Address", one.address, "lines", "As it stands on an envelope."),
        Field("country", "Country", one.country, hint="Like GB. Its rule checks the tax number; its public holidays are kept."),
        Field("tax_id", "Tax number", one.tax_id, hint="Its check digits are looked at."),
        Field("company_number", "Company number", one.company_number, hint="As their register has it."),
        Field("street", "Street", one.street, hint="The parts of the address, for electronic invoices."),
        Field("post_code", "Post code", one.post_code),
        Field("city", "Town", one.city),
        Field("region", "Region", one.region),
        Field("endpoint_scheme", "Electronic address, scheme", one.endpoint_scheme, "select", SCHEMES_HINT,
              offered(one.endpoint_scheme)),
        Field("endpoint_id", "Electronic address, id", one.endpoint_id),
        Field("buyer_reference", "Their reference", one.buyer_reference, hint="By which they route invoices, as a Leitweg-ID."),
        Field("parent_id", "Belongs to", str(one.parent_id or ""), "select", "The group or firm above it.", above),
        Field("since_on", "A client since", one.since_on, "date"),
        Field("note", "Note", one.note, "lines", "Only you and your colleagues read this."),
    ]  # fmt: skip


def read_details(given: QueryDict) -> dict[str, Any]:
    """By column; refuses what is no day or no customer."""
    return {
        **{name: given.get(name, "").strip() for name in _DETAILS},
        "country": given.get("country", "").strip().upper(),
        "parent_id": _read(given, "parent_id", UUID, "one of your customers"),
        "since_on": a_day(given, "since_on"),
    }


def typed(fields: Sequence[Field], given: QueryDict) -> list[Field]:
    """The fields with what was typed, to be shown again beside a refusal."""
    return [
        field._replace(
            value=field.name in given if field.kind == "check"
            else [int(day) for day in given.getlist(field.name) if day.isdigit()] if field.kind == "weekdays"
            else given.get(field.name, "")
        )
        for field in fields
    ]  # fmt: skip


def read_preferences(given: QueryDict) -> dict[str, Any]:
    """By column; refuses what is no number, day or time."""
    words = (
        "channel", "language", "tone", "pays_by", "country", "timezone", "cadence", "enclosure_required", "invoice_format",
    )  # fmt: skip
    return {
        **{name: given.get(name, "").strip() for name in words},
        **{name: _read(given, name, int, "a whole number") for name in ("contacts_max", "contacts_days", "cut_off_day")},
        **{name: _read(given, name, time.fromisoformat, "a time like 09:30") for name in ("hours_from", "hours_to")},
        "paperless_on": _read(given, "paperless_on", date.fromisoformat, "a day like 2026-12-01"),
        "quiet_weekdays": [_number(day, "quiet_weekdays") for day in given.getlist("quiet_weekdays")],
        "quiet_ranges": _ranges(given.get("quiet_ranges", "")),
        "bill_days": [_number(day, "bill_days") for day in re.split(r"[\s,;]+", given.get("bill_days", "").strip()) if day],
        "billed_by": given.get("billed_by", "") or "customer",
        "breakdown": given.get("breakdown", "") or "items",
        "order_required": "order_required" in given,
        "pays_automatically": "pays_automatically" in given,
    }


def read_contact(given: QueryDict) -> dict[str, Any]:
    columns = ("name", "title", "email", "phone", "note")
    return {name: given.get(name, "").strip() for name in columns} | {role: role in given for role, _ in ROLES}


def a_day(given: QueryDict, name: str) -> date | None:
    return _read(given, name, date.fromisoformat, "a day like 2026-12-01")


def _read(given: QueryDict, name: str, make: Callable[[str], T], what: str) -> T | None:
    written = given.get(name, "").strip()
    try:
        return make(written) if written else None
    except ValueError as odd:
        raise Refused(f"“{written[:40]}” is not {what}.", code="form", field=name) from odd


def _number(written: str, name: str) -> int:
    if not written.isdecimal():
        raise Refused(f"“{written[:40]}” is not a whole number.", code="form", field=name)
    return int(written)


def _ranges(written: str) -> list[list[str]]:
    lines = [line.strip() for line in written.splitlines() if line.strip()]
    read = [_RANGE.fullmatch(line) for line in lines]
    for line, match in zip(lines, read, strict=True):
        if match is None:
            raise Refused(f"“{line[:40]}” is not two days like 2026-12-21 to 2027-01-04.", code="form", field="quiet_ranges")
    return [[match[1], match[2]] for match in read if match]


def _clock(at: time | None) -> str:
    return f"{at:%H:%M}" if at else ""


def _with(choices: Sequence[tuple[str, str]], current: str) -> list[tuple[str, str]]:
    """The choices, and what stands there already if it is none of them."""
    return list(choices) if any(word == current for word, _ in choices) else [*choices, (current, current)]
