"""Paying is its own short step: choose the way, confirm, done, receipt; what failed, and that no money moved."""

from django.urls import URLPattern

from goodterms.portal.paying import hooks, outcome, receipt, step

urls: list[URLPattern] = [*step.urls, *outcome.urls, *receipt.urls, *hooks.urls]
