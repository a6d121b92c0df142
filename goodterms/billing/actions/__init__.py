"""The verbs of what is to be billed: projects and their items, agreed prices and their parts, retainers, schedules, the run."""

from goodterms.billing.actions.parts import Way, agree_price, bill_part, bill_rest
from goodterms.billing.actions.projects import Work, add_items, drop_item, finish_project, open_project, wait_for
from goodterms.billing.actions.retainers import begin_retainer, draw, end_retainer, in_hours, top_up
from goodterms.billing.actions.run import Ran, bill_items, bill_project, bill_schedules
from goodterms.billing.actions.schedules import change_line, end_schedule, pause, resume, start_schedule

__all__ = [
    "Ran", "Way", "Work", "add_items", "agree_price",
    "begin_retainer", "bill_items", "bill_part", "bill_project", "bill_rest",
    "bill_schedules", "change_line", "draw", "drop_item", "end_retainer",
    "end_schedule", "finish_project", "in_hours", "open_project", "pause", "resume",
    "start_schedule", "top_up", "wait_for",
]  # fmt: skip
