"""Letters: planned, rendered once, and sent once; what cannot be known stays on record."""
