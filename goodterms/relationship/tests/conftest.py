"""The vendor of Bristol again, with its customer and one invoice."""

from goodterms.conversations.tests.conftest import customer, invoice, vendor

__all__ = ["customer", "invoice", "vendor"]
