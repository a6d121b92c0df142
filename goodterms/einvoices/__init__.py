"""Electronic invoices: the semantic model of EN 16931, written and read as UBL and CII, checked by the official rules."""
