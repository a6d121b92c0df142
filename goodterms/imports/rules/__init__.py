"""Decides whether the rows of a file are invoices, customers, payments or credit notes that can be taken over."""

from goodterms.imports.rules.credits import CreditChecker, Credited
from goodterms.imports.rules.customers import CustomerChecker, Known
from goodterms.imports.rules.lines import folded
from goodterms.imports.rules.payments import Paid, PaymentChecker
from goodterms.imports.rules.rows import Checker, Good
from goodterms.imports.rules.sieve import Sieve
from goodterms.imports.rules.words import Bad, No, read_amount, read_date, read_text

__all__ = [
    "Bad", "Checker", "CreditChecker", "Credited", "CustomerChecker", "Good", "Known", "No", "Paid", "PaymentChecker", "Sieve",
    "folded", "read_amount", "read_date", "read_text",
]  # fmt: skip
