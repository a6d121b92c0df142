"""Decides what each step of a cadence, and each kind of message, is called among us: on the axis, on Today and in the story."""

NAMES = {
    "heads_up": "Heads-up", "due_day": "Note on the due day", "first": "First reminder", "second": "Second reminder",
    "promise_missed": "Note after the promise", "bundle": "Reminder of several", "call": "Call", "owner": "A person decides",
}  # fmt: skip
