"""Decides what goes into the letter of a notice: names, links, the ways out, and what needs nothing."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection

from goodterms.delivery.actions import Draft
from goodterms.delivery.own_words import Voice, own_words
from goodterms.delivery.words import Wording, spoken_language
from goodterms.payments.keeping import Credit, kept_for, summed
from goodterms.reminders.letter import Line, NoticeContent, Promised, Sender, letter
from goodterms.reminders.rules import CONTACT_LIMITS, Decision, Facts, Nomination, Notice, PayerFacts
from goodterms.reminders.rules.courtesy import hours_of
from goodterms.reminders.token import link_token
from goodterms.values.days import day_in, instant
from goodterms.values.money import Money

MOST_KEPT = 10_000
WEEKEND = frozenset({6, 7})
MEASURED_DAYS = 90  # our answer time is the median of so many days …
MEASURED_LEAST = 3  # … and is not said of fewer answers


class Claim(NamedTuple):
    """A decision whose notice is ours to write: its key, and what was decided."""

    key: str
    decision: Decision
    notice: Notice


class _Vendor(NamedTuple):
    sender: Sender
    email: str
    extension_days_max: int


class _Person(NamedTuple):
    """How somebody is addressed; nobody by the name of a firm."""

    name: str = ""
    title: str = ""
    customer: str = ""


_NOBODY = _Person()
_Press = Callable[[NoticeContent, Sequence[str], str, str], bytes]  # the letter, its vendors, its customer, its page


def drafts(claims: Mapping[UUID, Claim], on: date) -> list[Draft]:
    """The letters of these notices, by notice id, with five queries for all of them, and three more for those on paper."""
    vendors = _vendors(on)
    people = _people({claim.notice.payer_id for claim in claims.values()})
    words = own_words()
    works = _works(one.facts.invoice_id for claim in claims.values() for one in claim.notice.nominations)
    kept = _kept(claims.values())
    posted = [one.facts for claim in claims.values() if claim.notice.channel == "post" for one in claim.notice.nominations]
    press = _press(posted)
    return [
        _draft(
            id,
            claim,
            vendors,
            people.get(claim.notice.payer_id, _NOBODY),
            works,
            kept,
            _own_wording(claim.notice, words),
            press,
        )
        for id, claim in claims.items()
    ]


def _press(posted: Sequence[Facts]) -> _Press:
    """What makes the sheets of the letters that go by post, where any do."""
    if not posted:
        return lambda *_: b""
    from goodterms.reminders.on_paper import around, printed  # here, since few letters do, and it takes three megabytes

    beside = around(sorted({one.vendor_id for one in posted}), sorted({one.customer_id for one in posted}))
    return lambda letter, vendors, customer, page: printed(letter, vendors, customer, page, beside)


def _own_wording(notice: Notice, words: Mapping[Voice, Wording]) -> Wording | None:
    """A vendor's own words speak for its own invoices; in a letter of several vendors the house speaks for all."""
    together = {nomination.facts.vendor_id for nomination in notice.nominations}
    if not words or len(together) > 1:
        return None
    return words.get((*together, notice.kind, notice.tone, spoken_language(notice.language)[0]))


def preview(decision: Decision, on: date) -> Draft | None:
    """The letter as it will be, for eyes at the desk: its links open nothing, since no notice has this key."""
    notice = decision.notice
    if notice is None or notice.channel not in ("email", "post"):
        return None
    id = UUID(int=0)
    return drafts({id: Claim("preview", decision, notice)}, on)[0]


def _draft(
    id: UUID,
    claim: Claim,
    vendors: Mapping[str, _Vendor],
    person: _Person,
    works: Mapping[str, str],
    kept: Mapping[str, Sequence[Credit]],
    wording: Wording | None,
    press: _Press,
) -> Draft:
    notice, payer = claim.notice, claim.decision.payer
    page = f"{settings.BASE_URL}/p/{link_token(settings.SECRET_KEY, id)}"
    content = _content(page, claim, vendors, person, works)._replace(wording=wording, kept=_theirs(notice, kept, vendors))
    written = letter(content)
    together = sorted({nomination.facts.vendor_id for nomination in notice.nominations})
    return Draft(
        id=id,
        vendors=tuple(UUID(vendor) for vendor in together),
        payer_id=UUID(payer.payer_id),
        kind="notice",
        channel=notice.channel,
        recipient=payer.address if notice.channel == "email" else person.name or person.customer,
        recipient_name=person.name or person.customer,
        dedupe_key=claim.key,
        not_before=claim.decision.at,
        expires_at=_evening(payer, claim.decision.at),
        subject=written.subject,
        text=written.text,
        html=written.html,
        sender_name=", ".join(vendors[vendor].sender.vendor for vendor in together),
        reply_to=vendors[notice.nominations[0].facts.vendor_id].email,
        unsubscribe_url=f"{page}/stop",
        page=press(content, together, notice.nominations[0].facts.customer_id, page) if notice.channel == "post" else b"",
    )


def _evening(payer: PayerFacts, now: datetime) -> datetime:
    """The end of the payer's hours on the payer's own day, which may be another than the vendor's."""
    return instant(day_in(payer.timezone, now), hours_of(payer)[1], payer.timezone)


def _content(
    page: str, claim: Claim, vendors: Mapping[str, _Vendor], person: _Person, works: Mapping[str, str]
) -> NoticeContent:
    notice, payer = claim.notice, claim.decision.payer
    lines = [_line(nomination, vendors, page, works[nomination.facts.invoice_id]) for nomination in notice.nominations]
    own_limits = [limit for limit in payer.limits if limit not in CONTACT_LIMITS]
    return NoticeContent(
        on=notice.on,
        language=notice.language,
        tone=notice.tone,
        kind=notice.kind,
        name=person.name,
        title=person.title,
        lines=lines,
        pay_url=f"{page}/pay",
        time_url=f"{page}/time",
        preferences_url=f"{page}/preferences",
        promised=_promised(claim.decision, vendors),
        time_days=min(vendors[nomination.facts.vendor_id].extension_days_max for nomination in notice.nominations),
        limit=min(own_limits or CONTACT_LIMITS[1:2], key=lambda limit: limit[0] / limit[1]),
        forewords=[(vendors[one.vendor_id].sender, one.words) for one in notice.forewords],
        quiet_weekdays=sorted(payer.quiet_weekdays - WEEKEND),
    )


def _line(nomination: Nomination, vendors: Mapping[str, _Vendor], page: str, work: str) -> Line:
    facts = nomination.facts
    own = f"{page}/invoices/{facts.invoice_id}"
    return Line(
        sender=vendors[facts.vendor_id].sender,
        number=facts.number,
        work=work,
        open=Money(facts.open_minor, facts.currency),
        due_on=facts.due_on,
        on=nomination.on,
        pay_url=f"{own}/pay",
        ask_url=f"{own}/ask",
        dispute_url=f"{own}/dispute",
        time_url=f"{own}/time",
        promised_on=facts.promised_on,
    )


def _promised(decision: Decision, vendors: Mapping[str, _Vendor]) -> list[Promised]:
    """What they have named a day for: nothing to do, so it is said and not asked."""
    resting = [(verdict.facts, verdict.on) for verdict in decision.verdicts if "promised" in (verdict.facts.holds or ())]
    return [
        Promised(vendors[facts.vendor_id].sender, facts.number, Money(facts.open_minor, facts.currency), facts.promised_on)
        for facts, on in resting
        if facts.promised_on and facts.promised_on >= on
    ]


def _kept(claims: Iterable[Claim]) -> dict[str, list[Credit]]:
    """What each customer who is reminded has to their credit; of few of them anything."""
    customers = {UUID(one.facts.customer_id) for claim in claims for one in claim.notice.nominations}
    found: dict[str, list[Credit]] = defaultdict(list)
    for credit in kept_for(customer_ids=customers, most=MOST_KEPT):
        found[str(credit.customer_id)].append(credit)
    return found


def _theirs(
    notice: Notice, kept: Mapping[str, Sequence[Credit]], vendors: Mapping[str, _Vendor]
) -> list[tuple[Sender, Sequence[Money]]]:
    """By vendor, in the order of the letter."""
    if not kept:
        return []
    theirs: dict[str, list[Credit]] = defaultdict(list)
    for vendor, customer in dict.fromkeys((one.facts.vendor_id, one.facts.customer_id) for one in notice.nominations):
        theirs[vendor].extend(kept.get(customer, ()))
    return [(vendors[vendor].sender, summed(credits)) for vendor, credits in theirs.items() if credits]


def _vendors(on: date) -> dict[str, _Vendor]:
    with connection.cursor() as cursor:
        cursor.execute(_VENDORS, [on - timedelta(days=MEASURED_DAYS), MEASURED_LEAST])
        return {
            str(id): _Vendor(Sender(name, person, minutes), email, days) for id, name, person, email, days, minutes in cursor
        }


def _works(invoices: Iterable[str]) -> dict[str, str]:
    """What each invoice is for: read for what is written only, a tenth of what is decided."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id::text, work from invoicing_invoice where id = any(%s::uuid[])", ["{" + ",".join(invoices) + "}"]
        )
        return dict(cursor.fetchall())


def _people(payers: set[str]) -> dict[str, _Person]:
    """How each payer is called, as the customers that list them write it."""
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, {"payers": list(payers)})
        return {str(payer): _Person(*called) for payer, *called in cursor}


_VENDORS = """
select v.id, v.name, v.sender, v.email, v.extension_days_max, a.minutes
from parties_vendor v
left join lateral (
  select round(percentile_cont(0.5) within group (order by answered_in_minutes))::int as minutes
  from conversations_conversation c
  where c.vendor_id = v.id and c.opened_at >= %s::date and answered_in_minutes is not null
  having count(*) >= %s) a on true
"""
_PEOPLE = """
select distinct on (k.payer_id) k.payer_id, k.name, k.title, cu.name
from parties_contact k join parties_customer cu on cu.id = k.customer_id
where k.payer_id = any(%(payers)s::uuid[]) and k.pays and k.ended_at is null
union all
select cu.id, '', '', cu.name from parties_customer cu where cu.id = any(%(payers)s::uuid[])
"""
