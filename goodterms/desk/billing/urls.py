"""Decides which page of the room for what is to be billed an address opens."""

from django.urls import URLPattern, path

from goodterms.desk.billing import choosing, prices, retainers, schedules, work

_SCHEDULE = "schedules/<uuid:schedule_id>/"
_RETAINER = "retainers/<uuid:retainer_id>/"
_PROJECT = "projects/<uuid:project_id>/"

urls: list[URLPattern] = [
    path("to-be-billed/", work.to_be_billed, name="to-be-billed"),
    path("projects/new/", work.new_project, name="new-project"),
    path(_PROJECT, work.project, name="project"),
    path(f"{_PROJECT}items/", work.add_item, name="project-items"),
    path(f"{_PROJECT}finish/", work.finish, name="project-finish"),
    path(f"{_PROJECT}price/", prices.price, name="project-price"),
    path(f"{_PROJECT}bill/<slug:kind>/", prices.part, name="project-part"),
    path("retainers/", retainers.retainers, name="retainers"),
    path("retainers/new/", retainers.new_retainer, name="new-retainer"),
    path(_RETAINER, retainers.retainer, name="retainer"),
    path(f"{_RETAINER}<slug:verb>/", retainers.deed, name="retainer-deed"),
    path("items/<uuid:item_id>/<slug:verb>/", work.item, name="item-deed"),
    path("customers/<uuid:customer_id>/bill/", choosing.bill, name="bill-items"),
    path("schedules/", schedules.schedules, name="schedules"),
    path("schedules/new/", schedules.new_schedule, name="new-schedule"),
    path(_SCHEDULE, schedules.schedule, name="schedule"),
    path(f"{_SCHEDULE}<slug:verb>/", schedules.deed, name="schedule-deed"),
]
