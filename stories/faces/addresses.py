"""Decides how each address of the desk and the portal is filled from the sample, and who is behind its door.

A new route must be entered in ROUTES, or the sweep fails: say who stands at its door, and how its path is filled where the
usual things of THINGS are not what it takes.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from goodterms.access.actions.sessions import Opened, let_in
from goodterms.billing.actions import Work, add_items, agree_price, begin_retainer, open_project, start_schedule
from goodterms.conversations.actions import Wish, ask, request_plan
from goodterms.conversations.actions.attachments import attach
from goodterms.database.isolation import acting_for
from goodterms.delivery.link import Carried, sealed
from goodterms.imports.actions import keep
from goodterms.invoicing import actions as invoicing
from goodterms.invoicing.actions import ask_first, expect
from goodterms.invoicing.forewarnings import PURPOSE as BEFORE
from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.models import Invoice
from goodterms.invoicing.orders import PURPOSE as ORDER
from goodterms.parties import actions
from goodterms.parties.models import Contact, Customer, Member, Vendor
from goodterms.parties.rules import Viewer
from goodterms.payments.actions.checkout import open_checkouts
from goodterms.payments.models import Payment
from goodterms.relationship.models import Feedback
from goodterms.reminders.models import Notice
from goodterms.reminders.token import link_token
from goodterms.sample.tests.house import House
from goodterms.values.files import File
from goodterms.values.keys import new_key
from goodterms.values.money import Money

NOW = datetime(2026, 11, 16, 10, 20, tzinfo=UTC)
A_FILE = b"customer;number;issued;due;amount\nbellwether;X-1;2026-11-01;2026-12-01;120.00\n"


class Route(NamedTuple):
    """Who stands at the door, and what its path is filled with where that is not the usual."""

    door: str
    path: Mapping[str, str] = {}


def _doors(door: str, *names: str) -> dict[str, Route]:
    return dict.fromkeys(names, Route(door))


# desk: a member of the vendor in the address. payer: a browser that was let in. token: whoever has the letter.
# person: one's own sign-in. here: this machine only. anybody: everybody may look, and may press what it offers.
ROUTES: dict[str, Route] = {
    **_doors(
        "desk", "today", "settle-doubt", "hold-message", "release-message", "edit-message", "message-letter", "find",
        "invoices", "invoices-csv", "invoices-views", "invoices-selected", "invoices-together", "new-invoice",
        "invoice-preview", "invoice", "invoice-document", "invoice-send", "invoice-keep-back",
        "record-payment", "conversations", "conversations-csv", "conversation", "take-back",
        "settle-payment", "give-credit", "certificates",
        "settle-refund", "settle-checkout",
        "assign", "attachment", "customers", "customers-csv", "new-customer", "customer", "customer-note", "customer-hold",
        "customer-release", "customer-statement", "customer-statement-csv", "customer-welcome",
        "customer-welcome-send", "customer-details",
        "customer-preferences", "customer-terms", "new-contact", "contact", "introduction", "reminders",
        "cadence-into-effect", "wording", "wording-preview", "insights", "insights-csv", "import", "import-check",
        "import-columns", "import-line", "import-finish", "settings", "settings-firm", "settings-papers", "settings-bank",
        "settings-rates", "settings-numbers",
        "settings-bank-confirm", "settings-bank-stop", "settings-invite", "settings-member", "settings-key",
        "settings-key-withdraw", "settings-you", "plan", "end-plan",
        "to-be-billed", "new-project", "project", "project-items", "project-finish", "bill-items", "schedules",
        "new-schedule", "schedule", "project-price", "retainers", "new-retainer", "retainer",
    ),
    **dict.fromkeys(("spend-credit", "refund"), Route("desk", {"source_id": "payment_id"})),
    "invoice-xml": Route("desk", {"invoice_id": "enclosing_id"}),
    "enclosure": Route("desk", {"invoice_id": "enclosing_id"}),
    "schedule-deed": Route("desk", {"verb": "=end"}),
    "project-part": Route("desk", {"kind": "=final"}),
    "retainer-deed": Route("desk", {"verb": "=end"}),
    "item-deed": Route("desk", {"verb": "=wait"}),
    **dict.fromkeys(("approve-and-issue", "draft"), Route("desk", {"invoice_id": "draft_id"})),
    "invoice-deed": Route("desk", {"verb": "=hold"}),
    **_doors(
        "payer", "portal", "portal-end", "portal-end-all", "portal-leave", "portal-not-me", "portal-past", "portal-invoice",
        "portal-invoice-pdf",
        "portal-ahead", "portal-statement", "portal-statement-csv", "portal-statement-pdf",
        "portal-receipt-pdf", "portal-preferences", "portal-reminders", "portal-pay", "portal-paid-page",
        "portal-receipt", "portal-conversations", "portal-conversation", "portal-attachment", "portal-ask", "portal-dispute",
        "portal-part", "portal-more-time", "portal-plan", "portal-promise", "portal-paid", "portal-hand-on", "portal-noted",
        "portal-take-back", "portal-planned", "portal-colleagues", "portal-colleague-back",
    ),
    **dict.fromkeys(("portal-invoice-xml", "portal-enclosure"), Route("payer", {"invoice_id": "enclosing_id"})),
    "sandbox-bank": Route("payer", {"together_id": "paying_id"}),
    **_doors("token", "portal-stop", "portal-link-not-me", "portal-again", "portal-link"),
    "portal-way": Route("token", {"way": "=pay"}),
    **dict.fromkeys(
        ("feedback", "feedback-stop", "feedback-preferences"), Route("token", {"token": "feedback_token", "given": "=good"})
    ),
    **dict.fromkeys(
        ("receipt-by-letter", "receipt-pdf-by-letter", "receipt-preferences"), Route("token", {"token": "receipt_token"})
    ),
    "portal-order": Route("token", {"token": "order_token"}),
    "portal-before": Route("token", {"token": "before_token"}),
    "invitation": Route("token", {}),
    **_doors(
        "person", "mfa_index", "account_logout", "second-factor", "account_reauthenticate", "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn", "mfa_add_webauthn", "mfa_list_webauthn", "mfa_activate_totp", "mfa_deactivate_totp",
        "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes", "account_change_password",
        "end-sessions", "usersessions_list",
    ),
    "mfa_remove_webauthn": Route("person", {"pk": "=1"}),
    **_doors("here", "outbox", "sample"),
    **dict.fromkeys(("letter", "letter-page"), Route("here", {"name": "letter_name"})),
    **_doors(
        "anybody", "front", "account_login", "mfa_login_webauthn", "mfa_authenticate", "account_inactive", "portal-lost",
        "portal-prove", "healthz", "readyz", "api-docs",
    ),
    "hook": Route("anybody", {"provider": "=sandbox"}),
}  # fmt: skip
# What is named in a query or a form rather than in the path, by every word that a page reads it from.
IN_FORMS = {
    "invoice": "invoice_id", "id": "invoice_id", "customer": "customer_id", "conversation": "conversation_id",
    "message": "message_id", "member": "member_id", "profile": "upload_id", "session": "session_id", "payment": "payment_id",
    "of": "conversation_id", "forget": "upload_id", "contact": "contact_id", "work": "item_id",
}  # fmt: skip


def routes() -> Iterator[tuple[str, URLPattern]]:
    """Every address that a browser can ask for, by its name (its path, where it has none); programs have a sweep of their own
    in goodterms/api/tests."""
    yield from _walked(get_resolver().url_patterns)


def _walked(patterns: list[URLPattern | URLResolver]) -> Iterator[tuple[str, URLPattern]]:
    for one in patterns:
        if isinstance(one, URLPattern):
            yield one.name or str(one.pattern), one
        elif one.app_name != "ninja" and not str(one.pattern).startswith("api/"):
            yield from _walked(one.url_patterns)


def parts_of(name: str) -> dict[str, str]:
    """The words in a path: each argument with the thing that fills it."""
    known = next(iter(get_resolver().reverse_dict.getlist(name)), None)
    arguments: list[str] = list(known[0][0][1]) if known else []
    return {one: ROUTES[name].path.get(one, one) for one in arguments}


def address(name: str, things: Mapping[str, str]) -> str:
    """The path of a route, filled with these things."""
    if name in ("healthz", "readyz"):
        return f"/{name}"
    filled = {one: thing[1:] if thing.startswith("=") else things[thing] for one, thing in parts_of(name).items()}
    return reverse(name, kwargs=filled)


def lets_in(vendors: list[UUID], payer_id: UUID, notice_id: UUID | None = None) -> Opened:
    """A browser of this payer: proven, or by a letter's link."""
    with acting_for(vendors):
        return let_in(payer_id=payer_id, notice_id=notice_id, agent="", now=datetime.now(UTC), before=None)


def things_of(house: House) -> dict[str, str]:
    """Something of each kind that belongs to Lindqvist Rowe and concerns Sandra Whitlock of Bellwether Foods. What the story
    does not hold is made here, by the verbs."""
    vendor, everybody = house.vendors["lindqvist-rowe"].id, [one.id for one in house.vendors.values()]
    with acting_for(everybody):
        customer = Customer.objects.get(vendor_id=vendor, number="bellwether")
        contact = Contact.objects.get(customer=customer, name="Sandra Whitlock", ended_at=None)
        assert contact.payer_id is not None
        payer = contact.payer_id
        invoice = Invoice.objects.get(vendor_id=vendor, number="LR-2026-0206")
        draft = Invoice.objects.get(vendor_id=vendor, customer=customer, number="")
        payment = Payment.objects.filter(vendor_id=vendor, customer=customer).earliest("received_on")
        feedback = Feedback.objects.filter(vendor_id=vendor, payer_id=payer).first()
        feedback = feedback or Feedback.objects.filter(vendor_id=vendor).latest("asked_at")
        notice = Notice.objects.filter(payer_id=payer).latest("created_at")
        bare = {
            "invoice_id": invoice.id, "customer_id": customer.id, "contact_id": contact.id, "payer_id": payer,
            "payment_id": payment.id, "feedback_id": feedback.id, "draft_id": draft.id, "letter_id": notice.id,
            "order_token": sealed(settings.SECRET_KEY, ORDER, Carried(draft.id, payer, draft.created_at)),
            "before_token": sealed(settings.SECRET_KEY, BEFORE, Carried(_foretold(customer), payer, NOW)),
            "slug": "lindqvist-rowe", "day": "2026-11-17", "secret": "an-invitation-of-nobody",
            "letter_name": next(house.home.joinpath("outbox").glob("*.eml")).name,
            **{
                word: link_token(settings.SECRET_KEY, key)
                for word, key in (("token", notice.id), ("feedback_token", feedback.id), ("receipt_token", payment.id))
            },
            **_said(invoice, payer), **_kept(vendor), **_paying(house, payer), **_to_bill(customer),
            **_enclosing(customer),
        }  # fmt: skip
        [named] = actions.introduce(
            payer_id=payer, vendor_ids=[vendor], name="Marked colleague", address="marked@bellwether.example",
            takes_over=False, by="Sandra Whitlock", now=NOW,
        )  # fmt: skip
        bare["introduction_id"] = named.id
    bare["session_id"] = lets_in(everybody, payer).session.id
    return {name: str(one) for name, one in bare.items()}


def _foretold(customer: Customer) -> UUID:
    """A draft that is more than the order of its number, about which Sandra is asked."""
    says: dict[str, Any] = {"by": "Elin Lindqvist", "role": "owner", "now": NOW}
    actions.change_vendor(vendor_id=customer.vendor_id, changes={"forewarn_percent": 10}, now=NOW, by="Elin Lindqvist")
    expect(customer_id=customer.id, kind="order", name="PO-marked", amount=Money(500_00, customer.currency), **says)
    line = Line("Marked boxes", Decimal(2), Decimal(720), Tax("S", Decimal(20)), "days")
    one = invoicing.draft(vendor_id=customer.vendor_id, customer_id=customer.id, lines=[line], order_number="PO-marked", **says)
    return ask_first(invoice_id=one.id, note="Marked note of ours.", **says).id


def _said(invoice: Invoice, payer: UUID) -> dict[str, UUID]:
    thread = ask(
        invoice_ids=[invoice.id], words="Marked words of Sandra, for us alone.", by="Sandra Whitlock", payer_id=payer, now=NOW
    )
    [file] = attach(conversation_id=thread.id, files=[File("marked.txt", b"Marked file")], by="Sandra Whitlock", now=NOW)
    wish = Wish(3, date(2026, 11, 30))
    plan = request_plan(invoice_ids=[invoice.id], wish=wish, by="Sandra Whitlock", payer_id=payer, now=NOW).plan
    return {"conversation_id": thread.id, "attachment_id": file.id, "message_id": file.message_id, "plan_id": plan.id}


def _to_bill(customer: Customer) -> dict[str, UUID]:
    says: dict[str, Any] = {"by": "Elin Lindqvist", "role": "owner", "now": NOW}
    line = Line("Marked work", Decimal(2), Decimal(720), Tax("S", Decimal(20)), "days")
    project = open_project(vendor_id=customer.vendor_id, customer_id=customer.id, name="Marked project", **says)
    [item] = add_items(project_id=project.id, work=[Work(line, "time", NOW.date())], **says)
    schedule = start_schedule(
        vendor_id=customer.vendor_id, customer_id=customer.id, work="Marked retainer", rule="FREQ=MONTHLY;BYMONTHDAY=1",
        starts_on=date(2026, 12, 1), lines=[line], **says,
    )  # fmt: skip
    retainer = begin_retainer(
        vendor_id=customer.vendor_id, customer_id=customer.id, name="Marked care", unit="sum", tax=line.tax, **says
    )
    agree_price(project_id=project.id, lines=[line], **says)
    return {"project_id": project.id, "item_id": item.id, "schedule_id": schedule.id, "retainer_id": retainer.id}


def _enclosing(customer: Customer) -> dict[str, UUID]:
    """An invoice with a file, which its customer takes as XML as well."""
    says: dict[str, Any] = {"by": "Elin Lindqvist", "role": "owner", "now": NOW}
    line = Line("Marked work", Decimal(2), Decimal(720), Tax("S", Decimal(20)), "days")
    one = invoicing.draft(vendor_id=customer.vendor_id, customer_id=customer.id, lines=[line], order_number="BW-1", **says)
    [file] = invoicing.enclose(invoice_id=one.id, files=[File("marked.txt", b"Marked file")], **says)
    invoicing.approve(invoice_id=one.id, **says)
    Customer.objects.filter(id=customer.id).update(invoice_format="cii")
    invoicing.issue(invoice_id=one.id, issued_on=NOW.date(), send=False, **says)
    Customer.objects.filter(id=customer.id).update(invoice_format=customer.invoice_format)
    return {"enclosing_id": one.id, "enclosure_id": file.id}


def _kept(vendor: UUID) -> dict[str, UUID]:
    elin = Member.objects.get(vendor_id=vendor, person__name="Elin Lindqvist")
    tom = Member.objects.get(vendor_id=vendor, person__name="Tom Okafor")
    bank = {**Vendor.objects.get(id=vendor).bank, "iban": "GB33BUKB20201555555555"}
    key, _ = actions.add_api_key(vendor_id=vendor, name="Marked key", scopes=["invoices:read"], now=NOW, by="Elin Lindqvist")
    return {
        "member_id": tom.id,
        "key_id": key.id,
        "change_id": actions.ask_bank_change(vendor_id=vendor, bank=bank, member=elin, now=NOW, by="Elin Lindqvist").id,
        "upload_id": keep(vendor_id=vendor, name="marked.csv", content=A_FILE, by="Elin Lindqvist", now=NOW).id,
    }


def _paying(house: House, payer: UUID) -> dict[str, UUID]:
    viewer = Viewer("Sandra Whitlock", frozenset(one.id for one in house.vendors.values()), role="payer", payer_id=payer)
    chosen = Invoice.objects.get(number="PP-4502")
    paying = open_checkouts(viewer=viewer, wanted={chosen.id: None}, provider="sandbox", key="marked", now=NOW)
    # No refund is in doubt in the story, and no checkout of this vendor: whoever names one finds nothing.
    return {"paying_id": paying.paying_id, "checkout_id": paying.checkouts[0].id, "refund_id": new_key(NOW)}
