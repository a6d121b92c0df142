"""How rows are kept: the embedded server, isolation by vendor, and staging for COPY. No nouns of the trade."""
