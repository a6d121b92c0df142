"""Decides how the figures of the relationship are read from what is on record. Readers only; each says what it is."""

from goodterms.relationship.measures import accuracy, aging, answers, cash, collection, prompt, satisfaction, words_kept

DEFINITIONS = {
    "aging": aging.DEFINITION,
    "collection": collection.DEFINITION,
    "answers": answers.DEFINITION,
    "accuracy": accuracy.DEFINITION,
    "time_to_issue": prompt.DEFINITION,
    "satisfaction": satisfaction.DEFINITION,
    "promises": words_kept.DEFINITION,
    "unapplied": cash.UNAPPLIED,
    "written_off": cash.WRITTEN_OFF,
}
