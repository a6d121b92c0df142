"""Decides which page of the customers' room an address opens."""

from django.urls import URLPattern, path

from goodterms.desk.customers import beginning, changing, introductions, page, pages, statement

_ONE = "customers/<uuid:customer_id>/"

urls: list[URLPattern] = [
    path("customers/", pages.customers, name="customers"),
    path("customers.csv", pages.customers_csv, name="customers-csv"),
    path("customers/new/", changing.new_customer, name="new-customer"),
    path(_ONE, page.customer, name="customer"),
    path(f"{_ONE}statement.pdf", statement.pdf, name="customer-statement"),
    path(f"{_ONE}statement.csv", statement.csv, name="customer-statement-csv"),
    path(f"{_ONE}welcome.pdf", statement.welcome, name="customer-welcome"),
    path(f"{_ONE}welcome/", beginning.welcome, name="customer-welcome-send"),
    path(f"{_ONE}details/", beginning.details, name="customer-details"),
    path(f"{_ONE}notes/", page.note, name="customer-note"),
    path(f"{_ONE}hold/", page.hold, name="customer-hold"),
    path(f"{_ONE}release/", page.release, name="customer-release"),
    path(f"{_ONE}preferences/", changing.preferences, name="customer-preferences"),
    path(f"{_ONE}terms/", changing.terms, name="customer-terms"),
    path(f"{_ONE}introductions/<uuid:introduction_id>/", introductions.introduction, name="introduction"),
    path(f"{_ONE}people/", changing.contact, name="new-contact"),
    path(f"{_ONE}people/<uuid:contact_id>/", changing.contact, name="contact"),
]
