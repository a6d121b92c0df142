"""The door for operators: the goodterms command."""
