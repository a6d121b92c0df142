"""The page of reminders: the cadence on its time axis, its words, and the rehearsal beside it."""
