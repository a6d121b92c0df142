"""What payers say and do about one invoice: ask, dispute, more time, promise, paid already, hand on; and their threads."""

from django.urls import URLPattern

from goodterms.portal.acts import choices, feedback, noted, planned, planning, threads

urls: list[URLPattern] = [*choices.urls, *planning.urls, *planned.urls, *noted.urls, *threads.urls, *feedback.urls]
