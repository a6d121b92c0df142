"""The verbs of taking over a book."""

from goodterms.imports.actions.invoices import import_invoices

__all__ = ["import_invoices"]
