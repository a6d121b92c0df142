"""Decides what the letters of the door say: six figures, a new link, and the first one of a colleague who was added."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from django.conf import settings

from goodterms.access.rules import CODE_HOLDS, link_ends
from goodterms.delivery import frame, spoken
from goodterms.delivery.actions import Draft
from goodterms.delivery.words import Name, Wording, name_of, phrases, spoken_language, wordings
from goodterms.parties.models import Contact, Payer, Vendor
from goodterms.parties.rules import Wishes, treatment
from goodterms.values.days import day_in

_WORDS = "goodterms.access.wording"


class Errand(NamedTuple):
    """A letter to write once the request that asked for it is committed. Without vendors there is nobody to write to."""

    kind: Literal["code", "link"]
    payer_id: UUID
    id: UUID  # of the code or link
    words: str  # the figures, or the token: told here and nowhere else
    at: datetime
    vendors: tuple[UUID, ...]
    introduced_by: str = ""  # who named this payer as a colleague, where the link is their first


def written(errand: Errand) -> Draft:
    """The letter, in the payer's language and tone, from all vendors that list them: so no single one can read it."""
    payer = Payer.objects.get(id=errand.payer_id)
    vendors = list(Vendor.objects.order_by("name"))
    usual = [Wishes(language=one.language, tone=one.tone, country=one.country, timezone=one.timezone) for one in vendors]
    wanted = treatment(payer.wishes(), usual=usual)
    language, tag = spoken_language(wanted.language)
    ends_on = day_in(wanted.timezone, link_ends(errand.at))
    names = spoken.listed([one.name for one in vendors], tag)
    said = wordings(_WORDS, language)["added" if errand.introduced_by else errand.kind][wanted.tone].said(
        {
            **_called(payer, language), "vendors": names, "figures": errand.words, "until_date": spoken.day(ends_on, tag),
            "colleague": errand.introduced_by,
        }
    )  # fmt: skip
    frames = _framed(errand, said, phrases(_WORDS, language, wanted.tone), names, tag)
    return Draft(
        vendors=errand.vendors,
        payer_id=payer.id,
        kind=errand.kind,
        channel="email",
        recipient=payer.address,
        dedupe_key=f"{errand.kind}|{errand.id}",
        not_before=errand.at,
        expires_at=errand.at + CODE_HOLDS,  # a link that is late is of no use either: they have asked again
        subject=said.subject,
        text=frames.text,
        html=frames.html,
        sender_name=", ".join(one.name for one in vendors)[:200],
    )


def _framed(errand: Errand, said: Wording, around: Mapping[str, str], names: str, tag: str) -> frame.Letter:
    """Subject, plain text and HTML: the figures large, or a button for the link."""
    is_code, url = errand.kind == "code", f"{settings.BASE_URL}/p/{errand.words}"
    opening, small = f"{said.greeting}\n{said.opening}", around["wrong_person" if errand.introduced_by else "not_you"]
    thing = _figures(errand.words) if is_code else frame.button(url, around["open"])
    rows = [frame.said(opening), thing, frame.said(said.closing, first=False), frame.small(small)]
    text = "\n\n".join([names, opening, errand.words if is_code else url, said.closing, f"--\n{small}"])
    html = frame.page(tag, spoken.direction(tag), said.subject, names, rows)
    return frame.Letter(said.subject, f"{text}\n", html)


def _figures(figures: str) -> frame.Markup:
    return frame.said(f"{figures[:3]} {figures[3:]}", first=False)


def _called(payer: Payer, language: str) -> dict[str, str]:
    """As the customers that list them write it, where the payer said nothing; nobody's name is guessed from an address."""
    known = Contact.objects.current().filter(payer_id=payer.id).exclude(name="").values_list("name", "title").first()
    name, title = known or ("", "")
    called = name_of(payer.name or name, title, language)
    return called._asdict() if called.name else dict.fromkeys(Name._fields, payer.address)
