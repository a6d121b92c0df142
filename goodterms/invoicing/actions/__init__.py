"""The verbs of what is billed."""
