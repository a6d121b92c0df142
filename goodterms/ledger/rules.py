"""Decides how each event is booked: the chart of accounts and the posting rules. Debit is positive, credit negative."""

from enum import StrEnum


class Account(StrEnum):
    """The chart: few accounts, each with one meaning."""

    RECEIVABLE = "receivable"  # what customers owe, by invoice
    UNAPPLIED = "unapplied"  # money and credits of customers not yet settled against an invoice
    BANK = "bank"
    SALES = "sales"
    TAX = "tax"
    DISCOUNT = "discount"  # early-payment discounts taken
    FEES = "fees"  # late fees and interest billed
    WRITE_OFF = "write_off"
    ROUNDING = "rounding"
    EXCHANGE = "exchange"  # gains and losses on settlement
    CLEARING = "clearing"  # joins the two entries of an event in two currencies
