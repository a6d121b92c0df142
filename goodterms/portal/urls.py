"""Decides which page of the portal an address opens. One list for each room."""

from django.urls import URLPattern

from goodterms.portal import (
    acts,
    ahead,
    arriving,
    before,
    browsers,
    colleagues,
    home,
    order,
    past,
    paying,
    preferences,
    proving,
    sandbox_bank,
    statement,
)

urlpatterns: list[URLPattern] = [
    *home.urls,
    *order.urls,
    *before.urls,
    *arriving.urls,
    *proving.urls,
    *browsers.urls,
    *past.urls,
    *ahead.urls,
    *statement.urls,
    *preferences.urls,
    *colleagues.urls,
    *paying.urls,
    *acts.urls,
    *sandbox_bank.urls,
]
