"""Decides which page of the room for what is to be billed an address opens."""

from django.urls import URLPattern, path

from goodterms.desk.billing import choosing, schedules, work

_SCHEDULE = "schedules/<uuid:schedule_id>/"
_PROJECT = "projects/<uuid:project_id>/"

urls: list[URLPattern] = [
    path("to-be-billed/", work.to_be_billed, name="to-be-billed"),
    path("projects/new/", work.new_project, name="new-project"),
    path(_PROJECT, work.project, name="project"),
    path(f"{_PROJECT}items/", work.add_item, name="project-items"),
    path(f"{_PROJECT}finish/", work.finish, name="project-finish"),
    path("items/<uuid:item_id>/<slug:verb>/", work.item, name="item-deed"),
    path("customers/<uuid:customer_id>/bill/", choosing.bill, name="bill-items"),
    path("schedules/", schedules.schedules, name="schedules"),
    path("schedules/new/", schedules.new_schedule, name="new-schedule"),
    path(_SCHEDULE, schedules.schedule, name="schedule"),
    path(f"{_SCHEDULE}<slug:verb>/", schedules.deed, name="schedule-deed"),
]
