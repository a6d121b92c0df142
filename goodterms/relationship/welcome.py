"""Decides what the welcome packet says: what is billed when, when it is due, how one pays, what is late, whom to ask."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings

from goodterms.delivery.spoken import listed
from goodterms.delivery.words import spoken_language
from goodterms.invoicing.heading import firm_of, in_lines
from goodterms.invoicing.models import Letterhead
from goodterms.papers.letter import Said, Section, data
from goodterms.papers.letterhead import To, abroad, in_words
from goodterms.papers.press import pdf
from goodterms.papers.slip import account_rows
from goodterms.papers.words import words
from goodterms.parties.models import Contact, Customer, Vendor
from goodterms.reminders.gathering import vendor_facts
from goodterms.reminders.rules import Cadence, Moment, Step
from goodterms.terms.actions import in_effect
from goodterms.terms.rules import Terms
from goodterms.terms.rules import in_words as terms_in_words

DUE = ("due", "instalments", "discount", "deposit", "tolerance", "withholding")


def welcome_pdf(*, vendor: Vendor, customer: Customer, today: date, now: datetime) -> bytes:
    """One page in the customer's language, from what is agreed today; a constant number of queries."""
    language = customer.language or vendor.language
    said: Mapping[str, Any] = words(language)["welcome"]
    letterhead = Letterhead.objects.filter(vendor=vendor, ended_at=None).first()
    people = list(Contact.objects.current().filter(customer=customer).order_by("-pays", "id"))
    payer = next((one for one in people if one.pays), None)
    terms = in_effect(vendor.id, customer.id, today).terms
    known = vendor_facts(Moment(today, now))[str(vendor.id)].cadences
    cadence = known.get(customer.cadence) or known[""]
    name = payer.name if payer else ""
    phone = letterhead.phone if letterhead else ""
    letter = Said(
        subject=in_words(said["subject"], {"firm": vendor.name}),
        greeting=in_words(said["dear"], {"name": name}) if name else said["hello"],
        paragraphs=[in_words(said["opening"], {"customer": customer.name})],
        after=[],
        closing=said["closing"],
        signature=vendor.sender or vendor.name,
    )
    sections = [
        Section(said["billed_head"], [" ".join(_billed(customer, people, said, language))]),
        Section(said["due_head"], [_due(terms, language)]),
        Section(said["pay_head"], _paying(vendor, said, language)),
        Section(said["late_head"], [" ".join(_late(terms, cadence, said, language))]),
        Section(said["ask_head"], [" ".join(_asking(vendor, phone, said, language))]),
    ]
    address = abroad(in_lines(customer.address), customer.country, vendor.country, language)
    to = To(customer.legal_name or customer.name, name, address)
    firm = firm_of(vendor, letterhead)
    return pdf(
        "letter", data(firm=firm, to=to, on=today, said=letter, language=language, kind=said["kind"], sections=sections)
    )  # fmt: skip


def _billed(customer: Customer, people: list[Contact], said: Mapping[str, Any], language: str) -> list[str]:
    payer, tag = next((one.name for one in people if one.pays), ""), spoken_language(language)[0]
    copied = sorted(one.name for one in people if one.receives_copies and not one.pays)
    if customer.channel in ("post", "portal"):
        told = [said[f"by_{customer.channel}"]]
    else:
        told = [in_words(said["by_email"], {"name": payer}) if payer else said["by_email_nobody"]]
    if copied:
        told.append(in_words(said["copies"], {"names": listed(copied, tag)}))
    if customer.bill_days:
        told.append(in_words(said["bill_days"], {"days": listed([str(day) for day in customer.bill_days], tag)}))
    if customer.cut_off_day:
        told.append(in_words(said["cut_off"], {"day": str(customer.cut_off_day)}))
    return [*told, said["order"]] if customer.order_required else told


def _due(terms: Terms, language: str) -> str:
    clauses = terms_in_words(terms, spoken_language(language)[0])
    told = [
        (clause.label if clause.about == "withholding" else "", clause.sentence) for clause in clauses if clause.about in DUE
    ]
    return " ".join(f"{label}: {sentence}." if label else f"{sentence}." for label, sentence in told)


def _paying(vendor: Vendor, said: Mapping[str, Any], language: str) -> list[str]:
    rows = account_rows(vendor.bank, language)
    account = [vendor.legal_name or vendor.name, *(f"{what} {value}" for what, value in rows)]
    told = [in_words(said["account"], {"account": ", ".join(account)})] if rows else []
    return [*told, in_words(said["page"], {"address": f"{settings.BASE_URL}/pay/"})]


def _late(terms: Terms, cadence: Cadence, said: Mapping[str, Any], language: str) -> list[str]:
    """The steps that may reach them; what only we see, such as word to an owner, is not said."""
    tag = spoken_language(language)[0]
    steps = [step for one in cadence.steps if (step := _step(one, said))]
    told = [in_words(said["steps"], {"steps": listed(steps, tag)})] if steps else []
    fee = [clause.sentence for clause in terms_in_words(terms, tag) if clause.about == "late_fee"]
    if terms.late_fee is None or not terms.late_fee.agreed:
        told.append(said["no_late_fee"])
    else:
        told.append(in_words(said["late_fee"], {"fee": fee[0]}))
    return [*told, said["never"]]


def _step(step: Step, said: Mapping[str, Any]) -> str:
    if step.kind == "owner":
        return ""
    if step.days < 0:
        return in_words(said["heads_up"], {"n": str(-step.days)})
    if step.days == 0:
        return str(said["due_day"])
    if step.kind == "call" or step.channel == "call":
        return in_words(said["call"], {"n": str(step.days)})
    if step.channel == "post":
        return in_words(said["letter"], {"n": str(step.days)})
    return str(said["one_day"]) if step.days == 1 else in_words(said["reminder"], {"n": str(step.days)})


def _asking(vendor: Vendor, phone: str, said: Mapping[str, Any], language: str) -> list[str]:
    ways = listed([way for way in (phone, vendor.email) if way], spoken_language(language)[0])
    values = {"name": vendor.sender or vendor.name, "ways": ways, "hours": str(vendor.answer_hours)}
    told = [in_words(said["ask_one" if vendor.answer_hours == 1 else "ask"], values)]
    days = vendor.extension_days_max
    return [*told, in_words(said["more_time"], {"days": str(days)})] if days else told
