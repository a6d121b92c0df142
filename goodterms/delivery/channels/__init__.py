"""The ways a letter takes: each an adapter that marks before the dot and settles after it."""
