"""Decides how much of each tax group a credit note gives back: never more than is left, and to the cent in the end (I8)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from goodterms.invoicing.totals import TaxGroup
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

Group = tuple[str, Decimal]


def left(issued: Sequence[TaxGroup], credited: Sequence[TaxGroup]) -> list[TaxGroup]:
    """What each tax group of an invoice has left after its earlier credit notes."""
    return [
        group._replace(taxable=group.taxable - _sum(credited, group, "taxable"), tax=group.tax - _sum(credited, group, "tax"))
        for group in issued
    ]


def by_amount(remaining: Sequence[TaxGroup], amount: Money) -> list[TaxGroup]:
    """A credit of `amount`, tax included, spread over the groups in proportion to what each has left. All that is left
    gives back exactly what is left."""
    whole = Money.total((group.taxable + group.tax for group in remaining), amount.currency)
    _must_be_left(amount, whole)
    if amount == whole:
        return [group for group in remaining if group.taxable or group.tax]
    if any(group.taxable.minor < 0 for group in remaining):
        raise Refused("An allowance stands against this invoice as a whole. Credit it by lines, or all of it.", code="credit")
    shares = amount.split([(group.taxable + group.tax).minor for group in remaining])
    return [_part(group, share) for group, share in zip(remaining, shares, strict=True) if share]


def by_net(remaining: Sequence[TaxGroup], nets: Mapping[Group, Money]) -> list[TaxGroup]:
    """A credit of so much before tax in each group. The tax follows in proportion to what is left; the last credit of a
    group takes the tax that is left of it."""
    found = []
    for group in remaining:
        net = nets.get((group.category, group.rate))
        if not net:
            continue
        _must_be_left(net, group.taxable)
        found.append(group._replace(taxable=net, tax=_in_proportion(group.tax, net, group.taxable)))
    return found


def by_rate(remaining: Sequence[TaxGroup], wanted: Mapping[Group, Money | None]) -> list[TaxGroup]:
    """A credit of so much before tax of each tax rate named; None: all that is left of it."""
    there = {(group.category, group.rate.normalize()): group._replace(rate=group.rate.normalize()) for group in remaining}
    nets = dict[Group, Money]()
    for (category, rate), net in wanted.items():
        group = there.get((category, rate.normalize()))
        if group is None or not group.taxable:
            raise Refused(f"Nothing is left to credit at {rate.normalize():f} per cent.", code="credit", field="rate")
        nets[category, rate.normalize()] = group.taxable if net is None else net
    if not nets:
        raise Refused("Choose at least one tax rate.", code="credit", field="rate")
    if any(net.minor <= 0 for net in nets.values()):
        raise Refused("A credit note gives back more than nothing.", code="credit", field="rate")
    return by_net(list(there.values()), nets)


def _part(group: TaxGroup, share: Money) -> TaxGroup:
    tax = _in_proportion(group.tax, share, group.taxable + group.tax)
    return group._replace(taxable=share - tax, tax=tax)


def _in_proportion(of: Money, part: Money, whole: Money) -> Money:
    return of.split([part.minor, (whole - part).minor])[0]


def _must_be_left(amount: Money, whole: Money) -> None:
    if amount.minor <= 0:
        raise Refused("A credit note gives back more than nothing.", code="credit", field="amount")
    if whole < amount:
        raise Refused(f"Only {max(whole, Money(0, whole.currency))} of this are left to credit.", code="credit", field="amount")


def _sum(groups: Sequence[TaxGroup], like: TaxGroup, what: str) -> Money:
    same = [group for group in groups if (group.category, group.rate) == (like.category, like.rate)]
    return Money.total((getattr(group, what) for group in same), like.taxable.currency)
