"""Decides what lines, taxes, discounts and prepayments add up to, by the calculation of EN 16931.

Business terms (BT) and rules (BR) are numbered as in EN 16931-1. Everything is exact in the minor unit of the currency
(ISO 4217: two digits in EUR, none in JPY, three in KWD) and rounded half up, away from zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from itertools import groupby
from typing import Literal, NamedTuple

from goodterms.invoicing.line import Adjustment, Line, Tax
from goodterms.values.money import Money
from goodterms.values.refusal import Refused

TaxMethod = Literal["group", "line"]
_PRECISION = 60  # digits: the product of any quantity, price and percentage is exact


class LineTotal(NamedTuple):
    """`allowance` is BT-136 and BT-147 together, `net` BT-131; `tax` and `gross` show the line by itself."""

    net: Money
    tax: Money
    gross: Money
    allowance: Money


class TaxGroup(NamedTuple):
    """BG-23: `taxable` is BT-116, `tax` BT-117."""

    category: str
    rate: Decimal
    taxable: Money
    tax: Money
    reason: str


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of a document (BG-22), each in its one currency."""

    lines: tuple[LineTotal, ...]
    groups: tuple[TaxGroup, ...]
    line_sum: Money  # BT-106
    allowances: Money  # BT-107
    charges: Money  # BT-108
    net: Money  # BT-109
    tax: Money  # BT-110
    total: Money  # BT-112
    prepaid: Money  # BT-113
    rounding: Money  # BT-114
    payable: Money  # BT-115


class _Taxed(NamedTuple):
    """One amount that falls under a tax: of a line, or of an allowance or charge of the document."""

    tax: Tax
    amount: Money  # with its tax when `includes_tax`
    includes_tax: bool
    own: Money | None = None  # the tax that was said with it

    @property
    def is_settled(self) -> bool:
        """Its tax is known by itself, and not worked out with that of others."""
        return self.includes_tax or self.own is not None


def totals(
    currency: str,
    lines: Sequence[Line],
    *,
    adjustments: Sequence[Adjustment] = (),
    prepaid: Money | None = None,
    method: TaxMethod = "group",
    cash_step: Decimal | None = None,
) -> Totals:
    """The sums of a document in `currency`.

    Line nets are rounded first and their rounded values add up (BR-CO-10); tax is worked out for each category and rate
    (BR-CO-17), or for each line and added up where the series says so (`method="line"`); a line that brings its tax keeps
    it. `cash_step` rounds what is to be paid to a multiple, such as 0.05 in Swiss francs (BT-114). Refused: no lines, a
    total below zero (that is a credit note), prepayments above the total, and a line outside the scope of tax beside one
    within it (BR-O-11).
    """
    if not lines:
        raise Refused("An invoice needs at least one line. Add what was done.", code="no_lines")
    with localcontext() as exact:
        exact.prec = _PRECISION
        return _sums(currency, lines, adjustments, prepaid or Money(0, currency), method, cash_step)


def line_net(currency: str, line: Line) -> Money:
    """What one line comes to by itself before tax (BT-131), for lists of what may be billed: as `totals` has it of that line
    alone, for a tenth of the work."""
    with localcontext() as exact:
        exact.prec = _PRECISION
        amount, _ = _amount(currency, line)
        return _without(line.tax, amount) if line.includes_tax else amount


def percent_off(currency: str, lines: Sequence[Line], percent: Decimal, reason: str) -> list[Adjustment]:
    """A discount on the whole document: one allowance for each tax group, so that each tax follows its own goods."""
    return [
        Adjustment("allowance", group.taxable.percent(percent).major, Tax(group.category, group.rate, group.reason), reason)
        for group in totals(currency, lines).groups
        if group.taxable.percent(percent)
    ]


def tax_less_early_discount(currency: str, lines: Sequence[Line], percent: Decimal, reason: str) -> list[Adjustment]:
    """For countries where tax is always of the discounted amount: an allowance in each taxed group and the same sum as an
    exempt charge, so that the tax base falls by `percent` and the amount before tax stays."""
    less = [each for each in percent_off(currency, lines, percent, reason) if each.tax.rate]
    exempt = [Adjustment("charge", each.amount, Tax("E", Decimal(0), reason), reason) for each in less]
    return [*less, *exempt]


def _sums(
    currency: str,
    lines: Sequence[Line],
    adjustments: Sequence[Adjustment],
    prepaid: Money,
    method: TaxMethod,
    cash_step: Decimal | None,
) -> Totals:
    amounts = [_amount(currency, line) for line in lines]
    taxed = [
        _Taxed(line.tax, amount, line.includes_tax, _own(currency, line))
        for line, (amount, _) in zip(lines, amounts, strict=True)
    ]
    nets = _nets(taxed)
    line_taxes = [_tax_of_one(each, net) for each, net in zip(taxed, nets, strict=True)]
    on_top = [_Taxed(each.tax, _signed(currency, each), includes_tax=False) for each in adjustments]
    groups = _groups([*taxed, *on_top], [*nets, *(each.amount for each in on_top)], method)
    line_sum = Money.total(nets, currency)
    allowances = -Money.total((each.amount for each in on_top if each.amount.minor < 0), currency)
    charges = Money.total((each.amount for each in on_top if each.amount.minor > 0), currency)
    net = line_sum - allowances + charges
    tax = Money.total((group.tax for group in groups), currency)
    total = net + tax
    payable = _payable(total, prepaid, cash_step)
    return Totals(
        lines=tuple(
            LineTotal(each_net, each_tax, each_net + each_tax, allowance)
            for each_net, each_tax, (_, allowance) in zip(nets, line_taxes, amounts, strict=True)
        ),
        groups=tuple(groups),
        line_sum=line_sum,
        allowances=allowances,
        charges=charges,
        net=net,
        tax=tax,
        total=total,
        prepaid=prepaid,
        rounding=payable - (total - prepaid),
        payable=payable,
    )


def _amount(currency: str, line: Line) -> tuple[Money, Money]:
    """The rounded amount of a line as its price says (with or without tax), and the discount in it, rounded by itself since a
    document shows it. Each is rounded before one is taken from the other: all of half a cent off is nothing, and not a cent
    given back."""
    full = line.quantity * line.unit_price
    off = Money.of(full * line.discount_percent / 100 + line.discount_amount, currency)
    return Money.of(full, currency) - off, off


def _nets(taxed: Sequence[_Taxed]) -> list[Money]:
    """Without tax. Lines whose price includes it are taken out of the running sum of their group: each line is within a
    minor unit of its own net, and all together meet the gross price to the cent."""
    gross_so_far: dict[tuple[str, Decimal], Money] = {}
    net_so_far: dict[tuple[str, Decimal], Money] = {}
    nets = []
    for tax, amount, includes_tax, _ in taxed:
        if not includes_tax:
            nets.append(amount)
            continue
        zero = Money(0, amount.currency)
        gross = gross_so_far.get(tax.group, zero) + amount
        net = _without(tax, gross)
        nets.append(net - net_so_far.get(tax.group, zero))
        gross_so_far[tax.group], net_so_far[tax.group] = gross, net
    return nets


def _without(tax: Tax, gross: Money) -> Money:
    """The net of a gross amount: rounded, and the tax is the difference (2.99 with 4 % is 2.88 and 0.11)."""
    return Money.of(gross.major * 100 / (100 + tax.rate), gross.currency)


def _own(currency: str, line: Line) -> Money | None:
    return None if line.tax_amount is None else Money.of(line.tax_amount, currency)


def _tax_of_one(each: _Taxed, net: Money) -> Money:
    if each.own is not None:
        return each.own
    return each.amount - net if each.includes_tax else net.percent(each.tax.rate)


def _groups(taxed: Sequence[_Taxed], nets: Sequence[Money], method: TaxMethod) -> list[TaxGroup]:
    pairs = sorted(zip(taxed, nets, strict=True), key=lambda pair: pair[0].tax.group)
    groups = [_group(list(members), method) for _, members in groupby(pairs, key=lambda pair: pair[0].tax.group)]
    if len(groups) > 1 and any(group.category == "O" for group in groups):
        raise Refused(
            "One line is outside the scope of tax and another is not. Put them on two invoices (BR-O-11).",
            code="tax_scope",
        )
    return groups


def _group(members: list[tuple[_Taxed, Money]], method: TaxMethod) -> TaxGroup:
    tax, amount = members[0][0][:2]
    taxable = Money.total((net for _, net in members), amount.currency)
    within = [_tax_of_one(each, net) for each, net in members if each.is_settled]
    outside = [(each, net) for each, net in members if not each.is_settled]
    if method == "line":
        on_top = Money.total((_tax_of_one(each, net) for each, net in outside), amount.currency)
    else:
        on_top = Money.total((net for _, net in outside), amount.currency).percent(tax.rate)
    reasons = dict.fromkeys(each.tax.reason for each, _ in members if each.tax.reason)
    return TaxGroup(tax.category, tax.rate, taxable, Money.total(within, amount.currency) + on_top, "; ".join(reasons))


def _signed(currency: str, adjustment: Adjustment) -> Money:
    amount = Money.of(adjustment.amount, currency)
    return -amount if adjustment.kind == "allowance" else amount


def _payable(total: Money, prepaid: Money, cash_step: Decimal | None) -> Money:
    if total.minor < 0:
        raise Refused("The lines come to less than nothing. Write a credit note instead.", code="negative")
    if prepaid.minor < 0 or total < prepaid:
        raise Refused(
            "The prepayments are not between nothing and the total. Return what is too much by a credit note.",
            code="prepaid",
        )
    payable = total - prepaid
    if cash_step is None:
        return payable
    step = Money.of(cash_step, total.currency).minor
    if step <= 0:
        raise Refused(f"Cash is rounded to at least the smallest unit of {total.currency}.", code="cash_step")
    return Money((2 * payable.minor + step) // (2 * step) * step, total.currency)
