"""Decides how each kind of interaction is said on a timeline: whose side it stands on, its words, its amount, its quote."""

from collections.abc import Callable, Mapping

from goodterms.relationship.rules.telling.pieces import (
    NOT_SENT,
    agreed,
    allocated,
    amount,
    answered,
    asked,
    attached,
    by,
    changed,
    contact,
    declared,
    duration,
    feedback,
    held,
    introduced,
    missed,
    noted,
    paid,
    plain,
    planned,
    promised,
    reasoned,
    reminded,
    resolved,
    sent,
    side,
    total,
    until,
    work,
)
from goodterms.relationship.rules.telling.shape import Said, Side, Told

__all__ = ["FOR_PAYERS", "PREPARING", "Said", "Side", "Told", "duration", "kinds", "said"]

# What is a preparation of ours: told of an invoice, but no contact with its customer.
PREPARING = ("invoice.drafted", "invoice.edited", "invoice.approved", "invoice.sent_back", "invoice.discarded")
# What a payer may read of it. All else stays among us, also a kind that is added later.
FOR_PAYERS = (
    "dispute.answered", "dispute.opened", "dispute.resolved", "extension.asked", "extension.granted", "extension.refused",
    "fee.charged", "fee.waived", "feedback.given", "invoice.credited", "invoice.issued", "invoice.viewed", "invoice.voided",
    "message.received", "payment.allocated", "payment.declared", "payment.received", "payment.not_refunded", "payment.refunded",
    "payment.thanked", "plan.agreed",
    "plan.asked", "plan.declined", "plan.kept", "plan.offered", "promise.made",
    "promise.withdrawn", "question.answered", "question.asked", "question.resolved", "reminder.planned", "request.answered",
    "request.resolved", "terms.agreed",
)  # fmt: skip


def said(told: Told) -> Said:
    """An interaction in words. One of a kind that is not known here is said plainly, by its name."""
    if words := _WORDS.get(told.kind):
        return words(told)
    noun, _, past = told.kind.replace("_", " ").partition(".")
    return Said(side(told), f"{noun} {past}".strip().capitalize(), by(told))


def kinds() -> frozenset[str]:
    """Every kind that has words of its own."""
    return frozenset(_WORDS)


_WORDS: Mapping[str, Callable[[Told], Said]] = {
    "cadence.changed": plain("Cadence changed"),
    "checkout.doubted": plain("Payment in doubt: nobody knows yet whether money moved", "them", ""),
    "checkout.failed": plain("Payment did not go through; no money moved", "them", ""),
    "checkout.opened": lambda told: Said("them", "Began to pay", amount=amount(told)),
    "checkout.pending": plain("Payment on its way", "them", ""),
    "clock.moved": plain("Clock of the sandbox moved"),
    "contact.added": contact("New contact"),
    "contact.changed": contact("Contact changed"),
    "contact.ended": contact("No longer a contact:"),
    "conversation.assigned": lambda told: Said(
        "us", f"Given to {told.data['to']}" if told.data.get("to") else "Given to whoever comes first", by(told)
    ),
    "conversation.noted": noted,
    "customer.added": plain("Became a customer", word="added by"),
    "customer.changed": changed("Facts changed"),
    "customer.noted": noted,
    "dispute.answered": answered("Answer"),
    "dispute.opened": asked("Dispute"),
    "dispute.resolved": resolved,
    "extension.asked": until("Asked for more time", "them"),
    "extension.granted": until("More time granted"),
    "extension.refused": until("More time declined"),
    "fee.charged": reasoned("Late fee charged", of="of"),
    "fee.waived": reasoned("Late fee waived", of="of"),
    "feedback.asked": lambda _: Said("us", "Asked how content they are", about="after paying"),
    "feedback.given": feedback,
    "files.attached": attached,
    "invoice.approved": plain("Approved"),
    "invoice.credited": reasoned("Credit note", of="over"),
    "invoice.copied": sent("Copy sent"),
    "invoice.discarded": reasoned("Draft discarded"),
    "invoice.drafted": plain("Drafted"),
    "introduction.asked": introduced("Named a colleague:", "them"),
    "introduction.declined": introduced("Did not add a colleague:", "us"),
    "introduction.withdrawn": introduced("Named a colleague no more:", "them"),
    "invoice.edited": plain("Draft changed"),
    "invoice.held": held,
    "invoice.issued": lambda told: Said("us", "Billed", by(told), total(told), about="with"),
    "invoice.not_sent": lambda told: Said("us", "Not sent", NOT_SENT.get(str(told.data.get("reason")), "")),
    "invoice.recovered": reasoned("Owed again", of=""),
    "invoice.released": plain("Released, reminders go on"),
    "invoice.sent_back": reasoned("Sent back to draft"),
    "invoice.sent": sent("Sent"),
    "invoice.viewed": plain("Opened", "them", "by"),
    "invoice.voided": reasoned("Voided"),
    "invoice.withheld": plain("Sending taken back before it left"),
    "invoice.written_off": reasoned("Written off"),
    "customers.imported": plain("Customers imported"),
    "invoices.imported": plain("Books imported"),
    "payments.imported": plain("Payments imported"),
    "key.added": plain("API key made"),
    "key.revoked": plain("API key revoked"),
    "letterhead.changed": plain("Letterhead changed"),
    "letter.closed": plain("Doubt about a letter closed: nobody knows whether it arrived"),
    "letter.doubted": plain("In doubt whether a letter arrived"),
    "letter.expired": plain("Letter not sent: its day was over"),
    "letter.rejected": plain("Letter could not be delivered"),
    "letter.resolved": lambda told: Said(
        "us", "Doubt settled: the letter was " + ("sent" if told.data.get("sent") else "not sent"), by(told)
    ),
    "letter.sent": plain("Letter sent"),
    "member.added": plain("Member added"),
    "message.received": asked("Reply"),
    "message.withdrawn": plain("Our words taken back before they left"),
    "order.asked": sent("Asked for the purchase order"),
    "order.given": lambda told: Said("them", f"Purchase order {told.data.get('order_number', '')}", by(told)),
    "payer.disowned": plain("Said that this is not for them", "them", "from"),
    "payer.verified": plain("Address confirmed", "them"),
    "payment.allocated": allocated,
    "payment.deallocated": reasoned("Payment taken back", "us", "of"),
    "payment.declared": declared,
    "payment.not_thanked": lambda told: Said(
        "us", "No receipt sent", ": no address is known" if told.data.get("reason") == "no_address" else ": it came too late"
    ),
    "payment.received": paid,
    "payment.not_refunded": reasoned("Money could not be given back", "us"),
    "payment.refunded": reasoned("Money given back", "us"),
    "payment.thanked": lambda _: Said("us", "Receipt and thanks"),
    "payment.undeclared": plain("Took back that it is paid", "them"),
    "payments.read": plain("Payments read"),
    "plan.agreed": planned("Payment in parts agreed"),
    "plan.asked": planned("Asked to pay in parts", "them"),
    "plan.broken": missed,
    "plan.declined": plain("Payment in parts declined"),
    "plan.ended": reasoned("Plan ended"),
    "plan.kept": lambda _: Said("them", "Plan kept, all parts paid"),
    "plan.offered": planned("Other parts offered"),
    "preferences.changed": changed("How they like it changed"),
    "project.finished": work("Work finished:"),
    "project.opened": work("Project begun:"),
    "person.reset": plain("Way in set anew"),
    "person.turned_away": plain("Sign-in that failed"),
    "promise.broken": lambda _: Said("them", "Promise missed"),
    "promise.kept": lambda _: Said("them", "Promise kept"),
    "promise.made": promised,
    "promise.part": lambda _: Said("them", "Promise kept in part"),
    "promise.withdrawn": plain("Promise taken back", "them", "by"),
    "question.answered": answered("Answer"),
    "question.asked": asked("Question"),
    "question.resolved": resolved,
    "reminder.edited": lambda told: Said(
        "us", "Own words for the next message" if told.data.get("words") else "Own words taken out again", by(told),
        quote=str(told.data.get("words", "")),
    ),
    "reminder.held": lambda told: Said("us", "Message held", by(told), quote=str(told.data.get("why", ""))),
    "reminder.planned": reminded,
    "reminder.released": plain("Message released"),
    "reminders.resumed": plain("Reminders by e-mail wanted again", "them", "from"),
    "reminders.stopped": plain("Stopped reminders by e-mail", "them", "by"),
    "request.answered": answered("Answer"),
    "request.resolved": resolved,
    "schedule.ended": work("Billed no more:"),
    "schedule.paused": work("Billing rests:"),
    "schedule.price_changed": work("Another price agreed:"),
    "schedule.resumed": work("Billing goes on:"),
    "schedule.started": work("Billed from now on:"),
    "session.ended": plain("Closed their page", "them"),
    "session.opened": plain("Opened their page", "them"),
    "terms.agreed": agreed,
    "vendor.added": plain("Vendor added"),
    "vendor.changed": changed("Settings changed"),
    "wishes.changed": changed("Their own wishes changed"),
    "work.agreed": work("They said yes to work in"),
    "work.dropped": work("Work not billed in"),
    "work.noted": work("Work noted in"),
    "work.waits": work("Work waits for a word in"),
    "profile.saved": plain("Way of reading files saved"),
    "wording.ended": plain("The words of the house again"),
    "import.begun": plain("File laid out for import"),
    "import.let_go": plain("File let go; nothing of it was taken over"),
    "wording.changed": plain("Words of reminders changed"),
}  # fmt: skip
