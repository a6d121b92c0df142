"""Decides how an issued document is said in the terms of EN 16931, and what its parties lack for the use that is asked for."""

from goodterms.invoicing.electronic.document import Electronic, Issued, electronic
from goodterms.invoicing.electronic.missing import Missing

__all__ = ["Electronic", "Issued", "Missing", "electronic"]
