"""How a vendor works, at its desk: the firm, its bank details, its people, its keys, what happened, and one's own ways."""
