"""The words of the door's two letters, by language."""
