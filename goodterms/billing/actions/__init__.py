"""The verbs of what is to be billed: projects and their items, schedules, and the run."""

from goodterms.billing.actions.projects import Work, add_items, drop_item, finish_project, open_project, wait_for
from goodterms.billing.actions.run import Ran, bill_items, bill_project, bill_schedules
from goodterms.billing.actions.schedules import change_line, end_schedule, pause, resume, start_schedule

__all__ = [
    "Ran", "Work", "add_items", "bill_items",
    "bill_project", "bill_schedules", "change_line", "drop_item", "end_schedule",
    "finish_project", "open_project", "pause", "resume", "start_schedule", "wait_for",
]  # fmt: skip
