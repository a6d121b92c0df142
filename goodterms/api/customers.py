"""Decides how programs see and keep customers, how these want to be treated, and the people there."""

from datetime import date, time
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Query, Router
from pydantic import AwareDatetime, Field, StrictInt, StringConstraints

from goodterms.api.door import Request, operation
from goodterms.api.pages import Page, Paging, page
from goodterms.api.shapes import Currency, Day, In, Name, Out, Text, Yes
from goodterms.parties import actions
from goodterms.parties.models import Contact, Customer
from goodterms.parties.rules import fold
from goodterms.relationship.actions import send_welcome
from goodterms.values.refusal import Refused

router = Router()
people = Router()
Weekday = Annotated[StrictInt, Field(ge=1, le=7, description="ISO: 1 is Monday.")]
MonthDay = Annotated[StrictInt, Field(ge=1, le=31)]
Clock = Annotated[time, Field(description="HH:MM, by the customer's clock")]


class PreferencesIn(In):
    """How a customer wants to be treated. What is left out stays as it is; null or empty: they did not say."""

    language: Annotated[str, StringConstraints(pattern=r"^([a-z]{2}(-[A-Z]{2})?)?$")] = ""
    tone: Literal["", "informal", "neutral", "formal"] = ""
    country: Annotated[str, StringConstraints(pattern=r"^([A-Z]{2})?$")] = ""
    timezone: Annotated[str, StringConstraints(max_length=64, pattern=r"^[A-Za-z0-9_+/-]*$")] = ""
    quiet_weekdays: Annotated[list[Weekday], Field(max_length=6)] = []
    quiet_ranges: Annotated[list[tuple[Day, Day]], Field(max_length=50, description="First and last day of each.")] = []
    hours_from: Clock | None = None
    hours_to: Clock | None = None
    contacts_max: Annotated[StrictInt, Field(ge=1, le=30)] | None = None
    contacts_days: Annotated[StrictInt, Field(ge=1, le=365)] | None = None
    channel: Literal["email", "post", "portal", "call"] = "email"
    paperless_on: Day | None = None
    bill_days: Annotated[list[MonthDay], Field(max_length=31)] = []
    cut_off_day: MonthDay | None = None
    order_required: Yes = False
    enclosure_required: Annotated[Name, Field(description="What has to come with each invoice: signed timesheet.")] = ""
    invoice_format: Annotated[
        Literal["", "pdf", "facturx", "extended", "xrechnung", "peppol", "ubl", "cii"],
        Field(description="How they take invoices; errors by its official rules hold an issue."),
    ] = ""
    pays_by: Name = ""
    pays_automatically: Yes = False
    billed_by: Annotated[
        Literal["customer", "project"], Field(description="One invoice over all projects, or one for each.")
    ] = "customer"
    breakdown: Annotated[
        Literal["items", "rates", "people", "teams", "projects"],
        Field(description="A line for each item; for each rate, person or team of a project; or for each project."),
    ] = "items"
    cadence: Name = ""
    buyer_reference: Annotated[Name, Field(description="By which they route invoices, such as a Leitweg-ID (BT-10).")] = ""
    street: Name = ""
    city: Name = ""
    post_code: Name = ""
    region: Name = ""
    endpoint_scheme: Annotated[Name, Field(description="EAS, such as 0088 for a GLN; together with endpoint_id.")] = ""
    endpoint_id: Annotated[Name, Field(description="Where electronic invoices are delivered to (BT-49).")] = ""


class CustomerIn(PreferencesIn):
    number: Name
    name: Name
    currency: Currency
    legal_name: Name = ""
    address: Text = ""
    tax_id: Name = ""
    company_number: Name = ""
    parent_id: Annotated[UUID, Field(description="The customer that it belongs to, such as its group.")] | None = None
    since_on: Day | None = None
    note: Text = ""
    welcome: Annotated[Yes, Field(description="Whether the packet is sent; left out: as the vendor usually does.")] = False


class DetailsIn(In):
    """Who a customer is. What is left out stays as it is; issued documents stay as they are."""

    name: Name = ""
    legal_name: Name = ""
    address: Text = ""
    country: Annotated[str, StringConstraints(pattern=r"^([A-Z]{2})?$")] = ""
    tax_id: Annotated[Name, Field(description="Looked at by the rule of the country.")] = ""
    company_number: Name = ""
    parent_id: UUID | None = None
    since_on: Day | None = None
    note: Text = ""


class WelcomedOut(Out):
    """The welcome packet on its way."""

    letter_id: UUID
    channel: str
    to: str


class CustomerOut(Out):
    """A business as this vendor knows it."""

    id: UUID
    number: str
    name: str
    legal_name: str
    address: str
    tax_id: str
    company_number: str
    currency: str
    parent_id: UUID | None
    since_on: date | None
    note: str
    language: str
    tone: str
    country: str
    timezone: str
    quiet_weekdays: list[int]
    quiet_ranges: list[list[date]]
    hours_from: time | None
    hours_to: time | None
    contacts_max: int | None
    contacts_days: int | None
    channel: str
    paperless_on: date | None
    bill_days: list[int]
    cut_off_day: int | None
    order_required: bool
    enclosure_required: str
    invoice_format: str
    pays_by: str
    pays_automatically: bool
    billed_by: str
    breakdown: str
    cadence: str
    buyer_reference: str
    street: str
    city: str
    post_code: str
    region: str
    endpoint_scheme: str
    endpoint_id: str
    created_at: AwareDatetime


class CustomerFilter(Paging):
    number: Name | None = None
    name: Annotated[Name, Field(description="The beginning of a name; case and accents do not matter.")] | None = None


class ContactIn(In):
    """A person at a customer. One of them pays: that is whom reminders go to."""

    name: Name
    email: Name = ""
    phone: Name = ""
    title: Name = ""
    pays: Yes = False
    approves: Yes = False
    receives_copies: Yes = False
    signs: Yes = False
    note: Text = ""


class ContactOut(Out):
    id: UUID
    customer_id: UUID
    payer_id: UUID | None
    name: str
    title: str
    email: str
    phone: str
    pays: bool
    approves: bool
    receives_copies: bool
    signs: bool
    note: str
    created_at: AwareDatetime
    ended_at: AwareDatetime | None


class ContactFilter(Paging):
    customer_id: UUID | None = None
    ended: bool = False


@operation(router, "GET", "/", "customers:read", Page[CustomerOut])
def list_customers(request: Request, asked: Query[CustomerFilter]) -> Any:
    """Customers by name."""
    rows = Customer.objects.seen_by(request.auth.viewer)
    if asked.number is not None:
        rows = rows.filter(number=asked.number)
    if asked.name is not None:
        start = fold(asked.name)
        rows = rows.filter(folded__gte=start, folded__lt=start + "\U0010ffff")
    return page(rows, "folded", asked)


@operation(router, "POST", "/", "customers:write", CustomerOut, 201)
def add_customer(request: Request, asked: CustomerIn) -> Any:
    """Add a customer, with preferences where they are known."""
    who = request.auth
    return actions.add_customer(vendor_id=who.vendor.id, now=who.now, by=who.name, via="api", **asked.dict(exclude_unset=True))


@operation(router, "GET", "/{customer_id}/", "customers:read", CustomerOut)
def get_customer(request: Request, customer_id: UUID) -> Any:
    """One customer."""
    return found_customer(request, customer_id)


@operation(router, "PATCH", "/{customer_id}/", "customers:write", CustomerOut)
def change_customer(request: Request, customer_id: UUID, asked: DetailsIn) -> Any:
    """Change who a customer is: names, address, numbers, its group; the log keeps what was."""
    who = request.auth
    return actions.change_customer(
        vendor_id=who.vendor.id, customer_id=customer_id, now=who.now, by=who.name, changes=asked.dict(exclude_unset=True)
    )


@operation(router, "POST", "/{customer_id}/welcome/", "customers:write", WelcomedOut, 201)
def welcome(request: Request, customer_id: UUID) -> Any:
    """Send the welcome packet to whoever pays there: what was agreed, on one page. Once a day; again is refused."""
    who = request.auth
    return send_welcome(customer_id=found_customer(request, customer_id).id, by=who.name, role="owner", now=who.now)


@operation(router, "PATCH", "/{customer_id}/preferences/", "customers:write", CustomerOut)
def change_preferences(request: Request, customer_id: UUID, asked: PreferencesIn) -> Any:
    """Change how a customer wants to be treated; the log keeps what was."""
    who = request.auth
    return actions.change_preferences(
        vendor_id=who.vendor.id, customer_id=customer_id, now=who.now, by=who.name, changes=asked.dict(exclude_unset=True)
    )


@operation(people, "GET", "/", "contacts:read", Page[ContactOut])
def list_contacts(request: Request, asked: Query[ContactFilter]) -> Any:
    """Contacts as they were added; those who left only where `ended` asks for them."""
    rows = Contact.objects.seen_by(request.auth.viewer)
    rows = rows.exclude(ended_at=None) if asked.ended else rows.current()
    return page(rows if asked.customer_id is None else rows.filter(customer_id=asked.customer_id), "id", asked)


@operation(router, "POST", "/{customer_id}/contacts/", "contacts:write", ContactOut, 201)
def add_contact(request: Request, customer_id: UUID, asked: ContactIn) -> Any:
    """Add a person at a customer."""
    who = request.auth
    customer = found_customer(request, customer_id)
    return actions.add_contact(
        vendor_id=who.vendor.id, customer_id=customer.id, now=who.now, by=who.name, **asked.dict(exclude_unset=True)
    )


@operation(people, "DELETE", "/{contact_id}/", "contacts:write", None, 204)
def end_contact(request: Request, contact_id: UUID) -> Any:
    """The person is no longer to be written to for this customer. What was stays on record."""
    who = request.auth
    actions.end_contact(vendor_id=who.vendor.id, contact_id=contact_id, now=who.now, by=who.name)


def found_customer(request: Request, customer_id: UUID) -> Customer:
    found = Customer.objects.seen_by(request.auth.viewer).filter(id=customer_id).first()
    if found is None:
        raise Refused("There is no such customer.", code="not_found")
    return found
