"""Decides the sentence that answers each question of the page, from the figures alone. Where there is no figure it says so."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString

from goodterms.conversations.rules import REASONS
from goodterms.delivery.spoken import count, listed
from goodterms.desk.insights.reading import Book, Mark
from goodterms.relationship.measures.aging import Owed
from goodterms.relationship.measures.answers import AnswerTime
from goodterms.stationery.templatetags.figures import hours

TONGUE = "en"  # of the desk


def figure(value: Decimal | None, unit: str = "", places: str = "0.1") -> str:
    """`36.0`, `87.9%`; `n/a` where there was nothing to divide by."""
    return "n/a" if value is None else f"{value.quantize(Decimal(places), ROUND_HALF_UP)}{unit}"


def how_old(aged: Sequence[Owed], marks: Sequence[Mark] | None) -> SafeString:
    whole = next((row for row in aged if not row.bucket), None)
    if whole is None or not whole.minor:
        return SafeString("<b>Nothing</b> is owed to us.")
    current = sum(row.minor for row in aged if row.bucket == "current")
    old = sum(row.invoices for row in aged if row.bucket not in ("", "current", "1_30"))
    share = f"{_parts(current, whole.minor)} not yet due."
    if not old:
        return format_html("{} <b>No invoice is older than 30 days.</b>", share)
    return format_html("{} <b>{} older than 30 days.</b>", share, _are(old, "invoice is", "invoices are"))


def how_soon(rows: Sequence[AnswerTime], word_hours: int) -> SafeString:
    measured = [row for row in rows if row.median_minutes is not None]
    if not measured:
        return SafeString("Nobody has asked anything in these months.")
    last = measured[-1]
    kept = figure(last.within_word, "%", "1")
    sentence = "Typically in <b>{}</b> in the last month with an answer; {} within our word of {} hours."
    return format_html(sentence, hours(last.median_minutes), kept, word_hours)


def how_long(book: Book) -> SafeString:
    known = [month for month in book.months if month.dso is not None]
    if not known:
        return SafeString("Nothing was billed in these months, so there is no figure.")
    now, then = known[-1], known[0]
    change = (now.dso or Decimal(0)) - (then.dso or Decimal(0))
    words = (
        f", {figure(abs(change), '', '1')} {'more' if change > 0 else 'fewer'} than in {then.on:%B %Y}"
        if len(known) > 1
        else ""
    )
    return format_html("<b>{} days</b> from invoice to bank (DSO){}.", figure(now.dso, "", "1"), words)


def how_right(book: Book) -> SafeString:
    issued = sum(week.issued for week in book.weeks)
    if not issued:
        return SafeString("No invoice was issued in this period.")
    causes = [cause for week in book.weeks for cause in week.causes]
    right = issued - len(causes)
    sentence = "<b>{} of {}</b> drew no question about their content and no dispute, {}.{}"
    named = sorted({REASONS[cause]["en"].lower() if cause in REASONS else "a question" for cause in causes})
    why = f" The others: {listed(named, TONGUE)}." if named else ""
    return format_html(sentence, right, issued, figure(Decimal(right * 100) / issued, "%"), why)


def how_kept(book: Book) -> SafeString:
    kept = book.kept
    judged = kept.kept + kept.part + kept.broken
    runs = f" {_are(kept.running, 'runs', 'run')} still." if kept.running else ""
    if not judged:
        return format_html("No promise came to its day in this period.{}", runs)
    of = (count(kept.kept, TONGUE), count(judged, TONGUE)) if judged <= 12 else (str(kept.kept), str(judged))
    return format_html("<b>{} of {}</b> by their day.{}", _capital(of[0]), of[1], runs)


def how_content(book: Book) -> SafeString:
    content = book.content
    said = content.good + content.mixed + content.poor
    if not content.asked:
        return SafeString("Nobody was asked in this period: at most once a quarter, after a payment.")
    return format_html("<b>{} of {}</b> who answered said good. Asked at most once a quarter.", content.good, said)


def _parts(part: int, whole: int) -> str:
    percent = Decimal(part * 100) / whole
    return f"{figure(percent, '%', '1')} of it is"


def _are(number: int, one: str, more: str) -> str:
    return f"{_capital(count(number, TONGUE))} {one if number == 1 else more}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def how_prompt(book: Book) -> str:
    """The steps beside the whole, for the row of the table."""
    steps = ((book.prompt.to_approved, "to approved"), (book.prompt.to_issued, "to issued"), (book.prompt.to_sent, "to sent"))
    said = listed([f"{days} {words}" for days, words in steps if days is not None], TONGUE)
    return (
        f"from work done to issued, typical of {book.prompt.invoices}: {said}" if said else "nothing was issued in these days"
    )
