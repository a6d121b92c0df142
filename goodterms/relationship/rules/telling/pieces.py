"""Decides how one interaction is put into words: its title, its amount, its reason, its quote."""

from collections.abc import Callable
from datetime import date

from goodterms.conversations.rules import REASONS
from goodterms.delivery.spoken import amount as spoken
from goodterms.delivery.spoken import count, listed, short_day, weekday
from goodterms.relationship.rules.telling.shape import Said, Side, Told
from goodterms.reminders.rules.names import NAMES
from goodterms.terms.rules import Terms, in_words
from goodterms.values.money import Money

LANGUAGE = "en"  # the desk is written in English; a payer's own pages say these things in their own words
_NOBODY = ("the clock", "the rule", "the schedule", "customer", "")


def side(told: Told) -> Side:
    return "them" if told.inbound else "us"


def by(told: Told, word: str = "by") -> str:
    return "" if told.by in _NOBODY or not word else f" {word} {told.by}"


def amount(told: Told, field: str = "minor") -> Money | None:
    minor, currency = told.data.get(field), told.data.get("currency") or told.currency
    return Money(int(minor), currency) if minor and currency else None


def _day(told: Told, field: str) -> str:
    """`Friday 20 November`, or nothing where no day was said."""
    if not (written := told.data.get(field)):
        return ""
    on = date.fromisoformat(written)
    return f"{weekday(on, LANGUAGE)} {short_day(on, LANGUAGE)}"


def plain(title: str, whose: Side | None = None, word: str = "by") -> Callable[[Told], Said]:
    """A title and who did it; of what a payer does about themselves the name follows `from`."""
    return lambda told: Said(whose or side(told), title, by(told, word))


def reasoned(title: str, whose: Side | None = None, of: str = "") -> Callable[[Told], Said]:
    """A title with its amount, who did it, and the reason that was written down."""

    def words(told: Told) -> Said:
        reason = str(told.data.get("reason") or "")
        reason = REASONS[reason]["en"].lower() if reason in REASONS else reason
        return Said(whose or side(told), title, f"{by(told)}{f': {reason}' if reason else ''}", amount(told) or total(told), of)

    return words


def expected(told: Told) -> Said:
    """What was said that something costs: by us, or by them of their own order."""
    of = "Purchase order" if told.data.get("of") == "order" else "Estimate for"
    return Said(side(told), f"{of} {told.data.get('name', '')}", by(told), total(told), about="of")


def foretold(title: str) -> Callable[[Told], Said]:
    """More than was expected: what it comes to, by which measure, and who is asked."""

    def words(told: Told) -> Said:
        than = _THAN.get(str(told.data.get("basis")), "more than usual")
        to = f" to {told.data['to']}" if told.data.get("to") else ""
        return Said("us", f"{title} {than}", f"{to}{by(told)}", amount(told, "comes_to_minor"), "at")

    return words


_THAN = {"estimate": "more than the estimate", "order": "more than their order"}


def total(told: Told) -> Money | None:
    return amount(told, "total_minor")


def asked(title: str, about: str = "on") -> Callable[[Told], Said]:
    """What somebody of theirs wrote, in their own words."""

    def words(told: Told) -> Said:
        line = f", line {told.line}" if told.line else ""
        reason = str(told.data.get("reason"))
        why = f", {REASONS[reason]['en'].lower()}" if reason in REASONS else ""
        return Said(side(told), title, line + why, amount(told), "over", about, told.quote or _own_words(told), _name(told))

    return words


def _own_words(told: Told) -> str:
    return str(told.data.get("words") or "")


def _name(told: Told) -> str:
    return "" if told.by in _NOBODY else told.by


def attached(told: Told) -> Said:
    files = [str(name) for name in told.data.get("files", ())]
    return Said(
        side(told), "File added" if len(files) == 1 else "Files added", f": {listed(files, LANGUAGE)}{by(told)}", about="on"
    )


def answered(title: str) -> Callable[[Told], Said]:
    def words(told: Told) -> Said:
        return Said("us", title, after(told.data.get("minutes")), about="on", quote=told.quote, quoted=_name(told))

    return words


def after(minutes: int | None) -> str:
    """`, after 1 h 48 min`; nothing where no clock ran."""
    return "" if minutes is None else f", after {duration(minutes)}"


def duration(minutes: int) -> str:
    """`48 min`, `2 h`, `1 h 48 min`: of business hours, so days have no meaning here."""
    hours, rest = divmod(minutes, 60)
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else "") if part)


_OUTCOMES = {
    "answered": "Settled by our answer", "credited": "Settled by a credit note", "corrected": "Settled by a corrected invoice",
    "withdrawn": "Taken back", "granted": "More time granted", "refused": "Declined",
}  # fmt: skip


def resolved(told: Told) -> Said:
    title = _OUTCOMES.get(told.data.get("resolution", ""), "Settled")
    notes = told.data.get("credit_notes")
    rest = by(told) + (f" ({listed(notes, LANGUAGE)})" if notes else "")
    return Said(side(told), title, rest, about="on", quote=told.quote, quoted=_name(told) if told.quote else "")


_FATES = {
    "withdrawn": "taken back before it left", "superseded": "taken back before it left", "cancelled": "stopped by a person",
    "expired": "its day was over before it could leave", "rejected": "could not be delivered",
    "bounced": "could not be delivered", "ambiguous": "in doubt whether it arrived", "held": "held by a person",
    "resolved_not_sent": "was not sent", "closed_unknown": "nobody knows whether it arrived",
}  # fmt: skip


def reminded(told: Told) -> Said:
    step = str(told.data.get("step", ""))
    title = NAMES.get(step) or step.replace("_", " ").capitalize() or "Reminder"
    if told.channel == "call":
        title = f"{title} due"
    if told.channel in ("call", "person"):
        return Said("us", title, _fate(told))
    how = [told.tone, "by post" if told.channel == "post" else ""]
    if told.vendors > 1:
        others = told.vendors - 1
        how.append(f"in one message with {count(others, LANGUAGE)} other {'vendor' if others == 1 else 'vendors'}")
    return Said("us", title, "".join(f", {part}" for part in how if part) + _fate(told))


def _fate(told: Told) -> str:
    return f"; {_FATES[told.state]}" if told.state in _FATES else ""


_METHODS = {
    "bank_transfer": "by bank transfer", "card": "by card", "cheque": "by cheque", "cash": "in cash",
    "direct_debit": "by Direct Debit", "sandbox": "by the test provider",
}  # fmt: skip


def paid(told: Told) -> Said:
    how = _METHODS.get(told.method, f"by {told.method.replace('_', ' ')}" if told.method else "")
    return Said("them", "Paid", f", {how}" if how else "", amount(told), about="of")


def allocated(told: Told) -> Said:
    if told.method:
        less = amount(told, "discount_minor")
        whole = paid(told)
        whole = whole._replace(rest=f"{whole.rest}, with the early discount") if less else whole
        kept = amount(told, "withheld_minor")
        return whole._replace(rest=f"{whole.rest}; {spoken(kept, LANGUAGE)} kept back for the tax office") if kept else whole
    return Said("us", "Credit used", "", amount(told), "of")


def declared(told: Told) -> Said:
    day, kept = _day(told, "paid_on"), amount(told, "withheld_minor")
    rest = f", on {day}" if day else ""
    if kept:
        paper = told.data.get("certificate")
        rest += f"; {spoken(kept, LANGUAGE)} kept back for the tax office{f', certificate {paper}' if paper else ''}"
    return Said("them", "Said it is paid", rest, amount(told), quoted=_name(told))


def kept_back(title: str) -> Callable[[Told], Said]:
    """With the name of the tax, and its certificate where that is here."""

    def words(told: Told) -> Said:
        name, paper = told.data.get("name"), told.data.get("certificate")
        rest = f"{f' ({name})' if name else ''}{f', certificate {paper}' if paper else ''}{by(told)}"
        return Said("them", title, rest, amount(told))

    return words


def promised(told: Told) -> Said:
    return Said(
        "them", "Promise", f", by {_day(told, 'promised_on')}", amount(told), "of", "for", _own_words(told), _name(told)
    )


def planned(title: str, whose: Side | None = None) -> Callable[[Told], Said]:
    """`Payment in parts agreed: 3 parts, the first by Friday 20 November, over £4,255.20`."""

    def words(told: Told) -> Said:
        quote = _own_words(told)
        first = f": {told.data['parts']} parts, the first by {_day(told, 'first_on')}" if told.data else ""
        rest = first + ("" if quote else by(told))
        return Said(whose or side(told), title, rest, amount(told), "over", quote=quote, quoted=_name(told) if quote else "")

    return words


def missed(told: Told) -> Said:
    """A part of a plan did not come by its day, and the grace after it."""
    day = _day(told, "on")
    return Said("them", "Plan not kept", f": the part of {day} has not come" if day else "")


def to_be_issued(told: Told) -> Said:
    return Said("us", "To be issued", f" on {_day(told, 'on')}{by(told)}")


def until(title: str, whose: Side | None = None) -> Callable[[Told], Said]:
    def words(told: Told) -> Said:
        day = _day(told, "until_on")
        quote = _own_words(told)
        rest = (f", until {day}" if day else "") + ("" if quote else by(told))
        return Said(whose or side(told), title, rest, quote=quote, quoted=_name(told) if quote else "")

    return words


def held(told: Told) -> Said:
    why = {"manual": "Reminders held", "disputed": "Held while disputed", "question_open": "Held while we owe an answer",
           "promised": "Held for a promise", "extended": "Held for more time", "on_plan": "Held for a plan",
           "paid": "Held, they say it is paid"}  # fmt: skip
    day = _day(told, "until_on")
    return Said("us", why.get(str(told.data.get("reason")), "Held"), (f", until {day}" if day else "") + by(told))


def feedback(told: Told) -> Said:
    answer = str(told.data.get("answer", "")).capitalize()
    title = f"“{answer}.”" if answer else "Answered our question"
    return Said("them", title, about="asked after paying", quote=_own_words(told), quoted=_name(told))


def agreed(told: Told) -> Said:
    """The new terms, by their first line."""
    from_on = told.data.get("from_on")
    first = in_words(Terms.from_json(told.terms), LANGUAGE)[0].sentence if told.terms is not None else ""
    day = f" from {short_day(date.fromisoformat(from_on), LANGUAGE)}" if from_on else ""
    return Said("both", "Terms agreed", f"{day}{f': {first}' if first else ''}")


_ROLES = {"pays": "pays", "approves": "approves", "receives_copies": "gets copies", "signs": "signs"}


def contact(title: str) -> Callable[[Told], Said]:
    def words(told: Told) -> Said:
        roles = listed([_ROLES.get(role, role) for role in told.data.get("roles", ())], LANGUAGE)
        return Said("us", title, f" {told.name}{f', who {roles}' if roles else ''}{by(told)}".rstrip())

    return words


NOT_SENT = {
    "no_address": ": no address is known", "no_hours": ": their hours leave no time for it", "void": ": it was voided before",
}  # fmt: skip
_WAYS = {"email": " by e-mail", "post": " on paper", "portal": ": it waits on their page"}


def sent(title: str) -> Callable[[Told], Said]:
    """By which way a document left, and to whom."""

    def words(told: Told) -> Said:
        to = f" to {told.data['to']}" if told.data.get("to") and told.channel != "portal" else ""
        what = f"Credit note {title.lower()}" if told.data.get("document") == "credit_note" else title
        return Said("us", what, f"{_WAYS.get(told.channel, '')}{to}{by(told)}")

    return words


def introduced(title: str, whose: Side) -> Callable[[Told], Said]:
    """Whom a payer named as a colleague, for what, and who named or declined them."""

    def words(told: Told) -> Said:
        role = "to get the letters" if "pays" in told.data.get("roles", ()) else "to get copies"
        return Said(whose, title, f" {told.data.get('name', '')}, {role}{by(told)}")

    return words


_COLUMNS = {
    "quiet_weekdays": "quiet days", "quiet_ranges": "quiet days", "hours_from": "hours", "hours_to": "hours",
    "contacts_max": "how often at most", "contacts_days": "how often at most", "order_required": "purchase orders",
    "bill_days": "when to bill", "cut_off_day": "when to bill", "paperless_on": "paper or not",
    "billed_by": "what comes together", "breakdown": "what comes together", "pays_by": "how they pay",
    "pays_automatically": "how they pay", "letter_weekdays": "rhythm", "timezone": "time zone",
    "invoice_format": "format of invoices", "enclosure_required": "what comes with invoices", "tax_id": "tax number",
}  # fmt: skip


def changed(title: str) -> Callable[[Told], Said]:
    def words(told: Told) -> Said:
        named = dict.fromkeys(_COLUMNS.get(column, column.replace("_", " ")) for column in told.data)
        return Said(side(told), title, f": {listed(list(named), LANGUAGE)}{by(told)}" if named else by(told))

    return words


def noted(told: Told) -> Said:
    return Said("us", "Note among us", about="on", quote=told.quote or _own_words(told), quoted=_name(told))


def work(title: str) -> Callable[[Told], Said]:
    """What is billed by a project or a schedule: which one, who did it, and why."""

    def words(told: Told) -> Said:
        name = str(told.data.get("project") or told.data.get("work") or "").replace("{month}", "each month")
        reason = str(told.data.get("reason") or "")
        return Said("us", f"{title} {name}", f"{by(told)}{f': {reason}' if reason else ''}")

    return words
