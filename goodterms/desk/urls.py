"""Decides which page of the desk an address opens; all of them lie under /at/<the vendor's slug>/. One list for each room."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
