"""Decides which page of the portal an address opens. One list for each room."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
