"""Decides how the portal says what it knows: greeting, first sentence, states, how soon we answer, how seldom we write."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from goodterms.delivery import spoken
from goodterms.parties.rules import LIMITS, Wishes, treatment
from goodterms.portal.door import Visit
from goodterms.portal.overview import Bill, Group
from goodterms.portal.standing import Standing
from goodterms.stationery.templatetags.stationery import day, tongue
from goodterms.values.days import zone

USUAL_LIMIT = LIMITS[1]  # what is said where nobody asked for a stricter one


def first_name(name: str) -> str:
    """Of a person; nothing where only an address is known."""
    return name.split(maxsplit=1)[0] if name and "@" not in name else ""


def greeting(name: str, now: datetime, timezone: str) -> str:
    """By the time of day where the payer is."""
    hour = now.astimezone(zone(timezone)).hour
    first = first_name(name)
    if not first:
        return _("Good morning") if 4 <= hour < 12 else _("Good afternoon") if 12 <= hour < 18 else _("Good evening")
    if 4 <= hour < 12:
        return _("Good morning, %s") % first
    return (_("Good afternoon, %s") if 12 <= hour < 18 else _("Good evening, %s")) % first


def lead(bills: Sequence[Bill], vendors: int) -> SafeString:
    """`Eight open invoices from four vendors. One is late, one is due this Friday, and one rests on your promise.`"""
    if not bills:
        return format_html("{}", _("Nothing is open. Thank you."))
    n = len(bills)
    open_ = ngettext("%(count)s open invoice", "%(count)s open invoices", n) % {"count": _count(n)}
    from_ = ngettext("from %(count)s vendor", "from %(count)s vendors", vendors) % {"count": _count(vendors)}
    first = f"{open_[:1].upper()}{open_[1:]} {from_}."
    pieces = [piece for piece in (_late(bills), _soon(bills), _promised(bills), _talked(bills)) if piece]
    if not pieces:
        return format_html("{}", first)
    return format_html("{} {}.", first, _sentence(pieces))


def state(standing: Standing) -> tuple[str, str]:
    """The class and the words of a state."""
    on = standing.counts_from
    said = {
        "late": ("late", ngettext("%(n)s day late", "%(n)s days late", standing.days) % {"n": standing.days}),
        "today": ("wait", _("Due today")),
        "this_week": ("wait", _("Due this %s") % spoken.weekday(on, tongue())),
        "due": ("", _("Due %s") % day(on)),
        "promised": ("sign", _("You said %s") % day(standing.promised_on) if standing.promised_on else ""),
        "disputed": ("sign", _("Being looked at")),
        "question_open": ("sign", _("We owe you an answer")),
        "paid": ("sign", _("You said it is paid")),
        "on_plan": ("sign", _("In parts, as agreed")),
    }
    return said[standing.word]


def span(minutes: int) -> str:
    """`50 min`, `3 h`, `1 h 50 min`: to ten minutes, rounded up, since it is better to surprise."""
    rounded = max(-(-minutes // 10) * 10, 10)
    hours, rest = divmod(rounded, 60)
    if not hours:
        return _("%s min") % rest
    return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest} if rest else _("%s h") % hours


def budget(visit: Visit) -> str:
    """How seldom we write, by the rule that holds for this payer: `At most two reminder e-mails in 14 days, …`"""
    own = visit.payer.wishes()
    limits = treatment(own, [one.wishes for one in visit.listing if one.pays] or [Wishes()]).limits
    stricter = [limit for limit in limits if limit not in LIMITS]
    most, days = min(stricter or [USUAL_LIMIT], key=lambda limit: limit[0] / limit[1])
    words = {"times": _count(most), "days": days, "vendors": _count(len(visit.vendors))}
    first = ngettext(
        "At most %(times)s reminder e-mail in %(days)s days", "At most %(times)s reminder e-mails in %(days)s days", most
    )
    if len(visit.vendors) == 1:
        return (first + ".") % words
    return (first + _(", for all %(vendors)s vendors together.")) % words


def group_line(group: Group) -> SafeString:
    """`2 invoices, 1 chosen`, with the number marked for the script that counts along."""
    n = len(group.bills)
    said = ngettext("%(n)s invoice", "%(n)s invoices", n) % {"n": n}
    chosen = format_html(_(", {} chosen"), format_html("<span data-n>{}</span>", group.chosen))
    return format_html("{}<span data-some{}>{}</span>", said, "" if group.chosen else SafeString(" hidden"), chosen)


def _late(bills: Sequence[Bill]) -> str:
    n = sum(bill.standing.is_late for bill in bills)
    if not n:
        return ""
    said = (
        _("all of them are late") if n == len(bills) > 1 else ngettext("%(n)s is late", "%(n)s are late", n) % {"n": _count(n)}
    )
    return format_html("<b>{}</b>", f"{said[:1].upper()}{said[1:]}")


def _soon(bills: Sequence[Bill]) -> str:
    soon = [bill.standing for bill in bills if bill.standing.word in ("today", "this_week")]
    if not soon:
        return ""
    days = {one.counts_from for one in soon}
    n = _count(len(soon))
    if len(days) > 1:
        return ngettext("%(n)s is due this week", "%(n)s are due this week", len(soon)) % {"n": n}
    if soon[0].word == "today":
        return ngettext("%(n)s is due today", "%(n)s are due today", len(soon)) % {"n": n}
    words = {"n": n, "day": spoken.weekday(days.pop(), tongue())}
    return ngettext("%(n)s is due this %(day)s", "%(n)s are due this %(day)s", len(soon)) % words


def _promised(bills: Sequence[Bill]) -> str:
    n = sum(bill.standing.word == "promised" for bill in bills)
    return ngettext("%(n)s rests on your promise", "%(n)s rest on your promise", n) % {"n": _count(n)} if n else ""


def _talked(bills: Sequence[Bill]) -> str:
    n = sum(bill.standing.word in ("disputed", "question_open") for bill in bills)
    return ngettext("%(n)s waits for our answer", "%(n)s wait for our answer", n) % {"n": _count(n)} if n else ""


def _sentence(pieces: Sequence[str]) -> SafeString:
    """Pieces of one sentence, the first with a capital; markup of ours stays."""
    first = pieces[0] if isinstance(pieces[0], SafeString) else f"{pieces[0][:1].upper()}{pieces[0][1:]}"
    safe = [conditional_escape(piece) for piece in (first, *pieces[1:])]
    if len(safe) < 3:
        return format_html(_("{} and {}"), *safe) if len(safe) == 2 else safe[0]
    return format_html(_("{}, and {}"), SafeString(", ".join(safe[:-1])), safe[-1])


def _count(n: int) -> str:
    return spoken.count(n, tongue())
