"""Decides which page of the desk an address opens; all of them lie under /at/<the vendor's slug>/. One list for each room."""

from django.urls import URLPattern

from goodterms.desk.insights import page as insights
from goodterms.desk.settings import urls as settings

urlpatterns: list[URLPattern] = [
    *insights.urls,
    *settings.urls,
]
