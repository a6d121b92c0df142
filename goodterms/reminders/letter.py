"""Decides what the bundled notice says: words, invoices with their ways to act, sums, what needs nothing, small print."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from goodterms.delivery import frame, spoken
from goodterms.delivery.frame import Letter, Markup
from goodterms.delivery.wording import Context
from goodterms.delivery.words import Name, Wording, name_of, spoken_language
from goodterms.reminders.wording import frame_phrases, wording_of
from goodterms.values.money import Money


class Sender(NamedTuple):
    """A vendor, and who signs for it."""

    vendor: str
    person: str = ""
    answers_in: int | None = None  # measured minutes to an answer; None: not measured, so nothing is said of it

    @property
    def first_name(self) -> str:
        return (self.person.split() or [self.vendor])[0]


class Line(NamedTuple):
    """An invoice in the notice, and where its links lead."""

    sender: Sender
    number: str
    work: str
    open: Money
    due_on: date
    pay_url: str
    ask_url: str
    dispute_url: str
    time_url: str
    promised_on: date | None = None  # the day they named, where it has passed
    on: date | None = None  # with its sender, who may have another day than the notice

    def is_late(self, on: date) -> bool:
        return self.due_on < (self.on or on)


class Promised(NamedTuple):
    """An invoice that needs nothing, since they have named a day for it."""

    sender: Sender
    number: str
    open: Money
    promised_on: date


class NoticeContent(NamedTuple):
    on: date
    language: str
    tone: str
    kind: str  # rules.wording_kind
    name: str  # of the person written to; may be empty
    title: str  # Ms, Mr, Dr; may be empty
    lines: Sequence[Line]  # at least one, the oldest due day first
    pay_url: str
    time_url: str
    preferences_url: str
    promised: Sequence[Promised] = ()
    kept: Sequence[tuple[Sender, Sequence[Money]]] = ()  # what they have to their credit there, a sum for each currency
    time_days: int = 0  # more time that is granted at once, by every vendor in the notice
    limit: tuple[int, int] | None = None  # (contacts, days)
    quiet_weekdays: Sequence[int] = ()  # ISO
    forewords: Sequence[tuple[Sender, str]] = ()  # what senders say in words of their own
    wording: Wording | None = None  # a vendor's own, in the language and tone of this notice


class _Voice(NamedTuple):
    """What all parts of one letter share."""

    words: Mapping[str, str]
    tag: str  # the language of amounts and days
    tone: str
    direction: str
    on: date


class Pieces(NamedTuple):
    """What a notice says, whatever it is written on. In `already` a mark, LINK, stands where `time_words` come."""

    words: Wording
    heading: str
    forewords: Sequence[str]
    kept: Sequence[str]
    already: str
    time_words: str
    promises: Sequence[str]
    small: str


def letter(notice: NoticeContent) -> Letter:
    """Subject, plain text and HTML of a notice. Refuses a wording that cannot be written out: then nothing is sent."""
    voice, told = _voice(notice), pieces(notice)
    words, pay_words = told.words, _pay_words(notice.lines, voice)
    items = [_items(line, voice) for line in notice.lines]
    rows = [
        frame.said(f"{words.greeting}\n{words.opening}"),
        *(frame.said(own) for own in told.forewords),
        *(html for html, _ in items),
        *(frame.sentence(frame.plain(kept)) for kept in told.kept),
        frame.button(notice.pay_url, pay_words),
        frame.sentence(_with_link(told.already, frame.link(notice.time_url, told.time_words))),
        *(frame.aside(voice.words["nothing_head"], promise) for promise in told.promises),
        frame.said(f"{words.closing}\n{words.signature}", first=False),
        frame.small(told.small, frame.link(notice.preferences_url, voice.words["preferences"])),
    ]
    text = [
        told.heading,
        f"{words.greeting}\n{words.opening}",
        *told.forewords,
        *(text for _, text in items),
        *told.kept,
        f"{pay_words}\n{notice.pay_url}",
        told.already.replace(LINK, f"{told.time_words} ({notice.time_url})"),
        *(f"{voice.words['nothing_head']} {promise}" for promise in told.promises),
        f"{words.closing}\n{words.signature}",
        "\n".join(filter(None, ("--", told.small, f"{voice.words['preferences']}: {notice.preferences_url}"))),
    ]
    html = frame.page(voice.tag, voice.direction, words.subject, told.heading, rows)
    return Letter(words.subject, "\n\n".join(text) + "\n", html)


def pieces(notice: NoticeContent) -> Pieces:
    """The words of a notice, in its tone and language."""
    language, _ = spoken_language(notice.language)
    voice, senders = _voice(notice), _senders(notice)
    wording = notice.wording or wording_of(notice.kind, notice.tone, language)
    words = wording.said(_context(notice, voice, senders, name_of(notice.name, notice.title, language)))
    if not notice.name.strip():
        words = words._replace(greeting=voice.words["greeting_unknown"])
    return Pieces(
        words=words,
        heading=spoken.listed([sender.vendor for sender in senders], voice.tag),
        forewords=[own if len(senders) == 1 else f"{sender.vendor}: {own}" for sender, own in notice.forewords],
        kept=_kept(notice, voice),
        already=_already(notice, voice),
        time_words=voice.words["time_words"],
        promises=_promises(notice, voice),
        small=_small(notice, senders, voice),
    )


def _voice(notice: NoticeContent) -> _Voice:
    language, tag = spoken_language(notice.language)
    return _Voice(frame_phrases(language, notice.tone), tag, notice.tone, spoken.direction(tag), notice.on)


LINK = "\x1e"  # where the link comes in a sentence


def _senders(notice: NoticeContent) -> list[Sender]:
    """Everybody who writes, once, in the order of the letter."""
    named = [line.sender for line in notice.lines] + [promise.sender for promise in notice.promised]
    return list(dict.fromkeys(named))


def _context(notice: NoticeContent, voice: _Voice, senders: Sequence[Sender], name: Name) -> Context:
    """The names that a wording may use, said in its language."""
    late = sum(line.is_late(notice.on) for line in notice.lines)
    soon = len(notice.lines) - late
    first = notice.lines[0]
    missed = next((line for line in notice.lines if line.promised_on and line.promised_on < (line.on or notice.on)), first)
    informal = voice.tone == "informal"
    people = [sender.first_name if informal else sender.person or sender.vendor for sender in senders]
    return {
        "first_name": name.first_name,
        "name": name.name,
        "formal_name": name.formal_name,
        "vendors": spoken.listed([sender.vendor for sender in senders], voice.tag),
        "vendor_count": spoken.count(len(senders), voice.tag),
        "vendors_several": len(senders) > 1,
        "senders": spoken.listed(people, voice.tag),
        "number": first.number,
        "work": _work(first, voice),
        "has_work": bool(first.work),
        "amount": spoken.amount(first.open, voice.tag),
        "due_date": _day(first.due_on, voice),
        "several": len(notice.lines) > 1,
        "count": spoken.count(len(notice.lines), voice.tag),
        "late": late > 0,
        "late_one": late == 1,
        "late_count": spoken.count(late, voice.tag),
        "soon_one": soon == 1,
        "soon_count": spoken.count(soon, voice.tag),
        "last_date": _last_day(notice.lines, voice),
        "promised_date": _day(missed.promised_on or missed.due_on, voice),
        "promised_work": _work(missed, voice),
    }


def _work(line: Line, voice: _Voice) -> str:
    """What was done; the number, where nobody said (invoices that were taken over often come without words)."""
    return line.work or voice.words["unnamed"].format(number=line.number)


def _items(line: Line, voice: _Voice) -> tuple[Markup, str]:
    """One invoice, as HTML and as text."""
    number = voice.words["number"].format(number=line.number)
    due, amount, ways = _due(line, voice), spoken.amount(line.open, voice.tag), _ways(line, voice)
    links = [frame.way(url, words) for words, url in ways]
    late = line.is_late(voice.on)
    html = frame.item(line.sender.vendor, line.work, number, due, amount, links, late=late, direction=voice.direction)
    head = f"{line.sender.vendor}: {line.work}" if line.work else line.sender.vendor
    text = [head, f"{amount}. {number}{due}", *(f"  {words}: {url}" for words, url in ways)]
    return html, "\n".join(text)


def _ways(line: Line, voice: _Voice) -> list[tuple[str, str]]:
    """Pay, ask, dispute, more time: always all of them."""
    words = voice.words
    return [
        (words["pay"], line.pay_url),
        (words["ask"].format(first_name=line.sender.first_name), line.ask_url),
        (words["dispute"], line.dispute_url),
        (words["time"], line.time_url),
    ]


def _due(line: Line, voice: _Voice) -> str:
    due_on, on = line.due_on, line.on or voice.on
    days = (on - due_on).days
    if days > 0:
        key = "late_1" if days == 1 else "late"
    elif days == 0:
        key = "due_today"
    else:
        key = "due_this_week" if due_on.isocalendar()[:2] == on.isocalendar()[:2] else "due"
    return voice.words[key].format(n=days, **_said_days(due_on, voice))


def _day(on: date, voice: _Voice) -> str:
    """With its weekday while that still says something, in full where the tone asks for it or the year is another."""
    if on.year != voice.on.year:
        return spoken.day(on, voice.tag)
    near = abs((on - voice.on).days) < 14
    return voice.words["near"].format(**_said_days(on, voice)) if near or voice.tone == "formal" else _short(on, voice)


def _last_day(lines: Sequence[Line], voice: _Voice) -> str:
    return _short(max(line.due_on for line in lines), voice)


def _short(on: date, voice: _Voice) -> str:
    return spoken.short_day(on, voice.tag) if on.year == voice.on.year else spoken.day(on, voice.tag)


def _said_days(on: date, voice: _Voice) -> dict[str, str]:
    return {"day": _short(on, voice), "weekday": spoken.weekday(on, voice.tag), "long": spoken.day(on, voice.tag)}


def _pay_words(lines: Sequence[Line], voice: _Voice) -> str:
    """The sums stand beside each other, one for each currency."""
    totals: dict[str, Money] = {}
    for line in lines:
        currency = line.open.currency
        totals[currency] = totals[currency] + line.open if currency in totals else line.open
    key = {1: "pay_one", 2: "pay_two"}.get(len(lines), "pay_all")
    return voice.words[key].format(
        sums=spoken.amounts(list(totals.values()), voice.tag), count=spoken.count(len(lines), voice.tag)
    )


def _already(notice: NoticeContent, voice: _Voice) -> str:
    """The way out for who has paid, and for whom the date does not suit, with a mark where the link comes."""
    words = voice.words
    late = notice.lines[0].is_late(notice.on)
    at_once = words["at_once"].format(days=notice.time_days) if notice.time_days else ""
    return f"{words['already_late' if late else 'already']} {words['time_sentence'].format(link=LINK, at_once=at_once)}"


def _with_link(words: str, link: Markup) -> Markup:
    return Markup(frame.plain(words).replace(LINK, link))


def _promises(notice: NoticeContent, voice: _Voice) -> list[str]:
    return [
        voice.words["nothing"].format(
            amount=spoken.amount(promise.open, voice.tag),
            vendor=promise.sender.vendor,
            number=promise.number,
            day=voice.words["near"].format(**_said_days(promise.promised_on, voice)),
        )
        for promise in notice.promised
    ]


def _kept(notice: NoticeContent, voice: _Voice) -> list[str]:
    """Who is asked for money while theirs lies with us is told so, in whatever currency it is."""
    said = voice.words["kept"]
    return [said.format(sums=spoken.amounts(list(sums), voice.tag), vendor=sender.vendor) for sender, sums in notice.kept]


def _small(notice: NoticeContent, senders: Sequence[Sender], voice: _Voice) -> str:
    """How soon we answer, as measured, and how seldom we write."""
    words, said = voice.words, []
    answers = [
        f"{s.first_name if voice.tone == 'informal' else s.vendor} {_span(s.answers_in, words)}"
        for s in senders
        if s.answers_in is not None
    ]
    if answers:
        said.append(words["answers_in"].format(list=", ".join(answers)))
    if notice.limit:
        said.append(_limit(notice.limit, notice.quiet_weekdays, len(senders) > 1, voice))
    return " ".join(said)


def _limit(limit: tuple[int, int], quiet: Sequence[int], together: bool, voice: _Voice) -> str:
    times, days = limit
    words = voice.words
    key = {1: "once", 2: "twice"}.get(times, "times")
    plural = [words["weekday_plural"].format(day=spoken.weekdays([day], voice.tag)) for day in sorted(quiet)]
    return words["limit"].format(
        times=words[key].format(n=times),
        period=words["a_day" if days == 1 else "in_days"].format(days=days),
        together=words["together"] if together else "",
        never=words["never"].format(days=spoken.listed(plural, voice.tag)) if plural else "",
    )


def _span(minutes: int, words: Mapping[str, str]) -> str:
    """In fives of minutes up to an hour and a half, then in hours, rounded up: better to surprise than to disappoint."""
    if minutes < 90:
        return words["minutes"].format(n=max(-(-minutes // 5), 1) * 5)
    return words["hours"].format(n=-(-minutes // 60))
