"""The door for people at work: for now the page at the front, and the outbox of an installation that has no mail server."""
