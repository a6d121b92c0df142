"""Decides how a conversation stands in one line: asked about what, answered or until when it is, and how it ended."""

from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from goodterms.conversations.models import Conversation
from goodterms.database.asked import Later, as_models, asked
from goodterms.portal.acts.seeing import threads_of
from goodterms.portal.door import Visit
from goodterms.stationery.clocks import moment_of
from goodterms.values.days import day_in

KINDS = {"question": gettext_noop("Question"), "dispute": gettext_noop("Objection"), "request": gettext_noop("Request")}
ENDS = {
    "answered": gettext_noop("answered"),
    "credited": gettext_noop("credited"),
    "corrected": gettext_noop("corrected"),
    "withdrawn": gettext_noop("taken back"),
    "granted": gettext_noop("granted"),
    "refused": gettext_noop("not agreed"),
}
FRESH = timedelta(days=14)  # for so long an answer stands on the payer's page
MOST = 5


class Talk(NamedTuple):
    """A line of the list. `end`: how it ended, empty while it is open; `answer_by`: empty where no answer of ours is due."""

    id: UUID
    subject: str
    vendor: str
    kind: str
    end: str
    answer_by: str
    asked_on: date
    is_no: bool


def talk_of(visit: Visit, thread: Conversation) -> Talk:
    vendor = visit.vendors[thread.vendor_id]
    is_due = thread.waiting_since_at is not None
    return Talk(
        thread.id,
        thread.subject,
        vendor.name,
        _(KINDS[thread.kind]),
        _(ENDS[thread.resolution]) if thread.closed_at and thread.resolution in ENDS else "",
        moment_of(thread.answer_due_at, visit.now, vendor.timezone) if is_due else "",
        day_in(visit.timezone, thread.opened_at),
        thread.resolution == "refused",
    )


def fresh_talks(visit: Visit) -> Later[list[Talk]]:
    """Those that are open, and what was settled lately; the newest first. One query."""
    since = visit.now - FRESH
    if visit.sees_all:
        rows = asked(_FRESH, [list(visit.vendors), visit.payer.id, since, visit.now, MOST])
        return lambda: [talk_of(visit, one) for one in as_models(Conversation, rows)]
    lately = Q(closed_at=None) | Q(closed_at__gte=since, closed_at__lte=visit.now)
    found = threads_of(visit).filter(lately).exclude(resolution="withdrawn").order_by("-opened_at", "-id")[:MOST]
    return lambda: [talk_of(visit, one) for one in found]


# What `threads_of` lets see who proved the address, as one plain statement: building it anew costs more than running it.
_FRESH = """
select * from conversations_conversation
where vendor_id = any(%s::uuid[])
  and customer_id in (select customer_id from parties_contact where payer_id = %s and ended_at is null)
  and (closed_at is null or closed_at between %s and %s) and resolution <> 'withdrawn'
order by opened_at desc, id desc limit %s
"""
