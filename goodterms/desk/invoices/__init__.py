"""The room of the invoices: the list, one invoice and its deeds, a new one, money for it, and how things are found."""
