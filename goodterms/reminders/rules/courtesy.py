"""Decides what speaks against a contact today. Nobody can switch these rules off; one can only tighten them.

Defaults are the strictest of the contact rules of several countries (Reg F of the US, ACCC/ASIC of Australia, CONC 7.9
of the UK, RBI of India), which for the most part cover consumers only: where they do not bind they are good manners.
"""

from collections.abc import Callable, Sequence
from datetime import date, time

from goodterms.reminders.rules.cadence import Step
from goodterms.reminders.rules.facts import Channel, Facts, Moment, PayerFacts, VendorFacts, is_holiday, is_running

CONTACT_LIMITS = ((1, 1), (3, 7), (10, 30))  # (contacts, days), over all vendors and channels
HOURS = (time(9), time(19))  # where the payer did not say
OUTER_HOURS = (time(8), time(21))  # nobody is contacted outside these, whatever was said (12 CFR 1006.6(b))

INVOICE_WORDS = ("paid", "disputed", "question_open", "promised", "extended", "on_plan")
PAYER_WORDS = ("limit", "quiet", "hours", "holiday")
WORDS = (*INVOICE_WORDS, *PAYER_WORDS, "stale_feed", "no_address", "manual", "message_held", "not_due")


def reasons_against(
    facts: Facts, step: Step | None, payer: PayerFacts, vendor: VendorFacts, moment: Moment, contacts: Sequence[date]
) -> tuple[str, ...]:
    """Every word that speaks against contacting `payer` about `facts` now, in the order of WORDS; none: it goes out.

    `contacts` are the dates, in the payer's calendar, of all contacts already made, by any vendor on any channel.
    """
    if step is None:
        return ("not_due",)
    own = invoice_reasons(facts, moment.on)
    return combined(own, payer_reasons(payer, moment, contacts), facts, step, payer, vendor, moment.on)


def combined(
    own: tuple[str, ...],
    of_payer: tuple[str, ...],
    facts: Facts,
    step: Step,
    payer: PayerFacts,
    vendor: VendorFacts,
    on: date,
) -> tuple[str, ...]:
    """The invoice's own reasons and those of its payer, worked out once for all of its invoices, with the rest."""
    rest = []
    if is_stale(vendor, on):
        rest.append("stale_feed")
    if not payer.address and channel_for(step, facts, payer, on) == "email":
        rest.append("no_address")
    if not step.automatic or "manual" in own:
        rest.append("manual")
    if payer.held_from and is_message_held(payer, facts.vendor_id, on):
        rest.append("message_held")
    if not rest:
        return own + of_payer if of_payer else own
    return (*(word for word in own if word != "manual"), *of_payer, *rest)


def invoice_reasons(facts: Facts, on: date) -> tuple[str, ...]:
    """What about the invoice itself speaks against it; a hold in words that no rule knows is a person's: `manual`."""
    if facts.open_minor > 0 and not facts.holds:
        return ()
    running = {word for word, until in zip(facts.holds or (), facts.held_until or (), strict=True) if is_running(until, on)}
    if facts.open_minor <= 0:
        running.add("paid")
    known = tuple(word for word in INVOICE_WORDS if word in running)
    return known if len(known) == len(running) else (*known, "manual")


def payer_reasons(payer: PayerFacts, moment: Moment, contacts: Sequence[date]) -> tuple[str, ...]:
    """What about the payer, by the payer's own calendar and clock, speaks against any contact now."""
    today, clock = moment.local(payer.timezone)
    return tuple(word for word, speaks in _PAYER_RULES if speaks(payer, today, clock, contacts))


def channel_for(step: Step, facts: Facts, payer: PayerFacts, on: date) -> Channel:
    """The step's own channel; a letter on paper where the customer takes paper on that day."""
    if step.channel == "email" and (on < facts.paperless_on or payer.channel == "post"):
        return "post"
    return step.channel


def is_stale(vendor: VendorFacts, on: date) -> bool:
    """Whether payments were read longer ago than the vendor allows: who paid yesterday must not be reminded today."""
    if vendor.feed_days_max is None:
        return False
    return vendor.feed_seen_on is None or (on - vendor.feed_seen_on).days > vendor.feed_days_max


def is_message_held(payer: PayerFacts, vendor_id: str, on: date) -> bool:
    """Whether somebody of this vendor asked that its part of the message waits, from that day on until it is released."""
    return any(vendor_id == vendor and on >= from_on for vendor, from_on in payer.held_from)


def is_over_limit(payer: PayerFacts, today: date, contacts: Sequence[date]) -> bool:
    """Whether one more contact would be too many. `(3, 7)`: three in the seven days of which today is the last."""
    if not contacts:
        return False
    ages = [age for made_on in contacts if (age := (today - made_on).days) >= 0]
    return any(sum(age < days for age in ages) >= most for most, days in (*CONTACT_LIMITS, *payer.limits))


def is_quiet(payer: PayerFacts, today: date) -> bool:
    weekday = today.isoweekday()
    if weekday in payer.quiet_weekdays or (payer.rhythm and weekday not in payer.rhythm):
        return True
    return any(first <= today <= last for first, last in payer.quiet_ranges)


def is_out_of_hours(payer: PayerFacts, clock: time) -> bool:
    """From the first moment of the hours to the last before their end, never outside OUTER_HOURS."""
    start, end = hours_of(payer)
    return not start <= clock < end


def hours_of(payer: PayerFacts) -> tuple[time, time]:
    """From when to when (excluded) the payer may be contacted, by the payer's clock."""
    start, end = payer.hours or HOURS
    return max(start, OUTER_HOURS[0]), min(end, OUTER_HOURS[1])


_PAYER_RULES: tuple[tuple[str, Callable[[PayerFacts, date, time, Sequence[date]], bool]], ...] = (
    ("limit", lambda payer, today, clock, contacts: is_over_limit(payer, today, contacts)),
    ("quiet", lambda payer, today, clock, contacts: is_quiet(payer, today)),
    ("hours", lambda payer, today, clock, contacts: is_out_of_hours(payer, clock)),
    ("holiday", lambda payer, today, clock, contacts: is_holiday(payer.country, today)),
)
