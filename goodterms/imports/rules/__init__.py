"""Decides whether the rows of a file are invoices that can be taken over."""

from goodterms.imports.rules.rows import Bad, Checker, Good
from goodterms.imports.rules.words import No, read_amount, read_date, read_text

__all__ = ["Bad", "Checker", "Good", "No", "read_amount", "read_date", "read_text"]
