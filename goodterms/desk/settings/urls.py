"""Decides the addresses of the settings."""

from django.urls import URLPattern, path

from goodterms.desk.settings import numbering, pages, papers, rates

urls: list[URLPattern] = [
    path("settings/", pages.overview, name="settings"),
    path("settings/firm/", pages.firm, name="settings-firm"),
    path("settings/papers/", papers.papers, name="settings-papers"),
    path("settings/numbers/", numbering.numbers, name="settings-numbers"),
    path("settings/rates/", rates.rates, name="settings-rates"),
    path("settings/bank/", pages.bank, name="settings-bank"),
    path("settings/bank/<uuid:change_id>/confirm/", pages.confirm_bank, name="settings-bank-confirm"),
    path("settings/bank/<uuid:change_id>/stop/", pages.stop_bank, name="settings-bank-stop"),
    path("settings/people/invite/", pages.invite, name="settings-invite"),
    path("settings/people/<uuid:member_id>/", pages.member, name="settings-member"),
    path("settings/keys/new/", pages.key, name="settings-key"),
    path("settings/keys/<uuid:key_id>/withdraw/", pages.withdraw, name="settings-key-withdraw"),
    path("settings/you/", pages.own_ways, name="settings-you"),
]
