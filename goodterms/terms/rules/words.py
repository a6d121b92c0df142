"""Decides how terms are said in plain words, in English and Indonesian, with the dates worked out where a date is given."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from goodterms.terms.rules.agreed import DayOfMonth, Days, Discount, LateFee, MonthEnd, Op, Ops, Terms, Withholding
from goodterms.terms.rules.dates import due_on, instalments
from goodterms.terms.rules.discount import Offer, discounts
from goodterms.terms.rules.phrases import PHRASES
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

About = Literal["due", "instalments", "discount", "late_fee", "deposit", "tolerance", "withholding"]
_NO_SUM = Money(0, "EUR")  # where only days are said


class Clause(NamedTuple):
    """One line of terms: what it is about, its label, and the sentence without a full stop."""

    about: About
    label: str
    sentence: str


def in_words(
    terms: Terms,
    language: str,
    *,
    issued_on: date | None = None,
    total: Money | None = None,
    net: Money | None = None,
    country: str = "",
) -> list[Clause]:
    """The terms line by line in `language` ("en", "id"; a region says how days and sums are written), only what they hold.
    With `issued_on` each day is worked out, with `total` (and `net`, before tax) also each sum. Refuses a language that has no
    phrases yet."""
    say = _Sayer(language)
    lines: list[tuple[About, str]] = []
    if terms.instalments:
        lines.append(("instalments", _instalments(say, terms, issued_on, total, country)))
    else:
        lines.append(("due", _due(say, terms, issued_on, country)))
    lines += [("discount", line) for line in _discounts(say, terms, issued_on, total, net)]
    if terms.late_fee is not None:
        lines.append(("late_fee", _late_fee(say, terms.late_fee, terms.grace_days)))
    if terms.deposit_percent:
        lines.append(("deposit", say("deposit", percent=say.percent(terms.deposit_percent))))
    if limits := _limits(say, terms):
        lines.append(("tolerance", say("tolerance", limit=limits)))
    if terms.withholding is not None:
        offers = discounts(terms, issued_on, total, net) if issued_on and total and net is not None else []
        lines.append(("withholding", _withholding(say, terms.withholding, total, net, offers)))
    return [Clause(about, say(f"label_{about}"), line[0].upper() + line[1:]) for about, line in lines]


class _Sayer:
    """The phrases, numbers and dates of one language."""

    def __init__(self, language: str) -> None:
        self.tag = language.replace("_", "-")
        self.language = self.tag.partition("-")[0].lower()
        if self.language not in PHRASES:
            raise Refused(f"Terms cannot be said in {language!r} yet; choose en or id.", code="language")

    def __call__(self, phrase: str, **filled: object) -> str:
        return PHRASES[self.language][phrase].format(**filled)

    def percent(self, rate: Decimal) -> str:
        return f"{self.number(rate)}%"

    def number(self, number: Decimal) -> str:
        from babel.numbers import format_decimal  # here, so that rules can be loaded without it

        from goodterms.delivery import spoken

        return str(format_decimal(number, format="0.######", locale=spoken.locale_of(self.tag)))

    def nth(self, day: int) -> str:
        if self.language != "en":
            return str(day)
        return f"{day}{'th' if day in (11, 12, 13) else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"

    def money(self, amount: Money) -> str:
        from goodterms.delivery import spoken  # here, so that rules can be loaded without Babel

        return spoken.amount(amount, self.tag)

    def day(self, on: date) -> str:
        from goodterms.delivery import spoken

        return spoken.weekday_and_day(on, self.tag)


def _due(say: _Sayer, terms: Terms, issued_on: date | None, country: str) -> str:
    if terms.supply != "after":
        return say(terms.supply)
    rule = _rule(say, terms.due)
    if not terms.due:
        return rule
    if issued_on is not None:
        return say("by", rule=rule, day=say.day(due_on(terms, issued_on, country)))
    return f"{rule}; {say('next_working_day')}" if terms.non_working == "next_working_day" else rule


def _rule(say: _Sayer, ops: Ops) -> str:
    """The due rule as one phrase: the pairs that have a name by their name, other steps one after the other."""
    match ops:
        case ():
            return say("at_once")
        case (MonthEnd(), Days(n), *rest) if n:
            first = say("days_after_month_end" if n > 0 else "days_before_month_end", n=abs(n))
        case (MonthEnd(), DayOfMonth(n), *rest):
            first = say("day_of_next_month", n=say.nth(n))
        case (Days(1), *rest):
            first = say("day")
        case (Days(n), *rest):
            first = say("days", n=n) if n > 0 else say("at_once")
        case (MonthEnd(), *rest):
            first = say("month_end")
        case (DayOfMonth(n), *rest):
            first = say("day_of_month", n=say.nth(n))
    return ", ".join([first, *(_then(say, op) for op in rest)])


def _then(say: _Sayer, op: Op) -> str:
    match op:
        case Days(count):
            return say("then_days" if count >= 0 else "then_days_back", n=abs(count))
        case MonthEnd():
            return say("then_month_end")
        case DayOfMonth(day):
            return say("then_day_of_month", n=say.nth(day))


def _instalments(say: _Sayer, terms: Terms, issued_on: date | None, total: Money | None, country: str) -> str:
    if issued_on is None:
        rules = [(say.percent(part.percent), _lower(_rule(say, part.due))) for part in terms.instalments]
        return _listed(say, [say("part", percent=percent, rule=rule) for percent, rule in rules])
    phrase = "part_by" if total else "part_by_percent"
    parts = [
        say(phrase, percent=say.percent(part.percent), day=say.day(part.due_on), amount=say.money(part.amount))
        for part in instalments(terms, issued_on, total or _NO_SUM, country)
    ]
    return _listed(say, parts)


def _discounts(say: _Sayer, terms: Terms, issued_on: date | None, total: Money | None, net: Money | None) -> list[str]:
    if issued_on is None:
        return [_discount(say, tier) for tier in terms.discounts]
    with_sums = bool(total) and (net is not None or terms.discount_tax == "if_taken")
    base = [_NO_SUM if one is None else one for one in (total, net)]
    return [_offer(say, offer, total if with_sums else None) for offer in discounts(terms, issued_on, *base)]


def _offer(say: _Sayer, offer: Offer, total: Money | None) -> str:
    line = say("discount_by", percent=say.percent(offer.percent), day=say.day(offer.until))
    if total is None:
        return line
    return say("discount_sum", offer=line, less=say.money(total - offer.amount), total=say.money(total))


def _discount(say: _Sayer, tier: Discount) -> str:
    match tier.until:
        case (Days(n),) if n > 1:
            return say("discount_days", percent=say.percent(tier.percent), n=n)
        case _:
            return say("discount_rule", percent=say.percent(tier.percent), rule=_lower(_rule(say, tier.until)))


def _late_fee(say: _Sayer, fee: LateFee, grace_days: int) -> str:
    if not fee.agreed:
        return say("not_agreed")
    amount = say.money(fee.amount or Money(40_00, "EUR"))
    line = say(fee.kind, percent=say.percent(fee.percent) if fee.kind == "monthly" else say.number(fee.points), amount=amount)
    if fee.cap_percent is not None:
        line = say("cap", fee=line, percent=say.percent(fee.cap_percent))
    if grace_days == 0:
        return line
    return say("grace_day", fee=line) if grace_days == 1 else say("grace", fee=line, n=grace_days)


def _limits(say: _Sayer, terms: Terms) -> str:
    allowed = terms.tolerance
    limits = [say.money(allowed.amount)] if allowed.amount else []
    limits += [say("of_total", percent=say.percent(allowed.percent))] if allowed.percent else []
    return f" {say('and')} ".join(limits)


def _withholding(say: _Sayer, kept: Withholding, total: Money | None, net: Money | None, offers: Sequence[Offer]) -> str:
    """With the sum that is then paid to us, and the one that is left of it for whoever pays early as well."""
    line = say("withholding", percent=say.percent(kept.percent), name=kept.name)
    if not total or net is None:
        return line
    back = min(kept.of(net), total)
    line = say("withholding_sum", line=line, amount=say.money(back), rest=say.money(total - back))
    early = [(total - back - offer.amount, offer.until) for offer in offers]
    sums = [say("early", amount=say.money(rest), day=say.day(until)) for rest, until in early if rest.minor > 0]
    return say("withholding_early", line=line, sums=f" {say('or')} ".join(sums)) if sums else line


def _listed(say: _Sayer, pieces: list[str]) -> str:
    return f" {say('and')} ".join([", ".join(pieces[:-1]), pieces[-1]]) if len(pieces) > 1 else pieces[0]


def _lower(phrase: str) -> str:
    return phrase[0].lower() + phrase[1:]
