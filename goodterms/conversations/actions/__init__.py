"""Decides what happens when somebody asks, disputes, promises or wants more time, and when we answer."""

from goodterms.conversations.actions.answers import take_back
from goodterms.conversations.actions.attachments import attach
from goodterms.conversations.actions.beforehand import object_beforehand
from goodterms.conversations.actions.declarations import declare_paid
from goodterms.conversations.actions.disputes import Disputed, dispute, open_disputes, resolve
from goodterms.conversations.actions.extensions import grant_extension, refuse_extension, request_extension
from goodterms.conversations.actions.judging_plans import judge_plans
from goodterms.conversations.actions.plans import (
    AskedPlan,
    Wish,
    accept_plan,
    agree_plan,
    counter_plan,
    decline_plan,
    end_plan,
    request_plan,
)
from goodterms.conversations.actions.promises import judge_promises, promise, withdraw_promise
from goodterms.conversations.actions.questions import answer, ask, assign, note, reply

__all__ = [
    "AskedPlan",
    "Disputed",
    "Wish",
    "accept_plan",
    "agree_plan",
    "answer",
    "ask",
    "assign",
    "attach",
    "counter_plan",
    "declare_paid",
    "decline_plan",
    "dispute",
    "end_plan",
    "grant_extension",
    "judge_plans",
    "judge_promises",
    "note",
    "object_beforehand",
    "open_disputes",
    "promise",
    "refuse_extension",
    "reply",
    "request_extension",
    "request_plan",
    "resolve",
    "take_back",
    "withdraw_promise",
]
