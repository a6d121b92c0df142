"""Decides how an agreed price is invoiced bit by bit: ahead, as the work goes on, and the rest, to the cent of every tax rate.

A part takes so much before tax, spread over the tax rates by what each has left. Whoever takes the last of a rate takes the
last of its tax (as a credit note does), so that all parts together say neither more nor less tax than the price.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from goodterms.invoicing.line import Line, Tax
from goodterms.invoicing.totals import TaxGroup, totals
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

Key = tuple[str, Decimal]
FULL = Decimal(100)


class Ask(NamedTuple):
    """How much of a price is wanted, said in one way: a sum before tax, per cent of it, up to so much complete, or a line."""

    net: Money | None = None
    percent: Decimal | None = None
    complete: Decimal | None = None
    milestone: int | None = None


class Share(NamedTuple):
    """A part's amount under one tax rate."""

    tax: Tax
    net: Money
    tax_amount: Money


def price_of(currency: str, lines: Sequence[Line]) -> list[TaxGroup]:
    """What a price comes to by tax rate. Refused: one that cannot be billed in parts."""
    if any(line.discount_amount for line in lines):
        raise Refused("Give the discount of a line of a price in per cent.", code="line", field="discount")
    groups = list(totals(currency, lines).groups)
    if any(group.taxable.minor <= 0 for group in groups):
        raise Refused(
            "Each tax rate of a price comes to more than nothing. Put a discount on its own line’s price.", code="price"
        )
    names = [line.description.strip() for line in lines]
    if len(set(names)) < len(names):
        raise Refused("Two lines of a price have the same name. Tell them apart, since each may be a milestone.", code="price")
    return groups


def net_of(groups: Sequence[TaxGroup], currency: str) -> Money:
    return Money.total((group.taxable for group in groups), currency)


def rest_of(price: Sequence[TaxGroup], counted: Sequence[TaxGroup]) -> list[TaxGroup]:
    """What each tax rate has left; below nothing where parts were invoiced at a rate that the price has no more."""
    rest = {_key(group): group for group in price}
    for group in counted:
        there = rest.get(_key(group), group._replace(taxable=_none(group), tax=_none(group)))
        rest[_key(group)] = there._replace(taxable=there.taxable - group.taxable, tax=there.tax - group.tax)
    return list(rest.values())


def wanted_of(ask: Ask, price: Money, invoiced: Money, lines: Sequence[Money]) -> Money:
    """How much before tax is asked for. Refused: nothing, more than is left, and what is invoiced already."""
    given = [one for one in ask if one is not None]
    if len(given) != 1:
        raise Refused("Say how much in one way: a sum before tax, per cent, or a milestone.", code="part")
    percent = ask.complete if ask.percent is None else ask.percent
    if percent is not None and not (percent.is_finite() and 0 < percent <= FULL):
        raise Refused(
            f"A part is more than 0 and at most 100 per cent of the price, not {percent}.", code="part", field="percent"
        )
    wanted = _wanted(ask, price, invoiced, lines)
    left = price - invoiced
    if not left:
        raise Refused(f"All of the agreed {price} is invoiced. Agree another price first.", code="part")
    if wanted.minor <= 0 and ask.complete is not None:
        raise Refused(
            f"{invoiced} of the agreed {price} are invoiced already, which is as much or more. Nothing is due for this yet.",
            code="part", field="percent",
        )  # fmt: skip
    if wanted.minor <= 0:
        raise Refused("A part is more than nothing.", code="part", field="net")
    if left < wanted:
        raise Refused(
            f"Only {left} of the agreed {price} are left to invoice before tax, and this is {wanted}. Bill what is left, or"
            " agree another price first.",
            code="part", field="net",
        )  # fmt: skip
    return wanted


def shares(price: Sequence[TaxGroup], counted: Sequence[TaxGroup], wanted: Money, own: Tax | None = None) -> list[Share]:
    """`wanted`, at most what is left, spread over the tax rates of the price; that of a milestone under its `own`, as far as
    that has so much left."""
    left = [group for group in rest_of(price, counted) if group.taxable.minor > 0]
    mine = [group for group in left if own is not None and _key(group) == (own.category, own.rate.normalize())]
    first = [min(wanted, group.taxable) for group in mine]
    others = [group for group in left if group not in mine]
    rest = wanted - Money.total(first, wanted.currency)
    nets = [*first, *(rest.split([group.taxable.minor for group in others]) if rest else [])]
    return [_share(group, net) for group, net in zip([*mine, *others], nets, strict=False) if net]


def invoice_line(share: Share, description: str, project: str) -> Line:
    """One piece at its share; its tax is said only where it is not that of its rate."""
    usual = share.net.percent(share.tax.rate)
    own = None if share.tax_amount == usual else share.tax_amount.major
    return Line(description, Decimal(1), share.net.major, share.tax, project=project, tax_amount=own)


def less_line(group: TaxGroup, description: str, project: str) -> Line:
    """What was invoiced before, taken off with the tax that was charged with it."""
    tax = Tax(group.category, group.rate, group.reason)
    return Line(description, Decimal(-1), group.taxable.major, tax, project=project, tax_amount=(-group.tax).major)


def must_not_fall_below(whole: Money, before: Money) -> None:
    """Refused: a final invoice by which we would owe, both with tax."""
    if whole < before:
        raise Refused(
            f"What was invoiced before is {before - whole} more than all of it, with tax. Credit so much of a deposit"
            " first; then bill the rest.",
            code="part",
        )


def _wanted(ask: Ask, price: Money, invoiced: Money, lines: Sequence[Money]) -> Money:
    if ask.net is not None:
        return ask.net
    if ask.percent is not None:
        return price.percent(ask.percent)
    if ask.complete is not None:
        return price.percent(ask.complete) - invoiced
    assert ask.milestone is not None
    if not 1 <= ask.milestone <= len(lines):
        raise Refused(f"The agreed price has no line {ask.milestone}.", code="part", field="milestone")
    return lines[ask.milestone - 1]


def _share(group: TaxGroup, net: Money) -> Share:
    tax = group.tax if net == group.taxable else min(net.percent(group.rate), group.tax)
    return Share(Tax(group.category, group.rate, group.reason), net, max(tax, _none(group)))


def _key(group: TaxGroup) -> Key:
    return group.category, group.rate.normalize()


def _none(group: TaxGroup) -> Money:
    return Money(0, group.taxable.currency)
