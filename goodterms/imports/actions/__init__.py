"""The verbs of taking over a book."""

from goodterms.imports.actions.credits import import_credits
from goodterms.imports.actions.customers import import_customers
from goodterms.imports.actions.invoices import import_invoices
from goodterms.imports.actions.payments import import_payments
from goodterms.imports.actions.uploads import (
    Sight,
    keep,
    let_go,
    look,
    mend,
    read_as,
    save_profile,
    take_over,
    use_profile,
)

__all__ = [
    "Sight", "import_credits", "import_customers", "import_invoices", "import_payments", "keep", "let_go", "look", "mend",
    "read_as", "save_profile", "take_over", "use_profile",
]  # fmt: skip
