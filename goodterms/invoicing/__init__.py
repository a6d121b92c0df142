"""Series, invoices, credit notes and holds; an issued document never changes."""
