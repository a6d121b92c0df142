"""The door of time: what is due, found from the facts and done once."""
