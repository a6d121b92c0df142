"""The room of conversations: what waits for our answer, each thread, and the ways to settle it."""
