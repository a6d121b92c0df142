"""The door for people at work: who may come in, and the pages on which they do it."""
