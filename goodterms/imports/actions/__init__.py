"""The verbs of taking over a book."""

from goodterms.imports.actions.invoices import import_invoices
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

__all__ = ["Sight", "import_invoices", "keep", "let_go", "look", "mend", "read_as", "save_profile", "take_over", "use_profile"]
